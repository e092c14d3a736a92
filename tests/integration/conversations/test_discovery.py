"""What a program learns of a site before anybody logs in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dev.instance import Instance
from sidecar.app import create_app
from sidecar.runtime import Runtime
from tests.integration.conversations.client import Client
from tests.integration.conversations.conftest import SLUG, Roadie

DECORATES = """<?php
add_filter( 'datamachine_bridge_onboarding_config', function ( $config, $slug, $agent ) {
	$config['login_label']  = 'Enter ' . $slug;
	$known = null !== $agent;
	$config['description']  = $known ? $agent['agent_name'] . '/' . gettype( $agent['agent_id'] ) : 'nobody';
	$config['capabilities'] = $known ? array( 'images' => 'yes' ) : $config['capabilities'];
	return $config;
}, 10, 3 );
"""
ANSWERS = """<?php
add_action( 'rest_api_init', function () {
	register_rest_route( 'datamachine/v1', '/bridge/onboarding', array(
		'methods' => 'GET',
		'permission_callback' => '__return_true',
		'callback' => fn() => array( 'by' => 'the plugin' ),
	) );
} );
"""


def test_a_site_introduces_itself_and_an_agent(client: Client, roadie: Roadie) -> None:
    reply = client.get(f"/bridge/onboarding?agent_slug={SLUG}")
    assert reply.status == 200
    assert list(reply.json) == ["success", "data"]
    assert list(reply.json["data"].items()) == [
        ("site_url", roadie.site.url),
        ("site_name", "Data Machine"),
        ("site_host", "127.0.0.1"),
        ("authorize_url", f"{roadie.site.url}/wp-json/datamachine/v1/agent/authorize"),
        (
            "agent",
            {
                "agent_id": roadie.agent.agent_id,
                "agent_slug": SLUG,
                "agent_name": "Roadie",
                "status": "active",
            },
        ),
        ("display_name", "Roadie"),
        ("description", ""),
        ("avatar_url", ""),
        ("welcome_message", ""),
        ("login_label", "Sign in"),
        ("login_instructions", ""),
        ("capabilities", {}),
        ("room_name", ""),
        ("room_topic", ""),
    ]


@pytest.mark.parametrize(
    "query", ["?agent_slug=zzz", "?agent_slug=", "", "?agent_slug=%00", "?agent_slug=%F0%9F%98%80"]
)
def test_a_slug_nobody_has_is_no_error(client: Client, query: str) -> None:
    reply = client.get(f"/bridge/onboarding{query}")
    assert reply.status == 200
    assert (reply.json["data"]["agent"], reply.json["data"]["display_name"]) == (None, "Data Machine")


def test_a_slug_that_is_no_text_is_refused(client: Client) -> None:
    for query in ("?agent_slug=%ff", "?agent_slug[]=a"):
        assert client.get(f"/bridge/onboarding{query}").refusal == (400, "rest_invalid_param")


def test_a_wrong_token_is_refused_where_none_is_needed(client: Client) -> None:
    reply = client.with_token("datamachine_x").get("/bridge/onboarding")
    assert reply.refusal == (401, "datamachine_invalid_token")


def test_a_token_changes_nothing_about_it(client: Client, roadie: Roadie) -> None:
    path = f"/bridge/onboarding?agent_slug={SLUG}"
    known = client.with_token(roadie.token(capabilities=[]).raw).get(path)
    assert (known.status, known.body) == (200, client.get(path).body)


@contextmanager
def plugin(site: Instance, text: str) -> Iterator[Client]:
    """A plugin on the site, and a program that meets it."""
    folder = Path(site.path) / "wp-content" / "mu-plugins"
    folder.mkdir(exist_ok=True)
    file = folder / "talk-plugin.php"
    file.write_text(text)
    try:
        yield Client(f"{site.url}/wp-json")
    finally:
        file.unlink()


def test_plugins_decorate_it(site: Instance, roadie: Roadie) -> None:
    with plugin(site, DECORATES) as client:
        data = client.get(f"/bridge/onboarding?agent_slug={SLUG}").json["data"]
        assert (data["login_label"], data["description"]) == (f"Enter {SLUG}", "Roadie/string")
        assert data["capabilities"] == {"images": "yes"}
        data = client.get("/bridge/onboarding?agent_slug=zzz").json["data"]
        assert (data["description"], data["capabilities"]) == ("nobody", {})


def test_a_plugin_that_has_a_route_keeps_it(site: Instance, roadie: Roadie) -> None:
    with plugin(site, ANSWERS) as client:
        assert client.get("/bridge/onboarding").json == {"by": "the plugin"}
        known = client.with_token(roadie.token().raw)
        assert known.get("/bridge/identity").json["agent_slug"] == SLUG


def test_strangers_do_not_keep_wordpress_busy(
    runtime: Runtime, roadie: Roadie, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    unit = runtime.hosts.unit

    def counted(*args: Any, **options: Any) -> Any:
        opened.append(args)
        return unit(*args, **options)

    monkeypatch.setattr(runtime.hosts, "unit", counted)
    program = create_app(runtime).test_client()
    for slug in (SLUG, "zzz", "yyy") * 5:
        assert program.get(f"/datamachine/v1/bridge/onboarding?agent_slug={slug}").status_code == 200
    # One for the agent, one for everything that is none.
    assert len(opened) == 2
    body = {"code": "0" * 64, "code_verifier": "v" * 43, "redirect_uri": "http://127.0.0.1/"}
    assert program.post("/datamachine/v1/agent/token", json=body).status_code == 400
    assert program.get("/datamachine/v1/bridge/identity").status_code == 401
    assert len(opened) == 2
