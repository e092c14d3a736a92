"""Telling that a doorbell was stored: WordPress's listeners, and Action Scheduler's log."""

from __future__ import annotations

from datetime import datetime

from sidecar import hooks, queue
from sidecar.db import Database, Session
from sidecar.hooks import dispatch
from sidecar.host import context as hosts

STORED = "action_scheduler_stored_action"


class Announcement:
    """One doorbell's. Made before the transaction that stores it: WordPress may have to be asked."""

    def __init__(self) -> None:
        host = hosts.current()
        #: In a worker where nobody in WordPress listens, the line is ours and needs no commit of its own.
        self._ours = queue.current_run() is not None and host is not None and dispatch.silent(host, STORED)
        self._written = 0

    def write(self, session: Session, action_id: int, now: datetime) -> int:
        """In the transaction that stored it; its id."""
        if self._ours:
            queue.stored(session, action_id, now)
            self._written = action_id
        return action_id

    def tell(self, db: Database, action_id: int) -> None:
        """After the commit."""
        hooks.do_action(STORED, action_id)
        if action_id != self._written:
            with db.session() as session:
                queue.log(session, action_id, queue.CREATED)
