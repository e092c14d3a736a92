"""What tests of tokens share: a clock they set, agents with an owner, and principals that act."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from sidecar import runtime as runtime_module
from sidecar import settings
from sidecar.db import php_json
from sidecar.identity import Agent, AgentsRepository, Answers, Principal, Token, ceiling
from sidecar.identity.capabilities import CAPABILITIES
from sidecar.runtime import Runtime
from tests.integration.identity.conftest import Site

ALL = Answers(actions=frozenset(CAPABILITIES), administrator=True, network=True)


class SetClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.moment = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def move(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class Bench(msgspec.Struct, frozen=True):
    """A site, its services, and their clock."""

    site: Site
    runtime: Runtime
    clock: SetClock

    def agent(self, slug: str, owner_id: int = 1) -> Agent:
        """A new agent's row, without files."""
        agents = self.runtime.get(AgentsRepository)
        found = agents.get(agents.insert(slug, slug, owner_id, {}))
        assert found is not None
        return found

    def rows(self, agent: Agent, columns: str = "*") -> list[list[str]]:
        return self.site.sql(
            f"SELECT {columns} FROM wp_datamachine_agent_tokens WHERE agent_id = {agent.agent_id} "
            "ORDER BY token_id"
        )

    def log(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Level, message and context of every line about tokens, oldest first."""
        rows = self.site.sql(
            "SELECT level, message, HEX(context) FROM wp_datamachine_logs "
            "WHERE message LIKE 'Agent token%' OR message LIKE 'Agent auth%' ORDER BY id"
        )
        return [
            (level, text, php_json.loads(bytes.fromhex(context).decode())) for level, text, context in rows
        ]


def bench_of(site: Site) -> Bench:
    """The services of one process, with a clock of their own; its runtime is to be closed."""
    clock = SetClock()
    built = runtime_module.build(settings.load(site.instance.config).site(), "cli", clock=clock)
    return Bench(site, built, clock)


def acting(agent: Agent, token: Token, answers: Answers = ALL) -> Principal:
    """The agent, through a token."""
    return Principal(
        "agent",
        user_id=agent.owner_id,
        agent_id=agent.agent_id,
        ceiling=token.ceiling.capabilities,
        token_id=token.token_id,
        answers=answers,
    )


def limited(*names: str) -> list[str]:
    """A limit with which tokens can be made at all."""
    return ["datamachine_manage_agents", *names]


def scope(*names: str, deny: str = "datamachine/delete-flow") -> dict[str, Any]:
    """A later version's limit."""
    filters: dict[str, Any] = {part: [] for part in ceiling.FILTERS}
    return {
        "scope": "own",
        "label": "Own",
        **filters,
        "ability_deny": [deny],
        "capabilities": limited(*names),
    }
