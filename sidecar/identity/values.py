"""What the identity package hands out: value objects, never rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from sidecar.identity import expiry
from sidecar.identity.ceiling import Ceiling

#: Roles on an agent, least first.
ROLES = ("viewer", "operator", "admin")
ROLE_ADMIN = "admin"


def role_meets(role: str | None, minimum: str) -> bool:
    """Whether ``role`` is at least ``minimum``; an unknown role never is."""
    return role in ROLES and minimum in ROLES and ROLES.index(role) >= ROLES.index(minimum)


class Agent(msgspec.Struct, frozen=True):
    """One row of ``datamachine_agents``. Times are ``YYYY-MM-DD HH:MM:SS``."""

    agent_id: int
    agent_slug: str
    agent_name: str
    owner_id: int
    #: The blog it belongs to; None means the whole network.
    site_scope: int | None
    #: ``{}`` when the column is empty or no JSON object.
    agent_config: dict[str, Any]
    created_at: str
    updated_at: str

    @property
    def description(self) -> str:
        """The configuration's description, '' without one."""
        text = self.agent_config.get("description")
        return text if isinstance(text, str) else ""


class Token(msgspec.Struct, frozen=True):
    """One row of ``datamachine_agent_tokens`` without its hash. Times are UTC."""

    token_id: int
    agent_id: int
    #: The first 12 characters, the same for every token.
    token_prefix: str
    label: str
    #: The column decoded: None for no limit, a list of capabilities, or a later version's object.
    capabilities: list[Any] | dict[str, Any] | None
    last_used_at: str | None
    expires_at: str | None
    created_at: str
    #: The column as it counts.
    ceiling: Ceiling = Ceiling()

    def expired(self, now: datetime) -> bool:
        """Whether it opens nothing any more."""
        return expiry.expired(self.expires_at, now)


class Minted(msgspec.Struct, frozen=True):
    """A new token, and the only time its text is to be had."""

    token: Token
    raw: str


class AccessGrant(msgspec.Struct, frozen=True):
    """One row of ``datamachine_agent_access``; ``granted_at`` is UTC."""

    id: int
    agent_id: int
    user_id: int
    role: str
    granted_at: str


class Created(msgspec.Struct, frozen=True):
    """A new agent and its directory on the blog it was made on."""

    agent: Agent
    agent_dir: str


class Renamed(msgspec.Struct, frozen=True):
    """What a rename did, or would do: ``agent`` is as it was before a dry run, as it is now otherwise."""

    old_slug: str
    new_slug: str
    old_path: str
    new_path: str
    #: Whether there was a directory to move, on any blog.
    moved: bool
    agent: Agent


class Deleted(msgspec.Struct, frozen=True):
    """The agent that is gone."""

    agent: Agent
    #: Whether a directory was removed, on any blog.
    files_deleted: bool


class Person(msgspec.Struct, frozen=True):
    """Somebody with a role on an agent; an account that is gone has no login, and empty names."""

    agent_id: int
    user_id: int
    login: str | None
    display_name: str
    email: str
    role: str
    granted_at: str


class AgentSummary(msgspec.Struct, frozen=True):
    """One item of a list of agents."""

    agent: Agent
    #: Whether the user the list is made for owns it.
    is_owner: bool
    #: That user's role, ``admin`` for the owner, None without any or when not asked for.
    user_role: str | None
    #: The owner's login, None when the user is gone or files were not asked for.
    owner_login: str | None = None
    #: Whether its directory exists on the current blog; None when not asked for.
    has_files: bool | None = None


class GrantDetail(msgspec.Struct, frozen=True):
    """A grant with the name people know the user by."""

    grant: AccessGrant
    login: str | None


class AgentDetail(msgspec.Struct, frozen=True):
    """Everything there is to show about one agent."""

    agent: Agent
    owner_login: str | None
    agent_dir: str
    has_files: bool
    #: In the order they were granted.
    access: tuple[GrantDetail, ...]
