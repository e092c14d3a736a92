"""The engine's abilities, each behind the question whose flow or job it works on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.automation.access import OPERATOR, Access
from sidecar.automation.engine import actors
from sidecar.automation.engine.abilities import (
    EXECUTE_STEP,
    GET_STEP_TYPES,
    RUN_FLOW,
    SCHEDULE_NEXT_STEP,
    Abilities,
)
from sidecar.automation.engine.acting import narrower
from sidecar.automation.engine.listeners import step_types_answer
from sidecar.automation.engine.ringing import StepScheduler
from sidecar.automation.engine.runs import FlowRuns
from sidecar.automation.engine.step_execution import StepExecution
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.steps.base import number
from sidecar.automation.values import Belonging, Document
from sidecar.identity import Principal

Given = Mapping[str, Any]


class Engine:
    """Callbacks of the abilities. An operator of the flow's or job's agent may use them.

    What there is no flow or job for, the callback itself answers.
    """

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        flows: FlowsRepository,
        jobs: JobsRepository,
        access: Access,
        runs: FlowRuns,
        scheduler: StepScheduler,
        execution: StepExecution,
        actors_of: actors.Actors,
    ) -> None:
        self._flows = flows
        self._jobs = jobs
        self._access = access
        self._runs = runs
        self._scheduler = scheduler
        self._execution = execution
        self._actors = actors_of

    def offer(self, abilities: Abilities) -> None:
        """Add them all."""
        abilities.add(RUN_FLOW, self._run_flow)
        abilities.add(SCHEDULE_NEXT_STEP, self._schedule)
        abilities.add(EXECUTE_STEP, self._execute)
        abilities.add(GET_STEP_TYPES, lambda _principal, _given: step_types_answer())

    def _run_flow(self, principal: Principal, given: Given) -> Document:
        flow_id, job_id = number(given.get("flow_id")), given.get("job_id")
        flow = self._flows.get(flow_id)
        if flow is not None:
            self._may(principal, flow.agent_id, flow.user_id, "run this flow")
        if job_id is not None:
            self._of_job(principal, number(job_id))
        initial = given.get("initial_data")
        return self._runs.run(
            flow_id,
            None if job_id is None else number(job_id),
            initial if isinstance(initial, dict) else {},
            limit=principal.ceiling,
        )

    def _schedule(self, principal: Principal, given: Given) -> Document:
        job_id = number(given.get("job_id"))
        self._of_job(principal, job_id)
        return self._scheduler.schedule(
            job_id, str(given.get("flow_step_id", "")), given.get("data_packets") or []
        )

    def _execute(self, principal: Principal, given: Given) -> Document:
        job_id, step = number(given.get("job_id")), str(given.get("flow_step_id", ""))
        whose = self._of_job(principal, job_id)
        if whose is None or not whose.agent_id:
            return self._execution.execute(job_id, step)
        limit = narrower(whose.limit, principal.ceiling)
        if principal.agent_id == whose.agent_id and principal.ceiling == limit:
            return self._execution.execute(job_id, step)
        # Whoever has the step run, it is the agent's: it never gets the rights of the one who asked.
        with actors.working_as(self._actors.of(whose.agent_id, limit)):
            return self._execution.execute(job_id, step)

    def _of_job(self, principal: Principal, job_id: int) -> Belonging | None:
        whose = self._jobs.belonging(job_id)
        if whose is not None:
            self._may(principal, whose.agent_id, whose.user_id, "work on this job")
            limit = narrower(whose.limit, principal.ceiling)
            if limit is not None and limit != whose.limit:
                # Later steps get what it is given now.
                self._jobs.limit(job_id, limit)
                return self._jobs.belonging(job_id)
        return whose

    def _may(self, principal: Principal, agent_id: int | None, user_id: int, what: str) -> None:
        self._access.row(principal, agent_id, user_id, OPERATOR, f"You do not have permission to {what}.")
