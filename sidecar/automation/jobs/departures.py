"""The end of an agent's unfinished jobs, after the agent itself."""

from __future__ import annotations

from typing import Any

from sidecar.automation import log
from sidecar.automation.engine import relay
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.steps.base import number

REASON = "agent_deleted"
#: Jobs that are looked up at once.
BATCH = 100


class Departures:
    """Listens to ``datamachine_agent_deleted``."""

    def __init__(self, jobs: JobsRepository) -> None:
        self._jobs = jobs

    def listen(self, agent_id: Any = 0, agent_slug: Any = "") -> None:
        """Fail what has not ended; doing it again changes nothing.

        A step that is running keeps its lease and ends as it will: the job's next step finds no agent. The
        jobs of other blogs of a network end in the same way, when their next step is due.
        """
        agent = number(agent_id)
        ended = after = 0
        while agent and (batch := self._jobs.idle_of_agent(agent, after, BATCH)):
            for job_id in batch:
                relay.fire(
                    "datamachine_fail_job",
                    job_id,
                    REASON,
                    {"reason": REASON, "error_message": f'Agent "{agent_slug}" was deleted.'},
                )
            after = batch[-1]
            ended += len(batch)
        if ended:
            log.info(
                "Jobs of a deleted agent were failed",
                {"agent_id": agent, "agent_slug": str(agent_slug), "jobs": ended},
            )
