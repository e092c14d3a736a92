"""On a network: agents of one site and of all, people of the network, and the network's own hosts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from dev.instance import Instance
from tests.integration.authorize.browsing import PATH, Browser, Form, asked, refusal, told

OWNER, PASSWORD = "adas", "correct horse battery staple"
BOUND = asked(agent_slug="of-two")


@pytest.fixture(scope="module")
def network(instances: Path) -> Iterator[Instance]:
    """Two sites in folders; an agent of the second one and one of all, both somebody's who is on neither."""
    instance = Instance(instances / "authorize-network", multisite=True)
    try:
        instance.install()
        instance.wp("site", "create", "--slug=two")
        instance.start_web()
        instance.start_sidecar("bridge", name="bridge")
        instance.wp("user", "create", OWNER, "ada@example.org", f"--user_pass={PASSWORD}")
        for slug in ("of-two", "of-all"):
            instance.datamachine("agents", "create", slug, f"--owner={OWNER}")
        instance.datamachine("agents", "config", "of-two", "--set=site_scope=2")
        yield instance
    finally:
        instance.destroy()


@pytest.fixture
def one(network: Instance) -> Browser:
    return Browser(network).log_in(OWNER, PASSWORD)


@pytest.fixture
def two(network: Instance) -> Browser:
    return Browser(network, "/two").log_in(OWNER, PASSWORD)


def test_an_agent_of_one_site_is_unknown_on_the_others(network: Instance, one: Browser, two: Browser) -> None:
    assert refusal(one.get(BOUND, Accept="*/*")) == (404, "agent_not_found")
    form = Form(two.get(BOUND).text)
    assert form.action == f"{network.url}/two{PATH}"
    assert set(two.decide(BOUND)) == {"code", "state"}
    # A form that was shown on one site is no consent on another.
    elsewhere = one.post(form.hidden | {"action": "authorize"}, Accept="*/*")
    assert refusal(elsewhere) == (404, "agent_not_found")


def test_an_agent_of_all_sites_is_asked_for_on_each(one: Browser, two: Browser) -> None:
    for browser in (one, two):
        assert set(browser.decide(asked(agent_slug="of-all"))) == {"code", "state"}


def test_a_visitor_comes_back_to_the_site_he_was_on(network: Instance) -> None:
    location = Browser(network, "/two").get(BOUND).headers["Location"]
    back = dict(parse_qsl(urlsplit(location).query))["redirect_to"]
    assert back.startswith(f"{network.url}/two{PATH}?")


def test_whoever_is_suspended_authorizes_nothing(network: Instance, two: Browser) -> None:
    yes = two.form(BOUND).hidden | {"action": "authorize"}
    network.wp("user", "spam", OWNER)
    try:
        assert refusal(two.get(BOUND, Accept="*/*")) == (403, "access_denied")
        assert told(two.post(yes)) == {"error": "access_denied", "state": "ST1"}
    finally:
        network.wp("user", "unspam", OWNER)
    assert set(told(two.post(yes))) == {"code", "state"}
