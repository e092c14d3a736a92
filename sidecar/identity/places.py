"""Where an agent's files are, as far as identity needs to know."""

from __future__ import annotations

from typing import Protocol

from sidecar.identity.values import Agent


class AgentPlaces(Protocol):
    """Offered by the memory package: the only one that knows the layout on disk."""

    def directory(self, agent: Agent, blog_id: int) -> str:
        """Absolute path of the agent's directory on that blog, existing or not."""
        ...

    def exists(self, agent: Agent, blog_id: int) -> bool:
        """Whether the directory exists."""
        ...

    def provision(self, agent: Agent, blog_id: int, *, new: bool) -> bool:
        """Create the directory and the files an agent starts with, without touching what is there.

        An agent that is not ``new`` and has files already is left alone: somebody may have removed one on
        purpose. False when nobody offered content for a file it should have: worth another try later.
        """
        ...
