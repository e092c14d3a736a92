"""The end of flows: their rows, what would start them, what they work on and what they remember."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from sidecar.automation import log, wordpress
from sidecar.automation.access import ADMIN, FLOWS, Access
from sidecar.automation.errors import FlowNotFound
from sidecar.automation.files.flow_folders import FlowFolders
from sidecar.automation.flows import doorbells
from sidecar.automation.flows.schedules import FlowSchedules
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.pipeline_flows import PipelineFlows
from sidecar.automation.repositories.writing import write
from sidecar.automation.values import Flow
from sidecar.db import Database, Session
from sidecar.identity import Principal

if TYPE_CHECKING:
    from sidecar.host import HostPool

#: Said of jobs whose flow is gone.
REASON = "flow_deleted"


class Cancelling(Protocol):
    """Ends jobs."""

    def of_flows(self, flow_ids: Sequence[int], reason: str) -> int:
        """Cancel the unfinished jobs of flows; how many."""
        ...


class FlowDeletion:
    """Deletes flows, for admins of their agents; finished jobs stay as they are."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        db: Database,
        flows: FlowsRepository,
        rows: PipelineFlows,
        schedules: FlowSchedules,
        folders: FlowFolders,
        jobs: Callable[[], Cancelling],
        access: Access,
        units: HostPool,
    ) -> None:
        self._db = db
        self._flows = flows
        self._rows = rows
        self._schedules = schedules
        self._folders = folders
        self._jobs = jobs
        self._access = access
        self._units = units

    def delete(self, principal: Principal, flow_id: int) -> Flow:
        """Delete one flow; as it was. FlowNotFound, Forbidden ``rest_forbidden``."""
        self._access.enter(principal, FLOWS)
        flow = self._flows.get(flow_id)
        if flow is None:
            raise FlowNotFound(f"Flow {flow_id} not found.")
        self._access.row(
            principal,
            flow.agent_id,
            flow.user_id,
            ADMIN,
            "You do not have permission to delete this flow.",
        )
        with wordpress.process(self._units):
            # Jobs end before the row goes, so that a call that was cut off can be made again, and once more
            # afterwards: one may have begun in between.
            ended = self._jobs().of_flows([flow_id], REASON)
            with write(self._db) as session:
                canceled = self.remove(session, [flow])
                self._flows.delete(session, flow_id)
            doorbells.told_canceled(canceled)
            ended += self._jobs().of_flows([flow_id], REASON)
        about = {"flow_id": flow_id, "pipeline_id": flow.pipeline_id, "cancelled_jobs": ended}
        if not self._folders.remove_flow(flow.pipeline_id, flow_id):
            log.warning("Files of a deleted flow could not be removed", about)
        log.info("Flow deleted", about)
        return flow

    def remove(self, session: Session, flows: Sequence[Flow]) -> list[int]:
        """In the transaction that deletes the rows of flows: cancel their doorbells, forget their items.

        The ids of the cancelled doorbells: after the commit :func:`.doorbells.told_canceled` is said of them.
        """
        canceled: list[int] = []
        for flow in flows:
            canceled += self._schedules.unschedule(flow.flow_id, session=session)
            self._rows.forget_items(session, [str(step.get("flow_step_id", "")) for step in flow.steps()])
        return canceled
