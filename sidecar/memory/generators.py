"""What the files of a new agent say before anybody has written in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar import clock as clock_module
from sidecar.host import context as host_context
from sidecar.identity import Agent, AgentsRepository
from sidecar.memory.places import SiteFacts

FILTER = "datamachine_scaffold_content"
#: Files every agent has; plugins may register more.
AGENT_FILES = ("SOUL.md", "MEMORY.md")

_SOUL = """# Agent Soul — {site}

Who this agent is on {site}. It is read at the start of every conversation and every task.

## Identity

You are **{name}**, an agent that works on {site}.

- **Name:** {name}

## Voice & Tone

Plain and friendly. Say what you did, what you found and what you are unsure about.
"""

_MEMORY = """# Agent Memory

What this agent has learned and wants to find again. Keep it short: all of it is read every time.

## State

- Data Machine v{plugin} activated on {date}
- WordPress {wordpress}, PHP {php}

## Lessons Learned

<!-- What went wrong once and should not again. -->

## Context

<!-- What is good to know about this site and its people. -->
"""


class Generators:
    """The product's own answer to ``datamachine_scaffold_content``, at priority 10 like any plugin's."""

    def __init__(
        self, facts: Callable[[int | None], SiteFacts], agents: AgentsRepository, clock: clock_module.Clock
    ) -> None:
        self._facts = facts
        self._agents = agents
        self._clock = clock

    def content(self, content: Any, filename: str, context: Any) -> Any:
        """Text for a file of ours that nobody has given content yet; anything else passes."""
        if content or filename not in AGENT_FILES or host_context.current() is None:
            return content
        facts = self._facts(None)
        if filename == "MEMORY.md":
            return _MEMORY.format(
                plugin=facts.plugin,
                wordpress=facts.wordpress,
                php=facts.php,
                date=self._clock.now().strftime("%Y-%m-%d"),
            )
        agent = self._agent(context if isinstance(context, Mapping) else {})
        return _SOUL.format(
            site=facts.site_name, name=agent.agent_name if agent is not None else facts.site_name
        )

    def _agent(self, context: Mapping[str, Any]) -> Agent | None:
        agent_id, slug, user_id = (context.get(key) for key in ("agent_id", "agent_slug", "user_id"))
        found = self._agents.get(agent_id) if isinstance(agent_id, int) else None
        if found is None and isinstance(slug, str):
            found = self._agents.by_slug(slug)
        if found is None and isinstance(user_id, int):
            found = self._agents.first_of(user_id)
        return found
