"""The authorize flow: who may, what is asked of a program, and the order in which a code is refused."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from sidecar import hooks
from sidecar.errors import Cancelled, Conflict, Forbidden, InvalidInput, NotFound, SidecarError
from sidecar.identity import Agent, Principal
from sidecar.identity.authorization import AuthorizationService
from sidecar.identity.codes import LIFETIME, Code
from sidecar.identity.values import Minted, Token
from tests.unit.identity.test_pkce import CHALLENGE, VERIFIER

OWNER, KEEPER, VIEWER, ADMIN = 4, 5, 6, 1
BACK = "http://127.0.0.1:29340/callback"
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
AGENT = Agent(2, "roadie", "Roadie", OWNER, None, {}, "2026-11-23 00:00:00", "2026-11-23 00:00:00")
THERE = Agent(3, "there", "There", OWNER, 7, {}, "2026-11-23 00:00:00", "2026-11-23 00:00:00")


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return 0.0


class Agents:
    def __init__(self) -> None:
        self.rows = {AGENT.agent_id: AGENT, THERE.agent_id: THERE}

    def get(self, agent_id: int) -> Agent | None:
        return self.rows.get(agent_id)

    def by_slug(self, slug: str) -> Agent | None:
        return next((agent for agent in self.rows.values() if agent.agent_slug == slug), None)


class Access:
    def __init__(self) -> None:
        self.roles = {KEEPER: "admin", VIEWER: "viewer"}

    def role_of(self, agent_id: int, user_id: int) -> str | None:
        return self.roles.get(user_id)


class Users:
    def __init__(self) -> None:
        self.names = {OWNER: "Ada", KEEPER: "Ben", VIEWER: "Cleo", ADMIN: "Root"}

    def get(self, user_id: int) -> Any:
        return SimpleNamespace(display_name=self.names[user_id]) if user_id in self.names else None


class Codes:
    """Codes in memory."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.kept: dict[str, Code] = {}

    def issue(self, agent_id: int, user_id: int, **given: Any) -> str:
        code = hashlib.sha256(str(len(self.kept)).encode()).hexdigest()
        end = (self.clock.now() + timedelta(seconds=LIFETIME)).strftime("%Y-%m-%d %H:%M:%S")
        self.kept[code] = Code(agent_id=agent_id, user_id=user_id, expires_at=end, **given)
        return code

    def find(self, code: str) -> Code | None:
        return self.kept.get(code)

    def ended(self, code: Code) -> bool:
        return code.expires_at <= self.clock.now().strftime("%Y-%m-%d %H:%M:%S")

    def take(self, code: str) -> bool:
        return self.kept.pop(code, None) is not None

    def drop(self, code: str) -> None:
        del self.kept[code]


class Tokens:
    def __init__(self) -> None:
        self.made: list[tuple[Principal, int, dict[str, Any]]] = []
        self.error: Exception | None = None
        self.held: tuple[str, ...] | None = None

    def givable(self, principal: Principal, agent: Agent) -> tuple[str, ...] | None:
        return self.held

    def create(self, principal: Principal, identifier: int, **given: Any) -> Minted:
        if self.error is not None:
            raise self.error
        self.made.append((principal, identifier, given))
        token = Token(9, identifier, "datamachine_", given["label"], given["capabilities"], None, None, "")
        return Minted(token, "datamachine_roadie_" + "0" * 64)


class Lab:
    """The service with everything around it in memory."""

    def __init__(self, settings: Any = None) -> None:
        self.clock = Clock()
        self.agents, self.access, self.users = Agents(), Access(), Users()
        self.codes, self.tokens = Codes(self.clock), Tokens()
        options = SimpleNamespace(get=lambda name, default=None, blog_id=None: settings)
        parts: Any = (self.agents, self.access, self.codes, lambda: self.tokens)
        rest: Any = {"users": lambda: self.users, "options": lambda: options, "clock": self.clock}
        self.service = AuthorizationService(*parts, multisite=lambda: True, **rest)

    def approve(self, user_id: int = OWNER, agent_id: int = 2, **changed: Any) -> str:
        asked: dict[str, Any] = {
            "redirect_uri": BACK,
            "label": "beeper",
            "code_challenge": CHALLENGE,
            "capabilities": None,
        }
        return self.service.approve(Principal.user(user_id), agent_id, **(asked | changed))

    def exchange(self, code: str, verifier: str = VERIFIER, back: str = BACK) -> Any:
        return self.service.exchange(code, verifier, back, blog_id=1)


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setattr(hooks, "do_action", lambda *_: None)
    return Lab()


