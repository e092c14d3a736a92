"""SQL text with ``:name`` parameters, as repositories write it, in the driver's spelling."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from pymysql import converters
from pymysql.constants import FIELD_TYPE

_TOKEN = re.compile(
    r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`[^`]*`|(?<![:\w]):([A-Za-z_]\w*)|%""", re.DOTALL
)


_BOUNDED = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
#: Part of a call's remaining time a statement may take. One that got its lock through the COMMIT of a caller
#: that had just given up would write behind that caller's back.
SHARE = 0.75
_COLLECTIONS = (list, tuple, set, frozenset)


class Members(tuple[Any, ...]):
    """The set on the right of an IN; a type of its own, because drivers differ about plain tuples."""

    __slots__ = ()


@lru_cache(maxsize=1024)
def driver_sql(sql: str) -> str:
    """``:name`` becomes ``%(name)s`` outside quotes; every other ``%`` is doubled."""
    return _TOKEN.sub(_replace, sql)


def _replace(match: re.Match[str]) -> str:
    name = match.group(1)
    return f"%({name})s" if name else match.group(0).replace("%", "%%")


def bounded(sql: str, seconds: float | None) -> str:
    """``sql`` for MariaDB, ending with an error before ``seconds`` are over: waiting for locks counts too."""
    if seconds is None or not _BOUNDED.match(sql):
        return sql
    return f"SET STATEMENT max_statement_time={max(seconds * SHARE, 0.001):.3f} FOR {sql}"


def driver_params(params: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Parameters for :func:`driver_sql`: a list is the set of an IN, without parentheses in the statement."""
    if not params:
        return {}
    if any(isinstance(value, _COLLECTIONS) for value in params.values()):
        return {
            name: Members(value) if isinstance(value, _COLLECTIONS) else value
            for name, value in params.items()
        }
    return params


def conversions() -> dict[Any, Any]:
    """The driver's conversions, with dates and times as the text the server sends.

    Text is what ``$wpdb`` gives PHP, so that columns are compared and printed alike in both languages, and a
    zero date (``0000-00-00 00:00:00``) is a value like any other.
    """
    table: dict[Any, Any] = dict(converters.conversions)
    for kind in (FIELD_TYPE.DATE, FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP, FIELD_TYPE.TIME):
        table.pop(kind, None)
    table[datetime] = _quote_datetime
    table[date] = _quote_date
    table[Members] = _quote_members
    return table


def _quote_datetime(value: datetime, _mapping: Any = None) -> str:
    moment = value.astimezone(UTC) if value.tzinfo else value
    return f"'{moment:%Y-%m-%d %H:%M:%S}{f'.{moment.microsecond:06d}' if moment.microsecond else ''}'"


def _quote_date(value: date, _mapping: Any = None) -> str:
    return f"'{value:%Y-%m-%d}'"


def _quote_members(value: Members, mapping: Any = None) -> str:
    if not value:
        # A sub-select without rows: IN holds for no row, NOT IN for every row.
        return "(SELECT NULL FROM DUAL WHERE FALSE)"
    return f"({','.join(str(converters.escape_item(item, 'utf8mb4', mapping)) for item in value)})"
