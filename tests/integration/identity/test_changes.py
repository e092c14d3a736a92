"""Creating, changing and deleting agents, as every door does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sidecar.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthorized
from sidecar.identity import (
    AccessRepository,
    AccessService,
    AgentsRepository,
    AgentsService,
    Answers,
    Principal,
)
from sidecar.runtime import Runtime
from tests.integration.identity.conftest import OPERATOR, Site, administrator, subscriber


@pytest.fixture(autouse=True)
def clean(agents: Site) -> Iterator[None]:
    """Each test begins with the default agent alone, and no notes of hooks."""
    yield
    agents.sql("DELETE FROM wp_datamachine_agents WHERE agent_slug <> 'admin'")
    agents.sql(
        "DELETE FROM wp_datamachine_agent_access "
        "WHERE agent_id NOT IN (SELECT agent_id FROM wp_datamachine_agents)"
    )
    agents.sql("DELETE FROM wp_datamachine_agent_tokens")
    agents.without("datamachine_removed_agents")


def test_a_new_agent_has_row_grant_files_and_tells(service: AgentsService, agents: Site) -> None:
    made = service.create(
        administrator(), "Café Bot", name=" Café <b>Bot</b> ", config={"description": "d/é"}
    )
    assert (made.agent.agent_slug, made.agent.agent_name, made.agent.owner_id) == ("cafe-bot", "Café Bot", 1)
    assert agents.agents()["cafe-bot"][1:] == ["Café Bot", "1", "NULL", '{"description":"d\\\\/\\\\u00e9"}']
    assert made.agent_dir == str(agents.files("cafe-bot"))
    assert sorted(path.name for path in agents.files("cafe-bot").iterdir()) == [
        "MEMORY.md",
        "SOUL.md",
        "index.php",
    ]
    assert agents.sql(
        f"SELECT user_id, role FROM wp_datamachine_agent_access WHERE agent_id = {made.agent.agent_id}"
    ) == [["1", "admin"]]
    assert agents.notes("created") == [[made.agent.agent_id, "cafe-bot", "Café Bot"]]
    ((created, updated, now),) = agents.sql(
        "SELECT created_at, updated_at, UTC_TIMESTAMP() FROM wp_datamachine_agents "
        "WHERE agent_slug = 'cafe-bot'"
    )
    assert created == updated
    assert created[:15] == now[:15]


def test_an_agent_without_name_or_config(service: AgentsService, agents: Site) -> None:
    made = service.create(administrator(), "plain")
    assert agents.agents()["plain"][1:] == ["plain", "1", "NULL", "[]"]
    assert made.agent.agent_config == {}


@pytest.mark.parametrize(
    ("slug", "name", "code"),
    [
        ("!!!", None, "agent_slug_required"),
        ("", None, "agent_slug_required"),
        ("s" * 201, None, "agent_slug_too_long"),
        ("日" * 60, None, "agent_slug_too_long"),
        ("fine", "n" * 201, "agent_name_too_long"),
        ("admin", None, "agent_slug_conflict"),
        ("ADMIN", None, "agent_slug_conflict"),
    ],
    ids=["marks", "empty", "long", "long-encoded", "long-name", "taken", "taken-in-capitals"],
)
def test_what_cannot_be_an_agent_is_refused(
    service: AgentsService, agents: Site, slug: str, name: str | None, code: str
) -> None:
    before = agents.agents()
    with pytest.raises((InvalidInput, Conflict)) as raised:
        service.create(administrator(), slug, name=name)
    assert raised.value.code == code
    assert agents.agents() == before
    assert agents.notes("created") == []


def test_the_longest_slug_and_name_are_kept_whole(service: AgentsService, agents: Site) -> None:
    made = service.create(administrator(), "s" * 200, name="é" * 200)
    assert (made.agent.agent_slug, made.agent.agent_name) == ("s" * 200, "é" * 200)
    assert (agents.files("s" * 200) / "SOUL.md").exists()


def test_who_may_create_and_for_whom(service: AgentsService, agents: Site) -> None:
    owner = agents.user("maker")
    with pytest.raises(Unauthorized):
        service.create(Principal.user(0, answers=Answers()), "nobodys")
    with pytest.raises(Forbidden):
        service.create(Principal.user(owner, answers=Answers(actions=frozenset({"chat"}))), "theirs")
    ceiling = Principal(
        "agent",
        user_id=1,
        agent_id=1,
        ceiling=frozenset({"datamachine_chat"}),
        answers=administrator().answers,
    )
    with pytest.raises(Forbidden):
        service.create(ceiling, "widened")
    # Whoever manages something is not limited, but only administrators make agents for others.
    manager = Principal.user(owner, answers=Answers(actions=frozenset({"manage_flows"})))
    assert service.create(manager, "first", owner_id=1).agent.owner_id == owner
    assert service.create(manager, "second").agent.owner_id == owner
    assert service.create(administrator(), "given", owner_id=owner).agent.owner_id == owner
    assert service.create(OPERATOR, "by-operator", owner_id=owner).agent.owner_id == owner
    with pytest.raises(NotFound, match=r"Owner user ID 987654 not found\."):
        service.create(OPERATOR, "orphan", owner_id=987654)
    with pytest.raises(NotFound, match=r"Owner user ID 0 not found\."):
        service.create(OPERATOR, "orphan")


def test_others_have_one_agent_unless_a_filter_says_more(service: AgentsService, agents: Site) -> None:
    owner = agents.user("limited")
    service.create(subscriber(owner), "only", name="Only One")
    with pytest.raises(
        Conflict, match=r'You already have an agent \("Only One"\)\. Non-admin users are limited to 1 agent\.'
    ) as raised:
        service.create(subscriber(owner), "more")
    assert raised.value.code == "agent_limit_reached"
    agents.option(f"test_limit_{owner}", 2)
    service.create(subscriber(owner), "more")
    with pytest.raises(Conflict, match=r"You already have 2 agent\(s\)\. Non-admin users are limited to 2\."):
        service.create(subscriber(owner), "too-many")
    assert {"only", "more"} <= set(agents.agents())
    assert "too-many" not in agents.agents()


def test_update_replaces_name_and_configuration(
    service: AgentsService, runtime: Runtime, agents: Site
) -> None:
    made = service.create(administrator(), "changing", name="Old Name", config={"a": 1})
    memory = agents.files("changing") / "MEMORY.md"
    memory.write_text("# Memory\nOld Name likes Old Names.\n")
    detail = service.update(administrator(), made.agent.agent_id, name="New <i>Name</i>", config={"b": {}})
    assert (detail.agent.agent_name, detail.agent.agent_config) == ("New Name", {"b": []})
    assert agents.agents()["changing"][4] == '{"b":[]}'
    assert memory.read_text() == "# Memory\nNew Name likes New Names.\n"
    soul = (agents.files("changing") / "SOUL.md").read_text()
    assert "**New Name**" in soul
    assert "Old Name" not in soul
    assert agents.notes("updated") == [[made.agent.agent_id]]
    assert service.update(administrator(), "changing", config={}).agent.agent_config == {}
    assert agents.agents()["changing"][4] == "[]"
    assert memory.read_text() == "# Memory\nNew Name likes New Names.\n"


def test_update_refuses_what_it_cannot_store(service: AgentsService, agents: Site) -> None:
    made = service.create(administrator(), "stays", name="Stays")
    for fields, message in (
        ({}, "No fields to update. Provide agent_name or agent_config."),
        ({"name": ""}, "Agent name cannot be empty."),
        ({"name": None}, "Agent name cannot be empty."),
        ({"name": "<b></b>"}, "Agent name cannot be empty."),
        ({"name": "n" * 201}, "An agent name has at most 200 characters, this one has 201."),
    ):
        with pytest.raises(InvalidInput) as raised:
            service.update(administrator(), made.agent.agent_id, **fields)  # type: ignore[arg-type]
        assert raised.value.message == message
    with pytest.raises(NotFound, match=r"Agent ID 999999 not found\."):
        service.update(administrator(), 999999, name="x")
    assert agents.agents()["stays"][1] == "Stays"
    assert agents.notes("updated") == []


def test_only_admins_of_an_agent_change_it(
    service: AgentsService, people: AccessService, agents: Site
) -> None:
    owner, helper, stranger = (agents.user(name) for name in ("an-owner", "a-helper", "a-stranger"))
    made = service.create(administrator(), "guarded", owner_id=owner)
    for role in ("viewer", "operator"):
        people.grant(subscriber(owner), "guarded", helper, role)
        for refused in (
            lambda: service.update(subscriber(helper), "guarded", name="Mine"),
            lambda: service.set_config(subscriber(helper), "guarded", "k", 1),
            lambda: service.unset_config(subscriber(helper), "guarded", "k"),
            lambda: service.set_site_scope(subscriber(helper), "guarded", 1),
            lambda: service.rename(subscriber(helper), "guarded", "mine"),
            lambda: service.delete(subscriber(helper), "guarded"),
            lambda: people.list(subscriber(helper), "guarded"),
            lambda: people.grant(subscriber(helper), "guarded", helper, "admin"),
            lambda: people.revoke(subscriber(helper), "guarded", helper),
            lambda: service.show(subscriber(stranger), "guarded"),
            lambda: service.restore(subscriber(owner), "guarded"),
        ):
            with pytest.raises(Forbidden) as raised:
                refused()
            assert raised.value.code == "rest_forbidden"
        assert service.show(subscriber(helper), "guarded").agent == made.agent
    people.grant(subscriber(owner), "guarded", helper, "admin")
    assert service.update(subscriber(helper), "guarded", name="Ours").agent.agent_name == "Ours"
    assert service.delete(subscriber(helper), "guarded").agent.agent_id == made.agent.agent_id


def test_single_keys_of_a_configuration(service: AgentsService, agents: Site) -> None:
    service.create(administrator(), "keyed", config={"a": 1, "b": 2})
    assert service.set_config(OPERATOR, "keyed", "a.b", [1]).agent_config == {"a": 1, "b": 2, "a.b": [1]}
    assert service.unset_config(OPERATOR, "keyed", "b") is True
    assert service.unset_config(OPERATOR, "keyed", "b") is False
    assert agents.agents()["keyed"][4] == '{"a":1,"a.b":[1]}'
    assert len(agents.notes("updated")) == 2
    assert service.unset_config(OPERATOR, "keyed", "a")
    assert service.unset_config(OPERATOR, "keyed", "a.b")
    assert agents.agents()["keyed"][4] == "[]"
    assert service.set_site_scope(OPERATOR, "keyed", 1).site_scope == 1
    assert service.set_site_scope(OPERATOR, "keyed", None).site_scope is None
    with pytest.raises(NotFound, match="no blog 77"):
        service.set_site_scope(OPERATOR, "keyed", 77)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "nonsense {", '"text"', "[1,2]", None])
def test_whatever_stands_in_the_column_is_read_and_replaced(
    service: AgentsService, runtime: Runtime, text: str | None
) -> None:
    agents = runtime.get(AgentsRepository)
    agent_id = agents.insert("odd", "Odd", 1, {})
    with runtime.db.session() as session:
        session.update(runtime.db.tables().agents, {"agent_config": text}, {"agent_id": agent_id})
    assert service.get("odd").agent_config == {}
    assert service.set_config(OPERATOR, "odd", "k", "v").agent_config == {"k": "v"}


def test_people_and_their_roles(service: AgentsService, people: AccessService, agents: Site) -> None:
    friend = agents.user("friend")
    made = service.create(administrator(), "shared")
    granted = people.grant(administrator(), "shared", friend, "viewer")
    assert (granted.user_id, granted.login, granted.role) == (friend, "friend", "viewer")
    assert people.grant(administrator(), made.agent.agent_id, friend, "operator").role == "operator"
    assert [(each.login, each.email, each.role) for each in people.list(OPERATOR, "shared")] == [
        ("admin", "admin@example.org", "admin"),
        ("friend", "friend@example.org", "operator"),
    ]
    for refused, code in (
        (lambda: people.grant(OPERATOR, "shared", friend, "owner"), "invalid_role"),
        (lambda: people.grant(OPERATOR, "shared", 987654, "viewer"), "user_not_found"),
        (lambda: people.grant(OPERATOR, "nobody", friend, "viewer"), "agent_not_found"),
        (lambda: people.revoke(OPERATOR, "shared", 1), "cannot_revoke_owner"),
        (lambda: people.revoke(OPERATOR, "shared", 987654), "revoke_failed"),
    ):
        with pytest.raises((InvalidInput, NotFound)) as raised:
            refused()
        assert raised.value.code == code
    people.revoke(OPERATOR, "shared", friend)
    people.revoke(OPERATOR, "shared", 1, owner_too=True)
    assert people.list(OPERATOR, "shared") == []
    assert service.show(administrator(), "shared").agent.owner_id == 1


def test_a_user_who_is_gone_still_has_a_line(
    service: AgentsService, people: AccessService, runtime: Runtime
) -> None:
    made = service.create(administrator(), "remembers")
    runtime.get(AccessRepository).grant(made.agent.agent_id, 555555, "viewer")
    ghost = [each for each in people.list(OPERATOR, "remembers") if each.user_id == 555555]
    assert [(each.login, each.display_name, each.email) for each in ghost] == [(None, "", "")]


def test_me_is_the_acting_agent_or_the_first_owned(service: AgentsService, agents: Site) -> None:
    made = service.create(administrator(), "acting")
    assert service.me(administrator()).agent_slug == "admin"
    acting = Principal("agent", user_id=1, agent_id=made.agent.agent_id, answers=administrator().answers)
    assert service.me(acting) == made.agent
    assert [each.agent.agent_slug for each in service.list(acting)] == ["acting"]
    with pytest.raises(NotFound, match="No agent found for this user") as raised:
        service.me(subscriber(agents.user("without")))
    assert raised.value.code == "no_agent"
    with pytest.raises(Unauthorized):
        service.me(Principal.user(0))


def test_deleting_takes_grants_and_tokens_along_and_leaves_the_rest(
    service: AgentsService, agents: Site, generation: str
) -> None:
    made = service.create(administrator(), "leaving")
    kept = service.create(administrator(), "staying")
    for agent in (made.agent, kept.agent):
        agents.sql(
            "INSERT INTO wp_datamachine_agent_tokens (agent_id, token_hash, token_prefix, label) VALUES "
            f"({agent.agent_id}, SHA2('{agent.agent_slug}', 256), 'datamachine_', 'l')"
        )
    audiences = agents.sql("SHOW TABLES LIKE 'wp_datamachine_agent_principal_access'")
    assert bool(audiences) == (generation != "0.102.8")
    if audiences:
        agents.sql(
            "INSERT INTO wp_datamachine_agent_principal_access "
            "(agent_id, principal_type, principal_id, role) "
            f"VALUES ({made.agent.agent_id}, 'audience', 'public', 'viewer')"
        )
    gone = service.delete(administrator(), "leaving")
    assert (gone.agent, gone.files_deleted) == (made.agent, False)
    assert "leaving" not in agents.agents()
    tables = ["agent_access", "agent_tokens", *(["agent_principal_access"] if audiences else [])]
    for table in tables:
        assert not agents.sql(f"SELECT * FROM wp_datamachine_{table} WHERE agent_id = {made.agent.agent_id}")
    for table in tables[:2]:
        assert agents.sql(f"SELECT * FROM wp_datamachine_{table} WHERE agent_id = {kept.agent.agent_id}")
    assert (agents.files("leaving") / "SOUL.md").exists()
    assert agents.notes("deleted") == [[made.agent.agent_id, "leaving"]]
    with pytest.raises(NotFound, match=r"^Agent not found\.$"):
        service.delete(administrator(), "leaving")
    # Nobody declares it: nothing keeps the slug from being used again, with another id.
    assert "leaving" not in removed(agents)
    assert service.create(administrator(), "leaving").agent.agent_id > made.agent.agent_id


def test_deleting_with_files_stays_inside_the_agents_folder(
    service: AgentsService, agents: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    service.create(administrator(), "filed")
    outside = tmp_path_factory.mktemp("outside")
    (outside / "precious.md").write_text("p")
    (agents.files("filed") / "daily").mkdir()
    (agents.files("filed") / "daily" / "day.md").write_text("d")
    (agents.files("filed") / "away").symlink_to(outside)
    assert service.delete(administrator(), "filed", delete_files=True).files_deleted is True
    assert not agents.files("filed").exists()
    assert (outside / "precious.md").exists()

    service.create(administrator(), "linked")
    agents.files("linked").rename(agents.files("elsewhere"))
    agents.files("linked").symlink_to(agents.files("elsewhere"))
    assert service.delete(administrator(), "linked", delete_files=True).files_deleted is False
    assert (agents.files("elsewhere") / "SOUL.md").exists()
    agents.files("linked").unlink()


def removed(site: Site) -> dict[str, Any]:
    """The record of declared agents that were removed."""
    return dict(site.stored("datamachine_removed_agents") or {})


def test_a_declared_agent_stays_deleted_until_it_is_restored(service: AgentsService, agents: Site) -> None:
    agents.declare(phoenix={"label": "Phoenix"})
    agents.page()
    first = agents.agents()["phoenix"][0]
    service.delete(administrator(), "phoenix")
    assert removed(agents)["phoenix"]["user"] == 1
    agents.page()
    agents.page()
    assert "phoenix" not in agents.agents()
    with pytest.raises(NotFound, match='No removed agent "other"'):
        service.restore(administrator(), "other")
    service.restore(administrator(), "Phoenix")
    assert removed(agents) == {}
    agents.page()
    assert int(agents.agents()["phoenix"][0]) > int(first)
    assert len(agents.notes("reconciled")) == 2


def test_creating_a_removed_agent_ends_its_absence(service: AgentsService, agents: Site) -> None:
    agents.declare(twice={})
    agents.page()
    service.delete(administrator(), "twice", delete_files=True)
    made = service.create(administrator(), "twice", name="Mine")
    assert removed(agents) == {}
    agents.page()
    assert agents.agents()["twice"][0] == str(made.agent.agent_id)
    assert agents.notes("created") == [[made.agent.agent_id, "twice", "Mine"]]


def test_an_owner_without_manage_agents_may_remove_a_declared_agent_for_good(
    service: AgentsService, agents: Site
) -> None:
    owner = agents.user("lender")
    agents.option("test_owner", owner)
    agents.declare(lent={"resolve": True})
    agents.page()
    service.delete(subscriber(owner), "lent")
    agents.page()
    assert "lent" not in agents.agents()
    assert removed(agents)["lent"]["user"] == owner


def test_a_declared_slug_is_the_administrators_to_give(service: AgentsService, agents: Site) -> None:
    """The plugin's code would work with whoever's agent has the slug it declares."""
    owner = agents.user("squatter")
    agents.declare(coveted={})
    agents.page()
    service.delete(administrator(), "coveted", delete_files=True)
    service.create(subscriber(owner), "mine-alone")
    agents.option(f"test_limit_{owner}", 5)
    for refused in (
        lambda: service.create(subscriber(owner), "Coveted"),
        lambda: service.rename(subscriber(owner), "mine-alone", "coveted"),
    ):
        with pytest.raises(Conflict) as raised:
            refused()
        assert raised.value.code == "agent_slug_reserved"
    assert service.create(administrator(), "coveted").agent.owner_id == 1


def test_an_agents_admin_does_not_take_it_to_another_site(
    service: AgentsService, people: AccessService, agents: Site
) -> None:
    helper = agents.user("mover")
    service.create(administrator(), "settled")
    people.grant(administrator(), "settled", helper, "admin")
    with pytest.raises(Forbidden):
        service.set_site_scope(subscriber(helper), "settled", 1)
    assert service.get("settled").site_scope is None


def test_half_characters_are_refused_and_name_nobody(service: AgentsService, agents: Site) -> None:
    half = "bot-\ud800"
    for refused in (
        lambda: service.create(administrator(), half),
        lambda: service.create(administrator(), "bot", name=half),
        lambda: service.create(administrator(), "bot", config={"k": half}),
        lambda: service.update(administrator(), "admin", name=half),
        lambda: service.rename(administrator(), "admin", half),
    ):
        with pytest.raises(InvalidInput):
            refused()
    assert service.find(half) is None
    assert list(agents.agents()) == ["admin"]
