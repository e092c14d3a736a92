"""The rules of access, over repositories of plain dictionaries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from sidecar import hooks
from sidecar.errors import Forbidden, Unauthorized
from sidecar.hooks import Bus, api, dispatch
from sidecar.identity import Agent, Answers, Permissions, Principal, Scope
from sidecar.identity.capabilities import CAPABILITIES

ALL = Answers(frozenset(CAPABILITIES), administrator=True, network=True)
FLOWS = Answers(frozenset({"manage_flows"}))
ADMIN, OWNER, FRIEND, STRANGER, BLOG_ADMIN = 1, 4, 5, 6, 7
MINE, OTHERS, ELSEWHERE, SHARED = 2, 3, 8, 9


@pytest.fixture(autouse=True)
def python_alone() -> Iterator[None]:
    """Hooks run in Python alone here, whatever a test of a real site left behind in this process."""
    before, hosts = api.bus(), dispatch._hosts
    api.install(Bus())
    dispatch.use(None)
    yield
    dispatch.use(hosts)
    api.install(before)


def _agent(agent_id: int, owner: int, site: int | None = None) -> Agent:
    return Agent(agent_id, f"a{agent_id}", "A", owner, site, {}, "", "")


class Agents:
    rows: ClassVar = {
        MINE: _agent(MINE, OWNER),
        OTHERS: _agent(OTHERS, ADMIN),
        ELSEWHERE: _agent(ELSEWHERE, OWNER, site=2),
        SHARED: _agent(SHARED, STRANGER),
    }

    def get(self, agent_id: int) -> Agent | None:
        return self.rows.get(agent_id)

    def owned_by(self, user_id: int) -> list[Agent]:
        return [agent for agent in self.rows.values() if agent.owner_id == user_id]

    def by_ids(self, ids: Any) -> list[Agent]:
        return [self.rows[number] for number in sorted(set(ids)) if number in self.rows]


class Access:
    roles: ClassVar = {
        (MINE, FRIEND): "operator",
        (SHARED, OWNER): "viewer",
        (SHARED, BLOG_ADMIN): "viewer",
        (77, FRIEND): "admin",
    }

    def role_of(self, agent_id: int, user_id: int) -> str | None:
        return self.roles.get((agent_id, user_id))

    def roles_of_user(self, user_id: int) -> dict[int, str]:
        return {agent: role for (agent, user), role in self.roles.items() if user == user_id}


class Said:
    """WordPress, when it must be asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def of(self, user_id: int, blog_id: int) -> Answers:
        self.asked.append((user_id, blog_id))
        return ALL if user_id == ADMIN else Answers()


def _permissions(*, multisite: bool = False, said: Said | None = None) -> Permissions:
    answers = said or Said()
    return Permissions(Agents(), Access(), lambda: answers, lambda: multisite)  # type: ignore[arg-type]


def _user(user_id: int, answers: Answers = FLOWS, **more: Any) -> Principal:
    return Principal.user(user_id, answers=answers, **more)


def test_capabilities_are_wordpresss_answer_below_a_tokens_ceiling() -> None:
    rules = _permissions()
    assert rules.can(_user(OWNER), "manage_flows")
    assert not rules.can(_user(OWNER), "manage_agents")
    assert not rules.can(_user(0, ALL), "chat"), "nobody has no capability"
    assert not rules.can(_user(OWNER, ALL), "unheard_of")
    assert rules.can(Principal.system(), "unheard_of")
    narrow = Principal("agent", OWNER, MINE, frozenset({"datamachine_chat"}), answers=ALL)
    assert rules.can(narrow, "chat")
    assert not rules.can(narrow, "manage_flows")
    empty = Principal("agent", OWNER, MINE, frozenset(), answers=ALL)
    assert not any(rules.can(empty, action) for action in CAPABILITIES)
    above = Principal("agent", OWNER, MINE, frozenset({"datamachine_manage_agents"}), answers=FLOWS)
    assert not rules.can(above, "manage_agents"), "a ceiling gives nothing"


