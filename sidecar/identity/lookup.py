"""Finding an agent by what somebody typed. Without asking who may know of it."""

from __future__ import annotations

from sidecar.errors import NotFound
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.values import Agent


def encodable(text: str) -> bool:
    """Whether the text can be sent anywhere: half a character (from a JSON escape, or a shell) cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Lookup:
    """By id or slug: digits are always an id."""

    def __init__(self, agents: AgentsRepository) -> None:
        self._agents = agents

    def find(self, identifier: str | int) -> Agent | None:
        """The agent, None when there is none."""
        text = str(identifier).strip()
        if text.isascii() and text.isdigit():
            # No id has more digits, and the database would refuse the number.
            return self._agents.get(int(text)) if len(text) < 20 else None
        return self._agents.by_slug(text) if encodable(text) else None

    def get(self, identifier: str | int) -> Agent:
        """The agent; NotFound ``agent_not_found``."""
        agent = self.find(identifier)
        if agent is None:
            raise NotFound("Agent not found.", code="agent_not_found")
        return agent

    def named(self, identifier: str | int) -> Agent:
        """As :meth:`get`, with an error that repeats what was looked for."""
        agent = self.find(identifier)
        if agent is None:
            text = str(identifier).strip()
            what = f"Agent ID {text}" if text.isascii() and text.isdigit() else f'Agent "{text}"'
            raise NotFound(f"{what} not found.", code="agent_not_found")
        return agent

    def resolve(self, identifier: str) -> Agent:
        """The agent of an ``--agent`` option; NotFound says what there is."""
        agent = self.find(identifier)
        if agent is not None:
            return agent
        if identifier.isascii() and identifier.isdigit():
            raise NotFound(f"Agent ID {identifier} not found.", code="agent_not_found")
        known = ", ".join(each.agent_slug for each in self._agents.all())
        raise NotFound(f'Agent "{identifier}" not found. Available: {known}', code="agent_not_found")
