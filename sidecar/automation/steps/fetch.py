"""The fetch step: items from a source become packets."""

from __future__ import annotations

from sidecar.automation import log, registry
from sidecar.automation.engine.context import DIRECT, ExecutionContext
from sidecar.automation.engine.engine_data import EngineStore
from sidecar.automation.flows import step_config
from sidecar.automation.handlers import credentials
from sidecar.automation.handlers.sources import Sources
from sidecar.automation.jobs import status as statuses
from sidecar.automation.queues import entries
from sidecar.automation.queues.backups import PATCH_BACKUP, PROMPT_BACKUP
from sidecar.automation.queues.prompt_queues import PATCHES, PromptQueues, Taken, merge_patch
from sidecar.automation.repositories.processed_items import ProcessedItemsRepository
from sidecar.automation.steps.base import StepRun, handler_context
from sidecar.automation.values import Document, Packet


class FetchStep:
    """Asks the step's handler. Nothing new is no failure: the job ends ``completed_no_items``."""

    def __init__(
        self,
        sources: Sources,
        items: ProcessedItemsRepository,
        queues: PromptQueues,
        store: EngineStore,
    ) -> None:
        self._sources = sources
        self._items = items
        self._queues = queues
        self._store = store

    def execute(self, run: StepRun) -> list[Packet]:
        slug = next(iter(registry.handler_slugs(run.config)), None)
        if slug is None:
            log.error("fetch: Step requires handler configuration", run.about())
            return run.packets
        taken = self._queues.take(
            run.flow_id,
            run.config,
            PATCHES,
            lambda session, entry: self._store.merge_in(session, run.job_id, _backup(run, entry)),
        )
        if taken.exhausted:
            self._store.merge(run.job_id, {"job_status": statuses.COMPLETED_NO_ITEMS})
            return run.packets
        config = self._config(run, slug, taken)
        source = self._sources.find(slug)
        context = ExecutionContext(
            items=self._items,
            pipeline_id=run.pipeline_id or DIRECT,
            flow_id=run.flow_id or DIRECT,
            flow_step_id=run.flow_step_id,
            job_id=run.job_id,
            source_type=source.source_type,
            agent_id=run.engine.agent_id or None,
        )
        found = self._sources.packets(source, config, context)
        if not found:
            log.error("Fetch handler returned no content", run.about(handler=slug))
            return run.packets
        log.info("Fetch handler returned data", run.about(handler=slug, packet_count=len(found)))
        return [*found, *run.packets]

    def _config(self, run: StepRun, slug: str, taken: Taken) -> Document:
        config = step_config.handler_config(run.config, slug)
        entry = taken.entry or {}
        patch = entry.get("patch")
        if isinstance(patch, dict) and patch:
            config = merge_patch(config, patch)
            if taken.mode != "static":
                # Written down with the taking, unless the entry is a workflow's own; said here.
                self._store.merge(run.job_id, _backup(run, entry))
        elif taken.entry is not None:
            log.warning("A queued config patch holds nothing to apply", run.about())
        config |= {
            "flow_step_id": run.flow_step_id,
            "pipeline_id": run.pipeline_id or DIRECT,
            "flow_id": run.flow_id or DIRECT,
        }
        return credentials.resolved(config, slug, handler_context(run))


def _backup(run: StepRun, entry: Document) -> Document:
    """What was taken, so that a job that fails can put it back."""
    backup = {
        "slot": PATCHES,
        "mode": entries.mode(run.config),
        "patch": entry.get("patch"),
        "flow_id": run.flow_id,
        "flow_step_id": run.flow_step_id,
        "added_at": entry.get("added_at", ""),
    }
    # Where Data Machine has it; an AI step that takes a prompt writes over it there.
    return {PROMPT_BACKUP: backup, PATCH_BACKUP: backup}
