"""Schedules of flows: the column ``scheduling_config`` and the row of Action Scheduler, always together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sidecar.automation.flows import doorbells, intervals, wanted
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.writing import write
from sidecar.automation.values import Document, Flow
from sidecar.clock import Clock
from sidecar.db import Database, Session
from sidecar.errors import InvalidInput


class FlowSchedules:
    """Sets, pauses, resumes and removes schedules. Asks nobody for permission: services do.

    Every change locks the flow's row, cancels the pending row of Action Scheduler and inserts the new one in
    one transaction; listeners hear of it after the commit. Nothing of ``scheduling_config`` is lost that does
    not say when the flow runs.
    """

    def __init__(self, db: Database, flows: FlowsRepository, clock: Clock) -> None:
        self._db = db
        self._flows = flows
        self._clock = clock

    def read(self, given: Any, stored: Mapping[str, Any] | None = None) -> wanted.Wanted:
        """Check what a caller wants, before anything is written; InvalidInput."""
        return wanted.read(given, stored or {"interval": intervals.MANUAL})

    def begin(self, session: Session, flow_id: int, found: wanted.Wanted) -> tuple[Document, list[int]]:
        """The column of a flow that is being made in this transaction, and the rows rung for it.

        After the commit the caller says :meth:`told`.
        """
        rung: list[int] = []
        enabled = found.enabled is not False
        at = self._ring(session, flow_id, found, self._clock.now(), rung) if enabled else None
        return wanted.apply(found, {}, at, enabled=enabled), rung

    def told(self, rung: Iterable[int]) -> None:
        """After the commit: those who listen hear of new rows."""
        doorbells.told(self._db, *rung)

    def set(self, flow: Flow, given: Any) -> Document:
        """Give a flow another schedule; the new ``scheduling_config``.

        ``given`` is a map (``{interval, cron_expression?, timestamp?, enabled?, retry_policy?,
        cycle_policy?}``), its JSON text, or the bare name of an interval or cron expression. What it has
        already stays untouched, its next run too. A paused flow stays paused unless ``enabled`` says true.
        InvalidInput with the codes of :func:`.wanted.read`, FlowNotFound.
        """
        found = given if isinstance(given, wanted.Wanted) else self.read(given, flow.scheduling_config)
        return self._apply(flow.flow_id, found).scheduling_config

    def pause(self, *flow_ids: int) -> dict[int, bool]:
        """Start these flows no more, in one transaction; by id, False for one that is paused already.

        Their schedules stay known. Flows that are gone are left out.
        """
        changed: dict[int, bool] = {}

        def work(flow_id: int, config: Document) -> Document | None:
            changed[flow_id] = config.get("enabled") is not False
            return {"interval": intervals.MANUAL, **config, "enabled": False} if changed[flow_id] else None

        with write(self._db) as session:
            self._flows.change_schedules(session, flow_ids, work)
            canceled = self._silence(session, *flow_ids)
        doorbells.told_canceled(canceled)
        return changed

    def resume(self, *flows: Flow) -> dict[int, bool]:
        """Start paused flows again by their schedules; by id, False for one that is not paused.

        In one transaction: InvalidInput for a schedule that is none any more and FlowNotFound change none.
        """
        wished = {
            flow.flow_id: wanted.read({"enabled": True}, flow.scheduling_config)
            for flow in flows
            if not flow.enabled
        }
        rung: list[int] = []
        canceled: list[int] = []
        with write(self._db) as session:
            for flow_id, found in sorted(wished.items()):
                self._change(session, flow_id, found, rung, canceled)
        doorbells.told_canceled(canceled)
        self.told(rung)
        return {flow.flow_id: flow.flow_id in wished for flow in flows}

    def unschedule(self, flow_id: int, *, session: Session | None = None) -> list[int]:
        """Cancel everything that would start the flow, single later runs too; ids of the cancelled rows.

        With a session the caller says :func:`.doorbells.told_canceled` after the commit.
        """
        if session is not None:
            canceled = self._silence(session, flow_id)
            return canceled + doorbells.cancel(
                session, doorbells.later(session, flow_id), now=self._clock.now()
            )
        with write(self._db) as own:
            canceled = self.unschedule(flow_id, session=own)
        doorbells.told_canceled(canceled)
        return canceled

    def run_at(
        self,
        flow_id: int,
        timestamp: int,
        initial_data: Mapping[str, Any] | None = None,
        *,
        limit: frozenset[str] | None = None,
    ) -> int:
        """Start the flow once at a Unix time, beside its schedule; the id of the row. FlowNotFound.

        ``limit``: capabilities that the run may use at most. InvalidInput ``queue_arguments_too_long`` for
        initial data of more than some 8,000 characters.
        """
        at = wanted.moment(timestamp)
        capabilities = None if limit is None else sorted(limit)
        with write(self._db) as session:
            # Under the row's lock: a flow that is being deleted at this moment rings no more.
            self._flows.change_schedule(flow_id, lambda _config: None, session=session)
            action = doorbells.ring_once(
                session, flow_id, at, data=initial_data, capabilities=capabilities, now=self._clock.now()
            )
        doorbells.told(self._db, action)
        return action

    def take(self, flow_id: int) -> bool:
        """Move a due row on to the next run, for a caller who starts the flow now; False when none is due."""
        now = self._clock.now()
        rung: list[int] = []
        canceled: list[int] = []
        with write(self._db) as session:

            def work(config: Document) -> Document | None:
                if config.get("enabled") is False or not doorbells.due(session, now, flow_id):
                    return None
                canceled.extend(doorbells.cancel(session, doorbells.pending(session, flow_id), now=now))
                kept = wanted.stored(config)
                if not canceled or not kept.rings or kept.at is not None:
                    # A row without schedule, or a single moment: there is no next run.
                    return wanted.apply(wanted.Wanted(intervals.MANUAL), config, None, enabled=True)
                following = kept.after(now)
                rung.append(doorbells.ring(session, flow_id, following, now=now))
                return wanted.apply(kept, config, following.at, enabled=True)

            self._flows.change_schedule(flow_id, work, session=session)
        doorbells.told_canceled(canceled)
        self.told(rung)
        return bool(canceled)

    def over(self, flow_id: int) -> bool:
        """Make a ``one_time`` flow manual whose moment has come and whose row is no longer pending."""
        reset: list[int] = []
        now = int(self._clock.now().timestamp())

        with write(self._db) as session:

            def work(config: Document) -> Document | None:
                due = config.get("interval") == intervals.ONE_TIME and config.get("enabled") is not False
                at = config.get("timestamp")
                if not due or (isinstance(at, int) and at > now) or doorbells.pending(session, flow_id):
                    return None
                reset.append(flow_id)
                return wanted.apply(wanted.Wanted(intervals.MANUAL), config, None, enabled=True)

            self._flows.change_schedule(flow_id, work, session=session)
        return bool(reset)

    def restore(self, flow: Flow) -> int:
        """Ring again for a schedule whose row has vanished; the id of the new row, 0 when there is one.

        A run that was missed is not made up for at once: the flow is back in its rhythm, spread as flows that
        were just scheduled are. A ``one_time`` flow starts at its moment, or now when that has passed. Nobody
        is told: this is the queue's own housekeeping, and WordPress is not asked.
        """
        kept = wanted.stored(flow.scheduling_config)
        if not kept.rings or not flow.enabled:
            return 0
        now = self._clock.now()
        rung: list[int] = []
        with write(self._db) as session:

            def work(config: Document) -> Document | None:
                if config != flow.scheduling_config or doorbells.pending(session, flow.flow_id):
                    return None
                doorbell = kept.doorbell(flow.flow_id, now)
                rung.append(doorbells.ring(session, flow.flow_id, doorbell, now=now))
                return wanted.apply(kept, config, doorbell.at, enabled=True)

            self._flows.change_schedule(flow.flow_id, work, session=session)
        doorbells.note(self._db, *rung)
        return rung[0] if rung else 0

    def _apply(self, flow_id: int, found: wanted.Wanted) -> Flow:
        rung: list[int] = []
        canceled: list[int] = []
        with write(self._db) as session:
            flow = self._change(session, flow_id, found, rung, canceled)
        doorbells.told_canceled(canceled)
        self.told(rung)
        return flow

    def _change(
        self, session: Session, flow_id: int, found: wanted.Wanted, rung: list[int], canceled: list[int]
    ) -> Flow:
        """In a transaction; what is rung and cancelled for it is added to the lists."""
        now = self._clock.now()

        def work(config: Document) -> Document | None:
            before = config.get("enabled") is not False
            enabled = before if found.enabled is None else found.enabled
            same = found.keeps or (found.same_as(config) and self._stands(session, flow_id, found))
            if same and enabled == before and (enabled or found.keeps):
                # The next run stays what it is: only settings may have changed.
                changed = wanted.with_settings(found, config)
                return None if changed == config else changed
            target = wanted.kept(found, config) if found.keeps else found
            canceled.extend(self._silence(session, flow_id))
            at = self._ring(session, flow_id, target, now, rung) if enabled else None
            return wanted.apply(target, config, at, enabled=enabled)

        return self._flows.change_schedule(flow_id, work, session=session)

    @staticmethod
    def _ring(
        session: Session, flow_id: int, found: wanted.Wanted, now: datetime, rung: list[int]
    ) -> datetime | None:
        if not found.rings:
            return None
        doorbell = found.doorbell(flow_id, now)
        action = doorbells.ring(session, flow_id, doorbell, now=now)
        if not action:
            raise InvalidInput("The schedule could not be stored.", code="schedule_not_persisted")
        rung.append(action)
        return doorbell.at

    @staticmethod
    def _stands(session: Session, flow_id: int, found: wanted.Wanted) -> bool:
        return not found.rings or len(doorbells.pending(session, flow_id)) == 1

    def _silence(self, session: Session, *flow_ids: int) -> list[int]:
        now = self._clock.now()
        doorbells.settle(session, *flow_ids, now=now)
        return doorbells.cancel(session, doorbells.pending(session, *flow_ids), now=now)
