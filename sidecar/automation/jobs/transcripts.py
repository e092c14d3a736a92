"""The conversation that a job's AI step left."""

from __future__ import annotations

from typing import Any

from sidecar.automation.engine.engine_data import decode
from sidecar.automation.errors import JobNotFound
from sidecar.automation.jobs.service import JobsService
from sidecar.automation.repositories.transcripts import Transcript, TranscriptsRepository
from sidecar.automation.values import Job
from sidecar.db import php_json
from sidecar.errors import NotFound
from sidecar.identity import Principal


class NoTranscript(NotFound):
    """The job kept no conversation."""

    code = "transcript_not_found"


class Transcripts:
    """For viewers of the job's agent."""

    def __init__(self, jobs: JobsService, sessions: TranscriptsRepository) -> None:
        self._jobs = jobs
        self._sessions = sessions

    def of(self, principal: Principal, job_id: int) -> Transcript:
        """The conversation; JobNotFound, NoTranscript.

        A session counts only where it is a pipeline's, and of the job's own agent: what a job says of itself
        may have come from whoever started it.
        """
        job = self._jobs.get(principal, job_id)
        if job is None:
            raise JobNotFound(f"Job {job_id} not found.")
        session_id = _session(job)
        found = self._sessions.get(session_id) if session_id else None
        if found is None or found.mode != "pipeline" or (found.agent_id or 0) != (job.agent_id or 0):
            raise NoTranscript(f"Job {job_id} has no transcript.")
        return found


def _session(job: Job) -> str:
    try:
        found: Any = decode(job.engine_data).get("transcript_session_id")
    except php_json.NotJson:
        return ""
    return found if isinstance(found, str) else ""
