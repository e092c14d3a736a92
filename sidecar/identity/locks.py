"""One change of a slug at a time, over all processes of a site: named locks of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha1

from sidecar.db import Database, Session
from sidecar.errors import SidecarError, Unavailable

#: Seconds to wait for whoever changes the same slug.
PATIENCE = 10.0


class AgentBusy(Unavailable):
    """Somebody else is creating, renaming or deleting an agent of that slug."""

    code = "agent_busy"


def of_slug(slug: str) -> str:
    """What is locked to create, rename or delete an agent; slugs differ by more than case."""
    return f"slug:{slug.lower()}"


def of_owner(user_id: int) -> str:
    """What is locked to count a user's agents before another one is made."""
    return f"owner:{user_id}"


class NamedLocks:
    """``GET_LOCK`` in the thread's database session. The server frees them when their process dies.

    ``busy`` is what is raised when somebody keeps a name too long.
    """

    def __init__(self, db: Database, busy: SidecarError | None = None) -> None:
        self._db = db
        self._busy = busy or AgentBusy("Somebody else is changing an agent of that slug. Try again.")

    @contextmanager
    def hold(self, *names: str) -> Iterator[Session]:
        """A session that holds all the names; ``busy`` when somebody keeps one too long.

        Nothing may be sent over the bridge inside: it is an open session.
        """
        budget = self._db.budget()
        patience = PATIENCE if budget is None else min(PATIENCE, budget)
        with self._db.session() as session, ExitStack() as stack:
            # Always in the same order, so that two who want the same names never wait for each other.
            for name in sorted(names):
                if not self._get(session, name, patience):
                    raise self._busy
                stack.callback(self._release, session, name)
            yield session

    @contextmanager
    def try_hold(self, *names: str) -> Iterator[Session | None]:
        """As :meth:`hold` without waiting: None when somebody holds one of the names, and so is alive."""
        with self._db.session() as session, ExitStack() as stack:
            for name in sorted(names):
                if not self._get(session, name, 0):
                    yield None
                    return
                stack.callback(self._release, session, name)
            yield session

    def _get(self, session: Session, name: str, patience: float) -> bool:
        got = session.scalar(
            "SELECT GET_LOCK(:name, :patience)", {"name": self._full(name), "patience": patience}
        )
        return bool(got == 1)

    def _release(self, session: Session, name: str) -> None:
        # No ordinary statement: those are refused once the caller has gone, and the connection lives on.
        try:
            session.command(f"DO RELEASE_LOCK('{self._full(name)}')")
        except SidecarError:
            # The server frees what a connection holds when it goes.
            session.invalidate()

    def _full(self, name: str) -> str:
        # The server shares its names between all databases, and takes 64 characters.
        whole = "|".join((self._db.settings.name, self._db.tables().base_prefix, name))
        return f"dm_agent_{sha1(whole.encode()).hexdigest()}"