def test_wordpress_is_asked_when_it_has_not_said() -> None:
    said = Said()
    rules = _permissions(said=said)
    assert rules.can(Principal.user(ADMIN, blog_id=3), "manage_flows")
    assert not rules.can(Principal.user(OWNER), "manage_flows")
    assert said.asked == [(ADMIN, 3), (OWNER, 1)]
    assert rules.can_access(Principal.command_line(), OTHERS, "admin")
    assert len(said.asked) == 2, "nobody is asked about the command line"


@pytest.mark.parametrize(
    ("who", "agent", "role", "allowed"),
    [
        (_user(OWNER), MINE, "admin", True),
        (_user(OWNER), OTHERS, "viewer", False),
        (_user(OWNER), SHARED, "viewer", True),
        (_user(OWNER), SHARED, "operator", False),
        (_user(FRIEND), MINE, "viewer", True),
        (_user(FRIEND), MINE, "operator", True),
        (_user(FRIEND), MINE, "admin", False),
        (_user(FRIEND), MINE, "superuser", False),
        (_user(FRIEND), 77, "viewer", False),  # A grant on an agent that is gone.
        (_user(OWNER), 999, "viewer", False),
        (_user(OWNER), 0, "viewer", False),
        (_user(OWNER), -2, "viewer", False),
        (_user(ADMIN, ALL), MINE, "admin", True),
        (_user(ADMIN, ALL), 999, "admin", True),
        (_user(STRANGER, Answers(frozenset({"manage_agents"}))), MINE, "viewer", False),
        (_user(STRANGER, Answers(frozenset(), administrator=True)), MINE, "viewer", False),
        (_user(0, ALL), MINE, "viewer", False),
        (Principal.command_line(), 999, "admin", True),
        (Principal.system(), MINE, "admin", True),
    ],
)
def test_roles_on_agents(who: Principal, agent: int, role: str, allowed: bool) -> None:
    assert _permissions().can_access(who, agent, role) is allowed


def test_an_acting_agent_has_its_owners_rights_at_most() -> None:
    rules = _permissions()
    mine = Principal("agent", OWNER, MINE, answers=FLOWS)
    assert rules.can_access(mine, MINE, "admin")
    assert not rules.can_access(mine, OTHERS)
    of_admin = Principal("agent", ADMIN, OTHERS, answers=ALL)
    assert rules.can_access(of_admin, MINE, "admin")
    narrow = Principal("agent", ADMIN, OTHERS, frozenset({"datamachine_manage_flows"}), answers=ALL)
    assert not rules.can_access(narrow, MINE), "the exemption of administrators lies above this ceiling"
    assert rules.can_access(narrow, OTHERS, "admin")


def test_the_filter_judges_what_is_granted_and_nothing_else() -> None:
    seen: list[tuple[Any, ...]] = []

    def judge(allowed: bool, *about: Any) -> Any:
        seen.append((allowed, *about))
        return {(MINE, FRIEND): False, (OTHERS, STRANGER): True}.get((about[0], about[1]), "yes")

    hooks.add_filter("datamachine_can_access_agent", judge, 10, 4)
    rules = _permissions()
    assert not rules.can_access(_user(FRIEND), MINE)
    assert rules.can_access(_user(STRANGER), OTHERS, "admin")
    assert not rules.can_access(_user(STRANGER), MINE), "only true is an answer"
    assert seen == [
        (True, MINE, FRIEND, "viewer"),
        (False, OTHERS, STRANGER, "admin"),
        (False, MINE, STRANGER, "viewer"),
    ]
    for who, agent in ((_user(OWNER), MINE), (_user(ADMIN, ALL), MINE), (_user(0), MINE)):
        rules.can_access(who, agent)
    assert len(seen) == 3, "owners, administrators and visitors are not judged"


