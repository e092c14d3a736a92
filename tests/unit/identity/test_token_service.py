"""Whose tokens somebody may make on a network, and how far."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sidecar.errors import Forbidden
from sidecar.hooks import Bus, api, dispatch
from sidecar.identity import Agent, Answers, Permissions, Principal, Token, TokensService, ceiling
from sidecar.identity.capabilities import CAPABILITIES

SUPER = Answers(frozenset(CAPABILITIES), administrator=True, network=True)
LOCAL = Answers(frozenset(CAPABILITIES), administrator=True)
NOBODY = Answers()
SUPER_ID, LOCAL_ID, OWNER_ID, FRIEND_ID = 1, 5, 6, 7
#: Of the whole network; of blog 1 and owned by a super admin.
SHARED, BOUND = 2, 3
HELD = ("edit_posts", "manage_options")


@pytest.fixture(autouse=True)
def python_alone() -> Iterator[None]:
    """Hooks run in Python alone here, whatever a test of a real site left behind in this process."""
    before, hosts = api.bus(), dispatch._hosts
    api.install(Bus())
    dispatch.use(None)
    yield
    dispatch.use(hosts)
    api.install(before)


class Database:
    def run(self, work: Callable[[Any], Any]) -> Any:
        return work(None)


class Agents:
    def get(self, agent_id: int) -> Agent | None:
        owner, site = {SHARED: (OWNER_ID, None), BOUND: (SUPER_ID, 1)}[agent_id]
        return Agent(agent_id, f"a{agent_id}", "A", owner, site, {}, "", "")

    def exists(self, agent_id: int) -> bool:
        return True


class Access:
    def role_of(self, agent_id: int, user_id: int) -> str | None:
        return "admin" if user_id == FRIEND_ID else None


class Tokens:
    def insert(self, agent_id: int, raw: str, *, label: str, capabilities: Any, expires_at: Any) -> Token:
        return Token(
            1, agent_id, raw[:12], label, capabilities, None, expires_at, "", ceiling.of(capabilities)
        )


class Host:
    """WordPress, which says what a user holds."""

    @contextmanager
    def at_hand(self, principal: Principal) -> Iterator[None]:
        yield None

    def capabilities(self, user_id: int) -> tuple[str, ...]:
        assert user_id in {LOCAL_ID, FRIEND_ID}
        return HELD


def _service(*, multisite: bool = True) -> TokensService:
    agents: Any = Agents()
    permissions = Permissions(agents, Access(), lambda: None, lambda: multisite)  # type: ignore[arg-type, return-value]
    parts: Any = {"tokens": Tokens(), "host": Host()}
    database: Any = Database()
    return TokensService(database, agents=agents, permissions=permissions, random=lambda _: "00", **parts)


def _made(principal: Principal, agent_id: int, *, multisite: bool = True, **more: Any) -> Any:
    return _service(multisite=multisite).create(principal, agent_id, **more).token.capabilities


@pytest.mark.parametrize(
    "who",
    [
        Principal.user(SUPER_ID, answers=SUPER),
        Principal.user(OWNER_ID, answers=NOBODY),
        Principal.command_line(),
        Principal.system(),
    ],
)
def test_super_admins_owners_and_operators_give_everything(who: Principal) -> None:
    assert _made(who, SHARED) is None
    assert _made(who, SHARED, capabilities=["manage_network"]) == ["manage_network"]


def test_one_blogs_administrator_has_no_tokens_of_an_agent_that_all_blogs_share() -> None:
    with pytest.raises(Forbidden) as refused:
        _made(Principal.user(LOCAL_ID, answers=LOCAL), SHARED)
    assert (refused.value.code, refused.value.message) == (
        "rest_forbidden",
        "You do not have admin access to this agent",
    )


def test_one_blogs_administrator_does_not_become_a_super_admin_by_his_blogs_agent() -> None:
    local = Principal.user(LOCAL_ID, answers=LOCAL)
    assert _made(local, BOUND) == list(HELD)
    with pytest.raises(Forbidden, match="manage_network"):
        _made(local, BOUND, capabilities=["manage_network"])
    assert _made(local, BOUND, multisite=False) is None, "on a single site there is nothing above him"


def test_who_was_granted_an_agent_gives_what_he_holds() -> None:
    assert _made(Principal.user(FRIEND_ID, answers=NOBODY), SHARED) == list(HELD)
    assert _made(Principal.user(FRIEND_ID, answers=NOBODY), SHARED, capabilities=["edit_posts"]) == [
        "edit_posts"
    ]


def test_a_slug_that_no_header_holds() -> None:
    service = _service()
    assert service.create(Principal.system(), SHARED).raw == "datamachine_a2_00"
    service._agents.get = lambda _: Agent(2, "a, b\u00e9\n", "A", 1, None, {}, "", "")  # type: ignore[method-assign]
    assert service.create(Principal.system(), SHARED).raw == "datamachine_a--b--_00"
