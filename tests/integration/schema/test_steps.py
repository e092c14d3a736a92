"""What ``datamachine migrate`` does to rows: to which, to which not, and only once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests import schemas
from tests.schemas import rows

from .conftest import without_our_keys

if TYPE_CHECKING:
    from .conftest import Tables

ADMIN = 1
ROWS = ("pipelines", "flows", "jobs", "chat_sessions", "logs")


@pytest.fixture
def people(tables: Tables) -> list[int]:
    """The administrator, two more users, nobody, and one whose account is gone."""
    ann = rows.user(tables.database, "ann.lee", "Ann Lee")
    bob = rows.user(tables.database, "bob")
    return [ADMIN, ann, bob, 0, rows.GHOST]


@pytest.fixture
def early(tables: Tables, people: list[int]) -> Tables:
    """A site from before there were agents."""
    schemas.apply(tables.database, schemas.PRE_AGENT)
    rows.work(tables.database, people)
    return tables


def sql(tables: Tables, statement: str, **params: Any) -> list[dict[str, Any]]:
    with tables.database.session() as session:
        return session.all(statement, params)


def agents(tables: Tables) -> dict[str, dict[str, Any]]:
    return {row["agent_slug"]: row for row in sql(tables, "SELECT * FROM wp_datamachine_agents")}


def owners(tables: Tables, table: str) -> dict[int | None, int | None]:
    """Who owns the agent of a user's rows, by user."""
    found = sql(
        tables,
        f"SELECT DISTINCT t.user_id AS user, a.owner_id AS owner FROM wp_datamachine_{table} t "
        "LEFT JOIN wp_datamachine_agents a ON a.agent_id = t.agent_id",
    )
    answer = {row["user"]: row["owner"] for row in found}
    assert len(answer) == len(found), "one agent a user"
    return answer


def everything(tables: Tables) -> dict[str, list[dict[str, Any]]]:
    """Every row of Data Machine's tables."""
    return {
        name: sql(tables, f"SELECT * FROM {name} ORDER BY 1")
        for name in tables.names()
        if "actionscheduler" not in name and "bridge" not in name
    }


def counts(report: Any) -> dict[str, dict[str, int]]:
    return {step.name: step.counts for step in report.steps}


def test_rows_of_a_user_go_to_the_agent_of_that_user(early: Tables, people: list[int]) -> None:
    _admin, ann, bob, *_ = people
    report = early.migrate()
    assert counts(report)["agent_ids"] == {
        "pipelines": 3,
        "flows": 3,
        "jobs": 6,
        "chat sessions": 3,
        "logs": 3,
        "agents created": 3,
        "grants": 3,
    }
    found = agents(early)
    assert {slug: row["owner_id"] for slug, row in found.items()} == {
        "admin": ADMIN,
        "ann-lee": ann,
        "bob": bob,
    }
    assert (found["ann-lee"]["agent_name"], found["bob"]["agent_name"]) == ("Ann Lee", "bob")
    assert found["admin"]["site_scope"] is None
    for table in ROWS:
        mine = owners(early, table)
        assert mine.pop(ADMIN) == ADMIN
        assert mine.pop(ann) == ann
        assert mine.pop(bob) == bob
        assert set(mine.values()) == {None}, f"{table}: nobody's rows stay unscoped"
        assert rows.GHOST in mine
    grants = sql(early, "SELECT user_id, role FROM wp_datamachine_agent_access ORDER BY user_id")
    assert grants == [{"user_id": user, "role": "admin"} for user in sorted([ADMIN, ann, bob])]


def test_no_row_looks_touched_and_nothing_is_lost(early: Tables) -> None:
    before = everything(early)
    early.migrate()
    after = everything(early)
    for name, were in before.items():
        known = list(were[0]) if were else []
        assert [{column: row[column] for column in known} for row in after[name]] == were, name
    assert {row["updated_at"] for row in after["wp_datamachine_pipelines"]} == {rows.LONG_AGO}
    assert {row["updated_at"] for row in after["wp_datamachine_chat_sessions"]} == {rows.LONG_AGO}


def test_the_tables_come_out_with_every_column_and_key(early: Tables) -> None:
    altered = [text for text in early.migrate().statements if text.startswith("ALTER TABLE")]
    assert len(altered) == 6
    assert all(text.endswith("LOCK=NONE") for text in altered), "writers are not kept waiting"
    migrated = {name: _parts(ddl) for name, ddl in early.ddl().items()}
    early.drop()
    early.migrate()
    assert migrated == {name: _parts(ddl) for name, ddl in early.ddl().items()}


