"""What memory files say before anybody has written in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from sidecar import clock as clock_module
from sidecar.host import context as host_context
from sidecar.host.context import WordPressHost
from sidecar.identity import Agent, AgentsRepository
from sidecar.memory import dates
from sidecar.memory.places import SiteFacts

FILTER = "datamachine_scaffold_content"
#: Files every agent has; plugins may register more.
AGENT_FILES = ("SOUL.md", "MEMORY.md")
#: Files that our own generators answer for: where nobody knows what one begins with, they were not asked.
OURS = (*AGENT_FILES, "RULES.md", "USER.md")

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


_RULES = """# Site Rules

What every agent on {site} keeps to, whoever asks for something else.

## General

- Read before you write: look at what is there, then change it.
- Do what was asked, and say what you left out.
- When something is unclear and cannot be undone, ask first.

## Safety

- Keep passwords, keys and personal data out of memory, posts and messages.
- Delete nothing that somebody else made without being asked to.
- Change users, plugins, themes and settings only when that is the task.

## Content

- Write in the language and tone of this site.
- New posts begin as drafts, unless publishing is the task.
- Name your sources, and invent none.
"""

_USER = """# User Profile

## About

{facts}

## Preferences

<!-- How this person wants to be answered, and what to leave alone. -->

## Goals

<!-- What this person works towards. -->
"""


class _Profile(msgspec.Struct, frozen=True):
    """What WordPress knows about a person, as the host operation ``memory.profile`` answers."""

    name: str
    login: str
    role: str
    since: str
    posts: int
    bio: str


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
        host = host_context.current()
        if content or host is None:
            return content
        told = context if isinstance(context, Mapping) else {}
        day = dates.of_filename(filename)
        if day is not None:
            return f"# {day}"
        if filename == "USER.md":
            return _user(host, told.get("user_id")) or content
        if filename == "RULES.md":
            return _RULES.format(site=self._facts(None).site_name)
        if filename == "MEMORY.md":
            return self._memory()
        return self._soul(told) if filename == "SOUL.md" else content

    def _memory(self) -> str:
        facts = self._facts(None)
        return _MEMORY.format(
            plugin=facts.plugin,
            wordpress=facts.wordpress,
            php=facts.php,
            date=self._clock.now().strftime("%Y-%m-%d"),
        )

    def _soul(self, context: Mapping[str, Any]) -> str:
        agent, site = self._agent(context), self._facts(None).site_name
        return _SOUL.format(site=site, name=agent.agent_name if agent is not None else site)

    def _agent(self, context: Mapping[str, Any]) -> Agent | None:
        agent_id, slug, user_id = (context.get(key) for key in ("agent_id", "agent_slug", "user_id"))
        found = self._agents.get(agent_id) if isinstance(agent_id, int) else None
        if found is None and isinstance(slug, str):
            found = self._agents.by_slug(slug)
        if found is None and isinstance(user_id, int):
            found = self._agents.first_of(user_id)
        return found


def _user(host: WordPressHost, user_id: Any) -> str:
    """'' for nobody."""
    if not isinstance(user_id, int) or user_id <= 0:
        return ""
    person = msgspec.convert(host.call("memory.profile", {"user_id": user_id}), _Profile | None)
    if person is None:
        return ""
    facts = [
        f"- **Name:** {person.name}",
        f"- **Username:** {person.login}",
        f"- **Role:** {person.role}" if person.role else "",
        f"- **Member since:** {person.since}",
        f"- **Published posts:** {person.posts}" if person.posts else "",
    ]
    about = "\n".join(fact for fact in facts if fact)
    return _USER.format(facts=f"{about}\n\n{person.bio}" if person.bio else about)
