"""Which rows a listing shows: the same answer for one row and for SQL."""

from __future__ import annotations

import sqlite3

import pytest

from sidecar.identity import Scope, requested_agent
from sidecar.identity.scope import EVERYTHING, NOTHING

ROWS = [(None, 0), (None, 4), (None, 5), (0, 0), (0, 5), (2, 0), (2, 4), (3, 4), (9, 9)]
SCOPES = [
    EVERYTHING,
    NOTHING,
    Scope(agent_ids=(2,)),
    Scope(agent_ids=(2, 3), unscoped_of=4),
    Scope(unscoped_of=0),
    Scope(unscoped_of=5),
]


def _select(scope: Scope, alias: str) -> set[tuple[int | None, int]]:
    text, params = scope.condition(alias)
    for name, value in params.items():
        # Lists expand in the product's sessions; here by hand.
        text = text.replace(f":{name}", f"({','.join(map(str, value))})")
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE jobs (agent_id, user_id)")
    database.executemany("INSERT INTO jobs VALUES (?, ?)", ROWS)
    found = database.execute(f"SELECT agent_id, user_id FROM jobs {alias} WHERE {text}").fetchall()
    return set(found)


@pytest.mark.parametrize("alias", ["", "j"])
@pytest.mark.parametrize("scope", SCOPES)
def test_sql_and_python_agree(scope: Scope, alias: str) -> None:
    assert _select(scope, alias) == {row for row in ROWS if scope.includes(*row)}


def test_what_the_scopes_of_interest_hold() -> None:
    assert _select(NOTHING, "") == set()
    assert _select(Scope(agent_ids=(2, 3), unscoped_of=4), "") == {
        (None, 0), (None, 4), (0, 0), (2, 0), (2, 4), (3, 4),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (None, None), ("", None), ("2", 2), (2, 2), ("2abc", 2), ("abc", 0), ("0", 0), ("-2", 0), (-2, 0),
        ("٢", 0), (" 7 ", 7), ("9" * 30, 0), (["2"], 0), ({"a": 1}, 0), (True, 1), ("1e3", 1),
    ],
)  # fmt: skip
def test_the_agent_a_request_names(given: object, meant: int | None) -> None:
    assert requested_agent(given) == meant
