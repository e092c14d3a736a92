"""Making, listing and revoking tokens: the only place where tokens come from, whatever the door."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import timedelta

from sidecar import clock as clock_module
from sidecar.db import Database
from sidecar.errors import Forbidden, InvalidInput, NotFound
from sidecar.identity import bearer, minting, token_log
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.ceiling import Stored
from sidecar.identity.expiry import moment
from sidecar.identity.lookup import Lookup, encodable
from sidecar.identity.permissions import ADMIN, OPERATOR, Permissions
from sidecar.identity.principal import Principal
from sidecar.identity.tokens import TokensRepository
from sidecar.identity.values import Agent, Minted, Token
from sidecar.identity.wordpress import IdentityHost

#: Characters of a label; the column would cut more.
MAX_LABEL = 200
#: Bytes of a token that nobody can guess.
RANDOM = 32

NO_ADMIN = "You do not have admin access to this agent"
NO_ACCESS = "You do not have access to this agent"
NO_TOKEN = "Token not found or does not belong to this agent"  # noqa: S105  # a message

_TAG = re.compile(r"<[^<>]*>")
_CONTROL = re.compile(r"[\x00-\x20\x7f]+")
#: What may not stand in a token's text.
_UNSENDABLE = re.compile(r"[^!-+\--~]")


class TokensService:
    """What every door does with an agent's tokens.

    Refusals are Unauthorized (a visitor) or Forbidden ``rest_forbidden``. Below a token's limit
    ``datamachine_manage_agents`` has to be listed, whatever the door asks.
    """

    def __init__(
        self,
        db: Database,
        *,
        agents: AgentsRepository,
        tokens: TokensRepository,
        permissions: Permissions,
        host: IdentityHost,
        clock: clock_module.Clock = clock_module.SYSTEM,
        random: Callable[[int], str] = secrets.token_hex,
    ) -> None:
        self._db = db
        self._agents = agents
        self._tokens = tokens
        self._permissions = permissions
        self._host = host
        self._clock = clock
        self._random = random
        self._lookup = Lookup(agents)

    def create(
        self,
        principal: Principal,
        identifier: str | int,
        *,
        label: str = "",
        capabilities: Stored = None,
        expires_in: int | None = None,
        expires_at: str | None = None,
    ) -> Minted:
        """A new token of an agent, for those with the role admin on it.

        ``capabilities`` is a list of names, a later version's object, or None: whatever the maker may give
        (:mod:`sidecar.identity.minting`). ``expires_in`` are seconds, 0 and less mean no end; ``expires_at``
        is ``YYYY-MM-DD HH:MM:SS`` in UTC. An acting agent makes tokens for itself only, which end with its
        own at the latest.

        NotFound ``agent_not_found``, InvalidInput ``invalid_capabilities``, ``token_label_too_long``,
        ``invalid_label`` or ``invalid_expiry``, Forbidden ``token_too_wide``, Unauthorized when the token
        the agent acts through has just ended.
        """
        agent = self._lookup.get(identifier)
        self._require_admin(principal, agent)
        if principal.agent_id and principal.agent_id != agent.agent_id:
            raise Forbidden("An agent makes tokens for itself only.", code="rest_forbidden")
        wanted = minting.checked(capabilities)
        name = clean_label(label)
        end = self._end(expires_in, expires_at)
        held = self.givable(principal, agent)
        raw = f"{bearer.PREFIX}{_UNSENDABLE.sub('-', agent.agent_slug)}_{self._random(RANDOM)}"

        def work(_: object) -> Token:
            # An agent that is being deleted, or a token that is being revoked, leaves nothing behind.
            if not self._agents.exists(agent.agent_id):
                raise NotFound("Agent not found.", code="agent_not_found")
            own = self._own(principal)
            return self._tokens.insert(
                agent.agent_id,
                raw,
                label=name,
                capabilities=minting.limit(principal, own, held, wanted),
                expires_at=_earlier(end, None if own is None else own.expires_at),
            )

        token = self._db.run(work)
        token_log.created(agent, token)
        return Minted(token, raw)

    def list(self, principal: Principal, identifier: str | int) -> list[Token]:
        """An agent's tokens, those made last first, for its operators; NotFound ``agent_not_found``."""
        agent = self._lookup.get(identifier)
        self._require_listed(principal, NO_ACCESS)
        self._permissions.require_agent(principal, agent, OPERATOR, message=NO_ACCESS)
        return self._tokens.of_agent(agent.agent_id)

    def revoke(self, principal: Principal, identifier: str | int, token_id: int) -> None:
        """Take one token back: it ends at once. For those with the role admin on the agent.

        NotFound ``agent_not_found``, or ``token_not_found`` when the agent has none of this id.
        """
        agent = self._lookup.get(identifier)
        self._require_admin(principal, agent)
        if not self._tokens.delete(token_id, agent.agent_id):
            raise NotFound(NO_TOKEN, code="token_not_found")
        token_log.revoked(agent.agent_id, token_id)

    def revoke_all(self, principal: Principal, identifier: str | int) -> int:
        """Take every token of an agent back; how many there were. NotFound ``agent_not_found``."""
        agent = self._lookup.get(identifier)
        self._require_admin(principal, agent)
        gone = self._tokens.of_agent(agent.agent_id)
        revoked = [each.token_id for each in gone if self._tokens.delete(each.token_id, agent.agent_id)]
        for token_id in revoked:
            token_log.revoked(agent.agent_id, token_id)
        return len(revoked)

    def givable(self, principal: Principal, agent: Agent) -> tuple[str, ...] | None:
        """What somebody may give who was only granted the agent: what he holds; None for everything."""
        if agent.owner_id == principal.user_id or self._permissions.administers_network(principal):
            return None
        with self._host.at_hand(principal):
            return self._host.capabilities(principal.user_id)

    def _require_admin(self, principal: Principal, agent: Agent) -> None:
        self._require_listed(principal, NO_ADMIN)
        # Who has a token acts as the agent wherever it does: on a network an agent that all blogs share
        # is not one blog's to give away.
        self._permissions.require_record(principal, agent, ADMIN, message=NO_ADMIN)

    def _require_listed(self, principal: Principal, message: str) -> None:
        if principal.ceiling is not None:
            self._permissions.require(principal, "manage_agents", message=message)

    def _own(self, principal: Principal) -> Token | None:
        """The token the principal acts through, as it is now."""
        if principal.agent_id is None or principal.token_id is None:
            return None
        own = self._tokens.get(principal.token_id, principal.agent_id)
        if own is None or own.expired(self._clock.now()):
            raise bearer.refusal()
        return own

    def _end(self, expires_in: int | None, expires_at: str | None) -> str | None:
        if expires_at:
            if moment(expires_at) is None:
                raise InvalidInput("expires_at must be YYYY-MM-DD HH:MM:SS, in UTC.", code="invalid_expiry")
            return expires_at
        if expires_in is None or expires_in <= 0:
            return None
        try:
            return clock_module.mysql(self._clock.now() + timedelta(seconds=expires_in))
        except OverflowError:
            raise InvalidInput("expires_in is too large.", code="invalid_expiry") from None


def clean_label(label: str) -> str:
    """A label as it is stored: one line without tags; InvalidInput where the column cannot hold it."""
    if not encodable(label):
        raise InvalidInput("A label is text in UTF-8.", code="invalid_label")
    text = _CONTROL.sub(" ", _TAG.sub("", label)).strip()
    if len(text) > MAX_LABEL:
        raise InvalidInput(
            f"A label has at most {MAX_LABEL} characters, this one has {len(text)}.",
            code="token_label_too_long",
        )
    return text


def _earlier(end: str | None, own: str | None) -> str | None:
    """The earlier of two ends; both are written alike, so that text compares as time."""
    if not own:
        return end
    return own if end is None else min(end, own)
