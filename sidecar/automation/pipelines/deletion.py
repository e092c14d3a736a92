"""Removing a pipeline with everything that is only there because of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from sidecar.automation import log
from sidecar.automation.access import ADMIN, Access
from sidecar.automation.files.flow_folders import FlowFolders
from sidecar.automation.flows import doorbells
from sidecar.automation.flows.schedules import FlowSchedules
from sidecar.automation.pipelines.service import PipelinesService
from sidecar.automation.repositories.pipeline_flows import PipelineFlows
from sidecar.automation.repositories.processed_items import ProcessedItemsRepository
from sidecar.automation.values import Flow
from sidecar.db import Database, Session
from sidecar.identity import Principal

#: Ends every unfinished job of these flows, with its doorbells and children; for this reason.
CancelJobs = Callable[[Sequence[int], str], object]
#: Why jobs of a deleted pipeline end.
REASON = "pipeline_deleted"


class PipelineDeleted(msgspec.Struct, frozen=True):
    """What it was, and how many flows went with it."""

    pipeline_id: int
    pipeline_name: str
    flows: int

    @property
    def message(self) -> str:
        """One sentence for people."""
        return f'Pipeline "{self.pipeline_name}" deleted successfully. {self.flows} flows were also deleted.'


class PipelineDeletion:
    """Flows, schedules, unfinished jobs, processed items and files go with it; jobs that ended stay."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        db: Database,
        pipelines: PipelinesService,
        rows: PipelineFlows,
        items: ProcessedItemsRepository,
        schedules: FlowSchedules,
        folders: FlowFolders,
        access: Access,
        cancel_jobs: CancelJobs,
    ) -> None:
        self._db = db
        self._pipelines = pipelines
        self._rows = rows
        self._items = items
        self._schedules = schedules
        self._folders = folders
        self._access = access
        self._cancel_jobs = cancel_jobs

    def delete(self, principal: Principal, pipeline_id: int) -> PipelineDeleted:
        """Remove it, for admins of its agent and of its flows' agents; PipelineNotFound.

        Jobs end before the rows go, so that a call that was cut off can be made again, and once more
        afterwards: one may have begun in between.
        """
        found = self._pipelines.permitted(principal, pipeline_id, ADMIN, "delete")

        def permitted(flows: Sequence[Flow]) -> None:
            for flow in flows:
                message = f"You do not have permission to delete flow {flow.flow_id} of this pipeline."
                self._access.row(principal, flow.agent_id, flow.user_id, ADMIN, message)

        with self._db.transaction() as session:
            _pipeline, before = self._rows.lock(session, pipeline_id)
        permitted(before)
        if before:
            self._cancel_jobs([flow.flow_id for flow in before], REASON)

        def work(session: Session) -> tuple[list[int], list[int]]:
            _pipeline, flows = self._rows.lock(session, pipeline_id)
            # A flow that was added since then is somebody's too.
            permitted([flow for flow in flows if flow not in before])
            ids = [flow.flow_id for flow in flows]
            canceled = [
                row for flow_id in ids for row in self._schedules.unschedule(flow_id, session=session)
            ]
            self._items.delete_of_pipeline(session, pipeline_id)
            self._rows.delete(session, pipeline_id)
            return ids, canceled

        flow_ids, canceled = self._db.run(work)
        doorbells.told_canceled(canceled)
        if flow_ids:
            self._cancel_jobs(flow_ids, REASON)
        if not self._folders.remove_pipeline(pipeline_id):
            log.warning("Files of a deleted pipeline could not be removed", {"pipeline_id": pipeline_id})
        log.info("Pipeline deleted", {"pipeline_id": pipeline_id, "deleted_flows": len(flow_ids)})
        return PipelineDeleted(pipeline_id, found.pipeline_name, len(flow_ids))
