"""PHP code that a request at the sidecar's own door reaches is bounded by the token, as everything is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dev import paths
from dev.instance import Instance
from sidecar import runtime as runtimes
from sidecar import settings
from sidecar.identity import AgentsRepository, Principal, TokensService
from sidecar.runtime import Runtime
from tests.integration.conversations.client import Client

CLI = Principal.command_line()
#: Tells what PHP knows while an agent's configuration changes.
PLUGIN = """<?php
use DataMachine\\Abilities\\PermissionHelper;
add_action( 'datamachine_agent_updated', function () {
	update_option( 'c_unit', wp_json_encode( array(
		'user'      => get_current_user_id(),
		'agent'     => PermissionHelper::get_acting_agent_id(),
		'token'     => PermissionHelper::get_acting_token_id(),
		'limit'     => PermissionHelper::get_acting_capabilities(),
		'may'       => array_map( PermissionHelper::can( ... ), array( 'manage_agents', 'manage_flows' ) ),
		'wordpress' => array( current_user_can( 'manage_options' ), current_user_can( 'edit_posts' ) ),
		'write'     => rest_do_request( new WP_REST_Request( 'POST', '/wp/v2/posts' ) )->get_status(),
	) ), false );
}, 10, 0 );
"""


@pytest.fixture(scope="module")
def house(instances: Path) -> Iterator[Instance]:
    """A site with that plugin from the beginning, and no web server."""
    instance = Instance(paths.numbered(instances))
    try:
        instance.install()
        (instance.path / "wp-content" / "mu-plugins" / "c-unit.php").write_text(PLUGIN)
        instance.start_sidecar()
        yield instance
    finally:
        instance.destroy()


@pytest.fixture(scope="module")
def runtime(house: Instance) -> Iterator[Runtime]:
    built = runtimes.build(settings.load(str(house.config)).site(None), "cli")
    yield built
    built.close()


@pytest.fixture(scope="module")
def agent(runtime: Runtime) -> int:
    return runtime.get(AgentsRepository).insert("c-unit", "Unit", 1, {})


@pytest.fixture
def change(house: Instance, runtime: Runtime, agent: int) -> Callable[..., dict[str, Any]]:
    """Renames the agent for people, with a token of that limit; what PHP saw meanwhile."""

    def by(capabilities: list[str] | None) -> dict[str, Any]:
        made = runtime.get(TokensService).create(CLI, agent, capabilities=capabilities)
        door = Client(settings.load(str(house.config)).site(None).http, made.raw)
        reply = door.post(f"/agents/{agent}", {"agent_name": f"U{made.token.token_id}"})
        assert reply.status == 200, reply.body
        seen: dict[str, Any] = json.loads(house.wp("option", "get", "c_unit").stdout)
        assert (seen.pop("user"), seen.pop("agent"), seen.pop("token")) == (1, agent, made.token.token_id)
        return seen

    return by


def test_a_limited_token_bounds_php(change: Callable[..., dict[str, Any]]) -> None:
    limit = ["datamachine_manage_agents"]
    assert change(limit) == {"limit": limit, "may": [True, False], "wordpress": [False, False], "write": 403}
    limit.append("edit_posts")
    assert change(limit)["wordpress"] == [False, True]


def test_a_token_without_a_limit_is_its_owner(change: Callable[..., dict[str, Any]]) -> None:
    seen = change(None)
    assert (seen["limit"], seen["may"], seen["wordpress"]) == (None, [True, True], [True, True])
    assert seen["write"] != 403
