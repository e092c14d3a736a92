"""Where a site takes the operator's freedom away: flows, pipelines, jobs and memory, at both doors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dev.instance import Instance
from dev.processes import wait_until
from sidecar.automation import FlowsService, PipelinesService
from sidecar.automation.values import NewPipelineStep
from sidecar.identity import AccessService, Principal
from sidecar.runtime import Runtime
from tests.integration.doors.agents import Person
from tests.integration.doors.operators import DOORS, Agents
from tests.integration.doors.operators import run as at_door
from tests.integration.doors.stock import Stock
from tests.integration.doors.test_agents_cli_narrowed import native
from tests.integration.doors.test_parity import both

CLI = Principal.command_line()


@pytest.fixture(scope="module")
def narrowed(site: Instance, stock: Stock) -> Iterator[None]:
    """The site's own word on it."""
    plugin = site.path / "wp-content" / "mu-plugins" / "narrow-engine.php"
    plugin.parent.mkdir(exist_ok=True)
    plugin.write_text("<?php add_filter( 'datamachine_cli_bypass_permissions', '__return_false' );")
    # The host looks about once a second whether PHP has changed.
    wait_until(lambda: native(site) == 1, what="The host that has read the plugin")
    yield
    plugin.unlink()
    wait_until(lambda: native(site) == 0, what="The host that has not read the plugin")


@pytest.fixture
def flow(runtime: Runtime, agents: Agents) -> tuple[int, int]:
    """Pipeline and flow of a new agent of the administrator, called ``bot``."""
    agent = agents.make("bot")
    pipeline = runtime.get(PipelinesService).create(CLI, "Bot's", [NewPipelineStep("fetch")], agent_id=agent)
    made = runtime.get(FlowsService).create(CLI, pipeline.pipeline_id, "Bot's flow")
    return pipeline.pipeline_id, made.flow_id


def refused(site: Instance, user: str, *words: str, message: str) -> None:
    said = both(site, [*words, f"--user=door-{user}"])
    assert (said.stdout, said.stderr, said.returncode) == ("", f"Error: {message}\n", 1), words


def allowed(site: Instance, user: str, *words: str) -> str:
    said = both(site, [*words, f"--user=door-{user}"])
    assert said.returncode == 0, (words, said.stderr)
    return said.stdout


def test_who_manages_no_flows_sees_none(site: Instance, people: dict[str, Person], narrowed: None) -> None:
    refused(site, "reader", "flows", "list", message="You do not have permission to access flows.")
    refused(site, "reader", "pipelines", "list", message="You do not have permission to access pipelines.")
    refused(site, "reader", "jobs", "list", message="You do not have permission to manage jobs.")
    refused(site, "reader", "jobs", "show", "1", message="You do not have permission to manage jobs.")
    refused(site, "reader", "system", "health", message="Sorry, you are not allowed to do that.")


def test_a_foreign_agents_flows_are_out_of_sight(
    site: Instance, people: dict[str, Person], narrowed: None, flow: tuple[int, int]
) -> None:
    pipeline, one = flow
    for words, message in (
        (("flows", "get", str(one)), "You do not have permission to view this flow."),
        (("flows", "run", str(one)), "You do not have permission to run this flow."),
        (
            ("flows", "create", f"--pipeline_id={pipeline}", "--name=X"),
            "You do not have permission to create flows in this pipeline.",
        ),
        (("flows", "list", "--agent=bot"), "You do not have permission to access flows."),
        (("pipelines", "list", "--agent=bot"), "You do not have permission to access pipelines."),
        (("pipelines", "get", str(pipeline)), "You do not have permission to view this pipeline."),
        (("pipelines", "create", "--name=X", "--agent=bot"), "Sorry, you are not allowed to do that."),
        # Slugs of other people's agents are not told.
        (("flows", "list", "--agent=nope"), 'Agent "nope" not found.'),
    ):
        refused(site, "runner", *words, message=message)
    assert str(one) not in allowed(site, "runner", "flows", "list", "--format=ids").split()
    assert str(one) in allowed(site, "admin", "flows", "list", "--format=ids").split()


def test_roles_open_an_agents_flows_one_by_one(
    site: Instance,
    runtime: Runtime,
    people: dict[str, Person],
    narrowed: None,
    flow: tuple[int, int],
) -> None:
    pipeline, one = flow
    grants = runtime.get(AccessService)
    run = ("flows", "run", str(one), "--no-drain")
    create = ("flows", "create", f"--pipeline_id={pipeline}", "--name=Mine")
    no_run = "You do not have permission to run this flow."
    no_create = "You do not have permission to create flows in this pipeline."
    grants.grant(CLI, "bot", people["runner"].id, "viewer")
    assert allowed(site, "runner", "flows", "list", "--agent=bot", "--format=ids").split() == [str(one)]
    allowed(site, "runner", "flows", "get", str(one))
    refused(site, "runner", *run, message=no_run)
    grants.grant(CLI, "bot", people["runner"].id, "operator")
    for door in DOORS:
        said = at_door(site, door, *run, "--user=door-runner")
        assert said.returncode == 0, said.stderr
    refused(site, "runner", *create, message=no_create)
    grants.grant(CLI, "bot", people["runner"].id, "admin")
    said = site.datamachine(*create, "--user=door-runner")
    made = runtime.get(FlowsService).get(CLI, int(said.stdout.splitlines()[0].rsplit(" ", 1)[1])).flow
    assert made.user_id == people["runner"].id
    assert made.agent_id == runtime.get(FlowsService).get(CLI, one).flow.agent_id
    with runtime.db.session() as session:
        session.execute("DELETE FROM wp_actionscheduler_actions WHERE status = 'pending'")


def test_memory_is_read_by_viewers_and_written_by_operators(
    site: Instance, runtime: Runtime, people: dict[str, Person], narrowed: None, agents: Agents
) -> None:
    agents.make("bot")
    grants = runtime.get(AccessService)
    read, write = ("memory", "read", "--agent=bot"), ("memory", "write", "State", "Text", "--agent=bot")
    no_read = "You do not have permission to read this memory."
    no_write = "You do not have permission to write this memory."
    refused(site, "reader", *read, message=no_read)
    refused(site, "reader", *write, message=no_write)
    # Without an agent one's own memory is meant, never the default agent's.
    refused(site, "reader", "memory", "read", message="File MEMORY.md does not exist.")
    grants.grant(CLI, "bot", people["reader"].id, "viewer")
    allowed(site, "reader", *read)
    refused(site, "reader", *write, message=no_write)
    # Its owner's own file is not the agent's.
    refused(site, "reader", "memory", "read", "USER.md", "--agent=bot", message=no_read)
    grants.grant(CLI, "bot", people["reader"].id, "operator")
    assert "updated" in allowed(site, "reader", *write)
    assert "Text" in allowed(site, "reader", *read)
    refused(site, "nobody", *read, message=no_read)
