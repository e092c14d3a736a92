"""``/agents``."""

from __future__ import annotations

from typing import Any

from sidecar.api.people import manages
from sidecar.api.route import Answer, Permission, Request, Route
from sidecar.errors import Forbidden, InvalidInput
from sidecar.identity import AgentsService, AgentSummary, Caller


def list_agents(request: Request) -> Answer:
    """``{success, data: [agent, ...]}``; ``description`` and ``user_role`` only where there is one.

    ``scope``, ``user_id`` and ``include_role`` are read from the query, undeclared. What the service refuses
    is ``list_agents_failed`` (403).
    """
    query = request.query
    try:
        found = request.runtime.get(AgentsService).list(
            Caller(request.user_id, manages(request.runtime, request.user_id)),
            scope=str(query.get("scope") or "mine"),
            user_id=_id(query.get("user_id")),
            blog_id=request.blog_id,
            include_role=str(query.get("include_role", "1")).lower() not in ("0", "false", ""),
        )
    except (Forbidden, InvalidInput) as error:
        raise Forbidden(
            error.message, code="list_agents_failed", data={"ability_error_code": error.code}
        ) from error
    return Answer({"success": True, "data": [_item(summary) for summary in found]})


def _item(summary: AgentSummary) -> dict[str, Any]:
    agent = summary.agent
    item: dict[str, Any] = {
        "agent_id": agent.agent_id,
        "agent_slug": agent.agent_slug,
        "agent_name": agent.agent_name,
        "owner_id": agent.owner_id,
        "site_scope": agent.site_scope,
        "is_owner": summary.is_owner,
    }
    if agent.description:
        item["description"] = agent.description
    if summary.user_role is not None:
        item["user_role"] = summary.user_role
    return item


def _id(value: Any) -> int | None:
    """A positive id from a query parameter; anything else is as if it was not given."""
    text = str(value or "")
    # No id has more digits, and Python refuses to read thousands of them.
    return int(text) if len(text) < 20 and text.isascii() and text.isdigit() and int(text) > 0 else None


ROUTES = (
    Route(
        "GET",
        "/agents",
        Permission("You must be logged in to list agents.", code="rest_not_logged_in", status=401),
        list_agents,
    ),
)
