"""Agents of other sites that act for us there: their tokens, and requests with them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from sidecar.errors import InvalidInput, NotFound, SidecarError
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.caller import Caller
from sidecar.identity.external import address
from sidecar.identity.external.address import Remote
from sidecar.identity.external.client import OutboundClient
from sidecar.identity.external.store import ExternalStore
from sidecar.identity.external.values import Answer, Connection, Exchanged, Invitation, Secret, Who
from sidecar.identity.permissions import Permissions, refusal
from sidecar.identity.principal import Principal
from sidecar.wordpress import Options

log = logging.getLogger("datamachine.identity")

ME = "/wp-json/datamachine/v1/agents/me"
#: Where a code is exchanged; the second is the chat bridge's, beside an older Data Machine.
EXCHANGES = ("/wp-json/datamachine/v1/agent/token", "/wp-json/datamachine/v1/bridge/token")
#: Seconds for each try of an exchange: a browser waits for both.
EXCHANGE_SECONDS = 12
TOKEN = re.compile(r"datamachine_[A-Za-z0-9_%.-]{1,300}")


class RemoteRefused(SidecarError):
    """The other site did not do what was asked."""

    code = "remote_refused"
    status = 502


class ExternalService:
    """For those who administer the site: with such a token anybody acts as an agent's owner elsewhere."""

    def __init__(
        self,
        permissions: Permissions,
        agents: AgentsRepository,
        store: ExternalStore,
        client: OutboundClient,
        options: Callable[[], Options],
    ) -> None:
        self._permissions = permissions
        self._agents = agents
        self._store = store
        self._client = client
        self._options = options

    def list(self, principal: Principal) -> list[Connection]:
        """Every stored token, without the tokens."""
        self._enter(principal)
        return self._store.all(principal)

    def show(self, principal: Principal, key: str) -> Secret:
        """One of them; NotFound ``external_token_not_found``."""
        self._enter(principal)
        return self._stored(principal, key)

    def add(
        self,
        principal: Principal,
        site: str,
        slug: str,
        token: str,
        *,
        agent_id: int | None = None,
        verify: bool = False,
    ) -> Connection:
        """Store a token, in place of one of the same site and agent.

        ``verify``: ask the site first whose it is, and store nothing when it does not say ``slug``.
        InvalidInput for what is no site, slug or token; RemoteRefused.
        """
        self._enter(principal)
        remote, slug, token = address.parse(site), address.check_slug(slug), check_token(token)
        if verify:
            who = self._who(principal, remote, token)
            if who.agent_slug != slug:
                raise RemoteRefused(f'The token is agent "{who.agent_slug}" there, not "{slug}".')
            agent_id = who.agent_id
        return self._store.put(principal, remote, slug, max(0, agent_id or 0), token)

    def remove(self, principal: Principal, key: str) -> None:
        """Forget one; NotFound. The other site keeps its token until somebody revokes it there."""
        self._enter(principal)
        if not self._store.remove(principal, key):
            raise _unknown(key)

    def test(self, principal: Principal, key: str) -> Who:
        """Whom a stored token stands for; NotFound, or RemoteRefused with what the site said."""
        self._enter(principal)
        secret = self._stored(principal, key)
        return self._who(principal, secret.connection.remote, secret.token)

    def connect(
        self, principal: Principal, site: str, slug: str, *, label: str = "", redirect_uri: str = ""
    ) -> Invitation:
        """An address for the browser of an administrator of this site.

        What comes back is believed for ten minutes, once, and from the same user, if one is named.
        """
        self._enter(principal)
        remote, slug = address.parse(site), address.check_slug(slug)
        return self._store.invite(principal, remote, slug, label.strip(), redirect_uri.strip())

    def call(self, principal: Principal, key: str, method: str, path: str, **more: Any) -> Answer:
        """A request with a stored token; ``more`` as :meth:`OutboundClient.request` takes it. NotFound."""
        self._enter(principal)
        secret = self._stored(principal, key)
        return self._ask(principal, secret.connection.remote, secret.token, method, path, **more)

    def call_site(
        self, principal: Principal, site: str, slug: str, method: str, path: str, **more: Any
    ) -> Answer:
        """As :meth:`call`, by site and agent; what is not stored is an answer with status code 0."""
        self._enter(principal)
        try:
            key = address.parse(site).key(slug.strip())
            secret = self._stored(principal, key)
        except (InvalidInput, NotFound) as error:
            return Answer(False, 0, "", error=error.message)
        return self._ask(principal, secret.connection.remote, secret.token, method, path, **more)

    def exchange(self, remote: Remote, slug: str, code: str, verifier: str, redirect_uri: str) -> Exchanged:
        """A token for a code the other site gave; RemoteRefused with what it says.

        Rights are the callback's question, in PHP.
        """
        given = {"code": code, "code_verifier": verifier, "redirect_uri": redirect_uri}
        answer = self._client.request(remote, "POST", EXCHANGES[0], body=given, timeout=EXCHANGE_SECONDS)
        if answer.status_code == 404 and _error_code(answer) == "rest_no_route":
            answer = self._client.request(remote, "POST", EXCHANGES[1], body=given, timeout=EXCHANGE_SECONDS)
        if not answer.success or not isinstance(answer.body, Mapping):
            raise RemoteRefused(_said(answer), data={"remote_code": _error_code(answer)})
        told = answer.body
        if told.get("agent_slug") != slug:
            raise RemoteRefused("The site gave a token of another agent.", code="agent_mismatch")
        return Exchanged(check_token(str(told.get("access_token") or "")), _id(told.get("agent_id")), slug)

    def _enter(self, principal: Principal) -> None:
        if not self._permissions.administers(principal):
            raise refusal(principal)

    def _stored(self, principal: Principal, key: str) -> Secret:
        found = self._store.get(principal, key)
        if found is None:
            raise _unknown(key)
        return found

    def _who(self, principal: Principal, remote: Remote, token: str) -> Who:
        answer = self._ask(principal, remote, token, "GET", ME)
        data = answer.body.get("data") if isinstance(answer.body, Mapping) else None
        if not answer.success or not isinstance(data, Mapping):
            raise RemoteRefused(_said(answer))
        return Who(
            agent_id=_id(data.get("agent_id")),
            agent_slug=str(data.get("agent_slug") or ""),
            agent_name=str(data.get("agent_name") or ""),
            site_name=str(data.get("site_name") or ""),
        )

    def _ask(
        self, principal: Principal, remote: Remote, token: str, method: str, path: str, **more: Any
    ) -> Answer:
        answer = self._client.request(remote, method, path, token=token, chain=self._chain(principal), **more)
        log.info("%s %s: %s", method, remote.authority, answer.status_code or answer.error)
        return answer

    def _chain(self, principal: Principal) -> dict[str, str]:
        """Who calls: the network's host, the acting agent, and one hop more than we were called with."""
        agent = self._agents.get(principal.agent_id) if principal.agent_id else None
        home = urlsplit(self._options().home_url(blog_id=1)).hostname or ""
        return (principal.caller or Caller()).headers(home, agent.agent_slug if agent else "")


def check_token(token: str) -> str:
    """A token as Data Machine writes one, or InvalidInput ``invalid_token``."""
    token = token.strip()
    if TOKEN.fullmatch(token) is None:
        raise InvalidInput("A token begins with datamachine_ and has no spaces.", code="invalid_token")
    return token


def _unknown(key: str) -> NotFound:
    return NotFound(f'No connection found for "{key}".', code="external_token_not_found")


def _said(answer: Answer) -> str:
    return answer.error or "The site did not answer as Data Machine does."


def _error_code(answer: Answer) -> str:
    code = answer.body.get("code") if isinstance(answer.body, Mapping) else None
    return code if isinstance(code, str) else ""


def _id(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
