"""An agent with a token, the programs that use it, and the two doors they knock at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from dev.instance import Instance
from sidecar import runtime as runtimes
from sidecar import settings
from sidecar.identity import Agent, AgentsService, Principal
from sidecar.identity.authorization import AuthorizationService
from sidecar.identity.token_service import TokensService
from sidecar.identity.values import Minted
from sidecar.runtime import Runtime
from tests.integration.conversations.client import Client, Proof

#: Where the program listens for its code.
BACK = "http://127.0.0.1:29340/callback"
SLUG = "talk-roadie"


@dataclass(frozen=True)
class Roadie:
    """The agent of the conversations, on the site's own side."""

    site: Instance
    runtime: Runtime
    agent: Agent
    owner_id: int

    def token(self, **options: Any) -> Minted:
        """A token as ``agents token create`` makes it."""
        operator = Principal.command_line()
        return self.runtime.get(TokensService).create(operator, self.agent.agent_id, **options)

    def approve(
        self, proof: Proof, *, user_id: int | None = None, label: str = "beeper-roadie", **changed: Any
    ) -> str:
        """What the page of consent does when somebody agrees: a code."""
        asked: dict[str, Any] = {"redirect_uri": BACK, "capabilities": None} | changed
        return self.runtime.get(AuthorizationService).approve(
            Principal.user(self.owner_id if user_id is None else user_id),
            self.agent.agent_id,
            label=label,
            code_challenge=proof.challenge,
            **asked,
        )

    def execute(self, statement: str, **params: Any) -> Any:
        """One statement on the site's database; ``{codes}`` and ``{tokens}`` are the tables."""
        tables = self.runtime.db.tables()
        text = statement.format(
            codes=tables.bridge_codes,
            tokens=tables.agent_tokens,
            attempts=tables.bridge_attempts,
            access=tables.agent_access,
        )
        with self.runtime.db.session() as session:
            return session.execute(text, params)


@pytest.fixture(scope="module")
def runtime(site: Instance) -> Iterator[Runtime]:
    """The product's services in this process, on the site's database."""
    built = runtimes.build(settings.load(str(site.config)).site(None), "cli")
    yield built
    built.close()


@pytest.fixture(scope="module")
def roadie(site: Instance, runtime: Runtime) -> Iterator[Roadie]:
    """An agent of a subscriber, who manages nothing else on the site."""
    made = site.wp(
        "user", "create", "talk-owner", "talk-owner@example.org", "--role=subscriber", "--porcelain"
    )
    owner_id = int(made.stdout)
    service, operator = runtime.get(AgentsService), Principal.command_line()
    agent = service.create(operator, SLUG, name="Roadie", owner_id=owner_id).agent
    yield Roadie(site, runtime, agent, owner_id)
    service.delete(operator, agent.agent_id, delete_files=True)
    site.wp("user", "delete", "talk-owner", "--yes")


@pytest.fixture(params=["wordpress", "sidecar"])
def client(request: pytest.FixtureRequest, site: Instance, roadie: Roadie) -> Client:
    """A program at each door, without a credential; failed attempts of other tests are forgotten."""
    roadie.execute("DELETE FROM {attempts}")
    if request.param == "wordpress":
        return Client(f"{site.url}/wp-json")
    return Client(settings.load(str(site.config)).site(None).http)
