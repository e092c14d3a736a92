"""Answers on a network: each blog's roles, and the administrators of all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.instance import Instance
from sidecar.identity.capabilities import CAPABILITIES
from tests.integration.identity_answers.conftest import Lab, laboratory


@pytest.fixture(scope="module")
def network(instances: Path) -> Iterator[tuple[Lab, int]]:
    """A lab on a network, and its second blog."""
    instance = Instance(instances / "answers-net", multisite=True)
    try:
        instance.install()
        second = int(instance.wp("site", "create", "--slug=two", "--porcelain").stdout)
        with laboratory(instance) as lab:
            yield lab, second
    finally:
        instance.destroy()


def test_each_blog_has_its_own_roles_and_super_admins_have_all(network: tuple[Lab, int]) -> None:
    lab, second = network
    user = lab.person("neteditor", "editor")
    assert "view_logs" in lab.of(user).actions
    assert lab.of(user, second).actions == frozenset()
    assert lab.of(user, second).known
    lab.wp("user", "set-role", str(user), "administrator", f"--url={lab.instance.url}/two/")
    assert lab.of(user, second).administrator
    assert not lab.of(user, second).network
    assert not lab.of(user).administrator
    lab.wp("super-admin", "add", "neteditor")
    for blog_id in (1, second):
        said = lab.of(user, blog_id)
        assert (said.actions, said.administrator, said.network) == (frozenset(CAPABILITIES), True, True)
    lab.wp("super-admin", "remove", "neteditor")
    assert not lab.of(user).administrator
    assert not lab.of(user, second).network


def test_a_suspended_user_has_nothing_at_once(network: tuple[Lab, int]) -> None:
    lab, _ = network
    user = lab.person("netspammer", "administrator")
    assert lab.of(user).administrator
    assert lab.get("/agents", user) == (200, "")
    lab.wp("user", "spam", str(user))
    assert not lab.of(user).known
    assert lab.get("/agents", user) == (401, "rest_not_logged_in")
    lab.wp("user", "unspam", str(user))
    assert lab.get("/agents", user) == (200, "")
