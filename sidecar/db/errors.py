"""What the database says, as errors of ours: a stable code, and no parameter values in the message."""

from __future__ import annotations

import re

import pymysql.err
import sqlalchemy.exc

from sidecar.errors import Conflict, DeadlineExceeded, Internal, InvalidInput, SidecarError, Unavailable


class DatabaseError(Internal):
    """A statement failed for a reason that is a defect of ours."""

    code = "database_error"


class DatabaseUnavailable(Unavailable):
    """The server does not answer, refused the connection or went away; the outcome of a write is unknown."""

    code = "database_unavailable"


class Contention(Unavailable):
    """Chosen as the victim of a deadlock, or waited too long for a lock; trying again is right."""

    code = "database_busy"


class StatementTimeout(DeadlineExceeded):
    """The statement would have taken longer than the call it serves may; it was rolled back."""

    code = "database_timeout"


class SchemaMissing(Unavailable):
    """A table or column is absent: ``datamachine migrate`` was not run."""

    code = "schema_missing"


class Duplicate(Conflict):
    """A unique key holds this value already; ``data["key"]`` names the key."""

    code = "duplicate_key"


class InvalidValue(InvalidInput):
    """A value does not fit its column (too long, out of range, not of its type)."""

    code = "invalid_value"


DEADLOCK = 1213
LOCK_WAIT_TIMEOUT = 1205
NO_DEFAULT = 1364
UNKNOWN_COLUMN = 1054

#: MariaDB's max_statement_time, MySQL's max_execution_time.
_TIMEOUT = {1969, 3024}
_CONTENTION = {LOCK_WAIT_TIMEOUT, DEADLOCK}
_GONE = {1040, 1042, 1043, 1053, 1077, 1079, 1080, 1129, 1203, 1226, 1927, 2000, 2002, 2003, 2006, 2013, 4031}
_DENIED = {1044, 1045, 1049, 1130, 1227, 1142}
_VALUE = {1048, 1264, 1265, 1292, 1366, 1406, 1411, 3140, 4025}
_TOO_LARGE = {1153, 1118, 1301}
_MISSING = {1146, UNKNOWN_COLUMN, 1176}
_DUPLICATE = {1062, 1586}
_KEY = re.compile(r"for key '(?:[^']*\.)?([^'.]+)'")
_QUOTED_VALUE = re.compile(r"(value|entry): ?'.*?'|(?<=Duplicate entry )'.*?'", re.DOTALL)


def error_number(error: BaseException) -> int:
    """The server's or client's error number, 0 when there is none."""
    inner = getattr(error, "orig", None) or error
    arguments = getattr(inner, "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else 0


def translate(error: Exception) -> SidecarError:
    """The error of ours for one of the driver's or SQLAlchemy's."""
    if isinstance(error, SidecarError):
        return error
    if isinstance(error, sqlalchemy.exc.TimeoutError):
        return DatabaseUnavailable(
            "Every database connection of this process is busy.", code="database_pool_exhausted"
        )
    inner = getattr(error, "orig", None) or error
    number = error_number(error)
    text = str(inner.args[1]) if len(inner.args) > 1 else str(inner)
    if number in _CONTENTION:
        return Contention(f"The database is busy ({number}): {text}", data={"errno": number})
    if number in _TIMEOUT:
        return StatementTimeout("The database did not answer within the time of this call.")
    if number in _GONE or (number == 0 and isinstance(inner, pymysql.err.InterfaceError | OSError)):
        return DatabaseUnavailable(f"The database does not answer ({number}).", data={"errno": number})
    if number in _DENIED:
        return DatabaseUnavailable(
            f"The database refuses us ({number}): {_without_values(text)}", code="database_denied"
        )
    if number in _DUPLICATE:
        found = _KEY.search(text)
        key = found.group(1) if found else ""
        return Duplicate(f"The unique key {key} holds this value already.", data={"key": key})
    if number in _VALUE:
        return InvalidValue(f"The database refuses a value: {_without_values(text)}", data={"errno": number})
    if number in _TOO_LARGE:
        return InvalidValue("The value is larger than the database accepts.", code="value_too_large")
    if number in _MISSING:
        return SchemaMissing(f"{text}. Run `datamachine migrate`.", data={"errno": number})
    return DatabaseError(f"A statement failed ({number}): {_without_values(text)}", data={"errno": number})


def _without_values(text: str) -> str:
    return _QUOTED_VALUE.sub("…", text)