def test_a_table_that_cannot_be_altered_online_is_altered_all_the_same(early: Tables) -> None:
    with early.database.session() as session:
        session.execute("ALTER TABLE wp_datamachine_flows ENGINE=MyISAM")
    altered = [
        text for text in early.migrate().statements if text.startswith("ALTER TABLE wp_datamachine_flows")
    ]
    assert len(altered) == 1
    assert "LOCK=NONE" not in altered[0]
    assert owners(early, "flows")[ADMIN] == ADMIN


def test_a_site_from_before_there_were_users_of_rows(early: Tables) -> None:
    with early.database.session() as session:
        for table in ("pipelines", "flows", "jobs", "logs"):
            key = ", DROP KEY user_id" if table != "logs" else ""
            session.execute(f"ALTER TABLE wp_datamachine_{table} DROP COLUMN user_id{key}")
    told = early.migrate(dry_run=True)
    assert counts(told)["agent_ids"] == {"chat sessions": 3, "agents created": 3}
    with early.database.session() as session:
        session.execute("DELETE FROM wp_datamachine_chat_sessions")
    early.migrate()
    assert {row["user_id"] for row in sql(early, "SELECT user_id FROM wp_datamachine_jobs")} == {0}
    made = agents(early)
    assert list(made) == ["admin"], "rows of nobody make no agent but the default one"
    assert {row["agent_id"] for row in sql(early, "SELECT agent_id FROM wp_datamachine_jobs")} == {
        made["admin"]["agent_id"]
    }


def test_the_first_table_of_agents_is_adopted_with_what_only_it_has(early: Tables) -> None:
    with early.database.session() as session:
        session.execute(
            "CREATE TABLE wp_datamachine_agents (agent_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,"
            " agent_slug varchar(200) NOT NULL, agent_name varchar(200) NOT NULL,"
            " owner_id bigint(20) unsigned NOT NULL, agent_config longtext DEFAULT NULL,"
            " status varchar(20) NOT NULL DEFAULT 'active',"
            " created_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,"
            " updated_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,"
            " PRIMARY KEY (agent_id), UNIQUE KEY agent_slug (agent_slug), KEY owner_id (owner_id),"
            " KEY status (status)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci"
        )
        session.insert(
            "wp_datamachine_agents",
            {"agent_slug": "mine", "agent_name": "Mine", "owner_id": ADMIN, "status": "paused"},
        )
    report = early.migrate()
    assert "wp_datamachine_agents.site_scope" in report.columns
    assert "wp_datamachine_agents.site_scope" in report.indexes
    mine = agents(early)["mine"]
    assert (mine["status"], mine["site_scope"]) == ("paused", None)
    assert owners(early, "jobs")[ADMIN] == ADMIN


def test_a_second_run_changes_nothing(early: Tables) -> None:
    early.migrate()
    before = everything(early)
    assert not early.migrate().changed
    assert everything(early) == before


def test_rows_that_come_later_without_agent_are_unscoped_for_ever(early: Tables) -> None:
    early.migrate()
    with early.database.session() as session:
        session.insert("wp_datamachine_jobs", {"job_id": 500, "user_id": ADMIN, "status": "pending"})
    early.migrate()
    assert sql(early, "SELECT agent_id FROM wp_datamachine_jobs WHERE job_id = 500") == [{"agent_id": None}]


def test_a_dry_run_counts_what_a_run_does_and_changes_nothing(early: Tables) -> None:
    before, ddl = everything(early), early.ddl()
    told = early.migrate(dry_run=True)
    assert (everything(early), early.ddl()) == (before, ddl)
    done = early.migrate()
    foreseen, did = counts(told)["agent_ids"], counts(done)["agent_ids"]
    assert foreseen == {word: number for word, number in did.items() if word != "grants"}
    assert told.columns == done.columns
    assert told.indexes == done.indexes
    assert "wp_datamachine_jobs.agent_id" in told.columns
    assert {
        "wp_datamachine_pipelines.agent_portable_slug",
        "wp_datamachine_flows.pipeline_portable_slug",
    } <= set(told.indexes)


