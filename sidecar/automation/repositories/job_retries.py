"""Which job goes on in the place of another: marks in the engine data of the old one."""

from __future__ import annotations

from datetime import timedelta

from sidecar.automation.engine.engine_data import decode
from sidecar.automation.steps.base import number
from sidecar.clock import SYSTEM, Clock, mysql
from sidecar.db import Database, Session, php_json
from sidecar.wordpress.dates import from_mysql

#: The job that was made, and (while it is made) since when.
SUCCESSOR = "retried_as"
UNDER_WAY = "retrying_since"
#: A retry that has not ended after this time died.
DEAD = timedelta(minutes=1)


class RetryMarks:
    """One retry of a job at a time, without holding a connection while it is made."""

    def __init__(self, db: Database, clock: Clock = SYSTEM) -> None:
        self._db = db
        self._clock = clock

    def begin(self, job_id: int) -> bool:
        """Mark that a retry is made; False while another one is."""
        return self._db.run(lambda session: self._begin(session, job_id))

    def end(self, job_id: int, successor: int | None) -> None:
        """Take the mark away; ``successor`` is the job that was made, None when none was."""

        def work(session: Session) -> None:
            document = self._document(session, job_id)
            document.pop(UNDER_WAY, None)
            if successor is not None:
                document[SUCCESSOR] = successor
            self._store(session, job_id, document)

        self._db.run(work)

    def successor(self, job_id: int) -> int:
        """The job that was made last, 0 for none."""
        with self._db.session() as session:
            text = session.scalar(f"SELECT engine_data FROM {self._table} WHERE job_id = :id", {"id": job_id})
        return number(decode(text).get(SUCCESSOR))

    def _begin(self, session: Session, job_id: int) -> bool:
        document = self._document(session, job_id)
        since = from_mysql(str(document.get(UNDER_WAY) or ""))
        now = self._clock.now()
        if since is not None and now - since < DEAD:
            return False
        document[UNDER_WAY] = mysql(now)
        self._store(session, job_id, document)
        return True

    @property
    def _table(self) -> str:
        return self._db.tables().jobs

    def _document(self, session: Session, job_id: int) -> dict[str, object]:
        return decode(
            session.scalar(
                f"SELECT engine_data FROM {self._table} WHERE job_id = :id FOR UPDATE", {"id": job_id}
            )
        )

    def _store(self, session: Session, job_id: int, document: dict[str, object]) -> None:
        session.update(self._table, {"engine_data": php_json.dumps(document)}, {"job_id": job_id})
