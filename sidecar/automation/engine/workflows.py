"""Ephemeral workflows: steps that are run once and stored nowhere but in their job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sidecar import blog, hooks, queue
from sidecar.automation import log, wordpress
from sidecar.automation.access import OPERATOR, Access
from sidecar.automation.engine import relay, reserved, workflow_plans
from sidecar.automation.engine.abilities import EXECUTE_WORKFLOW, Abilities
from sidecar.automation.engine.engine_data import DIRECT
from sidecar.automation.engine.workflow_plans import WorkflowPlan
from sidecar.automation.errors import JobNotFound
from sidecar.automation.jobs.creation import JobCreation
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.repositories.promises import BEGIN, Promises
from sidecar.automation.repositories.writing import once
from sidecar.automation.steps.base import number
from sidecar.automation.values import Document, NewJob
from sidecar.clock import Clock, iso
from sidecar.db import Database, Session
from sidecar.errors import InvalidInput, NotFound
from sidecar.identity import AgentsRepository, Principal
from sidecar.wordpress import dates
from sidecar.wordpress.site_dates import SiteDates

if TYPE_CHECKING:
    from sidecar.host import HostPool

REFUSED = "You do not have permission to execute workflows."
SOURCE = "chat"
LABEL = "Chat Workflow"
DRY = "Ephemeral workflow dry-run started."
LATER = "datamachine_schedule_next_step"
#: The date of an answer's message.
SHOWN = "M j, Y g:i A"
#: No run is further away.
LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()


class Workflows:
    """The ability ``datamachine/execute-workflow``, for whoever passes ``manage_flows``."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        db: Database,
        jobs: JobsRepository,
        creation: JobCreation,
        agents: AgentsRepository,
        access: Access,
        engine: Abilities,
        units: HostPool,
        clock: Clock,
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._creation = creation
        self._agents = agents
        self._access = access
        self._engine = engine
        self._units = units
        self._clock = clock
        self._begun = Promises(db, BEGIN)

    def execute(
        self,
        principal: Principal,
        workflow: Mapping[str, Any],
        *,
        timestamp: int | None = None,
        initial_data: Mapping[str, Any] | None = None,
        dry_run: bool = False,
        agent_id: int | None = None,
    ) -> Document:
        """Start ``{steps: [...]}`` now, or at ``timestamp`` (unix seconds) when that is in the future.

        ``agent_id`` (or ``agent_id`` or ``agent_slug`` of ``initial_data``): whose work it is, default the
        acting agent. Whoever names one decides what it does, and needs to be its admin.

        Returns ``{success, execution_type, execution_mode: "direct", job_id, step_count[, timestamp,
        scheduled_time][, dry_run], message}``. InvalidInput ``invalid_workflow`` or ``invalid_timestamp``,
        NotFound ``agent_not_found`` or ``job_not_found`` (of a parent).

        Outside WordPress a unit is opened for it, so that every listener hears what happens.
        """
        arguments: Document = {"workflow": dict(workflow)}
        more = {"timestamp": timestamp, "initial_data": initial_data, "agent_id": agent_id}
        arguments |= {key: value for key, value in more.items() if value}
        if dry_run:
            arguments["dry_run"] = True
        self._access.enter(principal, REFUSED)
        with wordpress.process(self._units):
            result: Document = self._engine.run(principal, EXECUTE_WORKFLOW, arguments)
        return result

    def perform(self, principal: Principal, given: Mapping[str, Any]) -> Document:
        """What the ability does."""
        self._access.enter(principal, REFUSED)
        data = given.get("initial_data")
        data = data if isinstance(data, Mapping) else {}
        agent = self._agent(principal, given.get("agent_id"), data)
        parent = self._parent(principal, data.get("parent_job_id"))
        when = self._when(given.get("timestamp"))
        plan = workflow_plans.read(given.get("workflow"), self._clock)
        dry = bool(given.get("dry_run"))
        job = self._creation.create(
            NewJob(
                pipeline_id=DIRECT,
                flow_id=DIRECT,
                source=SOURCE,
                label=str(data.get("job_label") or LABEL),
                user_id=principal.user_id,
                agent_id=agent,
                limit=principal.ceiling,
                parent_job_id=parent,
            ),
            data={
                **reserved.initial(_mine(data)),
                "flow_config": plan.flow_config,
                "pipeline_config": plan.pipeline_config,
                **({"dry_run_mode": True} if dry else {}),
            },
            key="workflow",
        )
        if when is not None:
            return self._later(job.job_id, plan, when, dry=dry)
        relay.fire("datamachine_schedule_next_step", job.job_id, plan.first, [])
        self._creation.begun(job.job_id)
        log.info(
            "Ephemeral workflow started", {"job_id": job.job_id, "step_count": plan.steps, "dry_run": dry}
        )
        message = "Ephemeral workflow execution started"
        if dry:
            message = f"{DRY} No posts will be created - preview data will be returned."
        about = _about("immediate", job.job_id, plan, dry=dry)
        return {**about, "message": message}

    def _later(self, job_id: int, plan: WorkflowPlan, when: datetime, *, dry: bool) -> Document:
        """Ring for the first step then; until then the job is pending."""

        def ring(session: Session) -> int:
            self._begun.kept(session, job_id)
            return queue.enqueue(session, LATER, [job_id, plan.first, []], when)

        action_id = int(once(self._db, f"later:{job_id}", ring))
        hooks.do_action("action_scheduler_stored_action", action_id)
        with self._db.session() as session:
            queue.log(session, action_id, queue.CREATED)
        zone = SiteDates.of(self._db, blog.current()).zone
        about = {
            "timestamp": int(when.timestamp()),
            "scheduled_time": iso(when),
        }
        shown = dates.date(SHOWN, when.astimezone(zone))
        message = f"Ephemeral workflow scheduled for one-time execution at {shown}"
        return {**_about("delayed", job_id, plan, dry=dry, more=about), "message": message}

    def _agent(self, principal: Principal, named: Any, data: Mapping[str, Any]) -> int | None:
        wanted = number(named) or number(data.get("agent_id"))
        slug = data.get("agent_slug")
        if not wanted and isinstance(slug, str) and slug:
            found = self._agents.by_slug(slug)
            if found is None:
                raise NotFound(f'There is no agent "{slug}".', code="agent_not_found")
            wanted = found.agent_id
        if wanted and wanted == principal.agent_id:
            return wanted
        return self._access.agent_of_new(principal, wanted or None)

    def _parent(self, principal: Principal, given: Any) -> int | None:
        """A child's end may be its parent's: nobody gets one of somebody else's jobs."""
        if given in (None, 0, "", "0"):
            return None
        whose = self._jobs.belonging(number(given))
        if whose is None:
            raise JobNotFound(f"Job {given} not found.")
        self._access.row(
            principal, whose.agent_id, whose.user_id, OPERATOR, "You do not have permission to use this job."
        )
        return number(given)

    def _when(self, given: Any) -> datetime | None:
        if given is None or not number(given) or number(given) <= self._clock.now().timestamp():
            return None
        if number(given) > LATEST:
            raise InvalidInput("The timestamp is too far away.", code="invalid_timestamp")
        return datetime.fromtimestamp(number(given), UTC)


def _mine(data: Mapping[str, Any]) -> Document:
    """Without what has become columns of the row."""
    named = ("agent_id", "parent_job_id", "user_id", "job", "job_label", "dry_run_mode")
    return {str(key): value for key, value in data.items() if key not in named}


def _about(
    kind: str, job_id: int, plan: WorkflowPlan, *, dry: bool, more: Mapping[str, Any] | None = None
) -> Document:
    return {
        "success": True,
        "execution_type": kind,
        "execution_mode": "direct",
        "job_id": job_id,
        "step_count": plan.steps,
        **(more or {}),
        **({"dry_run": True} if dry else {}),
    }
