"""What a worker does with the engine's doorbells. Every one may be answered again after a crash."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from sidecar import queue
from sidecar.automation import log
from sidecar.automation.engine import actors, relay
from sidecar.automation.engine.abilities import EXECUTE_STEP, RUN_FLOW, Abilities
from sidecar.automation.engine.actors import Actors, AgentUnusable
from sidecar.automation.engine.completion import Completion
from sidecar.automation.engine.step_execution import StepExecution
from sidecar.automation.jobs import status as statuses
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.steps.base import number
from sidecar.db import Contention, DatabaseUnavailable, Session
from sidecar.host import context as hosts
from sidecar.host.errors import AWAY, DIED
from sidecar.identity import Principal
from sidecar.queue import arguments
from sidecar.queue.reconciler import Missing

if TYPE_CHECKING:
    from sidecar.host import HostPool
    from sidecar.queue import Run

logger = logging.getLogger("datamachine.automation")

Arguments = Mapping[str, Any] | Sequence[Any]


#: Rings for the end of a job whose step the queue has given up.
ABANDONED = "datamachine_bridge_abandoned"
#: Characters of the queue's last error that travel with it.
ERROR = 120


class QueueHandlers:
    """``datamachine_execute_step``, ``datamachine_run_flow_now`` and our own doorbell of abandoned jobs."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        abilities: Abilities,
        actors: Actors,
        flows: FlowsRepository,
        jobs: JobsRepository,
        completion: Completion,
        execution: StepExecution,
        units: HostPool,
    ) -> None:
        self._abilities = abilities
        self._actors = actors
        self._flows = flows
        self._jobs = jobs
        self._completion = completion
        self._execution = execution
        self._units = units

    @queue.traits(resumes=True, listening="_of_job")
    def execute_step(self, args: Arguments, run: Run) -> None:
        """Run one step as the job's agent. A failing job leaves its doorbell ``complete``: only what is not
        the step's own fails it.

        A job whose agent cannot act fails with an :class:`~.actors.AgentUnusable` code.
        """
        job_id, step = _job_and_step(args)
        try:
            who = self._job_actor(job_id)
        except AgentUnusable as error:
            if run.advanced:
                self._resume(job_id)
            else:
                self._refuse(job_id, error, flow_step_id=step)
            return
        if run.advanced:
            with actors.working_as(who):
                self._resume(job_id)
            return
        try:
            with actors.working_as(who):
                self._abilities.run(who, EXECUTE_STEP, {"job_id": job_id, "flow_step_id": step})
        except (queue.LeaseLost, DatabaseUnavailable, Contention, *AWAY, *DIED):
            raise
        except Exception as error:  # the job must end, whatever stopped its step
            logger.exception("Step %s of job %d was stopped", step, job_id)
            self._end(who, job_id, step, error)

    @queue.traits(listening="_of_flow")
    def run_flow(self, args: Arguments, run: Run) -> None:
        """Start a flow that a schedule or a page asked for, as its agent.

        A flow whose agent cannot act does not start; a line of the log has the code.
        """
        flow_id, job_id, data, limit = _flow_and_job(args)
        try:
            who = self._flow_actor(flow_id)
        except AgentUnusable as error:
            log.error("Flow not started: its agent cannot act", actors.describe(error, flow_id=flow_id))
            if number(job_id):
                self._refuse(number(job_id), error)
            return
        given: dict[str, Any] = {"flow_id": flow_id, "job_id": job_id}
        if isinstance(data, dict):
            given["initial_data"] = data
        # A run that a limited token asked for in advance has no more rights than that token had.
        who = actors.limited(who, limit)
        with actors.working_as(who):
            self._abilities.run(who, RUN_FLOW, given)

    def _job_actor(self, job_id: int) -> Principal:
        return self._actors.behind(self._jobs.belonging(job_id))

    def _flow_actor(self, flow_id: int) -> Principal:
        flow = self._flows.get(flow_id)
        return self._actors.of(None if flow is None else flow.agent_id)

    def _of_job(self, args: Arguments) -> AbstractContextManager[None] | None:
        """Listeners of a step's doorbell hear it as those of the step do; not at all when nobody can act."""
        return self._listening(self._job_actor, _job_and_step(args)[0])

    def _of_flow(self, args: Arguments) -> AbstractContextManager[None] | None:
        return self._listening(self._flow_actor, _flow_and_job(args)[0])

    @staticmethod
    def _listening(actor: Callable[[int], Principal], subject: int) -> AbstractContextManager[None] | None:
        try:
            return actors.working_as(actor(subject))
        except AgentUnusable:
            return None

    @queue.traits(resumes=True)
    def end_abandoned(self, args: Arguments, run: Run) -> None:
        """A step that killed its process at every attempt, or could not be started at all, fails its job."""
        job_id, _ = _job_and_step(args)
        if run.advanced:
            self._resume(job_id)
            return
        known = args if isinstance(args, Mapping) else {}
        about = {"flow_step_id": known["step"]} if known.get("step") else {}
        message = str(known.get("error") or "The step was given up.")
        relay.fire(
            "datamachine_fail_job",
            job_id,
            "step_execution_failure",
            {**about, "reason": "step_given_up", "error_message": message},
        )

    def abandoned(self, session: Session) -> list[Missing]:
        """For the queue's reconciler: doorbells of jobs that nobody will ever go on with."""
        return [Missing(ABANDONED, _abandoned(*each)) for each in self._jobs.abandoned(session)]

    @staticmethod
    def _refuse(job_id: int, error: AgentUnusable, **about: Any) -> None:
        relay.fire("datamachine_fail_job", job_id, error.code, actors.describe(error, **about))

    def _end(self, who: Principal, job_id: int, step: str, error: Exception) -> None:
        """Fail the job in the unit of the step, or in a new one when that has ended."""
        host = hosts.current()
        if host is None or getattr(host, "usable", True):
            with actors.working_as(who):
                self._execution.failed_from_outside(job_id, step, error)
            return
        with self._units.unit(context="cron"), actors.working_as(who):
            self._execution.failed_from_outside(job_id, step, error)

    def _resume(self, job_id: int) -> None:
        """An earlier attempt committed this step and died: do what comes after the commit.

        A next step adopts its packets itself; the end of a job is told again, because nobody knows who has
        heard it.
        """
        job = self._jobs.get(job_id)
        if job is None or not statuses.is_final(job.status):
            return
        self._completion.tell_again(job)


def _abandoned(job_id: int, step: str, error: str) -> dict[str, Any]:
    """Arguments that stay readable in the queue's indexed column. ``step`` is told, not asked for: the job's
    lease has it behind it.
    """
    args = {"job_id": job_id, **({"step": step} if step else {}), "error": error[:ERROR]}
    while len(arguments.encode(args)) > arguments.INDEXED and args["error"]:
        args["error"] = str(args["error"])[:-8]
    return args


def _flow_and_job(args: Arguments) -> tuple[int, Any, Any, Any]:
    """Flow, job, initial data, capabilities at most; the last three None where the row does not say."""
    values = list(args.values()) if isinstance(args, Mapping) else list(args)
    flow_id, job_id, data, limit, *_ = [*values, None, None, None, None]
    return number(flow_id), job_id, data, limit


def _job_and_step(args: Arguments) -> tuple[int, str]:
    if isinstance(args, Mapping):
        return number(args.get("job_id")), str(args.get("flow_step_id", ""))
    values = [*args, "", ""]
    return number(values[0]), str(values[1])
