"""Tables come out alike, whoever makes them, in whichever order, however often."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from sidecar.db import SchemaMissing, migrations, schema
from sidecar.errors import SidecarError
from tests import schemas

if TYPE_CHECKING:
    from .conftest import Tables


def _migrate(tables: Tables) -> migrations.Report:
    return tables.migrate()


def test_both_ways_in_either_order_and_twice_give_equal_tables(tables: Tables) -> None:
    results = {}
    for name in ("m", "a", "am", "ma", "mamaam"):
        tables.drop()
        for step in name:
            if step == "m":
                _migrate(tables)
            else:
                tables.activate()
                tables.instance.wp("plugin", "deactivate", "datamachine-bridge")
        results[name] = tables.ddl()
    expected = results["m"]
    assert sorted(expected) == sorted(f"wp_{table.name}" for table in schema.tables())
    for name, found in results.items():
        assert found == expected, name


def test_a_second_run_changes_nothing(tables: Tables) -> None:
    first = _migrate(tables)
    assert first.changed
    assert first.before == {1: 0}
    assert len(first.created) == len(schema.tables())
    assert [step.counts for step in first.steps] == [{}] * 5, "there are no rows yet"
    second = _migrate(tables)
    assert not second.changed
    assert second.before == {1: schema.version()}
    assert len(second.present) == len(schema.tables())
    assert second.missing_columns == []


def test_a_dry_run_only_tells(tables: Tables) -> None:
    report = tables.migrate(dry_run=True)
    assert len(report.created) == len(schema.tables())
    assert all("CREATE TABLE" in text or text.startswith("--") for text in report.statements)
    assert tables.names() == []


def test_the_fence_row_is_made_once_by_whoever_comes_first(tables: Tables) -> None:
    def row() -> dict[str, object]:
        with tables.database.session() as session:
            found = session.all("SELECT * FROM wp_datamachine_bridge_sites")
        assert len(found) == 1
        return found[0]

    _migrate(tables)
    first = row()
    assert (first["id"], first["database_name"], first["home_url"]) == (1, "wordpress", tables.instance.url)
    assert (first["mode"], first["epoch"]) == ("inactive", 0)
    assert first["schema_version"] == schema.version()
    tables.activate()
    assert row()["site_uuid"] == first["site_uuid"]

    tables.drop()
    tables.activate()
    second = row()
    assert second["site_uuid"] != first["site_uuid"]
    assert second["schema_version"] == schema.version()
    _migrate(tables)
    assert row()["site_uuid"] == second["site_uuid"]


def test_the_claim_index_is_added_to_a_table_of_the_library(tables: Tables) -> None:
    with tables.database.session() as session:
        for file in schema.tables():
            if file.name.startswith("actionscheduler_"):
                session.execute(_filled(tables, file.sql))
        session.execute("ALTER TABLE wp_actionscheduler_actions DROP INDEX datamachine_bridge_claim")
        session.insert("wp_actionscheduler_actions", {"hook": "h", "status": "pending"})
    report = _migrate(tables)
    assert report.indexes == ["wp_actionscheduler_actions.datamachine_bridge_claim"]
    with tables.database.session() as session:
        ddl = str(session.one("SHOW CREATE TABLE wp_actionscheduler_actions"))
        assert "datamachine_bridge_claim" in ddl
        plan = session.one(
            "EXPLAIN SELECT action_id FROM wp_actionscheduler_actions FORCE INDEX (datamachine_bridge_claim)"
            " WHERE group_id = 1 AND status = 'pending' AND claim_id = 0 AND scheduled_date_gmt <= NOW()"
            " ORDER BY priority, attempts, scheduled_date_gmt, action_id LIMIT 25"
        )
    assert plan is not None
    assert plan["key"] == "datamachine_bridge_claim"
    assert "filesort" not in str(plan["Extra"]), "the index serves the order"
    assert not _migrate(tables).changed


def test_uninstalling_takes_only_what_is_ours(tables: Tables) -> None:
    _migrate(tables)
    tables.instance.wp(
        "eval",
        "define( 'WP_UNINSTALL_PLUGIN', 'x' ); require WP_PLUGIN_DIR . '/datamachine-bridge/uninstall.php';",
    )
    left = tables.names()
    assert "wp_datamachine_jobs" in left
    assert not [name for name in left if "datamachine_bridge" in name]
    with tables.database.session() as session:
        assert "datamachine_bridge_claim" not in str(
            session.one("SHOW CREATE TABLE wp_actionscheduler_actions")
        )


LATER = (
    "ALTER TABLE wp_datamachine_agents ADD COLUMN instance_key longtext NOT NULL AFTER agent_config,"
    " ADD COLUMN instance_key_hash char(64) NOT NULL AFTER instance_key,"
    " ADD COLUMN provisioning_token char(64) NOT NULL DEFAULT '', DROP INDEX agent_slug,"
    " ADD UNIQUE KEY agent_identity_scope_hash (agent_slug, owner_id, instance_key_hash)",
    "ALTER TABLE wp_datamachine_chat_sessions"
    " ADD COLUMN workspace_type varchar(50) NOT NULL AFTER session_id,"
    " ADD COLUMN owner_key_hash varchar(64) NOT NULL, ADD COLUMN seen_at datetime NOT NULL,"
    " ADD COLUMN weight int NOT NULL",
)


def test_tables_of_a_later_version_are_adopted_as_they_are(tables: Tables) -> None:
    _migrate(tables)
    with tables.database.session() as session:
        for statement in LATER:
            session.execute(statement)
    tables.database.reflection.forget("wp_datamachine_agents")
    before = tables.ddl()
    assert not _migrate(tables).changed
    tables.activate()
    assert tables.ddl() == before
    with tables.database.session() as session:
        agent = session.insert("wp_datamachine_agents", {"agent_slug": "a", "agent_name": "A", "owner_id": 1})
        row = session.one("SELECT * FROM wp_datamachine_agents WHERE agent_id = :id", {"id": agent})
        assert row is not None
        assert row["instance_key"] == "default"
        assert row["instance_key_hash"].startswith("37a8eec1ce19")
        session.insert("wp_datamachine_chat_sessions", {"session_id": "s", "user_id": 1, "messages": "[]"})
        chat = session.one("SELECT * FROM wp_datamachine_chat_sessions")
        assert chat is not None
        assert (chat["workspace_type"], chat["owner_key_hash"], chat["weight"]) == ("", "", 0)
        assert chat["seen_at"].startswith("20")


def test_an_agent_of_ours_is_provisioned_now_in_utc(tables: Tables) -> None:
    schemas.apply(tables.database, schemas.LATER)
    with tables.database.session() as session:
        session.execute("SET SESSION time_zone = '+05:00'")
        try:
            session.insert("wp_datamachine_agents", {"agent_slug": "a", "agent_name": "A", "owner_id": 1})
            row = session.one(
                "SELECT provisioning_token, provisioning_started_at,"
                " ABS(TIMESTAMPDIFF(SECOND, provisioned_at, UTC_TIMESTAMP())) AS off"
                " FROM wp_datamachine_agents"
            )
        finally:
            session.execute("SET SESSION time_zone = @@GLOBAL.time_zone")
    assert row is not None
    assert (row["provisioning_token"], row["provisioning_started_at"]) == ("", None)
    assert row["off"] < 3600


def test_columns_that_appear_while_a_process_runs_are_learned(tables: Tables) -> None:
    _migrate(tables)
    values = {"session_id": "one", "user_id": 1, "messages": "[]"}
    tables.database.reflection.forget("wp_datamachine_chat_sessions")
    with tables.database.session() as session:
        session.insert("wp_datamachine_chat_sessions", values)
        session.execute(LATER[1])
        with pytest.raises(SidecarError):
            session.insert("wp_datamachine_chat_sessions", values | {"session_id": "two"})
        session.insert("wp_datamachine_chat_sessions", values | {"session_id": "two"})


def test_a_column_that_a_table_lacks_is_added_with_its_key(tables: Tables) -> None:
    _migrate(tables)
    before = tables.ddl()
    with tables.database.session() as session:
        session.execute("ALTER TABLE wp_datamachine_jobs DROP INDEX idx_task_type, DROP COLUMN task_type")
    report = _migrate(tables)
    assert report.columns == ["wp_datamachine_jobs.task_type"]
    assert report.indexes == ["wp_datamachine_jobs.idx_task_type"]
    assert tables.ddl() == before
    assert not _migrate(tables).changed


def test_a_column_that_the_library_lacks_is_its_own_affair(tables: Tables) -> None:
    _migrate(tables)
    with tables.database.session() as session:
        session.execute(
            "ALTER TABLE wp_actionscheduler_actions DROP INDEX last_attempt_gmt, DROP COLUMN last_attempt_gmt"
        )
    report = _migrate(tables)
    assert report.missing_columns == ["wp_actionscheduler_actions.last_attempt_gmt"]
    assert not report.changed


def test_a_database_of_a_newer_version_is_left_alone(tables: Tables) -> None:
    _migrate(tables)
    with tables.database.session() as session:
        session.execute("UPDATE wp_datamachine_bridge_sites SET schema_version = 1000")
        session.execute("DROP TABLE wp_datamachine_logs")
    with pytest.raises(migrations.NewerSchema):
        _migrate(tables)
    assert "wp_datamachine_logs" not in tables.names()


def test_while_data_machine_is_active_only_our_own_tables_are_made(tables: Tables) -> None:
    _migrate(tables)
    with tables.database.session() as session:
        session.execute("UPDATE wp_datamachine_bridge_sites SET mode = 'companion'")
        for name in tables.names():
            if name != "wp_datamachine_bridge_sites":
                session.execute(f"DROP TABLE {name}")
    _migrate(tables)
    assert sorted(tables.names()) == sorted(f"wp_{table.name}" for table in schema.tables() if table.own)


def test_two_at_once_take_turns(tables: Tables) -> None:
    reports: list[migrations.Report] = []
    threads = [threading.Thread(target=lambda: reports.append(_migrate(tables))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(len(report.created) for report in reports) == [0, 0, len(schema.tables())]


def test_without_migrating_the_error_says_what_to_do(tables: Tables) -> None:
    with tables.database.session() as session, pytest.raises(SchemaMissing, match="datamachine migrate"):
        session.all("SELECT * FROM wp_datamachine_jobs")


def test_values_longer_than_the_column_are_refused(tables: Tables) -> None:
    _migrate(tables)
    with tables.database.session() as session, pytest.raises(SidecarError) as caught:
        session.insert(
            "wp_actionscheduler_actions", {"hook": "h", "status": "x", "extended_args": "x" * 8001}
        )
    assert caught.value.status == 400


def test_every_site_of_a_network_has_its_own_tables_and_shares_the_agents(network: Tables) -> None:
    network.drop()
    network.instance.wp("site", "create", "--slug=second")
    network.activate()
    network.instance.wp("site", "create", "--slug=third")
    by_activation = network.ddl()
    for blog in ("wp_", "wp_2_", "wp_3_"):
        assert f"{blog}datamachine_jobs" in by_activation
        assert f"{blog}datamachine_bridge_sites" in by_activation
    shared = {f"wp_{table.name}" for table in schema.tables() if table.network}
    assert {"wp_datamachine_agents", "wp_datamachine_agent_access", "wp_datamachine_agent_tokens"} <= shared
    assert shared <= set(by_activation)
    assert not {name for name in by_activation if name.endswith("_datamachine_agents")} - shared
    network.drop()
    report = _migrate(network)
    assert set(report.before) == {1, 2, 3}
    assert network.ddl() == by_activation
    with network.database.session() as session:
        uuids = {
            session.scalar(f"SELECT site_uuid FROM {network.database.tables(blog).bridge_sites}")
            for blog in (1, 2, 3)
        }
    assert len(uuids) == 3


def _filled(tables: Tables, sql: str) -> str:
    settings = tables.site.database
    return schema.fill(
        sql, tables.database.tables(), schema.charset_collate(settings.charset, settings.collation)
    )
