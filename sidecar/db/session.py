"""One connection in one thread: statements, results, and errors of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pymysql
import pymysql.err
import sqlalchemy
from sqlalchemy import Executable
from sqlalchemy.exc import SQLAlchemyError

from sidecar.db import errors, statements
from sidecar.db.reflection import Reflection
from sidecar.db.servertime import ServerTime
from sidecar.errors import SidecarError

Row = dict[str, Any]


class Result:
    """A statement's outcome, read completely: rows as dictionaries in column order."""

    __slots__ = ("_rows", "lastrowid", "rowcount")

    def __init__(self, rows: list[Row], rowcount: int, lastrowid: int) -> None:
        self._rows = rows
        #: Rows matched by an UPDATE or DELETE (not only those changed), inserted by an INSERT.
        self.rowcount = rowcount
        #: The id an INSERT made, 0 when it made none.
        self.lastrowid = lastrowid

    def all(self) -> list[Row]:
        return self._rows

    def one(self) -> Row | None:
        """The first row, None when there is none."""
        return self._rows[0] if self._rows else None

    def scalar(self) -> Any:
        """The first column of the first row, None when there is no row."""
        return next(iter(self._rows[0].values())) if self._rows else None

    def column(self) -> list[Any]:
        """The first column of every row."""
        return [next(iter(row.values())) for row in self._rows]

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class Session:
    """Statements on one connection; made by :class:`sidecar.db.Database`, used in one thread.

    SQL text takes ``:name`` parameters; a list stands for the set of an IN (``id IN :ids``, no parentheses).
    Dates and times come back as text, as the server prints them; aware datetimes are written as UTC.
    """

    def __init__(
        self,
        connection: sqlalchemy.Connection,
        reflection: Reflection,
        retry: Callable[[Callable[[], Result]], Result],
        checkpoint: Callable[[], None],
        remaining: Callable[[], float | None],
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._connection = connection
        self._reflection = reflection
        self._retry = retry
        self._checkpoint = checkpoint
        #: Seconds a statement may take, None without a limit.
        self._remaining = remaining
        #: The time by the server's clock; no round trip.
        self.now = now
        self.in_transaction = False
        #: Why this transaction can only be rolled back, None while it can be committed.
        self.doomed: SidecarError | None = None

    # Statements

    def execute(self, statement: str | Executable, params: Mapping[str, Any] | None = None) -> Result:
        """Run one statement.

        Outside a transaction it is tried again after a deadlock or lock timeout; inside, only the whole
        transaction can be (:meth:`sidecar.db.Database.run`).
        """
        self._checkpoint()
        if self.doomed is not None:
            raise self.doomed
        if self.in_transaction:
            return self._run(statement, params)
        return self._retry(lambda: self._run(statement, params))

    def many(self, statement: str, params: Sequence[Mapping[str, Any]]) -> int:
        """Run one statement for each set of parameters, an INSERT as one with many rows; rows matched."""
        self._checkpoint()
        if not params:
            return 0
        with self._translated(), self._driver().cursor() as cursor:
            cursor.executemany(
                statements.driver_sql(statement), [statements.driver_params(each) for each in params]
            )
            return int(cursor.rowcount)

    def all(self, statement: str | Executable, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Every row."""
        return self.execute(statement, params).all()

    def one(self, statement: str | Executable, params: Mapping[str, Any] | None = None) -> Row | None:
        """The first row or None."""
        return self.execute(statement, params).one()

    def scalar(self, statement: str | Executable, params: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row or None."""
        return self.execute(statement, params).scalar()

    def column(self, statement: str | Executable, params: Mapping[str, Any] | None = None) -> list[Any]:
        """The first column of every row."""
        return self.execute(statement, params).column()

    def insert(self, table: str, values: Mapping[str, Any], *, ignore: bool = False) -> int:
        """Insert a row; its id, 0 when the table makes none or the row was ignored as a duplicate.

        NOT NULL columns without a default that an adopted table has and ``values`` lacks are filled.
        """
        return self.insert_result(table, values, ignore=ignore).lastrowid

    def insert_result(self, table: str, values: Mapping[str, Any], *, ignore: bool = False) -> Result:
        """As :meth:`insert`; ``rowcount`` 0 says that a duplicate was ignored.

        Only duplicates are ignored: INSERT IGNORE would also cut values that are too long.
        """
        complete = self._reflection.complete(self, table, values)
        names = list(complete)
        sql = (
            f"INSERT INTO {table} ({', '.join(f'`{name}`' for name in names)}) "
            f"VALUES ({', '.join(f':{name}' for name in names)})"
        )
        try:
            return self.execute(sql, complete)
        except errors.Duplicate:
            if not ignore:
                raise
            return Result([], 0, 0)
        except (errors.DatabaseError, errors.SchemaMissing) as error:
            if error.data.get("errno") in (errors.NO_DEFAULT, errors.UNKNOWN_COLUMN):
                self._reflection.forget(table)
            raise

    def update(self, table: str, values: Mapping[str, Any], where: Mapping[str, Any]) -> int:
        """``UPDATE table SET values WHERE every where equals``; rows matched. None means IS NULL there."""
        sets = ", ".join(f"`{name}` = :set_{name}" for name in values)
        conditions, bound = _conditions(where)
        return self.execute(
            f"UPDATE {table} SET {sets} WHERE {conditions}",
            {**{f"set_{name}": value for name, value in values.items()}, **bound},
        ).rowcount

    def delete(self, table: str, where: Mapping[str, Any]) -> int:
        """``DELETE FROM table WHERE every where equals``; rows deleted."""
        conditions, bound = _conditions(where)
        return self.execute(f"DELETE FROM {table} WHERE {conditions}", bound).rowcount

    # Inside the package

    def command(self, sql: str) -> None:
        """A statement of the session itself (transactions, variables): no retry, no checkpoint."""
        with self._translated(), self._driver().cursor() as cursor:
            cursor.execute(sql)

    def look_at(self, clock: ServerTime) -> None:
        """Let a clock be set by this connection's server, when it is time to."""
        with self._translated():
            clock.look(self._driver())

    def invalidate(self) -> None:
        """Throw the connection away: its state is not known any more."""
        if not self._connection.invalidated:
            self._connection.invalidate()

    def release(self) -> None:
        """Give the connection back to the pool."""
        self._connection.close()

    def _run(self, statement: str | Executable, params: Mapping[str, Any] | None) -> Result:
        with self._translated():
            if isinstance(statement, str):
                return self._run_text(statement, params)
            cursor = self._connection.execute(statement, dict(params or {}))
            if cursor.returns_rows:
                keys = tuple(cursor.keys())
                rows = [dict(zip(keys, row, strict=True)) for row in cursor.fetchall()]
                return Result(rows, cursor.rowcount, 0)
            return Result([], cursor.rowcount, cursor.lastrowid or 0)

    def _run_text(self, sql: str, params: Mapping[str, Any] | None) -> Result:
        # Straight to the driver: SQLAlchemy's result machinery costs a third of a point query.
        with self._driver().cursor() as cursor:
            text = statements.bounded(statements.driver_sql(sql), self._remaining())
            cursor.execute(text, statements.driver_params(params))
            if cursor.description is None:
                return Result([], cursor.rowcount, cursor.lastrowid or 0)
            keys = tuple(column[0] for column in cursor.description)
            rows = [dict(zip(keys, row, strict=True)) for row in cursor.fetchall()]
            return Result(rows, cursor.rowcount, 0)

    def _driver(self) -> pymysql.Connection[Any]:
        if self._connection.invalidated:
            raise errors.DatabaseUnavailable("The connection was lost earlier in this session.")
        driver: pymysql.Connection[Any] | None = self._connection.connection.driver_connection
        assert driver is not None
        return driver

    def _translated(self) -> _Translated:
        return _Translated(self)


class _Translated:
    """Turns the driver's errors into ours, and remembers when the server has ended the transaction."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, _traceback: Any) -> None:
        if not isinstance(error, pymysql.err.MySQLError | SQLAlchemyError | OSError):
            return
        translated = errors.translate(error)
        if isinstance(translated, errors.DatabaseUnavailable):
            self._session.invalidate()
        if self._session.in_transaction and isinstance(
            translated, errors.Contention | errors.DatabaseUnavailable | errors.StatementTimeout
        ):
            # InnoDB rolls back everything after a deadlock, only the statement after a lock timeout: treating
            # both alike keeps a transaction from being committed in part.
            self._session.doomed = translated
        # The driver's exception carries the statement and sometimes values: the chain ends here.
        raise translated from None


def _conditions(where: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    if not where:
        raise ValueError("An UPDATE or DELETE without conditions is not written this way.")
    parts: list[str] = []
    bound: dict[str, Any] = {}
    for name, value in where.items():
        if value is None:
            parts.append(f"`{name}` IS NULL")
        else:
            operator = "IN" if isinstance(value, list | tuple | set | frozenset) else "="
            parts.append(f"`{name}` {operator} :where_{name}")
            bound[f"where_{name}"] = value
    return " AND ".join(parts), bound
