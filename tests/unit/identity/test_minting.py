"""What a new token may be limited to."""

from __future__ import annotations

from typing import Any

import pytest

from sidecar.db import php_json
from sidecar.errors import Forbidden, InvalidInput
from sidecar.identity import Principal, Token, ceiling, minting

SCOPE = {
    "scope": "read_only",
    "label": "Read only",
    "ability_categories": ["datamachine-agent"],
    "ability_allow": [],
    "ability_deny": ["datamachine/delete-flow"],
    "capabilities": ["read", "datamachine_manage_agents"],
}
OWNER = Principal.user(4)


def _token(column: str | None) -> Token:
    limit = ceiling.decoded(column)
    return Token(7, 2, "datamachine_", "", limit, None, None, "", ceiling.read(column))


def _acting(column: str | None, *, narrowed: set[str] | None = None) -> tuple[Principal, Token]:
    token = _token(column)
    names = token.ceiling.capabilities
    if narrowed is not None:
        names = frozenset(narrowed) if names is None else names & narrowed
    return Principal("agent", 4, 2, names, 7), token


def _limit(column: str | None, wanted: Any, *, narrowed: set[str] | None = None) -> Any:
    principal, token = _acting(column, narrowed=narrowed)
    return minting.limit(principal, token, None, minting.checked(wanted))


def test_an_owner_gives_what_is_asked_for() -> None:
    assert minting.limit(OWNER, None, None, None) is None
    assert minting.limit(OWNER, None, None, ["anything"]) == ["anything"]
    assert minting.limit(OWNER, None, None, []) == []
    assert minting.limit(OWNER, None, None, minting.checked(SCOPE)) == SCOPE


@pytest.mark.parametrize(
    ("column", "wanted", "made"),
    [
        (None, None, None),
        (None, ["read"], ["read"]),
        ('["read","edit_posts"]', None, ["read", "edit_posts"]),
        ('["read","edit_posts"]', ["edit_posts"], ["edit_posts"]),
        ('["read","edit_posts"]', [], []),
        ("[]", None, []),
        ("[]", [], []),
    ],
)
def test_a_token_gives_a_part_of_its_own(column: str | None, wanted: Any, made: Any) -> None:
    assert _limit(column, wanted) == made


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        ('["read"]', ["edit_posts"]),
        ('["read"]', ["read", "Read"]),
        ("[]", ["read"]),
        ('["read"]', {"capabilities": ["read", "edit_posts"]}),
        (php_json.dumps(SCOPE), ["edit_posts"]),
        (php_json.dumps(SCOPE), {"capabilities": ["read"]}),
        ("broken", None),
        ("broken", []),
    ],
)
def test_a_token_never_gives_more(column: str, wanted: Any) -> None:
    with pytest.raises(Forbidden) as refused:
        _limit(column, wanted)
    assert refused.value.code == "token_too_wide"


def test_what_was_narrowed_on_the_way_stays_narrow() -> None:
    assert _limit('["read","edit_posts"]', None, narrowed={"read"}) == ["read"]
    assert _limit(None, None, narrowed={"read"}) == ["read"]
    with pytest.raises(Forbidden):
        _limit(None, ["edit_posts"], narrowed={"read"})


def test_filters_of_abilities_are_handed_on() -> None:
    column = php_json.dumps(SCOPE)
    assert _limit(column, None) == SCOPE
    assert _limit(column, ["read"]) == SCOPE | {"capabilities": ["read"]}
    made = ceiling.of(_limit(column, []))
    assert not made.allows("datamachine/delete-flow", "datamachine-agent")
    assert not made.allows("datamachine/get-flows", "datamachine-flow")


def test_work_of_a_limited_token_makes_none() -> None:
    with pytest.raises(Forbidden) as refused:
        minting.limit(Principal("agent", 4, 2, frozenset({"read"})), None, None, None)
    assert refused.value.code == "token_too_wide"


def test_who_was_granted_the_agent_gives_what_he_holds() -> None:
    held = ("read", "edit_posts")
    assert minting.limit(Principal.user(5), None, held, None) == ["read", "edit_posts"]
    assert minting.limit(Principal.user(5), None, held, ["read"]) == ["read"]
    assert minting.limit(Principal.user(5), None, (), None) == []
    with pytest.raises(Forbidden, match="manage_options"):
        minting.limit(Principal.user(5), None, held, ["manage_options"])


@pytest.mark.parametrize(
    "wanted",
    [
        [""],
        [1],
        [None],
        [["read"]],
        ["x" * 201],
        ["\ud800"],
        "read",
        {"capabilities": "read"},
        {"ability_allow": None, "capabilities": []},
        {"label": 1, "capabilities": []},
        {"label": "\ud800", "capabilities": []},
        {"scope": "x" * 201, "capabilities": []},
        [f"{number:05d}{'x' * 190}" for number in range(400)],
    ],
)
def test_what_is_no_limit(wanted: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        minting.checked(wanted)
    assert refused.value.code == "invalid_capabilities"


def test_names_are_any_text_and_stand_once() -> None:
    assert minting.checked(["read", "a b", "réad", "read"]) == ["read", "a b", "réad"]
    assert minting.checked(["x" * 200]) == ["x" * 200]
    nothing = {"scope": "", "label": ""} | {part: [] for part in (*ceiling.FILTERS, "capabilities")}
    assert minting.checked({"more": 1}) == nothing
