"""What PHP code may ask about tokens: parameters are checked, refusals are null and false."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sidecar.bridge.context import CallContext
from sidecar.errors import Forbidden, Internal, InvalidInput, NotFound, SidecarError
from sidecar.identity import Agent, Minted, Principal, Token
from sidecar.identity.token_bridge import TokensBridge

AGENT = Agent(2, "bot", "Bot", 4, None, {}, "", "")
TOKEN = Token(9, 2, "datamachine_", "", None, None, None, "")
USER = {"kind": "user", "user_id": 4, "actions": []}


class Agents:
    def get(self, agent_id: int) -> Agent | None:
        return AGENT if agent_id == 2 else None


class Service:
    def __init__(self, fails: SidecarError | None = None) -> None:
        self.fails = fails
        self.asked: list[Any] = []

    def _do(self, *asked: Any) -> None:
        self.asked.append(asked)
        if self.fails:
            raise self.fails

    def create(self, principal: Principal, agent_id: int, **given: Any) -> Minted:
        self._do(principal, agent_id, given)
        return Minted(TOKEN, "datamachine_bot_00")

    def revoke(self, principal: Principal, agent_id: int, token_id: int) -> None:
        self._do(principal, agent_id, token_id)

    def revoke_all(self, principal: Principal, agent_id: int) -> int:
        self._do(principal, agent_id)
        return 3


def _ask(service: Service, method: str, **params: Any) -> Any:
    call: Any = SimpleNamespace(params={"principal": USER, **params}, context=CallContext(source="rest"))
    bridge = TokensBridge(Agents(), lambda: service)  # type: ignore[arg-type, return-value]
    return bridge.handlers()[f"identity.tokens.{method}"](call)


def test_php_code_has_rights_of_its_own() -> None:
    service = Service()
    made = _ask(service, "create", agent_id=2, label="ci", capabilities=["read"], expires_at=None)
    assert made == {"token_id": 9, "raw_token": "datamachine_bot_00", "token_prefix": "datamachine_"}
    assert _ask(service, "revoke", agent_id=2, token_id=9) is True
    assert _ask(service, "revoke_all", agent_id=2) == 3
    system = Principal.system()
    assert service.asked == [
        (system, 2, {"label": "ci", "capabilities": ["read"], "expires_at": None}),
        (system, 2, 9),
        (system, 2),
    ]


def test_an_acting_agent_has_only_its_own() -> None:
    service = Service()
    told = USER | {"agent": {"agent_id": 2, "capabilities": ["read"], "token_id": None}}
    _ask(service, "create", agent_id=2, principal=told)
    _ask(service, "revoke", agent_id=2, token_id=9, principal=told)
    _ask(service, "revoke_all", agent_id=2, principal=told)
    assert {(who.kind, who.agent_id, who.ceiling) for who, *_ in service.asked} == {
        ("agent", 2, frozenset({"read"}))
    }


@pytest.mark.parametrize("fails", [NotFound("x"), Forbidden("x"), InvalidInput("x")])
def test_what_is_refused_is_null_false_and_nothing(fails: SidecarError) -> None:
    assert _ask(Service(fails), "create", agent_id=2) is None
    assert _ask(Service(fails), "revoke", agent_id=2, token_id=9) is False
    assert _ask(Service(fails), "revoke_all", agent_id=2) == 0


def test_what_breaks_is_an_error() -> None:
    for method, params in (("create", {}), ("revoke", {"token_id": 9}), ("revoke_all", {})):
        with pytest.raises(Internal):
            _ask(Service(Internal("x")), method, agent_id=2, **params)


@pytest.mark.parametrize(
    ("given", "limit"),
    [
        (None, None),
        ([], []),
        ({"0": "read", "2": "edit_posts"}, ["read", "edit_posts"]),
        ({"capabilities": ["read"]}, {"capabilities": ["read"]}),
    ],
)
def test_limits_as_php_sends_them(given: Any, limit: Any) -> None:
    service = Service()
    _ask(service, "create", agent_id=2, capabilities=given)
    assert service.asked[0][2]["capabilities"] == limit


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("create", {"agent_id": "2"}),
        ("create", {"agent_id": True}),
        ("create", {"agent_id": 2, "label": 5}),
        ("create", {"agent_id": 2, "expires_at": 5}),
        ("create", {"agent_id": 2, "capabilities": "read"}),
        ("revoke", {"agent_id": 2}),
        ("revoke_all", {}),
    ],
)
def test_wrong_parameters(method: str, params: dict[str, Any]) -> None:
    service = Service()
    with pytest.raises(InvalidInput) as refused:
        _ask(service, method, **params)
    assert (refused.value.code, service.asked) == ("invalid_parameter", [])
