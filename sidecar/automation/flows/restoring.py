"""Schedules whose row has vanished from the queue: found by a worker once a minute, and rung again.

A row is lost when somebody empties the table, when Action Scheduler's cleaner gives up on it, or when its
hook failed five times in a row. A row that a person cancelled is left alone: it is the newest one then.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from sidecar.automation import wordpress
from sidecar.automation.access import ADMIN, FLOWS, Access
from sidecar.automation.flows import doorbells, wanted
from sidecar.automation.flows.schedules import FlowSchedules
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.values import Flow
from sidecar.clock import Clock, mysql
from sidecar.db import Database, Session
from sidecar.errors import SidecarError
from sidecar.identity import Principal
from sidecar.queue import tables
from sidecar.queue.reconciler import Missing

if TYPE_CHECKING:
    from sidecar.host import HostPool

logger = logging.getLogger("datamachine.automation")

#: Flows restored at a time.
PORTION = 200
#: A single moment that passed longer ago without a run is over. Older sites hold such flows that did run.
TOO_LATE = timedelta(days=1)


class Restored(msgspec.Struct, frozen=True):
    """A flow that rings again, or why it does not."""

    flow_id: int
    action_id: int = 0
    error: str = ""


class ScheduleRestoring:
    """Compares schedules with the rows of the queue."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        db: Database,
        flows: FlowsRepository,
        schedules: FlowSchedules,
        access: Access,
        units: HostPool,
        clock: Clock,
    ) -> None:
        self._db = db
        self._flows = flows
        self._schedules = schedules
        self._access = access
        self._units = units
        self._clock = clock
        #: Schedules that cannot be restored are told once.
        self._told: set[tuple[int, str]] = set()
        #: The flow after which the next portion is looked for: those that cannot be restored stay lost, and
        #: must not stand before the others for ever.
        self._after = 0

    def find(self, session: Session) -> Iterable[Missing]:
        """For the queue's reconciler; it rings itself, for schedules recur."""
        lost = self._lost(session, self._after)
        self._after = lost[-1].flow_id if len(lost) == PORTION else 0
        for one in self._restore(lost):
            if one.error:
                if (one.flow_id, one.error) in self._told:
                    continue
                self._told.add((one.flow_id, one.error))
                logger.warning("the schedule of flow %d cannot be restored: %s", one.flow_id, one.error)
            elif one.action_id:
                logger.warning("rang anew for flow %d: its row was gone", one.flow_id)
        orphans = self._orphans(session)
        if orphans:
            logger.warning("cancelled the schedules of flows that are gone: rows %s", orphans)
        return ()

    def reconcile(self, principal: Principal, *, dry_run: bool = False) -> list[Restored]:
        """At once, for who administers what is restored; a dry run only names the flows."""
        self._access.enter(principal, FLOWS)
        mine: list[Flow] = []
        after = 0
        with self._db.session() as session:
            while lost := self._lost(session, after):
                mine += [flow for flow in lost if flow.enabled and self._administers(principal, flow)]
                after = lost[-1].flow_id
        if dry_run:
            return [Restored(flow.flow_id) for flow in mine]
        with wordpress.process(self._units):
            return self._restore(mine)

    def _restore(self, lost: Sequence[Flow]) -> list[Restored]:
        done: list[Restored] = []
        for flow in lost:
            if not flow.enabled:
                continue
            try:
                if self._is_over(flow):
                    self._schedules.over(flow.flow_id)
                    continue
                done.append(Restored(flow.flow_id, self._schedules.restore(flow)))
            except SidecarError as error:
                if error.status >= 500:
                    raise
                done.append(Restored(flow.flow_id, error=error.message))
        return done

    def _lost(self, session: Session, after: int) -> list[Flow]:
        """Flows with a schedule and without a row that rings for it, above ``after``; PORTION of them."""
        names = self._db.tables()
        actions = tables.here().actions
        ids = session.column(
            f"SELECT f.flow_id FROM {names.flows} f WHERE f.flow_id > :after"
            " AND f.scheduling_config LIKE '%\"interval\":%'"
            ' AND f.scheduling_config NOT LIKE \'%"interval":"manual"%\''
            " AND f.scheduling_config NOT LIKE '%\"enabled\":false%'"
            f" AND NOT EXISTS (SELECT 1 FROM {actions} a WHERE a.args = CONCAT('[', f.flow_id, ']')"
            " AND a.hook = :hook AND a.status IN ('pending', 'in-progress', 'parked'))"
            f" AND 'canceled' <> COALESCE((SELECT b.status FROM {actions} b"
            " WHERE b.args = CONCAT('[', f.flow_id, ']') AND b.hook = :hook"
            f" ORDER BY b.action_id DESC LIMIT 1), '') ORDER BY f.flow_id LIMIT {PORTION}",
            {"hook": doorbells.HOOK, "after": after},
        )
        return self._flows.of_ids([int(each) for each in ids])

    def _orphans(self, session: Session) -> list[int]:
        """Cancel rows of schedules whose flow is gone: they would ring for ever, and start nothing."""
        actions = tables.here().actions
        rows = session.column(
            f"SELECT a.action_id FROM {actions} a WHERE a.hook = :hook AND a.status = 'pending'"
            " AND a.args REGEXP '^[[][0-9]+[]]$' AND NOT EXISTS"
            f" (SELECT 1 FROM {self._db.tables().flows} f"
            f" WHERE f.flow_id = CAST(TRIM(BOTH ']' FROM SUBSTRING(a.args, 2)) AS UNSIGNED)) LIMIT {PORTION}",
            {"hook": doorbells.HOOK},
        )
        return doorbells.cancel(session, [int(each) for each in rows], now=self._clock.now())

    def _is_over(self, flow: Flow) -> bool:
        """Whether a single moment has passed and its row has rung, or it is too late for that."""
        at = wanted.stored(flow.scheduling_config).at
        now = self._clock.now()
        if at is None or at > now:
            return False
        if at < now - TOO_LATE:
            return True
        with self._db.session() as session:
            return (
                session.scalar(
                    f"SELECT 1 FROM {tables.here().actions} WHERE hook = :hook AND args = :args"
                    " AND status IN ('complete', 'failed')"
                    " AND scheduled_date_gmt = :at LIMIT 1",
                    {
                        "hook": doorbells.HOOK,
                        "args": f"[{flow.flow_id}]",
                        "at": mysql(at),
                    },
                )
                is not None
            )

    def _administers(self, principal: Principal, flow: Flow) -> bool:
        try:
            self._access.row(principal, flow.agent_id, flow.user_id, ADMIN, FLOWS)
        except SidecarError as error:
            if error.status >= 500:
                raise
            return False
        return True
