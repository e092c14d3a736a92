"""Whether a migration waits, as activation records it and Site Health tells it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sidecar.db import schema
from tests import schemas
from tests.schemas import rows

if TYPE_CHECKING:
    from .conftest import Tables

ADMIN = 1


def health(tables: Tables) -> dict[str, Any]:
    """What Site Health shows of the tables."""
    code = (
        '$tests = apply_filters( "site_status_tests", array() )["direct"]; '
        'echo json_encode( call_user_func( $tests["datamachine_migration"]["test"] ) );'
    )
    return dict(json.loads(tables.instance.wp("eval", code).stdout))


def recorded(tables: Tables) -> int:
    with tables.database.session() as session:
        return int(session.scalar("SELECT schema_version FROM wp_datamachine_bridge_sites"))


def test_a_new_site_is_complete_by_activation_alone(tables: Tables) -> None:
    tables.activate()
    assert recorded(tables) == schema.version()
    assert health(tables)["status"] == "good"
    assert not tables.migrate().changed
    # A row without agent that comes now is unscoped for ever.
    with tables.database.session() as session:
        session.insert("wp_datamachine_jobs", {"user_id": ADMIN, "status": "pending"})
    assert not tables.migrate().changed


def test_tables_of_an_early_site_wait_and_activation_alters_none(tables: Tables) -> None:
    schemas.apply(tables.database, schemas.PRE_AGENT)
    rows.work(tables.database, [ADMIN])
    before = tables.ddl()
    tables.activate()
    after = tables.ddl()
    assert {name: after[name] for name in before} == before
    assert "wp_datamachine_agents" in after
    assert recorded(tables) == 0
    shown = health(tables)
    assert shown["status"] == "critical"
    assert "lack columns" in shown["description"]
    assert "datamachine migrate" in shown["actions"]
    tables.migrate()
    assert recorded(tables) == schema.version()
    assert health(tables)["status"] == "good"


def test_rows_that_no_step_has_seen_wait_too(tables: Tables) -> None:
    schemas.apply(tables.database, schemas.SEED)
    rows.work(tables.database, [ADMIN])
    tables.activate()
    assert recorded(tables) == 0
    shown = health(tables)
    assert shown["status"] == "recommended"
    assert "have not been given to agents" in shown["description"]
    assert "lack columns" not in shown["description"]
    tables.migrate()
    assert health(tables)["status"] == "good"
    # Activating again on what is done leaves it done.
    tables.deactivate()
    tables.activate()
    assert recorded(tables) == schema.version()


def test_a_plugin_that_was_updated_in_place_says_so(tables: Tables) -> None:
    tables.activate()
    with tables.database.session() as session:
        session.execute("UPDATE wp_datamachine_bridge_sites SET schema_version = schema_version - 1")
        session.execute("DROP TABLE wp_datamachine_bridge_migrations")
    shown = health(tables)
    assert shown["status"] == "critical"
    assert "Tables are missing." in shown["description"]
    tables.migrate()
    assert health(tables)["status"] == "good"


def test_a_site_that_joins_a_network_later_begins_complete(network: Tables) -> None:
    network.drop()
    network.activate()
    network.instance.wp("site", "create", "--slug=later")
    assert not network.migrate().changed
    with network.database.session() as session:
        versions = [
            session.scalar(f"SELECT schema_version FROM {network.database.tables(blog).bridge_sites}")
            for blog in (1, 2)
        ]
        guard = session.scalar(
            "SELECT meta_value FROM wp_sitemeta WHERE meta_key = 'datamachine_agents_network_migrated'"
        )
    assert versions == [schema.version()] * 2
    assert guard == "1"
