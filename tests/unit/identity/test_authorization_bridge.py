"""What the authorize pages may ask of the sidecar: parameters are checked, answers have the agreed shapes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sidecar.bridge.context import CallContext
from sidecar.errors import Forbidden, InvalidInput
from sidecar.identity.authorization_bridge import AuthorizationBridge
from tests.unit.identity.test_authorization import BACK, KEEPER, OWNER, Lab, lab
from tests.unit.identity.test_pkce import CHALLENGE

__all__ = ["lab"]

TOLD = {"kind": "user", "user_id": OWNER, "actions": []}
ASKED = {
    "agent_id": 2,
    "redirect_uri": BACK,
    "label": "beeper",
    "code_challenge": CHALLENGE,
    "capabilities": None,
    "legacy": False,
    "principal": TOLD,
}


def ask(lab: Lab, method: str, params: dict[str, Any], user_id: int = OWNER) -> Any:
    agents: Any = lab.agents
    call: Any = SimpleNamespace(params=params, context=CallContext(user_id=user_id, source="web"))
    return AuthorizationBridge(agents, lab.service).handlers()[f"identity.authorization.{method}"](call)


def test_who_is_asked_for(lab: Lab) -> None:
    found = ask(lab, "request", {"agent_slug": "roadie", "principal": TOLD})
    assert list(found) == ["agent", "owner", "may"]
    assert (found["agent"]["agent_id"], found["owner"], found["may"]) == ("2", "Ada", True)
    assert ask(lab, "request", {"agent_slug": "nobody", "principal": TOLD}) is None
    visitor = ask(lab, "request", {"agent_slug": "roadie"}, user_id=0)
    assert visitor["may"] is False


def test_an_approval_is_a_code_of_whoever_is_signed_in(lab: Lab) -> None:
    (code,) = ask(lab, "approve", ASKED).values()
    ask(lab, "approve", ASKED | {"principal": TOLD | {"user_id": KEEPER}})
    assert [kept.user_id for kept in lab.codes.kept.values()] == [OWNER, KEEPER]
    assert lab.codes.kept[code].redirect_uri == BACK


def test_an_agent_that_acts_approves_nothing(lab: Lab) -> None:
    acting = TOLD | {"agent": {"agent_id": 2, "capabilities": None, "token_id": None}}
    assert ask(lab, "request", {"agent_slug": "roadie", "principal": acting})["may"] is False
    for legacy in (False, True):
        old = Lab({"legacy_token_redirect": True})
        with pytest.raises(Forbidden, match="access"):
            ask(old, "approve", ASKED | {"principal": acting, "legacy": legacy})
        assert not old.codes.kept
        assert not old.tokens.made


def test_the_old_way_answers_a_token(lab: Lab) -> None:
    old = Lab({"legacy_token_redirect": True})
    made = ask(old, "approve", ASKED | {"legacy": True, "code_challenge": ""})
    assert made == {"token": "datamachine_roadie_" + "0" * 64, "agent_slug": "roadie", "agent_id": 2}
    with pytest.raises(InvalidInput, match="PKCE"):
        ask(lab, "approve", ASKED | {"legacy": True})
    # Only a word of yes is one: without it the challenge is asked for.
    with pytest.raises(InvalidInput, match="S256"):
        ask(old, "approve", ASKED | {"legacy": "true", "code_challenge": ""})


@pytest.mark.parametrize(
    "wrong",
    [
        {"agent_id": "2"},
        {"agent_id": True},
        {"agent_id": None},
        {"redirect_uri": None},
        {"label": 5},
        {"code_challenge": ["x"]},
        {"code_challenge": None},
    ],
)
def test_wrong_parameters_are_refused(lab: Lab, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, check=lambda error: error.code == "invalid_request"):
        ask(lab, "approve", ASKED | wrong)
    assert not lab.codes.kept
