"""Who PHP says acts, and how far that is believed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sidecar.bridge.context import CallContext
from sidecar.errors import Forbidden
from sidecar.identity import Agent, Answers, Principal
from sidecar.identity.wire import principal_of

AGENT = Agent(2, "bot", "Bot", 4, None, {}, "", "")


class Agents:
    def get(self, agent_id: int) -> Agent | None:
        return AGENT if agent_id == 2 else None


def _principal(told: Any, *, source: str = "rest", user_id: int = 4, blog_id: int = 3) -> Principal:
    context = CallContext(user_id=user_id, blog_id=blog_id, source=source)  # type: ignore[arg-type]
    call = SimpleNamespace(params={"principal": told}, context=context)
    return principal_of(call, Agents())  # type: ignore[arg-type]


def test_a_user_with_what_wordpress_said() -> None:
    told = {"kind": "user", "user_id": 4, "actions": ["chat", "made_up"], "administrator": True}
    assert _principal(told) == Principal(
        "user", 4, blog_id=3, answers=Answers(frozenset({"chat"}), administrator=True)
    )
    assert _principal({"kind": "user", "user_id": 4, "actions": {0: "chat", 2: "use_tools"}}).answers == (
        Answers(frozenset({"chat", "use_tools"}))
    )


def test_without_a_word_wordpress_is_asked_later() -> None:
    assert _principal(None) == Principal.user(4, blog_id=3)


@pytest.mark.parametrize("source", ["web", "rest", "cron", "host", "queue"])
def test_the_command_line_is_one_only_from_the_command_line(source: str) -> None:
    told = {"kind": "cli", "user_id": 4, "actions": []}
    assert _principal(told, source=source).kind == "user"
    assert _principal(told, source="cli") == Principal.command_line(4, blog_id=3)


@pytest.mark.parametrize("source", ["web", "rest", "cli"])
def test_a_page_is_not_the_system(source: str) -> None:
    told = {"kind": "system", "user_id": 0, "actions": ["manage_flows"]}
    assert _principal(told, source=source).kind == "user"
    assert _principal(told, source="host") == Principal.system(blog_id=3)


@pytest.mark.parametrize("source", ["web", "rest", "cli"])
def test_code_that_vouches_for_its_caller_is_the_system(source: str) -> None:
    told = {"kind": "system", "user_id": 0, "actions": [], "authenticated": True}
    assert _principal(told, source=source) == Principal.system(blog_id=3)
    assert _principal({**told, "authenticated": 1}, source=source).kind == "user"
    assert _principal({**told, "kind": "user", "user_id": 4}, source=source).kind == "user"


def test_an_acting_agent_with_its_ceiling() -> None:
    told = {
        "kind": "user", "user_id": 4, "actions": ["chat"], "administrator": False, "network": False,
        "agent": {"agent_id": 2, "capabilities": ["datamachine_chat"], "token_id": 7},
    }  # fmt: skip
    assert _principal(told) == Principal(
        "agent", 4, 2, frozenset({"datamachine_chat"}), 7, 3, Answers(frozenset({"chat"}))
    )
    told["agent"] = {"agent_id": 2, "capabilities": None, "token_id": None}
    assert (_principal(told).ceiling, _principal(told).token_id) == (None, None)
    told["agent"] = {"agent_id": 2, "capabilities": [], "token_id": None}
    assert _principal(told).ceiling == frozenset(), "an empty list limits to nothing"


@pytest.mark.parametrize("agent_id", [0, 3, -2, "2", True, None])
def test_an_agent_that_is_gone_acts_no_more(agent_id: Any) -> None:
    with pytest.raises(Forbidden) as refused:
        _principal({"user_id": 4, "agent": {"agent_id": agent_id}})
    assert refused.value.code == "invalid_principal"


def test_an_agent_acts_for_its_owner_only() -> None:
    with pytest.raises(Forbidden):
        _principal({"user_id": 1, "actions": ["manage_agents"], "agent": {"agent_id": 2}})
