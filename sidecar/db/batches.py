"""Changing many rows a few at a time: bounded memory, short locks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sidecar.db.shape import Shape
    from sidecar.db.steps import Counts, Work


def ranges(work: Work, table: str, key: str) -> Iterator[tuple[Any, Any]]:
    """Primary keys in order, as ``(after, up to)`` pairs of at most ``work.batch`` rows.

    The first ``after`` is None. Rows that are added meanwhile are left out.
    """
    with work.database.session() as session:
        last = session.scalar(f"SELECT MAX({key}) FROM {table}")
    after: Any = None
    while last is not None:
        condition = "" if after is None else f"WHERE {key} > :after"
        with work.database.session() as session:
            upto = session.scalar(
                f"SELECT {key} FROM {table} {condition} ORDER BY {key} LIMIT 1 OFFSET {work.batch - 1}",
                {"after": after},
            )
        if upto is None or (isinstance(upto, int) and upto >= last):
            yield after, last
            return
        yield after, upto
        after = upto


def between(key: str, after: Any) -> str:
    """The condition of one of :func:`ranges`, with the parameters ``after`` and ``upto``."""
    return f"{key} <= :upto" if after is None else f"{key} > :after AND {key} <= :upto"


def untouched(found: Shape) -> str:
    """What an UPDATE adds to its SET so that columns with ON UPDATE keep their value."""
    return "".join(f", {column} = {column}" for column in found.touched)


def summed(counts: Counts) -> Counts:
    """Without zeros, so that a report says what happened."""
    return {name: number for name, number in counts.items() if number}
