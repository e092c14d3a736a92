"""Attempts of one blog's administrator on agents of other blogs, and on those that all blogs share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sidecar import runtime as runtimes
from sidecar import settings
from sidecar.app import create_app
from sidecar.identity import AgentsService, Principal
from tests.integration.security.lab import Known
from tests.matrix.doors import Columns, Commands, http_answer
from tests.matrix.world import Resource, World


class Network(World):
    """``boss`` administers the second blog and nothing else; the agents are ``landlord``'s."""

    def open(self) -> None:
        self.instance.wp("site", "create", "--slug=second")
        self.instance.datamachine("migrate")
        self.sign_in({"landlord": {"role": "subscriber"}, "boss": {"role": "subscriber"}})
        second = f"--url={self.instance.url}/second/"
        self.instance.wp("user", "set-role", "boss", "administrator", second)
        self.shared = self.add_agent("shared", "landlord")
        self.first = self.add_agent("first", "landlord", site_scope=1)
        self.second = self.add_agent("second", "landlord", site_scope=2)
        self.boss = self.accounts["boss"].user_id

    def ask(
        self, blog_id: int, method: str, path: str, given: dict[str, Any] | None = None
    ) -> tuple[str, str]:
        """Result and text of a request of ``boss`` on a blog."""
        app = create_app(self.runtime, authenticator=Known(Principal.user(self.boss, blog_id=blog_id)))
        answer = app.test_client().open(f"/datamachine/v1{path}", method=method, json=given)
        text = answer.get_data(as_text=True)
        return http_answer(answer.status_code, text).result, text

    def command(self, blog_id: int, *line: str) -> str:
        principal = Principal.user(self.boss, blog_id=blog_id)
        return Commands(self, Columns(self, {})).execute(principal, list(line)).result

    def rows(self) -> Any:
        state = self.state()
        return state["datamachine_agents"], state["datamachine_agent_access"]


@pytest.fixture(scope="module")
def network(instances: Path) -> Iterator[Network]:
    from tests.conftest import _make

    instance = _make(instances / "attacks-network", multisite=True)
    try:
        instance.start_sidecar("bridge", name="bridge")
        instance.start_sidecar("host", name="host")
        runtime = runtimes.build(settings.load(str(instance.config)).site(None), "cli")
        try:
            made = Network(instance, runtime)
            made.open()
            yield made
        finally:
            runtime.close()
    finally:
        instance.destroy()


def changes(agent: Resource, boss: int) -> list[tuple[str, str, dict[str, Any] | None]]:
    path = f"/agents/{agent.agent_id}"
    return [
        ("PATCH", path, {"agent_name": "Taken"}),
        ("PATCH", path, {"agent_config": {"site_scope": 2}}),
        ("DELETE", f"{path}?delete_files=1", None),
        ("GET", f"{path}/access", None),
        ("POST", f"{path}/access", {"user_id": boss, "role": "admin"}),
        ("DELETE", f"{path}/access/{agent.agent_id}", None),
    ]


def test_agents_of_another_blog_do_not_exist_for_its_neighbours(network: Network) -> None:
    first, before = network.first, network.rows()
    asked = [("GET", f"/agents/{first.agent_id}", None), *changes(first, network.boss)]
    asked += [("GET", f"/jobs?agent_id={first.agent_id}", None)]
    for method, path, given in asked:
        result, text = network.ask(2, method, path, given)
        assert result == "403 rest_forbidden", (method, path)
        assert first.secret not in text
    for line in (
        ("agents", "show", first.slug),
        ("agents", "rename", first.slug, "taken"),
        ("agents", "config", first.slug, "--set=site_scope=2"),
        ("agents", "delete", first.slug, "--yes"),
    ):
        assert network.command(2, *line) == "1 Sorry, you are not allowed to do that.", line
    service, boss = network.runtime.get(AgentsService), Principal.user(network.boss, blog_id=2)
    for site_id in (None, 1, 2):
        listed = {each.agent.agent_slug for each in service.list(boss, scope="all", site_id=site_id)}
        assert first.slug not in listed
    assert network.rows() == before


def test_an_agent_that_all_blogs_share_is_nobodys_of_one_blog(network: Network) -> None:
    shared, before = network.shared, network.rows()
    result, text = network.ask(2, "GET", f"/agents/{shared.agent_id}")
    assert (result, shared.secret in text) == ("200", True)
    for method, path, given in changes(shared, network.boss):
        assert network.ask(2, method, path, given)[0] == "403 rest_forbidden", (method, path)
    for line in (
        ("agents", "rename", shared.slug, "taken"),
        ("agents", "config", shared.slug, "--set=site_scope=2"),
        ("agents", "access", "grant", shared.slug, "boss", "--role=admin"),
        ("agents", "delete", shared.slug, "--yes"),
    ):
        assert network.command(2, *line) == "1 Sorry, you are not allowed to do that.", line
    assert network.rows() == before


