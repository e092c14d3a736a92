"""Transients of ours, written without a WordPress process where nobody in one would notice."""

from __future__ import annotations

from typing import Any

from sidecar.db import Database, Session, php_serialize
from sidecar.hooks import dispatch
from sidecar.host import LazyUnit, context
from sidecar.host.context import WordPressHost


class Transients:
    """``set_transient()`` for transients whose names share a beginning.

    WordPress keeps a transient in two rows of its options unless an object cache is in use, and tells
    listeners of each. Whether there is a cache or a listener is asked of a process once; where there is
    neither, and no process is open anyway, the rows are written as WordPress writes them.
    """

    def __init__(self, db: Database, prefix: str) -> None:
        """``prefix``: how the names begin; one of the product's own, without characters LIKE knows."""
        self._db = db
        self._prefix = prefix

    def set(self, name: str, value: Any, seconds: int) -> None:
        """Keep ``value`` as ``prefix + name`` for so many seconds, in the WordPress of the running call.

        Does nothing where there is none. Raises what the database and the host raise.
        """
        host = context.current()
        if host is None:
            return
        full = self._prefix + name
        if self._unnoticed(host):
            with self._db.session() as session:
                self._write(session, full, value, seconds)
        else:
            host.set_transient(full, value, seconds)

    def _unnoticed(self, host: WordPressHost) -> bool:
        if not isinstance(host, LazyUnit) or host.opened:
            return False
        # Remembered as who listens to a hook is, and forgotten with it: plugins decide both.
        question = f"transient:{self._prefix}"
        watched = dispatch.listeners.known(host.context, question)
        if watched is None:
            watched = host.call("transient.watched", {"prefix": self._prefix}) is True
            dispatch.listeners.learn(host.context, question, host.generation, watched)
        return not watched and not host.opened

    def _write(self, session: Session, name: str, value: Any, seconds: int) -> None:
        options = self._db.tables().options
        given = {
            "name": f"_transient_{name}",
            "value": php_serialize.maybe_dumps(value),
            "timeout": f"_transient_timeout_{name}",
            "until": str(int(session.now().timestamp()) + seconds),
        }
        changed = session.execute(
            f"UPDATE {options} SET option_value = IF(option_name = :name, :value, :until)"
            " WHERE option_name IN (:name, :timeout)",
            given,
        ).rowcount
        if changed < 2:
            # Only for the first: an INSERT that becomes an UPDATE uses up an id each time.
            session.execute(
                f"INSERT INTO {options} (option_name, option_value, autoload)"
                " VALUES (:timeout, :until, 'off'), (:name, :value, 'off')"
                " ON DUPLICATE KEY UPDATE option_value = VALUES(option_value), autoload = VALUES(autoload)",
                given,
            )