def refused(kind: type[SidecarError], code: str) -> Any:
    return pytest.raises(kind, check=lambda error: error.code == code)


# Who may


@pytest.mark.parametrize(
    ("principal", "may"),
    [
        (Principal.user(OWNER), True),
        (Principal.user(KEEPER), True),
        (Principal.user(VIEWER), False),
        # Administering the site is not owning its agents.
        (Principal.user(ADMIN), False),
        (Principal.user(0), False),
        (Principal("agent", user_id=OWNER, agent_id=2), False),
        (Principal("agent", user_id=OWNER, agent_id=2, ceiling=frozenset(), token_id=8), False),
        (Principal.system(), False),
        (Principal.command_line(OWNER), False),
    ],
)
def test_owners_and_those_granted_the_role_admin_may(lab: Lab, principal: Principal, may: bool) -> None:
    asked = lab.service.request(principal, "roadie")
    assert asked is not None
    assert (asked.agent, asked.owner, asked.may) == (AGENT, "Ada", may)
    settings: dict[str, Any] = {
        "redirect_uri": BACK,
        "label": "",
        "code_challenge": CHALLENGE,
        "capabilities": None,
    }
    if may:
        assert lab.service.approve(principal, 2, **settings) in lab.codes.kept
    else:
        with refused(Forbidden, "access_denied"):
            lab.service.approve(principal, 2, **settings)
        assert not lab.codes.kept


@pytest.mark.parametrize("slug", ["nobody", "", "\ud800", "there"])
def test_an_agent_that_is_not_here_is_unknown(lab: Lab, slug: str) -> None:
    assert lab.service.request(Principal.user(OWNER), slug) is None
    assert lab.service.known(slug, 1) is None


def test_an_agent_of_another_blog_is_approved_there_only(lab: Lab) -> None:
    with refused(NotFound, "agent_not_found"):
        lab.approve(agent_id=THERE.agent_id)
    assert lab.service.known("there", 7) == THERE


def test_an_owner_without_account_has_no_name(lab: Lab) -> None:
    del lab.users.names[OWNER]
    asked = lab.service.request(Principal.user(KEEPER), "roadie")
    assert asked is not None
    assert asked.owner == ""


# Asking


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge": ""},
        {"code_challenge": "plain"},
        {"code_challenge": CHALLENGE + "="},
        {"redirect_uri": ""},
        {"redirect_uri": "http://127.0.0.1/" + "x" * 2000},
        {"redirect_uri": "http://127.0.0.1/\ud800"},
        {"label": "x" * 201},
        {"label": "\ud800"},
        {"capabilities": "datamachine_chat"},
        {"capabilities": 5},
        {"capabilities": False},
        {"capabilities": [5]},
        {"capabilities": ["x" * 201]},
        {"capabilities": {"capabilities": "all"}},
    ],
)
def test_what_cannot_be_asked_for(lab: Lab, changed: dict[str, Any]) -> None:
    with refused(InvalidInput, "invalid_request"):
        lab.approve(**changed)
    assert not lab.codes.kept


@pytest.mark.parametrize("capabilities", [None, [], ["datamachine_chat"], {"capabilities": ["read"]}])
def test_what_is_approved_is_what_is_made(lab: Lab, capabilities: Any) -> None:
    made = lab.exchange(lab.approve(KEEPER, capabilities=capabilities))
    ((principal, agent_id, given),) = lab.tokens.made
    assert (principal, agent_id) == (Principal.user(KEEPER), 2)
    assert given["label"] == "beeper"
    if isinstance(capabilities, dict):
        assert given["capabilities"]["capabilities"] == capabilities["capabilities"]
    else:
        assert given["capabilities"] == capabilities
    assert made.agent == AGENT
    assert made.raw.startswith("datamachine_roadie_")


@pytest.mark.parametrize(
    ("asked", "made"),
    [
        (None, None),
        (["read", "manage_options"], ["read"]),
        ({"capabilities": ["read", "manage_options"]}, ["read"]),
        ({"ability_allow": ["get-agent"]}, []),
    ],
)
def test_a_scope_is_narrowed_to_what_somebody_granted_may_give(lab: Lab, asked: Any, made: Any) -> None:
    lab.tokens.held = ("read", "datamachine_chat")
    lab.exchange(lab.approve(KEEPER, capabilities=asked))
    found = lab.tokens.made[0][2]["capabilities"]
    assert (found["capabilities"] if isinstance(found, dict) else found) == made


