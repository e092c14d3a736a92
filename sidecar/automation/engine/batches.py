"""Fan-out: a step that leaves several packets makes a job of each, and ends when all of them have ended."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sidecar import hooks, queue
from sidecar.automation import log
from sidecar.automation.engine import batch_items, relay, reserved, selection
from sidecar.automation.engine.batch_items import BatchItems, ItemsGone
from sidecar.automation.engine.completion import Completion
from sidecar.automation.engine.engine_data import EngineData, EngineStore, document_of
from sidecar.automation.jobs import status as statuses
from sidecar.automation.jobs.creation import JobCreation
from sidecar.automation.queues.backups import PATCH_BACKUP, PROMPT_BACKUP
from sidecar.automation.repositories.batch_jobs import BatchJobs
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.repositories.processed_items import CLAIM, ProcessedItemsRepository
from sidecar.automation.repositories.writing import once, write
from sidecar.automation.settings import Settings
from sidecar.automation.steps.base import StepRun, number
from sidecar.automation.values import Document, Job, NewJob, Packet
from sidecar.clock import Clock
from sidecar.db import Database, DatabaseUnavailable, Session
from sidecar.host.errors import AWAY, DIED

logger = logging.getLogger("datamachine.automation")

CHUNK = "datamachine_pipeline_batch_chunk"
CONTEXT = "pipeline"
STRATEGY = "children_complete"
#: Keys of the parent that are not its children's: its batch, what it took from a queue, how it went.
_OWN = frozenset({
    PATCH_BACKUP, PROMPT_BACKUP, "effects", "next_flow_step_id", "retry", "token_usage",
    "transcript_session_id",
})  # fmt: skip


class Batches:
    """Children are made in chunks, by doorbells; a chunk that is rung for again makes none of them twice."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        db: Database,
        jobs: JobsRepository,
        families: BatchJobs,
        items: ProcessedItemsRepository,
        store: EngineStore,
        creation: JobCreation,
        completion: Completion,
        settings: Settings,
        kept: BatchItems,
        clock: Clock,
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._families = families
        self._items = items
        self._store = store
        self._creation = creation
        self._completion = completion
        self._settings = settings
        self._kept = kept
        self._clock = clock

    # The step that fans out

    def begin(self, run: StepRun, following: str, going: Sequence[Packet]) -> Document:
        """Store the packets with the parent and ring for the first chunk, in one commit with the end of the
        step; ``{parent_job_id, total, chunk_size}``.
        """
        size = self._chunk_size()
        total = len(going)
        running = queue.current_run()
        state = self._kept.keep(self._store.place(run.job_id), going)
        fetched = selection.fetched(run, going)

        def batch(document: Document) -> Document:
            document = {**document, **fetched}
            extra: Document = {"next_flow_step_id": following}
            if state["items"]:
                extra["engine_snapshot"] = _shared(document)
            return {
                **document,
                "batch": True,
                "batch_total": total,
                "batch_scheduled": 0,
                "batch_chunk_size": size,
                "batch_context": CONTEXT,
                "batch_completion_strategy": STRATEGY,
                "started_at": self._clock.now().strftime("%Y-%m-%d %H:%M:%S"),
                "batch_state": {**state, "extra": extra, "hook": CHUNK},
                "next_flow_step_id": following,
            }

        with write(self._db) as session:
            engine = self._store.change_in(session, run.job_id, batch)
            action_id = self._ring(session, run.job_id, 0)
            if running is not None and running.job_id == run.job_id:
                # What follows is the children's; the parent ends with the last of them.
                running.finish(session)
        self._rang(action_id)
        self._store.told(run.job_id, engine.all())
        log.info(
            f'Pipeline batch: fanning out {total} items for flow "{_flow_name(engine)}"',
            {
                "parent_job_id": run.job_id,
                "pipeline_id": run.engine.place[0],
                "flow_id": run.engine.place[1],
                "total": total,
                "next_flow_step_id": following,
            },
        )
        return {"parent_job_id": run.job_id, "total": total, "chunk_size": size}

    # A chunk

    def chunk(self, parent_job_id: int) -> None:
        """Make the next children of a parent and ring for them; nothing to do when it has ended."""
        parent = self._jobs.get(parent_job_id)
        if parent is None:
            return
        if statuses.is_final(parent.status):
            # Packets may have been put away for it after its end.
            ended = EngineData(document_of(parent), parent_job_id)
            self._completion.clear_away(ended, parent.status)
            return
        engine = self._store.load(parent_job_id)
        if not engine.map("batch_state"):
            # Everything is scheduled. Somebody rang because the end of the last child was not heard.
            self._settle(parent)
            return
        size, delay = self._chunk_size(), self._chunk_delay()
        packets: list[Packet] = []
        try:
            made = once(
                self._db,
                f"chunk:{parent_job_id}",
                lambda session: self._reserve(session, engine, parent, size, delay, packets),
            )
            if made is None:
                return
            children = [int(child) for child in made["children"]]
            if not packets:
                # What an earlier attempt had reserved, where the document is a chunk further already.
                state = {**engine.map("batch_state"), **made["state"]}
                packets = self._kept.portion(engine.place, state, len(children)).packets
        except ItemsGone as error:
            relay.fire(
                "datamachine_fail_job",
                parent_job_id,
                error.code,
                {"reason": error.code, "error_message": error.message},
            )
            return
        self._start(engine, packets, children)
        self._after_chunk(parent, len(children))
        if made["action"]:
            self._rang(int(made["action"]))

    def _reserve(  # noqa: PLR0917  the parts of a chunk
        self, session: Session, engine: EngineData, parent: Job, size: int, delay: int, packets: list[Packet]
    ) -> Document | None:
        """The rows of the next children and the doorbell of the chunk after them, in one transaction;
        ``{children, state, action}`` with where their ``packets`` begin, None when another doorbell took the
        last ones, or somebody has ended the parent.
        """
        found: Document = {}

        def advance(document: Document) -> Document:
            state = document.get("batch_state")
            status = self._jobs.status(parent.job_id)
            # Whoever cancels the parent either sees these children, or is seen here.
            if not isinstance(state, dict) or status is None or statuses.is_final(status):
                return document
            portion = self._kept.portion(engine.place, state, size)
            if not portion.packets:
                return document
            offset = number(state.get("offset"))
            children = [
                self._jobs.insert(session, _child(parent, one, offset + at + 1))
                for at, one in enumerate(portion.packets)
            ]
            action = self._ring(session, parent.job_id, delay) if portion.more else 0
            packets[:] = portion.packets
            found.update(children=children, state=batch_items.where(state), action=action)
            return {**document, "batch_state": portion.after}

        self._store.change_in(session, parent.job_id, advance)
        if found:
            # Their claims are the parent's until they end: a long batch must not lose them.
            self._items.extend(session, [parent.job_id], self._clock.now() + CLAIM)
        return found or None

    def _start(self, engine: EngineData, packets: Sequence[Packet], children: Sequence[int]) -> None:
        shared = _shared(engine.all())
        following = str(engine.get("next_flow_step_id") or "")
        for child, one in zip(children, packets, strict=True):
            if self._jobs.status(child) != statuses.PENDING:
                # An earlier attempt began it, or somebody has cancelled it.
                continue
            try:
                self._creation.bring_up(child, data={**shared, **selection.seeds_over(shared, one)})
                relay.fire("datamachine_schedule_next_step", child, following, [one])
            except (queue.LeaseLost, DatabaseUnavailable, *AWAY, *DIED):
                raise
            except Exception as error:  # the others begin nevertheless, and their parent ends
                logger.exception("Child %d of job %d could not begin", child, engine.job_id)
                about = {"flow_step_id": following, "reason": "child_not_begun", "error_message": str(error)}
                self._completion.fail(child, "step_execution_failure", about)

    def _after_chunk(self, parent: Job, made: int) -> None:
        """Write down how many children run. After the last one the packets are the children's alone.

        Chunks need not end in their order: one whose worker died is finished by another, later.
        """

        def note(session: Session) -> Document:
            def count(document: Document) -> Document:
                state = document.get("batch_state")
                if not isinstance(state, dict):
                    return document
                scheduled = number(document.get("batch_scheduled")) + made
                done = scheduled >= number(document.get("batch_total"))
                kept = {key: value for key, value in document.items() if key != "batch_state" or not done}
                return {**kept, "batch_scheduled": scheduled, "batch_offset": number(state.get("offset"))}

            changed = self._store.change_in(session, parent.job_id, count)
            return {
                "keys": changed.keys(),
                "scheduled": number(changed.get("batch_scheduled")),
                "offset": number(changed.get("batch_offset")),
                "total": number(changed.get("batch_total")),
            }

        found = once(self._db, f"chunk-end:{parent.job_id}", note)
        self._store.told(parent.job_id, dict.fromkeys(found["keys"]))
        scheduled, offset, total = found["scheduled"], found["offset"], found["total"]
        about = {"parent_job_id": parent.job_id}
        log.debug(
            f"Pipeline batch chunk: scheduled {scheduled}/{total} (offset {offset})",
            {**about, "scheduled": scheduled, "offset": offset, "total": total},
        )
        if scheduled >= total:
            log.info(f"Pipeline batch: all {total} items scheduled", about)
            self._settle(parent)

    # The end

    def child_ended(self, job_id: Any = 0, _status: Any = "") -> None:
        """``datamachine_job_complete(job_id, status)``: the last child's end is its parent's."""
        parent = self._families.batch_parent(number(job_id))
        if parent is not None:
            self._settle(parent)

    def _settle(self, parent: Job) -> None:
        """End a parent none of whose children is still to run."""
        children = self._families.children(parent.job_id)
        if any(word in children for word in statuses.ACTIVE):
            return
        engine = self._store.load(parent.job_id)
        if engine.get("batch_completion_strategy") != STRATEGY or engine.map("batch_state"):
            return
        completed, failed = children.get(statuses.COMPLETED, 0), children.get(statuses.FAILED, 0)
        ended = sum(children.values())
        total = number(engine.get("batch_total"))
        results = {
            "completed": completed,
            "failed": failed,
            "skipped": ended - completed - failed,
            "total": total,
        }
        self._store.merge(parent.job_id, {"batch_results": results})

        def then() -> None:
            self._completion.remove_files(engine)
            log.info(
                f'Pipeline batch complete: {completed}/{total} succeeded for flow "{_flow_name(engine)}"',
                {"parent_job_id": str(parent.job_id), **results},
            )

        self._completion.complete(parent.job_id, _end(children, ended), then)

    # Parts

    def _ring(self, session: Session, parent_job_id: int, delay: int) -> int:
        when = self._clock.now() + timedelta(seconds=delay)
        return queue.enqueue(session, CHUNK, {"parent_job_id": parent_job_id}, when)

    def _rang(self, action_id: int) -> None:
        hooks.do_action("action_scheduler_stored_action", action_id)
        with self._db.session() as session:
            queue.log(session, action_id, queue.CREATED)

    def _chunk_size(self) -> int:
        tuned = self._tuned("chunk_size", 10, 1, 100)
        return max(1, _int(hooks.apply_filters("datamachine_batch_chunk_size", tuned, CONTEXT), tuned))

    def _chunk_delay(self) -> int:
        tuned = self._tuned("chunk_delay", 30, 0, 300)
        return max(0, _int(hooks.apply_filters("datamachine_batch_chunk_delay", tuned, CONTEXT), tuned))

    def _tuned(self, name: str, default: int, least: int, most: int) -> int:
        tuning = self._settings.all().get("queue_tuning")
        value = tuning.get(name) if isinstance(tuning, Mapping) else None
        return default if value is None else max(least, min(most, _int(value, default)))


