"""The connection pool of one process."""

from __future__ import annotations

import select
import ssl
import time
from typing import TYPE_CHECKING, Any

import pymysql
import sqlalchemy
import sqlalchemy.exc
from sqlalchemy import event

from sidecar.db.driver import Connection
from sidecar.db.statements import conversions

if TYPE_CHECKING:
    from sidecar.settings import DatabaseSettings

#: WordPress's own modes plus strictness: without it a value that is too long is cut silently, JSON above all.
#: Without NO_ZERO_DATE, because Action Scheduler's columns default to zero dates.
SQL_MODE = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
CONNECT_TIMEOUT = 5
#: Seconds a statement waits for a row lock; the retry of the session then tries again.
LOCK_WAIT = 5
#: Seconds to wait for a free connection of the pool.
POOL_TIMEOUT = 10
#: Seconds for which a connection that has just worked is not asked whether it lives: a request asks several
#: times in a row, and a round trip before each statement would double its time.
PROVEN = 0.1
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def create_engine(settings: DatabaseSettings) -> sqlalchemy.Engine:
    """An engine for this process: make it after the fork, never share it across one.

    Connections are in autocommit mode and READ COMMITTED (no stale snapshot, no gap locks), with WordPress's
    collation. ``settings.pool_size`` is the process's whole budget: there is no overflow.
    """
    engine = sqlalchemy.create_engine(
        sqlalchemy.URL.create("mysql+pymysql"),
        connect_args=connect_arguments(settings),
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT,
        pool_recycle=1800,
        # Sessions end their own transactions; a second ROLLBACK at check-in would cost a round trip.
        pool_reset_on_return=None,
        hide_parameters=True,
    )
    names = f"SET NAMES '{settings.charset}' COLLATE '{settings.collation}'"

    def prepare(connection: Any, record: Any) -> None:
        # After the dialect's own SET NAMES, which knows no collation.
        _prepare(connection, record, names)

    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "connect", prepare)
    event.listen(engine, "checkin", _returned)
    event.listen(engine, "checkout", _proven)
    return engine


def _connect(_dialect: Any, _record: Any, args: list[Any], keywords: dict[str, Any]) -> Connection:
    return Connection(*args, **keywords)


def _returned(_connection: Any, record: Any) -> None:
    record.info["returned"] = time.monotonic()


def _proven(connection: Any, record: Any, _proxy: Any) -> None:
    """Whether a connection still lives; one that is dead takes all older ones along.

    One that has just worked is only looked at: a server that hung up has left an end of file to read.
    """
    returned = record.info.get("returned")
    if returned is None:
        return
    try:
        if time.monotonic() - returned >= PROVEN:
            connection.ping(reconnect=False)
        elif connection._sock is None or _readable(connection._sock):
            raise ConnectionResetError("The server hung up.")
    except (pymysql.err.Error, OSError) as error:
        raise sqlalchemy.exc.InvalidatePoolError from error


def _readable(sock: Any) -> bool:
    # Not select(): a process with more than a thousand files open has none of its file numbers left.
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def connect_arguments(settings: DatabaseSettings) -> dict[str, Any]:
    """PyMySQL's arguments: who, where, TLS."""
    arguments: dict[str, Any] = {
        "user": settings.user,
        "password": settings.password,
        "database": settings.name,
        "charset": settings.charset,
        "connect_timeout": CONNECT_TIMEOUT,
        "conv": conversions(),
        "init_command": (f"SET SESSION sql_mode='{SQL_MODE}', SESSION innodb_lock_wait_timeout={LOCK_WAIT}"),
    }
    if settings.socket:
        # Building a TLS context costs 20 ms a connect, and a Unix socket needs none.
        return {**arguments, "unix_socket": settings.socket, "ssl_disabled": True}
    arguments |= {"host": settings.host, "port": settings.port}
    if settings.ssl is not None:
        arguments["ssl"] = _tls(settings)
    elif settings.host in _LOOPBACK:
        arguments["ssl_disabled"] = True
    return arguments


def _tls(settings: DatabaseSettings) -> ssl.SSLContext:
    """One context for all connections of the pool."""
    wanted = settings.ssl
    assert wanted is not None
    context = ssl.create_default_context(cafile=wanted.ca)
    if not wanted.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if wanted.cert:
        context.load_cert_chain(wanted.cert, wanted.key)
    return context


def _prepare(connection: Any, record: Any, names: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"{names}, SESSION sql_mode = '{SQL_MODE}', SESSION innodb_lock_wait_timeout = {LOCK_WAIT}"
        )
        cursor.execute("SHOW VARIABLES WHERE Variable_name IN ('log_bin', 'binlog_format', 'version')")
        said = {str(name): str(value).upper() for name, value in cursor.fetchall()}
        record.info["mariadb"] = "MARIADB" in said.get("version", "")
        record.info["lock_wait"] = LOCK_WAIT
        # A server that writes statements to its binary log refuses writes under READ COMMITTED (error 1665).
        if not (said.get("log_bin") == "ON" and said.get("binlog_format") == "STATEMENT"):
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
