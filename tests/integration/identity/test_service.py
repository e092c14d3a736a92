"""Listing and showing agents, as every door does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dev import processes
from sidecar.errors import Forbidden, InvalidInput, NotFound
from sidecar.identity import AccessRepository, AgentsRepository, AgentsService, Principal
from sidecar.runtime import Runtime
from tests.integration.identity.conftest import OPERATOR, Site, subscriber

OWNER, FRIEND, STRANGER = 501, 502, 503


@pytest.fixture(scope="module", autouse=True)
def rows(runtime: Runtime, shared_site: Site) -> Iterator[None]:
    """Three agents: one of OWNER, a second shared with FRIEND, a third of blog 9 only; and the site's own."""
    # A request makes the default agent, as soon as the bridge is quick enough for a page.
    processes.wait_until(
        lambda: shared_site.page() or "admin" in shared_site.agents(), what="The default agent"
    )
    agents, access = runtime.get(AgentsRepository), runtime.get(AccessRepository)
    ids = [
        agents.insert(slug, slug.title(), OWNER, {"description": slug}) for slug in ("one", "two", "three")
    ]
    access.grant(ids[1], FRIEND, "viewer")
    access.grant(ids[1], FRIEND, "operator")
    access.grant(ids[2], FRIEND, "viewer")
    with runtime.db.session() as session:
        session.update(runtime.db.tables().agents, {"site_scope": 9}, {"agent_id": ids[2]})
    yield
    with runtime.db.session() as session:
        session.delete(runtime.db.tables().agents, {"agent_id": ids})
        session.delete(runtime.db.tables().agent_access, {"agent_id": ids})


def slugs(found) -> list[str]:
    return [summary.agent.agent_slug for summary in found if summary.agent.owner_id == OWNER]


def test_mine_is_owned_first_then_granted(service: AgentsService) -> None:
    owned = service.list(subscriber(OWNER), include_role=True)
    assert [(each.agent.agent_slug, each.is_owner, each.user_role) for each in owned] == [
        ("one", True, "admin"),
        ("two", True, "admin"),
    ]
    shared = service.list(subscriber(FRIEND), include_role=True)
    assert [(each.agent.agent_slug, each.is_owner, each.user_role) for each in shared] == [
        ("two", False, "operator")
    ]
    assert service.list(subscriber(STRANGER)) == []
    assert service.list(Principal.user(0)) == []


def test_all_needs_an_administrator_and_filters_by_site(service: AgentsService) -> None:
    with pytest.raises(Forbidden, match="scope=all requires admin"):
        service.list(subscriber(OWNER), scope="all")
    with pytest.raises(Forbidden, match="Querying another user"):
        service.list(subscriber(FRIEND), user_id=OWNER)
    with pytest.raises(InvalidInput, match="Invalid scope"):
        service.list(OPERATOR, scope="some")
    assert slugs(service.list(OPERATOR, scope="all")) == ["one", "two"]
    assert slugs(service.list(OPERATOR, scope="all", site_id=9)) == ["one", "two", "three"]


def test_an_administrator_sees_the_list_as_another_user(service: AgentsService) -> None:
    seen = service.list(OPERATOR, scope="all", user_id=FRIEND, include_role=True)
    roles = {each.agent.agent_slug: each.user_role for each in seen}
    assert (roles["one"], roles["two"], roles["admin"]) == (None, "operator", None)


def test_digits_are_an_id_and_words_a_slug(service: AgentsService) -> None:
    one = service.get("one")
    assert service.get(str(one.agent_id)) == one
    assert service.get(one.agent_id) == one
    assert one.description == "one"
    with pytest.raises(NotFound, match="Agent not found"):
        service.get("nobody")
    with pytest.raises(NotFound, match="Agent ID 999999 not found"):
        service.resolve("999999")
    with pytest.raises(NotFound, match=r'Agent "nobody" not found\. Available: admin, .*one, two, three'):
        service.resolve("nobody")


def test_show_has_owner_directory_and_grants(service: AgentsService, shared_site: Site) -> None:
    shared_site.page()
    detail = service.show(OPERATOR, "admin")
    assert (detail.owner_login, detail.has_files) == ("admin", True)
    assert detail.agent_dir == str(shared_site.files("admin"))
    assert [(each.login, each.grant.role) for each in detail.access] == [("admin", "admin")]

    stranger = service.show(OPERATOR, "two")
    assert (stranger.owner_login, stranger.has_files) == (None, False)
    assert [(each.login, each.grant.user_id, each.grant.role) for each in stranger.access] == [
        (None, FRIEND, "operator")
    ]


def test_a_grant_given_again_changes_the_role_and_keeps_the_date(
    service: AgentsService, runtime: Runtime
) -> None:
    access, agent = runtime.get(AccessRepository), service.get("one")
    access.grant(agent.agent_id, STRANGER, "viewer")
    with runtime.db.session() as session:
        session.update(
            runtime.db.tables().agent_access, {"granted_at": "2020-01-01 00:00:00"}, {"user_id": STRANGER}
        )
    access.grant(agent.agent_id, STRANGER, "admin")
    (grant,) = [each for each in access.of_agent(agent.agent_id) if each.user_id == STRANGER]
    assert (grant.role, grant.granted_at) == ("admin", "2020-01-01 00:00:00")
    with pytest.raises(InvalidInput, match="Invalid role"):
        access.grant(agent.agent_id, STRANGER, "owner")
