"""PHP and Python find the same file for a scope."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sidecar.identity import AgentsRepository, Owners
from sidecar.memory import places
from sidecar.memory.layout import Layout
from sidecar.memory.names import BadName
from sidecar.memory.values import Scope
from sidecar.runtime import Runtime
from sidecar.wordpress import UsersRepository
from tests.integration.memory.conftest import WordPress
from tests.unit.memory.test_names_fuzz import PIECES

#: What can be said in JSON.
SPOKEN = [piece for piece in PIECES if piece != "\udc80"]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.fixture(scope="module")
def layout(runtime: Runtime) -> Layout:
    with runtime.hosts.unit() as unit:
        facts = places.facts(unit.call("memory.site", {}), runtime.site)
    return Layout(
        facts.places,
        runtime.get(AgentsRepository),
        runtime.get(UsersRepository),
        runtime.get(Owners),
        facts.convention_paths,
    )


@pytest.fixture(scope="module")
def people(site) -> dict[str, int]:
    """Users whose logins become slugs in different ways."""
    logins = ["Plain.Name", "with_under-score", "mail@example.org", "two words"]
    made = {}
    for number, login in enumerate(logins):
        created = site.wp("user", "create", login, f"u{number}@example.net", "--porcelain")
        made[login] = int(created.stdout)
    return made


@pytest.mark.parametrize(
    "scope",
    [
        Scope("agent", 0, 0, "SOUL.md"),
        Scope("agent", 1, 0, "MEMORY.md"),
        Scope("agent", 1, 1, "daily/2026/04/17.md"),
        Scope("agent", 1, 999_999, "SOUL.md"),
        Scope("agent", 888_888, 0, "SOUL.md"),
        Scope("shared", 0, 0, "SITE.md"),
        Scope("user", 1, 0, "USER.md"),
        Scope("user", 0, 0, "USER.md"),
        Scope("network", 1, 0, "NETWORK.md"),
        Scope("poem", 1, 0, "X.md"),
    ],
)
def test_the_same_path(php: WordPress, layout: Layout, scope: Scope) -> None:
    assert layout.file(scope).path == php.ask("path", **scope.params())


def test_users_without_an_agent(php: WordPress, layout: Layout, people: dict[str, int]) -> None:
    for user_id in people.values():
        scope = Scope("agent", user_id, 0, "SOUL.md")
        assert layout.file(scope).path == php.ask("path", **scope.params())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.lists(st.sampled_from(SPOKEN), max_size=10).map("".join), TEXTS))
@example("../x.md")
@example("a/../../x.md")
@example("")
@example("a//b")
@example("d/" * 31 + "x.md")
@example("d/" * 32 + "x.md")
@example("ü" * 128)
def test_both_refuse_the_same_names(php: WordPress, layout: Layout, name: str) -> None:
    scope = Scope("agent", 1, 0, name)
    try:
        expected = layout.file(scope).path
    except BadName:
        expected = None
    assert php.ask("path", **scope.params()) == expected
