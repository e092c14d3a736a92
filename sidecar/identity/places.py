"""Where an agent's files are, as far as identity needs to know."""

from __future__ import annotations

from contextlib import AbstractContextManager
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

    def folders(self) -> dict[int, str]:
        """For each blog of the network the trusted folder that its agents' directories are below.

        What WordPress says where it is at hand, what its constants and options say otherwise. They stay valid
        when they are written down: moving and removing take them, not blogs.
        """
        ...

    def name(self, agent: Agent, blog_id: int) -> str:
        """What the agent's directory is called: its slug, or more where slugs are not one agent's alone."""
        ...

    def path(self, folder: str, slug: str) -> str:
        """The directory of a slug below such a folder, existing or not."""
        ...

    def occupied(self, folder: str, slug: str) -> bool:
        """Whether anything stands where the directory of that slug would be."""
        ...

    def still(self) -> AbstractContextManager[None]:
        """No process of this machine writes a memory file inside the block; who waits finds its way anew."""
        ...

    def move(self, folder: str, old_slug: str, new_slug: str) -> bool:
        """Give a directory another slug; False when there is none.

        Where both exist the old one's files join the new one's: nothing is overwritten, a file that both have
        is kept under a name of its own. OSError when it cannot be done, a link included.
        """
        ...

    def remove(self, folder: str, slug: str) -> bool:
        """Remove a directory with everything in it; False when there is none. OSError, as for a link."""
        ...

    def replace_name(self, agent: Agent, old: str, new: str, blog_id: int) -> list[str]:
        """Put the new name in the place of the old one in the agent's files; names of those that changed."""
        ...
