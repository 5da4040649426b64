"""Background work: what it is at, what became of it, and another try for what is dead."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request

from app.api.depends import PrincipalOf
from app.api.responses import Json
from app.jobs import Jobs
from app.store.jobs import StoredJob

router = APIRouter(prefix="/v1", tags=["jobs"])


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
def replay(job_id: str, jobs: JobsOf, principal: PrincipalOf) -> Json:
    """Runs a dead job anew."""
    principal.need_ops()
    return job_json(jobs.replay(job_id))
