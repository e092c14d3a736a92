"""What the PHP facade may ask: parameters are checked, answers have the shapes PHP code knows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sidecar.bridge.context import CallContext
from sidecar.errors import Forbidden, InvalidInput
from sidecar.identity import Agent, Permissions
from sidecar.identity.bridge import IdentityBridge, row

OWNER, ADMIN = 4, 1
AGENT = Agent(2, "bot", "Bot", OWNER, None, {"a": {}}, "2026-11-23 00:00:00", "2026-11-23 00:00:01")
BOUND = Agent(3, "there", "There", ADMIN, 7, {}, "", "")
TOLD = {"kind": "user", "user_id": OWNER, "actions": ["chat"]}


class Agents:
    def get(self, agent_id: int) -> Agent | None:
        return {2: AGENT, 3: BOUND}.get(agent_id)

    def by_slug(self, slug: str) -> Agent | None:
        return AGENT if slug == "bot" else None

    def by_ids(self, ids: Any) -> list[Agent]:
        return [agent for agent in (AGENT, BOUND) if agent.agent_id in set(ids)]

    def owned_by(self, user_id: int) -> list[Agent]:
        return [agent for agent in (AGENT, BOUND) if agent.owner_id == user_id]

    def all(self) -> list[Agent]:
        return [AGENT, BOUND]


class Access:
    def role_of(self, agent_id: int, user_id: int) -> str | None:
        return None

    def roles_of_user(self, user_id: int) -> dict[int, str]:
        return {}


def _ask(method: str, **params: Any) -> Any:
    agents: Any = Agents()
    permissions = Permissions(agents, Access(), lambda: None, lambda: False)  # type: ignore[arg-type, return-value]
    call: Any = SimpleNamespace(params=params, context=CallContext(user_id=OWNER, source="web"))
    return IdentityBridge(agents, permissions).handlers()[f"identity.{method}"](call)


def test_access() -> None:
    assert _ask("can_access_agent", agent_id=2, minimum_role="admin", principal=TOLD) is True
    assert _ask("can_access_agent", agent_id=2, principal=TOLD | {"user_id": 0}) is False
    assert _ask("accessible_agents", principal=TOLD) == [2]
    gone = TOLD | {"agent": {"agent_id": 3, "capabilities": None, "token_id": None}}
    with pytest.raises(Forbidden, match="not this user's"):
        _ask("can_access_agent", agent_id=2, principal=gone)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [2, 3]),
        ({"ids": [3, 2, 9]}, [2, 3]),
        ({"ids": []}, []),
        ({"slug": "bot"}, [2]),
        ({"slug": "nobody"}, []),
        ({"owner_id": ADMIN}, [3]),
        ({"site_id": 1}, [2]),
        ({"site_id": 7, "owner_id": ADMIN}, [3]),
        ({"site_id": 1, "owner_id": ADMIN}, []),
    ],
)
def test_rows(wanted: dict[str, Any], found: list[int]) -> None:
    assert [int(each["agent_id"]) for each in _ask("agents", **wanted)] == found


def test_a_row_is_text_as_in_the_database() -> None:
    assert row(AGENT) == {
        "agent_id": "2",
        "agent_slug": "bot",
        "agent_name": "Bot",
        "owner_id": "4",
        "site_scope": None,
        "agent_config": {"a": {}},
        "created_at": "2026-11-23 00:00:00",
        "updated_at": "2026-11-23 00:00:01",
    }
    assert row(BOUND)["site_scope"] == "7"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("can_access_agent", {"agent_id": "2"}),
        ("can_access_agent", {"agent_id": True}),
        ("can_access_agent", {}),
        ("can_access_agent", {"agent_id": 2, "minimum_role": None}),
        ("agents", {"ids": "2"}),
        ("agents", {"ids": ["2"]}),
        ("agents", {"slug": 2}),
        ("agents", {"owner_id": "1"}),
        ("agents", {"site_id": "1"}),
    ],
)
def test_wrong_parameters(method: str, params: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        _ask(method, principal=TOLD, **params)
    assert refused.value.code == "invalid_parameter"
