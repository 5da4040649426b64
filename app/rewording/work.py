"""Rewordings as background work. What waits is read from the drafts, so that whatever way a draft came about, it is found."""

from pydantic import JsonValue

from app.jobs import Jobs, Kind, Task
from app.rewording.step import Rewording

KIND = "reword"
TRIES = 3  # a model that takes the process down with it is not loaded for ever


def enlist(rewording: Rewording, jobs: Jobs) -> None:
    """From now on this process looks for drafts to reword, and rewords them."""
    known: set[tuple[str, int]] = set()  # spares a write a beat; the job table knows as well

    def look() -> None:
        for wanted in rewording.wanted():
            if wanted not in known:
                draft_id, revision = wanted
                jobs.enqueue(KIND, f"{draft_id}:{revision}", {"draft": draft_id, "revision": revision})
                known.add(wanted)

    def act(task: Task) -> JsonValue:
        draft_id, revision = task.payload["draft"], task.payload["revision"]
        if not isinstance(draft_id, str) or not isinstance(revision, int):
            raise TypeError("a rewording names a draft and its revision")
        return rewording.reword(draft_id, revision)

    jobs.every_beat(look)
    jobs.register(Kind(KIND, act, tries=TRIES, slow=True))
