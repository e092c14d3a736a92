"""Agents of single blogs move into the network's table; whoever was named by a row still is."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sidecar.db import Session
from tests import schemas
from tests.schemas import rows

if TYPE_CHECKING:
    from .conftest import Tables

ADMIN = 1
GONE = 77
#: Who owns the agents 1, 2 and 3 of the second site, by login.
OWNERS = {1: "bob", 2: "admin", 3: "bob"}
SLUGS = {1: "ann", 2: "admin", 3: "own"}


@pytest.fixture(scope="module")
def sites(network: Tables) -> Tables:
    """A network of two sites."""
    network.instance.wp("site", "create", "--slug=second")
    return network


@pytest.fixture
def apart(sites: Tables) -> Tables:
    """Two sites with agents of their own."""
    prepare(sites)
    return sites


def prepare(sites: Tables, generation: str = schemas.SEED) -> None:
    """Agents and their rows as the first versions kept them; the main site's tables are of ``generation``."""
    sites.drop()
    people = {"admin": ADMIN, **{name: rows.user(sites.database, name) for name in ("ann", "bob")}}
    for blog in (1, 2):
        schemas.apply(sites.database, schemas.SEED, blog=blog)
        rows.work(sites.database, [0, 0, 0, 0, 0], blog=blog)
    with sites.database.session() as session:
        for kind in ("agents", "agent_access", "agent_tokens"):
            session.execute(f"CREATE TABLE wp_2_datamachine_{kind} LIKE wp_datamachine_{kind}")
        session.execute(
            "ALTER TABLE wp_2_datamachine_agents DROP KEY site_scope, DROP COLUMN site_scope,"
            " ADD COLUMN status varchar(20) NOT NULL DEFAULT 'active'"
        )
    if generation != schemas.SEED:
        schemas.apply(sites.database, generation, blog=1)
    with sites.database.session() as session:
        for slug, owner in (("admin", "admin"), ("ann", "ann"), ("third", "ann"), ("fourth", "ann")):
            _agent(session, "wp_", slug, people[owner])
        for number, slug in SLUGS.items():
            _agent(session, "wp_2_", slug, people[OWNERS[number]])
            session.insert(
                "wp_2_datamachine_agent_access",
                {
                    "agent_id": number,
                    "user_id": people["ann"],
                    "role": "operator",
                    "granted_at": rows.LONG_AGO,
                },
            )
            session.insert(
                "wp_2_datamachine_agent_tokens",
                {
                    "agent_id": number,
                    "token_hash": str(number) * 64,
                    "token_prefix": "datamachine_",
                    "label": slug,
                    "created_at": rows.LONG_AGO,
                },
            )
        # One row an agent, then one of an agent that was deleted; the fifth is nobody's.
        for table, key in (
            ("pipelines", "pipeline_id"),
            ("flows", "flow_id"),
            ("logs", "id"),
            ("jobs", "job_id"),
        ):
            extra = ", updated_at = updated_at, portable_slug = 'daily'" if table == "pipelines" else ""
            session.execute(
                f"UPDATE wp_2_datamachine_{table} SET agent_id = CASE WHEN {key} < 4 THEN {key}"
                f" WHEN {key} = 4 THEN {GONE} END{extra}"
            )
        session.execute(
            "UPDATE wp_2_datamachine_chat_sessions SET agent_id = 3, updated_at = updated_at"
            " WHERE session_id = 'session-3'"
        )
    folder = _folder(sites)
    shutil.rmtree(folder, ignore_errors=True)
    for slug in ("ann", "own"):
        (folder / slug).mkdir(parents=True)
        (folder / slug / "MEMORY.md").write_text(f"What {slug} remembers.")


def _agent(session: Session, prefix: str, slug: str, owner: int) -> None:
    session.insert(
        f"{prefix}datamachine_agents",
        {
            "agent_slug": slug,
            "agent_name": f"{slug} of {prefix}",
            "owner_id": owner,
            "agent_config": f'{{"description":"{prefix}{slug}"}}',
            "created_at": rows.LONG_AGO,
            "updated_at": rows.LONG_AGO,
        },
    )


def _folder(tables: Tables) -> Path:
    return tables.instance.path / "wp-content/uploads/sites/2/datamachine-files/agents"


def sql(tables: Tables, statement: str) -> list[dict[str, Any]]:
    with tables.database.session() as session:
        return session.all(statement)


def state(tables: Tables) -> dict[str, Any]:
    """All that counts, with agents by their slugs instead of ids."""
    found: dict[str, Any] = {
        "agents": sql(
            tables,
            "SELECT a.agent_slug, a.agent_name, u.user_login, a.site_scope, a.agent_config, a.updated_at "
            "FROM wp_datamachine_agents a JOIN wp_users u ON u.ID = a.owner_id ORDER BY a.agent_slug",
        ),
        "grants": sql(
            tables,
            "SELECT a.agent_slug, u.user_login, x.role FROM wp_datamachine_agent_access x "
            "JOIN wp_datamachine_agents a ON a.agent_id = x.agent_id JOIN wp_users u ON u.ID = x.user_id "
            "ORDER BY 1, 2",
        ),
        "tokens": sql(
            tables,
            "SELECT a.agent_slug, t.label, LEFT(t.token_hash, 1) AS hash FROM wp_datamachine_agent_tokens t "
            "JOIN wp_datamachine_agents a ON a.agent_id = t.agent_id ORDER BY t.token_hash",
        ),
        "folders": sorted(
            str(path.relative_to(_folder(tables))) + ": " + path.read_text()
            for path in _folder(tables).rglob("*.md")
        ),
    }
    for table, key in (
        ("pipelines", "pipeline_id"),
        ("flows", "flow_id"),
        ("jobs", "job_id"),
        ("logs", "id"),
        ("chat_sessions", "session_id"),
    ):
        found[table] = [
            (row["k"], row["s"], row["named"])
            for row in sql(
                tables,
                f"SELECT t.{key} AS k, a.agent_slug AS s, t.agent_id IS NOT NULL AS named "
                f"FROM wp_2_datamachine_{table} t "
                f"LEFT JOIN wp_datamachine_agents a ON a.agent_id = t.agent_id ORDER BY t.{key}",
            )
        ]
    return found