def test_a_blogs_own_agent_is_not_pushed_onto_others(network: Network) -> None:
    second = network.second
    for scope in ("null", "1"):
        said = network.command(2, "agents", "config", second.slug, f"--set=site_scope={scope}")
        assert said == "1 Sorry, you are not allowed to do that."
    result, text = network.ask(2, "PATCH", f"/agents/{second.agent_id}", {"agent_name": "Ours"})
    assert (result, json.loads(text)["data"]["agent_name"]) == ("200", "Ours")


def test_an_administrator_of_one_blog_is_nobody_on_another(network: Network) -> None:
    before = network.rows()
    for agent in (network.shared, network.first, network.second):
        asked = [("GET", f"/agents/{agent.agent_id}", None), *changes(agent, network.boss)]
        for method, path, given in [*asked, ("GET", "/jobs", None), ("GET", "/agents?scope=all", None)]:
            result, text = network.ask(1, method, path, given)
            assert result in ("403 rest_forbidden", "403 list_agents_failed"), (method, path)
            assert agent.secret not in text
    assert network.rows() == before


# Memory


def test_memory_of_a_network_is_its_administrators(network: Network) -> None:
    """One blog's administrator writes on his own blog only, and reads no other user's file."""
    landlord = network.accounts["landlord"].user_id
    (network.base / "network").mkdir(parents=True, exist_ok=True)
    (network.base / "network" / "NETWORK.md").write_text("# Network\n")
    before = network.state()["files"]
    refused = (
        ("GET", f"/files/agent/USER.md?agent_id={network.shared.agent_id}", None),
        ("PUT", f"/files/agent/USER.md?agent_id={network.shared.agent_id}", {"content": "x"}),
        ("GET", f"/files/agent/USER.md?user_id={landlord}", None),
        ("PUT", f"/files/agent/USER.md?user_id={landlord}", {"content": "x"}),
        ("GET", f"/memory/files/USER.md?agent_id={network.shared.agent_id}", None),
        ("PUT", "/memory/files/NETWORK.md", {"content": "x"}),
        ("PUT", "/memory/files/x.md?layer=network", {"content": "x"}),
        ("DELETE", "/memory/files/NETWORK.md", None),
        ("GET", f"/files/agent?agent_id={network.first.agent_id}", None),
        ("GET", f"/memory/files/MEMORY.md?agent_id={network.first.agent_id}", None),
        ("PUT", f"/memory/files/MEMORY.md?agent_id={network.first.agent_id}", {"content": "x"}),
    )
    for blog_id in (1, 2):
        for method, path, given in refused:
            result, text = network.ask(blog_id, method, path, given)
            assert result.startswith(("403 ", "404 ")), (blog_id, method, path, text)
            assert network.first.secret not in text
            assert network.shared.secret not in text
    for line in (
        ("memory", "read", "USER.md", f"--agent={network.shared.slug}"),
        ("memory", "write", "USER.md", "S", "x", f"--agent={network.shared.slug}"),
        ("memory", "write", "NETWORK.md", "S", "x"),
        ("memory", "read", f"--agent={network.first.slug}"),
    ):
        assert network.command(2, *line).startswith("1 "), line
    # What another blog's agent remembers stays there: this blog has a folder of its own.
    result, text = network.ask(
        2, "PUT", f"/memory/files/here.md?agent_id={network.shared.agent_id}", {"content": "x"}
    )
    assert result == "200", text
    made = network.instance.path / "wp-content" / "uploads" / "sites" / "2" / "datamachine-files"
    assert (made / "agents" / network.shared.slug / "here.md").read_text() == "x"
    assert network.state()["files"] == before


def test_work_stays_on_its_blog(network: Network) -> None:
    """Tables are each blog's own, and what is made on one is for agents that act there."""
    for agent in (network.shared, network.first):
        row = f"/pipelines/{agent.pipeline_id}", f"/flows/{agent.flow_id}", f"/jobs/{agent.job_id}"
        asked: list[tuple[str, str, dict[str, Any] | None]] = [("GET", path, None) for path in row]
        asked += [("DELETE", path, None) for path in row[:2]]
        asked += [("POST", "/execute", {"flow_id": agent.flow_id})]
        asked += [("POST", f"{row[2]}/cancel", {}), ("POST", f"{row[2]}/retry", {"force": True})]
        for method, path, given in asked:
            result, text = network.ask(1, method, path, given)
            assert result == "403 rest_forbidden", (method, path)
            assert agent.secret not in text
            result, text = network.ask(2, method, path, given)
            assert result.startswith("404 "), (method, path, result)
            assert agent.secret not in text
    workflow = {
        "steps": [{"type": "fetch", "handler_slug": "rss", "handler_config": {"feed_url": "http://x"}}]
    }
    for agent in (network.first, network.shared):
        given = {"workflow": workflow, "initial_data": {"agent_id": agent.agent_id}, "timestamp": 1895000000}
        result, _ = network.ask(2, "POST", "/execute", given)
        allowed = agent is network.shared
        assert (result == "200") == allowed, (agent.name, result)
