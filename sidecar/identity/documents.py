"""Agents and their tokens as clients read them: one shape for routes, abilities and commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sidecar.identity.values import (
    AccessGrant,
    AgentDetail,
    AgentSummary,
    Created,
    Deleted,
    Minted,
    Renamed,
    Token,
)


def summary(found: AgentSummary, *, with_role: bool) -> dict[str, Any]:
    """An item of the ability's list; ``user_role`` (None for none) only where it was asked for."""
    agent = found.agent
    item = {
        "agent_id": agent.agent_id,
        "agent_slug": agent.agent_slug,
        "agent_name": agent.agent_name,
        "owner_id": agent.owner_id,
        "site_scope": agent.site_scope,
        "description": agent.description,
        "is_owner": found.is_owner,
    }
    return item | ({"user_role": found.user_role} if with_role else {})


def detail(found: AgentDetail) -> dict[str, Any]:
    """Everything about one agent."""
    agent = found.agent
    return {
        "agent_id": agent.agent_id,
        "agent_slug": agent.agent_slug,
        "agent_name": agent.agent_name,
        "owner_id": agent.owner_id,
        "agent_config": agent.agent_config,
        "created_at": agent.created_at,
        "updated_at": agent.updated_at,
        "agent_dir": found.agent_dir,
        "has_files": found.has_files,
        "access": [grant(each.grant) for each in found.access],
    }


def grant(row: AccessGrant) -> dict[str, Any]:
    """A grant as PHP reads its row: every column as text."""
    return {
        "id": str(row.id),
        "agent_id": str(row.agent_id),
        "user_id": str(row.user_id),
        "role": row.role,
        "granted_at": row.granted_at,
    }


def created(made: Created) -> dict[str, Any]:
    """What creating an agent answers."""
    agent = made.agent
    return {
        "success": True,
        "agent_id": agent.agent_id,
        "agent_slug": agent.agent_slug,
        "agent_name": agent.agent_name,
        "owner_id": agent.owner_id,
        "agent_dir": made.agent_dir,
        "message": f'Agent "{agent.agent_slug}" created (ID: {agent.agent_id}).',
    }


def deleted(gone: Deleted) -> dict[str, Any]:
    """What deleting an agent answers."""
    agent = gone.agent
    message = f'Agent "{agent.agent_slug}" (ID: {agent.agent_id}) deleted.'
    return {
        "success": True,
        "agent_id": agent.agent_id,
        "agent_slug": agent.agent_slug,
        "files_deleted": gone.files_deleted,
        "message": message + (" Files removed." if gone.files_deleted else ""),
    }


def renamed(done: Renamed) -> dict[str, Any]:
    """What renaming an agent answers."""
    moved = " Directory moved." if done.moved else " No directory to move."
    return {
        "success": True,
        "message": f'Agent renamed from "{done.old_slug}" to "{done.new_slug}".{moved}',
        "old_slug": done.old_slug,
        "new_slug": done.new_slug,
        "old_path": done.old_path,
        "new_path": done.new_path,
    }


def token_row(token: Token) -> dict[str, Any]:
    """A token as PHP reads its row: ids as text, the limit decoded; never its hash."""
    return {
        "token_id": str(token.token_id),
        "agent_id": str(token.agent_id),
        "token_prefix": token.token_prefix,
        "label": token.label,
        "capabilities": token.capabilities,
        "last_used_at": token.last_used_at,
        "expires_at": token.expires_at,
        "created_at": token.created_at,
    }


def tokens(found: Sequence[Token]) -> dict[str, Any]:
    """What listing tokens answers."""
    return {"success": True, "tokens": [token_row(each) for each in found]}


def token_created(made: Minted) -> dict[str, Any]:
    """What making a token answers: the only time its text is told."""
    return {
        "success": True,
        "token_id": made.token.token_id,
        "raw_token": made.raw,
        "token_prefix": made.token.token_prefix,
        "message": "Token created. Save it now — it cannot be retrieved again.",
    }


def token_revoked() -> dict[str, Any]:
    """What revoking a token answers."""
    return {"success": True, "message": "Token revoked successfully"}
