"""Declared agents become rows, once, whoever looks at the page."""

from __future__ import annotations

import json
import re
import shutil
from typing import Any

from dev import processes
from tests.integration.identity.conftest import Site


def hook_state(site: Site) -> dict[str, Any]:
    state: dict[str, Any] = site.stored("datamachine_bridge_agents")
    return state


def forget(site: Site) -> None:
    site.without("datamachine_bridge_agents")


def test_the_default_agent_of_a_fresh_site(agents: Site) -> None:
    row = agents.agents()["admin"]
    assert row[1:] == ["admin", "1", "NULL", "[]"]
    access = agents.sql(f"SELECT user_id, role FROM wp_datamachine_agent_access WHERE agent_id = {row[0]}")
    assert access == [["1", "admin"]]
    soul, memory = agents.files("admin") / "SOUL.md", agents.files("admin") / "MEMORY.md"
    assert soul.read_text().startswith("# Agent Soul — Data Machine\n")
    assert "**admin**" in soul.read_text()
    assert "## State" in memory.read_text()


def test_an_anonymous_page_creates_row_owner_grant_files_and_fires_the_hook(agents: Site, tmp_path) -> None:
    tmp_path.chmod(0o755)
    seed = tmp_path / "soul-template.md"
    seed.write_text("\n# A soul of its own\n\n")
    agents.option("test_owner", 1)
    agents.declare(
        page_made={
            "label": "Page Made",
            "default_config": {"description": "d/e"},
            "seed": str(seed),
            "resolve": True,
        }
    )
    agents.page()
    row = agents.agents()["page-made"]
    assert row[1:] == ["Page Made", "1", "NULL", '{"description":"d\\\\/e"}']
    assert (agents.files("page-made") / "SOUL.md").read_text() == "# A soul of its own\n"
    assert (agents.files("page-made") / "MEMORY.md").exists()
    assert agents.notes("reconciled") == [
        [
            "integer",
            int(row[0]),
            "page-made",
            ["slug", "label", "description", "memory_seeds", "owner_resolver", "default_config", "meta"],
            "Page Made",
            True,
        ]
    ]
    created, granted = agents.sql(
        "SELECT created_at, UTC_TIMESTAMP() FROM wp_datamachine_agents WHERE agent_slug = 'page-made'"
    )[0]
    assert created[:13] == granted[:13]


def test_unchanged_definitions_cost_no_call_no_query_and_no_owner(agents: Site) -> None:
    agents.option("test_owner", 1)
    agents.declare(quiet={"resolve": True})
    agents.page()
    assert agents.notes("owner") == [[]]
    body = agents.instance.get("/?test_queries=1").text
    measured = json.loads(re.search(r"^TEST (.*)$", body, re.MULTILINE).group(1))
    assert measured == {"queries": [], "spent": 0}
    assert agents.notes("owner") == [[]]

    # Another definition is another hash: everything is looked at again, but a row needs no owner twice.
    agents.declare(quiet={"resolve": True, "description": "changed"})
    agents.page()
    assert agents.notes("owner") == [[]]
    assert len(agents.notes("reconciled")) == 1


def test_rows_that_exist_are_never_changed(agents: Site) -> None:
    agents.declare(kept={"label": "First"})
    agents.page()
    agents.declare(kept={"label": "Second", "default_config": {"k": 1}})
    agents.page()
    assert agents.agents()["kept"][1:] == ["First", "1", "NULL", "[]"]


def test_one_definition_that_fails_keeps_no_other_from_existing(agents: Site) -> None:
    agents.declare(fails={"resolve": True, "throws": True}, works={"label": "Works"})
    agents.page()
    rows = agents.agents()
    assert "fails" not in rows
    assert "works" in rows
    assert hook_state(agents)["retry_at"] > 0


def test_a_listener_that_throws_keeps_no_other_agent_from_existing(agents: Site) -> None:
    agents.declare(angry={}, calm={})
    agents.page()
    assert {"angry", "calm"} <= set(agents.agents())
    assert [note[2] for note in agents.notes("reconciled")] == ["calm"]


def test_a_resolver_without_an_answer_falls_back_to_the_default_owner(agents: Site) -> None:
    agents.declare(unowned={"resolve": True})
    agents.page()
    assert agents.agents()["unowned"][2] == "1"


def test_the_older_hook_still_registers(agents: Site) -> None:
    agents.option("test_legacy", 1)
    agents.page()
    assert agents.agents()["legacy-agent"][1] == "Legacy"


def test_a_deleted_agent_that_is_still_declared_comes_back_with_a_new_id(agents: Site) -> None:
    agents.declare(phoenix={})
    agents.page()
    first = agents.agents()["phoenix"][0]
    agents.sql("DELETE FROM wp_datamachine_agents WHERE agent_slug = 'phoenix'")
    agents.page()
    assert "phoenix" not in agents.agents()
    agents.instance.wp("eval", f"do_action( 'datamachine_agent_deleted', {first}, 'phoenix' );")
    agents.page()
    assert int(agents.agents()["phoenix"][0]) > int(first)


def test_lost_files_come_back_with_the_directory_and_removed_ones_stay_away(agents: Site) -> None:
    agents.declare(filed={})
    agents.page()
    (agents.files("filed") / "SOUL.md").unlink()
    forget(agents)
    agents.page()
    assert not (agents.files("filed") / "SOUL.md").exists()
    shutil.rmtree(agents.files("filed"))
    forget(agents)
    agents.page()
    assert (agents.files("filed") / "SOUL.md").exists()
    assert len(agents.notes("reconciled")) == 1


def test_a_lost_grant_of_the_owner_comes_back_and_other_roles_stay(agents: Site) -> None:
    agents.declare(granted={})
    agents.page()
    agent_id = agents.agents()["granted"][0]
    agents.sql(f"DELETE FROM wp_datamachine_agent_access WHERE agent_id = {agent_id}")
    agents.sql(
        f"INSERT INTO wp_datamachine_agent_access (agent_id, user_id, role) VALUES ({agent_id}, 77, 'viewer')"
    )
    forget(agents)
    agents.page()
    grants = "SELECT user_id, role FROM wp_datamachine_agent_access WHERE agent_id = {} ORDER BY user_id"
    assert agents.sql(grants.format(agent_id)) == [["1", "admin"], ["77", "viewer"]]
    agents.sql(f"UPDATE wp_datamachine_agent_access SET role = 'viewer' WHERE agent_id = {agent_id}")
    forget(agents)
    agents.page()
    assert agents.sql(grants.format(agent_id)) == [["1", "viewer"], ["77", "viewer"]]


def test_the_default_agent_can_be_taken_out_by_name(agents: Site) -> None:
    script = (
        "var_export( remove_action( 'wp_agents_api_init', 'datamachine_register_default_admin_agent' ) );"
        "var_export( has_action( 'wp_agents_api_init', 'datamachine_register_default_admin_agent' ) );"
    )
    assert agents.instance.wp("eval", script).stdout == "truefalse"


def test_the_sidecar_away_breaks_nothing_and_the_next_request_catches_up(agents: Site) -> None:
    agents.instance.servers["bridge"].stop()
    try:
        agents.declare(late={})
        agents.page()
        assert "late" not in agents.agents()
    finally:
        agents.instance.start_sidecar("bridge", name="bridge")

    def caught_up() -> bool:
        agents.page()
        return "late" in agents.agents()

    # Pages ask again as soon as the breaker lets one of them.
    processes.wait_until(caught_up, what="The agent", seconds=20)
