"""Somebody lets a program act as an agent: what is asked, the approval, and the code that becomes a token."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import msgspec

from sidecar import clock as clock_module
from sidecar.errors import Cancelled, Forbidden, Internal, InvalidInput, NotFound, SidecarError
from sidecar.identity import ceiling, minting, pkce, token_log
from sidecar.identity.access import AccessRepository
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.ceiling import Stored
from sidecar.identity.codes import MAX_URI, Code, CodesRepository
from sidecar.identity.lookup import encodable
from sidecar.identity.principal import Principal
from sidecar.identity.token_service import TokensService, clean_label
from sidecar.identity.values import ROLE_ADMIN, Agent, Token
from sidecar.wordpress import Options, UsersRepository

logger = logging.getLogger(__name__)

#: In the option ``datamachine_settings``: a token may travel in the address a browser is sent back to.
LEGACY = "legacy_token_redirect"


class Asked(msgspec.Struct, frozen=True):
    """What the page of consent shows: whose agent it is, and whether this user may let others act as it."""

    agent: Agent
    #: The owner's display name; '' for an owner whose account is gone.
    owner: str
    may: bool


class Exchanged(msgspec.Struct, frozen=True):
    """A token that a program got; ``raw`` is told this once."""

    agent: Agent
    token: Token
    raw: str


class AuthorizationService:
    """The rules of the authorize flow that need no browser.

    Who lets a program act as an agent owns it, or has the role ``admin`` by a grant: administering the site
    is not enough to hand out somebody else's agent. Asked at the approval, and again at the exchange.
    """

    def __init__(
        self,
        agents: AgentsRepository,
        access: AccessRepository,
        codes: CodesRepository,
        tokens: Callable[[], TokensService],
        *,
        users: Callable[[], UsersRepository],
        options: Callable[[], Options],
        multisite: Callable[[], bool],
        clock: clock_module.Clock,
    ) -> None:
        self._agents = agents
        self._access = access
        self._codes = codes
        self._tokens = tokens
        self._users = users
        self._options = options
        self._multisite = multisite
        self._clock = clock

    def known(self, slug: str, blog_id: int) -> Agent | None:
        """The agent of a slug on a blog, for anybody; None for a slug nobody has here."""
        agent = self._agents.by_slug(slug) if encodable(slug) else None
        return agent if agent is not None and self._here(agent, blog_id) else None

    def request(self, principal: Principal, slug: str) -> Asked | None:
        """Who would be acted as; None for a slug nobody has here."""
        agent = self.known(slug, principal.blog_id)
        if agent is None:
            return None
        owner = self._users().get(agent.owner_id)
        return Asked(agent, "" if owner is None else owner.display_name, self._may(principal, agent))

    def approve(
        self,
        principal: Principal,
        agent_id: int,
        *,
        redirect_uri: str,
        label: str,
        code_challenge: str,
        capabilities: Any,
    ) -> str:
        """A code (64 hex characters) for whoever knows the verifier of that S256 challenge.

        NotFound ``agent_not_found``, Forbidden ``access_denied``, InvalidInput ``invalid_request``.
        """
        agent = self._agent(principal, agent_id)
        if not pkce.is_challenge(code_challenge):
            raise _invalid("A public client sends a code_challenge of the method S256.")
        if not 0 < len(redirect_uri) <= MAX_URI or not encodable(redirect_uri):
            raise _invalid(f"redirect_uri has 1 to {MAX_URI} characters.")
        return self._codes.issue(
            agent.agent_id,
            principal.user_id,
            redirect_uri=redirect_uri,
            code_challenge=code_challenge,
            label=_label(label),
            capabilities=_capabilities(capabilities),
        )

    def approve_legacy(
        self, principal: Principal, agent_id: int, *, label: str, capabilities: Any
    ) -> Exchanged:
        """A token at once, for clients without PKCE, where the site's settings allow it.

        As :meth:`approve`, and Internal ``token_creation_failed``.
        """
        if not self._legacy(principal.blog_id):
            raise _invalid("This site gives tokens to clients that use PKCE (S256) only.")
        agent = self._agent(principal, agent_id)
        named = _label(label) or f"authorize-flow-{self._today()}"
        return self._mint(principal, agent, named, _capabilities(capabilities))

    def exchange(self, code: str, verifier: str, redirect_uri: str, *, blog_id: int) -> Exchanged:
        """The token for a code, once; a wrong address or verifier leaves the code as it is.

        InvalidInput ``invalid_code``, ``expired_code``, ``redirect_mismatch`` or ``pkce_failed``; of a code
        that is used up then, NotFound ``agent_not_found``, Forbidden ``access_denied`` when who approved may
        not any more, Internal ``token_creation_failed``.
        """
        found = self._codes.find(code)
        if found is None:
            raise _unknown()
        if self._codes.ended(found):
            self._codes.drop(code)
            raise InvalidInput("This authorization code has expired.", code="expired_code")
        if found.redirect_uri != redirect_uri:
            raise InvalidInput("redirect_uri is not the one that was approved.", code="redirect_mismatch")
        if not pkce.matches(verifier, found.code_challenge):
            raise InvalidInput("code_verifier does not match the challenge.", code="pkce_failed")
        # Only now, and only one of all who come with the same code.
        if not self._codes.take(code):
            raise _unknown()
        return self._redeem(found, blog_id)

    def _redeem(self, code: Code, blog_id: int) -> Exchanged:
        """The token for a code that is used up. Rights may have changed since it was issued."""
        principal = Principal.user(code.user_id, blog_id=blog_id)
        agent = self._agent(principal, code.agent_id)
        if self._users().get(code.user_id) is None:
            raise _denied()
        return self._mint(principal, agent, code.label or f"bridge-{self._today()}", code.capabilities)

    def _mint(self, principal: Principal, agent: Agent, label: str, capabilities: Stored) -> Exchanged:
        try:
            tokens = self._tokens()
            part = _within(capabilities, tokens.givable(principal, agent))
            minted = tokens.create(principal, agent.agent_id, label=label, capabilities=part)
        except Cancelled:
            raise
        except NotFound:
            raise _gone() from None
        except Forbidden:
            raise _denied() from None
        except SidecarError as error:
            logger.exception("No token for agent %s.", agent.agent_slug)
            raise Internal("Failed to create token.", code="token_creation_failed") from error
        token_log.issued(agent, minted.token, principal.user_id)
        return Exchanged(agent, minted.token, minted.raw)

    def _agent(self, principal: Principal, agent_id: int) -> Agent:
        """The agent, if the principal may let others act as it."""
        agent = self._agents.get(agent_id)
        if agent is None or not self._here(agent, principal.blog_id):
            raise _gone()
        if not self._may(principal, agent):
            raise _denied()
        return agent

    def _may(self, principal: Principal, agent: Agent) -> bool:
        # People only: an agent that acts, even its owner's, may be limited to less than it would give away.
        if principal.kind != "user" or principal.user_id <= 0:
            return False
        if agent.owner_id == principal.user_id:
            return True
        return self._access.role_of(agent.agent_id, principal.user_id) == ROLE_ADMIN

    def _here(self, agent: Agent, blog_id: int) -> bool:
        return agent.site_scope in {None, blog_id} or not self._multisite()

    def _legacy(self, blog_id: int) -> bool:
        settings = self._options().get("datamachine_settings", blog_id=blog_id)
        # Booleans of forms come as text.
        return isinstance(settings, dict) and settings.get(LEGACY) in (True, 1, "1")

    def _today(self) -> str:
        return self._clock.now().strftime("%Y-%m-%d")


def _gone() -> NotFound:
    return NotFound("Agent not found.", code="agent_not_found")


def _denied() -> Forbidden:
    return Forbidden("You do not have access to this agent.", code="access_denied")


def _unknown() -> InvalidInput:
    return InvalidInput("This authorization code is not valid.", code="invalid_code")


def _invalid(message: str) -> InvalidInput:
    return InvalidInput(message, code="invalid_request")


def _label(text: str) -> str:
    try:
        return clean_label(text)
    except InvalidInput as error:
        raise _invalid(error.message) from None


def _within(asked: Stored, held: tuple[str, ...] | None) -> Stored:
    """What was agreed to, as far as who agreed may give it: a scope has one name for everybody."""
    if asked is None or held is None:
        return asked
    if isinstance(asked, list):
        return [name for name in asked if name in held]
    return ceiling.with_names(asked, [name for name in asked.get("capabilities", []) if name in held])


def _capabilities(value: Any) -> Stored:
    """The value of a token's column: better refused here than when the code is exchanged."""
    if value is not None and not isinstance(value, list | dict):
        raise _invalid("The capabilities of a token are null, a list or an object.")
    try:
        return minting.checked(value)
    except InvalidInput as error:
        raise _invalid(error.message) from None