def test_the_oldest_agent_of_a_user_counts_and_configurations_take_the_later_shape(
    tables: Tables, people: list[int]
) -> None:
    schemas.apply(tables.database, schemas.SEED)
    rows.work(tables.database, people)
    with tables.database.session() as session:
        for slug, config in (
            ("first", '{"model":{"default":{"provider":"p","model":"m"}},"tool_policy":{"mode":"deny"}}'),
            ("second", '{"model":[]}'),
            ("third", '{"model":"text"}'),
            ("broken", '{"model":'),
        ):
            session.insert(
                "wp_datamachine_agents",
                {
                    "agent_slug": slug,
                    "agent_name": slug,
                    "owner_id": ADMIN,
                    "agent_config": config,
                    "created_at": rows.LONG_AGO,
                    "updated_at": rows.LONG_AGO,
                },
            )
        session.insert("wp_datamachine_agent_access", {"agent_id": 2, "user_id": ADMIN, "role": "viewer"})
    report = tables.migrate()
    found = agents(tables)
    assert sql(tables, "SELECT DISTINCT agent_id FROM wp_datamachine_jobs WHERE user_id = 1") == [
        {"agent_id": 1}
    ]
    assert found["first"]["agent_config"] == (
        '{"tool_policy":{"mode":"deny"},"default_provider":"p","default_model":"m"}'
    )
    assert [found[slug]["agent_config"] for slug in ("second", "third", "broken")] == [
        "{}",
        '{"model":"text"}',
        '{"model":',
    ]
    assert {found[slug]["updated_at"] for slug in ("first", "second")} == {rows.LONG_AGO}
    assert counts(report)["agent_config_model_shape"] == {"configurations": 2}
    assert counts(report)["owner_grants"] == {"grants": 3}, "one by the backfill, and a viewer is raised"
    roles = sql(tables, "SELECT role FROM wp_datamachine_agent_access WHERE user_id = 1")
    assert [row["role"] for row in roles] == ["admin"] * 4


def test_a_slug_of_somebody_else_is_not_taken_over(early: Tables, people: list[int]) -> None:
    early.migrate(steps=())
    with early.database.session() as session:
        session.insert(
            "wp_datamachine_agents", {"agent_slug": "bob", "agent_name": "Not Bob", "owner_id": ADMIN}
        )
    early.migrate()
    assert agents(early)["bob"]["owner_id"] == ADMIN
    assert agents(early)["bob-2"]["owner_id"] == people[2]
    assert owners(early, "jobs")[people[2]] == people[2]


@pytest.mark.parametrize("number", [1, 2])
def test_orphans_go_to_an_agent_that_is_the_only_one(tables: Tables, number: int) -> None:
    schemas.apply(tables.database, schemas.SEED)
    rows.work(tables.database, [0, 0])
    with tables.database.session() as session:
        for slug in ("one", "two")[:number]:
            session.insert(
                "wp_datamachine_agents", {"agent_slug": slug, "agent_name": slug, "owner_id": ADMIN}
            )
    report = tables.migrate()
    expected = 1 if number == 1 else None
    for table in ("pipelines", "flows", "jobs"):
        found = sql(tables, f"SELECT DISTINCT agent_id FROM wp_datamachine_{table}")
        assert found == [{"agent_id": expected}], table
    assert sql(tables, "SELECT DISTINCT agent_id FROM wp_datamachine_logs") == [{"agent_id": None}]
    assert counts(report)["orphans"] == ({"pipelines": 2, "flows": 2, "jobs": 10} if number == 1 else {})
    assert {row["updated_at"] for row in sql(tables, "SELECT updated_at FROM wp_datamachine_pipelines")} == {
        rows.LONG_AGO
    }


def test_orphans_of_an_early_site_are_not_given_to_the_only_user_with_rows(tables: Tables) -> None:
    bob = rows.user(tables.database, "bob")
    schemas.apply(tables.database, schemas.PRE_AGENT)
    rows.work(tables.database, [bob, 0])
    tables.migrate()
    assert {row["owner_id"] for row in agents(tables).values()} == {ADMIN, bob}, (
        "the default agent came first"
    )
    assert owners(tables, "pipelines") == {bob: bob, 0: None}