def test_unscoped_rows_belong_to_their_user_or_to_everybody() -> None:
    rules = _permissions()
    for none in (None, 0):
        assert rules.can_access_row(_user(STRANGER), none, 0, "admin")
        assert rules.can_access_row(_user(STRANGER), none, STRANGER, "admin")
        assert not rules.can_access_row(_user(STRANGER), none, FRIEND)
        assert rules.can_access_row(_user(ADMIN, ALL), none, FRIEND, "admin")
    assert not rules.can_access_row(_user(STRANGER), OTHERS, STRANGER), "the agent beats the user"
    assert rules.can_access_row(_user(FRIEND), MINE, ADMIN, "operator")


def test_refusals_tell_visitors_from_users() -> None:
    rules = _permissions()
    with pytest.raises(Unauthorized) as nobody:
        rules.require(_user(0), "chat")
    assert (nobody.value.code, nobody.value.status) == ("rest_forbidden", 401)
    with pytest.raises(Forbidden, match="Not yours") as somebody:
        rules.require_agent(_user(STRANGER), MINE, message="Not yours.")
    assert (somebody.value.code, somebody.value.status) == ("rest_forbidden", 403)
    rules.require(_user(STRANGER), "manage_agents", "manage_flows")


def test_what_a_listing_shows() -> None:
    rules = _permissions()
    assert rules.scope(_user(ADMIN, ALL)) == Scope(everything=True)
    assert rules.scope(_user(ADMIN, ALL), 999) == Scope(agent_ids=(999,))
    assert rules.scope(_user(ADMIN, ALL), 0) == Scope(), "0 is no agent"
    assert rules.scope(_user(OWNER)) == Scope(agent_ids=(MINE, ELSEWHERE, SHARED), unscoped_of=OWNER)
    assert rules.scope(_user(FRIEND)) == Scope(agent_ids=(MINE,), unscoped_of=FRIEND)
    assert rules.scope(_user(FRIEND), MINE) == Scope(agent_ids=(MINE,))
    for foreign in (OTHERS, 999, 0):
        with pytest.raises(Forbidden):
            rules.scope(_user(FRIEND), foreign)
    assert rules.scope(_user(0)) == Scope()
    acting = Principal("agent", ADMIN, OTHERS, answers=ALL)
    assert rules.scope(acting) == Scope(agent_ids=(OTHERS,)), "an acting agent is the default scope"
    assert rules.scope(acting, MINE) == Scope(agent_ids=(MINE,))
    assert rules.scope(Principal.command_line()) == Scope(everything=True)


def test_an_acting_agent_comes_first() -> None:
    acting = Principal("agent", OWNER, SHARED, answers=FLOWS)
    assert _permissions().accessible(acting) == [SHARED, MINE, ELSEWHERE]
    assert _permissions().accessible(_user(OWNER), "operator") == [MINE, ELSEWHERE]


def test_on_a_network_blogs_are_apart() -> None:
    rules = _permissions(multisite=True)
    blog_admin = Answers(frozenset(CAPABILITIES), administrator=True)
    here = _user(BLOG_ADMIN, blog_admin)
    assert rules.can_access(here, MINE, "admin"), "the rows of this blog are its administrator's"
    assert not rules.can_access(here, ELSEWHERE), "an agent of another blog is not"
    assert rules.can_access(_user(BLOG_ADMIN, blog_admin, blog_id=2), ELSEWHERE, "admin")
    assert rules.can_access(_user(ADMIN, ALL), ELSEWHERE, "admin")
    assert not rules.can_access(_user(OWNER), ELSEWHERE), "not even for its owner, there"

    with pytest.raises(Forbidden):
        rules.require_record(here, Agents.rows[MINE])
    with pytest.raises(Forbidden):
        rules.require_record(here, Agents.rows[SHARED], "operator")
    rules.require_record(here, Agents.rows[SHARED], "viewer")
    rules.require_record(_user(ADMIN, ALL), Agents.rows[MINE])
    rules.require_record(_user(OWNER), Agents.rows[MINE])
    rules.require_record(_user(BLOG_ADMIN, blog_admin, blog_id=2), Agents.rows[ELSEWHERE])
    _permissions().require_record(here, Agents.rows[MINE])