@pytest.mark.parametrize("generation", schemas.ADOPTED)
def test_rows_keep_naming_whom_they_named(sites: Tables, generation: str) -> None:
    apart = sites
    prepare(apart, generation)
    old = {
        name: sql(apart, f"SELECT * FROM {name}")
        for name in apart.names()
        if "wp_2_datamachine_agent" in name
    }
    report = apart.migrate()
    found = state(apart)
    agents = {row["agent_slug"]: row for row in found["agents"]}
    # The second site's "ann" is Bob's: it moved beside Ann's own. The administrator's two are one.
    assert {slug: (row["user_login"], row["site_scope"]) for slug, row in agents.items()} == {
        "admin": ("admin", None),
        "ann": ("ann", 1),
        "ann-2": ("bob", 2),
        "fourth": ("ann", 1),
        "own": ("bob", 2),
        "third": ("ann", 1),
    }
    assert agents["ann-2"]["agent_config"] == '{"description":"wp_2_ann"}'
    assert {row["updated_at"] for row in found["agents"]} == {rows.LONG_AGO}
    for table in ("pipelines", "flows", "logs"):
        assert found[table] == [
            (1, "ann-2", 1),
            (2, "admin", 1),
            (3, "own", 1),
            (4, None, 1),
            (5, None, 0),
        ], table
    assert found["jobs"][:5] == found["flows"]
    assert found["chat_sessions"][2] == ("session-3", "own", 1)
    assert {row["updated_at"] for row in sql(apart, "SELECT updated_at FROM wp_2_datamachine_pipelines")} == {
        rows.LONG_AGO
    }
    # What named a deleted agent names nobody: never an agent that has the number now.
    gone = sql(apart, "SELECT agent_id FROM wp_2_datamachine_flows WHERE flow_id = 4")[0]["agent_id"]
    assert gone > max(row["agent_id"] for row in sql(apart, "SELECT agent_id FROM wp_datamachine_agents"))
    assert [(row["agent_slug"], row["label"]) for row in found["tokens"]] == [
        ("ann-2", "ann"),
        ("admin", "admin"),
        ("own", "own"),
    ]
    roles = {(row["agent_slug"], row["user_login"]): row["role"] for row in found["grants"]}
    assert roles["ann-2", "ann"] == "operator"
    assert roles["ann-2", "bob"] == "admin"
    assert found["folders"] == ["ann-2/MEMORY.md: What ann remembers.", "own/MEMORY.md: What own remembers."]
    assert {name: sql(apart, f"SELECT * FROM {name}") for name in old} == old, "the old tables stay"
    moved = next(step.counts for step in report.steps if step.name == "agents_network")
    assert moved["agents"] == 2
    assert moved["agents joined"] == 1
    assert moved["directories renamed"] == 1


def test_it_is_done_once(apart: Tables) -> None:
    apart.migrate()
    assert sql(
        apart, "SELECT meta_value FROM wp_sitemeta WHERE meta_key = 'datamachine_agents_network_migrated'"
    ) == [{"meta_value": "1"}]
    before = state(apart)
    assert not apart.migrate().changed
    assert state(apart) == before


def test_where_data_machine_has_moved_them_nothing_is_touched(apart: Tables) -> None:
    with apart.database.session() as session:
        session.insert(
            "wp_sitemeta",
            {"site_id": 1, "meta_key": "datamachine_agents_network_migrated", "meta_value": "1"},
        )
    before = state(apart)
    report = apart.migrate()
    assert "agents_network" not in [step.name for step in report.steps]
    assert state(apart)["agents"] == before["agents"]
    assert state(apart)["flows"] == before["flows"]


class Crash(BaseException):
    """The process is gone: nothing after it runs."""


def test_interrupted_after_any_statement_it_comes_to_the_same_end(
    apart: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart.migrate()
    expected = state(apart)
    prepare(apart)
    left = [0]
    execute = Session.execute

    def counting(self: Session, statement: Any, params: Any = None) -> Any:
        if str(statement).startswith(("INSERT", "UPDATE", "DELETE")):
            left[0] -= 1
            if left[0] < 0:
                raise Crash
        return execute(self, statement, params)

    monkeypatch.setattr(Session, "execute", counting)
    crashes = 0
    for writes in range(1, 200):
        left[0] = writes
        try:
            apart.migrate()
        except Crash:
            crashes += 1
            continue
        break
    monkeypatch.undo()
    assert crashes > 5
    assert not apart.migrate().changed
    assert state(apart) == expected