def test_a_unique_slug_that_refuses_a_row_leaves_that_row_alone(tables: Tables) -> None:
    schemas.apply(tables.database, schemas.SEED)
    rows.work(tables.database, [ADMIN, ADMIN, ADMIN])
    with tables.database.session() as session:
        session.execute("UPDATE wp_datamachine_pipelines SET portable_slug = 'daily' WHERE pipeline_id > 1")
    report = tables.migrate()
    found = sql(tables, "SELECT pipeline_id, agent_id FROM wp_datamachine_pipelines ORDER BY pipeline_id")
    assert [row["agent_id"] is None for row in found] == [False, False, True]
    left = {word: number for word, number in counts(report)["agent_ids"].items() if "left" in word}
    assert list(left.values()) == [1]


def test_jobs_that_have_not_ended_name_the_agent_of_their_row(early: Tables) -> None:
    with early.database.session() as session:
        session.execute("UPDATE wp_datamachine_jobs SET status = 'pending' WHERE job_id IN (5, 6)")
        session.execute("UPDATE wp_datamachine_jobs SET status = 'failed - why' WHERE job_id = 10")
    report = early.migrate()
    assert counts(report)["job_snapshots"] == {"jobs": 2}, "the fifth is the administrator's, the sixth Ann's"
    admin = agents(early)["admin"]["agent_id"]
    found = sql(early, "SELECT engine_data FROM wp_datamachine_jobs WHERE job_id IN (5, 10) ORDER BY job_id")
    assert [row["engine_data"] for row in found] == [
        f'{{"job":{{"job_id":5,"agent_id":{admin}}}}}',
        '{"job":{"job_id":10}}',
    ]


GUARDS = {
    "agent_ids": "datamachine_agent_ids_backfilled",
    "orphans": "datamachine_orphaned_resources_assigned",
    "agent_config_model_shape": "datamachine_agent_config_model_shape_migrated",
}
#: Steps that Data Machine does not have.
OURS = {"owner_grants", "job_snapshots"}


def test_steps_that_data_machine_has_done_are_not_done_again(early: Tables) -> None:
    for name in GUARDS.values():
        early.option(name, "1")
    report = early.migrate()
    assert set(counts(report)) == OURS
    for table in ROWS:
        assert set(owners(early, table).values()) == {None}


def test_a_later_data_machine_has_none_of_these_steps(tables: Tables, people: list[int]) -> None:
    schemas.apply(tables.database, schemas.LATER)
    rows.work(tables.database, people)
    tables.option("datamachine_db_version", "0.175.11")
    report = tables.migrate()
    assert set(counts(report)) == OURS
    assert set(owners(tables, "jobs").values()) == {None}


def test_our_steps_leave_data_machines_marks(early: Tables) -> None:
    early.migrate()
    found = sql(
        early,
        "SELECT option_name, option_value, autoload FROM wp_options WHERE option_name IN :names",
        names=list(GUARDS.values()),
    )
    assert {row["option_name"] for row in found} == set(GUARDS.values())
    assert {(row["option_value"], row["autoload"]) for row in found} == {("1", "off")}


def test_tables_of_a_later_version_take_the_same_steps(tables: Tables, people: list[int]) -> None:
    schemas.apply(tables.database, schemas.LATER)
    rows.work(tables.database, people)
    ddl = tables.ddl()
    tables.migrate()
    after = {name: without_our_keys(text) for name, text in tables.ddl().items()}
    assert {name: after[name] for name in ddl} == ddl, "nothing lacks, nothing is added but keys of ours"
    assert owners(tables, "jobs")[people[1]] == people[1]
    made = agents(tables)["ann-lee"]
    assert (made["instance_key"], made["instance_key_hash"][:12]) == ("default", "37a8eec1ce19")


def test_while_data_machine_is_active_its_tables_are_its_own(early: Tables) -> None:
    early.option("active_plugins", 'a:1:{i:0;s:29:"data-machine/data-machine.php";}')
    try:
        before, ddl = everything(early), early.ddl()
        report = early.migrate()
    finally:
        early.option("active_plugins", "a:0:{}")
    assert everything(early) == before
    assert {name: early.ddl()[name] for name in ddl} == ddl
    assert report.steps == []
    assert {name for name in early.ddl() if name not in ddl} == {
        name for name in early.ddl() if "bridge" in name
    }


def _parts(ddl: str) -> set[str]:
    """Columns and keys without their order."""
    return {line.strip().rstrip(",") for line in ddl.splitlines()[1:-1]}
