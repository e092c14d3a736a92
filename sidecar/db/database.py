"""The database of one site, as the rest of the product uses it."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy
import sqlalchemy.exc

from sidecar import blog
from sidecar.db import errors
from sidecar.db.engine import LOCK_WAIT, create_engine
from sidecar.db.reflection import Reflection
from sidecar.db.servertime import ServerTime
from sidecar.db.session import Session
from sidecar.db.tables import Tables
from sidecar.errors import Internal

if TYPE_CHECKING:
    from sidecar.settings import DatabaseSettings

T = TypeVar("T")

#: How often contention is tried again before it is the caller's problem.
ATTEMPTS = 6

#: Only one thread of a process makes a pool. Not the database's own lock: after a fork nobody could say which
#: of several threads replaces it.
_making = threading.Lock()


def _forked() -> None:
    """The lock may have been held by a thread that does not exist in the child."""
    global _making
    _making = threading.Lock()


os.register_at_fork(after_in_child=_forked)


class OpenSession(Internal):
    """A session was open where it may not be: across a frame of the bridge."""

    code = "session_open_across_frame"


class Database:
    """Sessions and transactions on one site's database.

    A thread has at most one connection: a session or transaction opened inside another one joins it, so
    nothing can wait for a lock of its own caller. The pool is made on first use in a process and anew after
    a fork.
    """

    def __init__(self, settings: DatabaseSettings) -> None:
        self.settings = settings
        self.reflection = Reflection()
        self.time = ServerTime()
        #: Seconds the current call may still take, None without a limit; bounds waits for locks.
        self.budget: Callable[[], float | None] = _unlimited
        #: Seconds after which the server ends a transaction in which nothing is said any more; 0: its own.
        #: (MySQL has no such limit; there its rows are free when the connection's timeout ends.)
        self.idle_limit = 0
        #: Raises when the current call was cancelled; run before every statement.
        self.checkpoint: Callable[[], None] = _never
        self._tables: dict[int, Tables] = {}
        self._local = threading.local()
        self._engine: sqlalchemy.Engine | None = None
        self._pid = 0

    def tables(self, blog_id: int | None = None) -> Tables:
        """Full table names for a blog; without one, for the current (:mod:`sidecar.blog`)."""
        blog_id = blog.current() if blog_id is None else blog_id
        found = self._tables.get(blog_id)
        if found is None:
            found = self._tables[blog_id] = Tables(self.settings.prefix, blog_id)
        return found

    @property
    def engine(self) -> sqlalchemy.Engine:
        """This process's pool."""
        if self._engine is None or self._pid != os.getpid():
            with _making:
                if self._engine is None or self._pid != os.getpid():
                    if self._pid != os.getpid():
                        self._local = threading.local()
                    if self._engine is not None:
                        # The parent goes on using these connections: forget them, do not close them.
                        self._engine.dispose(close=False)
                    self._engine = create_engine(self.settings)
                    self._pid = os.getpid()
        return self._engine

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A connection for single statements, each committed by itself. Joins the thread's open session."""
        held = self._held()
        if held is not None:
            yield held
            return
        session = self._open()
        self._local.session = session
        try:
            yield session
        finally:
            self._local.session = None
            self._close(session)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction: committed at the end of the block, rolled back when it raises.

        Joins an open transaction; a joined block that raises dooms the whole one, even if the exception is
        caught further out. Keep it short, and send nothing over the bridge inside (refused).
        """
        with self.session() as session:
            if session.in_transaction:
                try:
                    yield session
                except BaseException as error:
                    session.doomed = session.doomed or errors.DatabaseError(
                        f"The transaction was rolled back: a part of it failed ({type(error).__name__})."
                    )
                    raise
                return
            session.command("START TRANSACTION")
            session.in_transaction = True
            try:
                yield session
            except BaseException:
                self._rollback(session)
                raise
            if session.doomed is not None:
                reason = session.doomed
                self._rollback(session)
                raise reason
            try:
                session.command("COMMIT")
            except BaseException:
                # Whether the server committed is not known; the connection is not used again.
                session.invalidate()
                raise
            finally:
                session.in_transaction = False

    def run(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` in a transaction, and again after a deadlock or lock timeout.

        ``work`` must have no effects outside the transaction.
        """
        held = self._held()
        if held is not None and held.in_transaction:
            return work(held)

        def attempt() -> T:
            with self.transaction() as session:
                return work(session)

        return self.retry(attempt)

    def retry(self, attempt: Callable[[], T]) -> T:
        """Call ``attempt`` until it meets no contention: the one place that decides how often."""
        budget = self.budget()
        end = None if budget is None else time.monotonic() + budget
        for number in range(1, 1000):
            try:
                return attempt()
            except errors.Contention:
                pause = random.uniform(0.5, 1.0) * min(0.25, 0.005 * 2**number)
                if number >= ATTEMPTS if end is None else time.monotonic() + pause >= end:
                    raise
            time.sleep(pause)
        raise AssertionError("unreachable")

    def assert_idle(self) -> None:
        """Raise :class:`OpenSession` when this thread has a connection; run before each frame of the bridge.

        The other side may wait for a lock of ours while we wait for its answer, which no database can see.
        """
        held = self._held()
        if held is not None:
            what = "transaction" if held.in_transaction else "session"
            raise OpenSession(f"A database {what} is open while the bridge is used; close it first.")

    def ping(self) -> str:
        """The server's version, from a real round trip."""
        with self.session() as session:
            return str(session.scalar("SELECT VERSION()"))

    def close(self) -> None:
        """Close the pool's idle connections."""
        if self._engine is not None and self._pid == os.getpid():
            self._engine.dispose()
        self._engine = None

    def _held(self) -> Session | None:
        if self._pid != os.getpid():
            return None
        return getattr(self._local, "session", None)

    def _open(self) -> Session:
        try:
            connection = self.engine.connect()
        except (sqlalchemy.exc.SQLAlchemyError, OSError) as error:
            raise errors.translate(error) from None
        # MariaDB bounds each statement to the millisecond; other servers the wait for a lock, to the second.
        exact = connection.info.get("mariadb", False)
        session = Session(
            connection,
            self.reflection,
            self.retry,
            self.checkpoint,
            self.budget if exact else _unlimited,
            now=self.time.now,
        )
        try:
            session.look_at(self.time)
            if not exact:
                self._bound_lock_wait(session, connection)
            elif self.idle_limit and connection.info.get("idle_limit") != self.idle_limit:
                self._limit_idle(session, connection)
        except BaseException:
            connection.close()
            raise
        return session

    def _bound_lock_wait(self, session: Session, connection: sqlalchemy.Connection) -> None:
        budget = self.budget()
        info = connection.info
        wanted = LOCK_WAIT
        if budget is not None and budget < LOCK_WAIT:
            wanted = max(int(budget), 1)
        if info.get("lock_wait") != wanted:
            session.command(f"SET SESSION innodb_lock_wait_timeout = {wanted}")
            info["lock_wait"] = wanted

    def _limit_idle(self, session: Session, connection: sqlalchemy.Connection) -> None:
        """For this connection, which may be older than the limit; servers before MariaDB 10.3 know none."""
        with suppress(errors.DatabaseError):
            session.command(f"SET SESSION idle_transaction_timeout = {self.idle_limit:d}")
        connection.info["idle_limit"] = self.idle_limit

    def _rollback(self, session: Session) -> None:
        try:
            session.command("ROLLBACK")
        except errors.DatabaseUnavailable:
            # The server rolls back a connection that is gone.
            session.invalidate()
        finally:
            session.in_transaction = False
            session.doomed = None

    def _close(self, session: Session) -> None:
        if session.in_transaction:
            self._rollback(session)
        session.release()


def _unlimited() -> float | None:
    return None


def _never() -> None:
    return None