# Exchanging


def test_refusals_come_in_their_order_and_leave_the_code(lab: Lab) -> None:
    code = lab.approve()
    with refused(InvalidInput, "invalid_code"):
        lab.exchange("0" * 64, "wrong", "elsewhere")
    with refused(InvalidInput, "redirect_mismatch"):
        lab.exchange(code, "wrong", BACK + "/x")
    with refused(InvalidInput, "pkce_failed"):
        lab.exchange(code, "wrong")
    lab.exchange(code)
    with refused(InvalidInput, "invalid_code"):
        lab.exchange(code)
    assert len(lab.tokens.made) == 1


def test_a_code_ends_after_ten_minutes(lab: Lab) -> None:
    in_time, too_late = lab.approve(), lab.approve()
    lab.clock.time = NOW + timedelta(seconds=599)
    lab.exchange(in_time)
    lab.clock.time = NOW + timedelta(seconds=600)
    # Before anything else is looked at.
    with refused(InvalidInput, "expired_code"):
        lab.exchange(too_late, "wrong", "elsewhere")
    with refused(InvalidInput, "invalid_code"):
        lab.exchange(too_late)
    assert len(lab.tokens.made) == 1


def test_whoever_comes_second_at_the_same_moment_gets_nothing(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = lab.approve()
    found = lab.codes.kept[code]
    monkeypatch.setattr(lab.codes, "find", lambda _: found)
    lab.exchange(code)
    with refused(InvalidInput, "invalid_code"):
        lab.exchange(code)
    assert len(lab.tokens.made) == 1


def test_rights_are_asked_again(lab: Lab) -> None:
    codes = [lab.approve(KEEPER) for _ in range(3)]
    lab.access.roles[KEEPER] = "operator"
    with refused(Forbidden, "access_denied"):
        lab.exchange(codes[0])
    lab.access.roles[KEEPER] = "admin"
    del lab.users.names[KEEPER]
    with refused(Forbidden, "access_denied"):
        lab.exchange(codes[1])
    lab.agents.rows.clear()
    with refused(NotFound, "agent_not_found"):
        lab.exchange(codes[2])
    assert not lab.tokens.made
    assert not lab.codes.kept


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Forbidden("No.", code="token_too_wide"), "access_denied"),
        (NotFound("Gone.", code="agent_not_found"), "agent_not_found"),
        (Conflict("Database."), "token_creation_failed"),
    ],
)
def test_no_token_is_one_of_three_reasons(lab: Lab, error: SidecarError, code: str) -> None:
    lab.tokens.error = error
    with pytest.raises(SidecarError, check=lambda raised: raised.code == code):
        lab.exchange(lab.approve())


def test_a_caller_who_left_is_not_called_a_failure(lab: Lab) -> None:
    lab.tokens.error = Cancelled("Gone.")
    with pytest.raises(Cancelled):
        lab.exchange(lab.approve())


def test_a_token_without_label_says_where_it_came_from(lab: Lab) -> None:
    assert lab.exchange(lab.approve(label="")).token.label == "bridge-2026-11-23"


# Without PKCE


@pytest.mark.parametrize(
    "settings", [None, "", {}, {"legacy_token_redirect": False}, {"legacy_token_redirect": "no"}]
)
def test_no_token_without_pkce_unless_the_site_says_so(lab: Lab, settings: Any) -> None:
    service = Lab(settings).service
    with refused(InvalidInput, "invalid_request"):
        service.approve_legacy(Principal.user(OWNER), 2, label="", capabilities=None)


@pytest.mark.parametrize("on", [True, 1, "1"])
def test_a_site_may_keep_the_old_way(lab: Lab, on: Any) -> None:
    old = Lab({"legacy_token_redirect": on})
    made = old.service.approve_legacy(Principal.user(OWNER), 2, label="", capabilities=["read"])
    assert made.token.label == "authorize-flow-2026-11-23"
    assert old.tokens.made[0][2]["capabilities"] == ["read"]
    for user_id in (VIEWER, ADMIN, 0):
        with refused(Forbidden, "access_denied"):
            old.service.approve_legacy(Principal.user(user_id), 2, label="", capabilities=None)
    assert msgspec.structs.asdict(made)["agent"] == AGENT
