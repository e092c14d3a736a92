"""The generations that tests build tables of are what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sidecar.db import schema
from tests import schemas

from .conftest import without_our_keys

if TYPE_CHECKING:
    from .conftest import Tables


def test_the_seed_generation_is_what_we_create_ourselves(tables: Tables) -> None:
    schemas.apply(tables.database, schemas.SEED)
    adopted = tables.ddl()
    tables.drop()
    tables.migrate()
    created = {name: without_our_keys(ddl) for name, ddl in tables.ddl().items()}
    assert adopted
    assert {name: created[name] for name in adopted} == adopted
    ours = {f"wp_{file.name}" for file in schema.tables() if not file.own}
    assert set(adopted) == {name for name in ours if "actionscheduler" not in name}


@pytest.mark.parametrize("generation", [schemas.PRE_AGENT, *schemas.ADOPTED])
def test_tables_are_replaced(tables: Tables, generation: str) -> None:
    schemas.apply(tables.database, schemas.SEED)
    with tables.database.session() as session:
        session.insert("wp_datamachine_flows", {"pipeline_id": 1, "flow_name": "f"})
    schemas.apply(tables.database, generation)
    with tables.database.session() as session:
        assert session.scalar("SELECT COUNT(*) FROM wp_datamachine_flows") == 0
    ddl = tables.ddl()
    assert ("wp_datamachine_agents" in ddl) is (generation != schemas.PRE_AGENT)
    assert ("agent_id" in ddl["wp_datamachine_jobs"]) is (generation != schemas.PRE_AGENT)
    assert ("instance_key" in ddl.get("wp_datamachine_agents", "")) is (generation == schemas.LATER)
