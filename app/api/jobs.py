"""Background work: what it is at, what became of it, and another try for what is dead."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.api.depends import OnceOf, PrincipalOf
from app.api.events import LONGEST_S
from app.api.responses import Json
from app.jobs import Jobs
from app.store.jobs import StoredJob

router = APIRouter(prefix="/v1", tags=["jobs"])
LOOK_S = 0.5  # how often a job that is listened to is looked at


def get_jobs(request: Request) -> Jobs:
    """The background work of this process."""
    jobs: Jobs = request.app.state.jobs
    return jobs


JobsOf = Annotated[Jobs, Depends(get_jobs)]


def job_json(job: StoredJob) -> Json:
    """A job without its payload, which may hold a buyer's words."""
    return {
        "id": job.id, "kind": job.kind, "state": job.state, "tries": job.tries, "progress": job.progress, "result": job.result, "error": job.error,
        "runs_at": job.runs_at.isoformat() if job.state == "waiting" else None, "created_at": job.created_at.isoformat(), "changed_at": job.changed_at.isoformat(),
    }  # fmt: skip


@router.get("/jobs")
def list_jobs(
    jobs: JobsOf,
    principal: PrincipalOf,
    kind: Annotated[str | None, Query(max_length=60)] = None,
    state: Literal["waiting", "running", "done", "dead"] | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Json:
    """The newest first."""
    principal.need_ops()
    return {"items": [job_json(job) for job in jobs.list(kind, state, limit)], "next_cursor": None}


@router.get("/jobs/{job_id}")
def get_job(job_id: str, jobs: JobsOf, principal: PrincipalOf) -> Json:
    """One job, for whoever knows its id."""
    principal.need_scope("drafts")
    return job_json(jobs.get(job_id))


@router.post("/jobs/{job_id}/replay")
def replay(job_id: str, jobs: JobsOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """Runs a dead job anew."""
    principal.need_ops()
    return once(lambda: (200, job_json(jobs.replay(job_id))))


@router.post("/jobs/{job_id}/cancel")
def cancel(job_id: str, jobs: JobsOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """Ends a job that waits or runs."""
    principal.need_ops()
    return once(lambda: (200, job_json(jobs.cancel(job_id, principal.name))))


def known_job(job_id: str, jobs: JobsOf, principal: PrincipalOf) -> str:
    """Before the stream opens: there is such a job."""
    principal.need_scope("drafts")
    return jobs.get(job_id).id


@router.get("/jobs/{job_id}/events", response_class=EventSourceResponse)
async def follow(job_id: Annotated[str, Depends(known_job)], jobs: JobsOf) -> AsyncIterator[ServerSentEvent]:
    """The job whenever it has changed, until it is done or dead. Each event holds all of it: who comes back misses nothing."""
    try:
        async with asyncio.timeout(LONGEST_S):
            async for told in _changes(jobs, job_id):
                yield ServerSentEvent(event="job", data=told)
    except TimeoutError:
        return


async def _changes(jobs: Jobs, job_id: str) -> AsyncIterator[Json]:
    seen: Json | None = None
    while seen is None or seen["state"] not in ("done", "dead"):
        told = job_json(await asyncio.to_thread(jobs.get, job_id))
        if told != seen:
            yield told
            seen = told
        await asyncio.sleep(LOOK_S)