def _shared(document: Mapping[str, Any]) -> Document:
    """What children get of their parent's document."""
    return {key: value for key, value in document.items() if not _of_batch(key)}


def _of_batch(key: str) -> bool:
    return key in (reserved.BATCH, "started_at") or key.startswith("batch_") or key in _OWN


def _child(parent: Job, one: Packet, place: int) -> NewJob:
    data = one.get("data")
    title = data.get("title") if isinstance(data, Mapping) else None
    return NewJob(
        pipeline_id=parent.pipeline_id,
        flow_id=parent.flow_id,
        label=str(title).strip() if title else f"Item {place}",
        user_id=parent.user_id,
        agent_id=parent.agent_id,
        parent_job_id=parent.job_id,
    )


def _end(children: Mapping[str, int], ended: int) -> str:
    """The status of a parent by those of its children."""
    if children.get(statuses.COMPLETED):
        return statuses.COMPLETED
    for word, past in ((statuses.FAILED, "failed"), (statuses.CANCELLED, "were cancelled")):
        if ended and children.get(word, 0) == ended:
            return statuses.compound(word, f"All {ended} child jobs {past}")
    return statuses.COMPLETED_NO_ITEMS


def _flow_name(engine: EngineData) -> str:
    return str(engine.map("flow").get("name") or "")


def _int(value: Any, default: int) -> int:
    return (
        int(value) if isinstance(value, int | float | str) and str(value).lstrip("-").isdecimal() else default
    )
