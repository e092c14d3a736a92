"""Rows for those tables, as sites have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sidecar.db import Database

#: A user id that no account has.
GHOST = 9_999
#: Before any test runs: a row that was touched has another ``updated_at``.
LONG_AGO = "2020-02-02 02:02:02"
_DIGITS = "(SELECT 0 d" + "".join(f" UNION ALL SELECT {digit}" for digit in range(1, 10)) + ")"
_NUMBERS = (
    "(SELECT a.d + 10*b.d + 100*c.d + 1000*e.d + 10000*f.d + 100000*g.d + 1 AS n FROM "
    + ", ".join(f"{_DIGITS} {name}" for name in "abcefg")
    + ")"
)


def user(database: Database, login: str, display_name: str = "") -> int:
    """An account without any role; the id of the one of that login when there is one."""
    users = database.tables().users
    with database.session() as session:
        found = session.scalar(f"SELECT ID FROM {users} WHERE user_login = :login", {"login": login})
        return (
            int(found)
            if found
            else session.insert(
                users,
                {
                    "user_login": login,
                    "user_pass": "",
                    "user_nicename": login.replace(".", "-"),
                    "user_email": f"{login}@example.org",
                    "display_name": display_name,
                    "user_registered": LONG_AGO,
                },
            )
        )


def work(database: Database, users: Sequence[int], *, jobs: int = 10, blog: int | None = None) -> None:
    """A pipeline, a flow, a conversation and a log entry for each user, and ``jobs`` jobs in turn.

    Works on tables of every generation: only columns that the first had are given.
    """
    names = database.tables(blog)
    rows: dict[str, list[dict[str, Any]]] = {"pipelines": [], "flows": [], "chat_sessions": [], "logs": []}
    for number, owner in enumerate(users, 1):
        rows["pipelines"].append(
            {
                "pipeline_id": number,
                "user_id": owner,
                "pipeline_name": f"Pipeline {number}",
                "pipeline_config": "{}",
                "created_at": LONG_AGO,
                "updated_at": LONG_AGO,
            }
        )
        rows["flows"].append(
            {
                "flow_id": number,
                "pipeline_id": number,
                "user_id": owner,
                "flow_name": f"Flow {number}",
                "flow_config": "{}",
                "scheduling_config": "{}",
            }
        )
        rows["chat_sessions"].append(
            {
                "session_id": f"session-{number}",
                "user_id": owner,
                "messages": "[]",
                "created_at": LONG_AGO,
                "updated_at": LONG_AGO,
            }
        )
        rows["logs"].append(
            {"id": number, "user_id": owner or None, "message": f"Entry {number}", "created_at": LONG_AGO}
        )
    with database.session() as session:
        for table, each in rows.items():
            for row in each:
                session.insert(names.name(f"datamachine_{table}"), row)
        choice = " ".join(f"WHEN {index} THEN {owner}" for index, owner in enumerate(users))
        session.execute(
            f"INSERT INTO {names.jobs} (job_id, user_id, flow_id, status, engine_data, created_at) "
            f"SELECT n, CASE n % {len(users)} {choice} END, n % {len(users)} + 1, 'completed', "
            f"CONCAT('{{\"job\":{{\"job_id\":', n, '}}}}'), '{LONG_AGO}' FROM {_NUMBERS} numbers "
            "WHERE n <= :jobs",
            {"jobs": jobs},
        )
