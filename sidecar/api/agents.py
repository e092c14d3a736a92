"""``/agents``: who there is, and everything about one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET

from sidecar.api import me
from sidecar.api.envelope import refused_as, success
from sidecar.api.route import EDITABLE, Answer, Argument, Permission, Request, Route
from sidecar.errors import Forbidden, InvalidInput
from sidecar.identity import AgentsService, AgentSummary, documents
from sidecar.identity.permissions import REFUSED

MANAGED = Permission(REFUSED, any_of=("manage_agents",))
AGENT_ID = Argument("integer", required=True)
ONE = r"/agents/(?P<agent_id>\d+)"


def list_agents(request: Request) -> Answer:
    """``{success, data: [agent, ...]}``; ``description`` and ``user_role`` only where there is one.

    ``scope`` (``mine``, the default, or ``all``), ``user_id`` and ``include_role`` are read from the query,
    undeclared. What the service refuses is ``list_agents_failed`` (403).
    """
    query = request.query
    with refused_as("list_agents_failed", Forbidden):
        found = request.runtime.get(AgentsService).list(
            request.principal,
            scope=str(query.get("scope") or "mine"),
            user_id=_id(query.get("user_id")),
            include_role=str(query.get("include_role", "1")).lower() not in ("0", "false", ""),
            acting=request.agent,
        )
    return success([_item(each) for each in found])


def create_agent(request: Request) -> Answer:
    """``{success, data: {success, agent_id, agent_slug, agent_name, owner_id, agent_dir, message}}``, 200.

    The caller owns it, whatever the body says. Broken rules are ``agent_create_failed`` (400).
    """
    params = request.params
    with refused_as("agent_create_failed", InvalidInput):
        made = request.runtime.get(AgentsService).create(
            request.principal,
            params["agent_slug"],
            name=params.get("agent_name"),
            config=params.get("config"),
        )
    return success(documents.created(made))


def show_agent(request: Request) -> Answer:
    """``{success, data: agent}`` with ``agent_config``, ``agent_dir``, ``has_files`` and ``access``.

    ``access`` holds rows of grants, every column as text. 404 ``agent_not_found``.
    """
    detail = request.runtime.get(AgentsService).show(request.principal, request.params["agent_id"])
    return success(documents.detail(detail))


def update_agent(request: Request) -> Answer:
    """The same object as ``GET``. Only a JSON body counts, and ``agent_config`` replaces the whole of it.

    Broken rules are ``agent_update_failed`` (400, or 404 for an agent that is not there).
    """
    with refused_as("agent_update_failed", InvalidInput):
        detail = request.runtime.get(AgentsService).update(
            request.principal,
            request.params["agent_id"],
            name=_given(request, "agent_name", ""),
            config=_given(request, "agent_config", {}),
        )
    return success(documents.detail(detail))


def delete_agent(request: Request) -> Answer:
    """``{success, data: {success, agent_id, agent_slug, files_deleted, message}}``.

    Grants and tokens go with it; pipelines, flows and jobs keep its id. 404 ``agent_delete_failed``.
    """
    with refused_as("agent_delete_failed"):
        gone = request.runtime.get(AgentsService).delete(
            request.principal, request.params["agent_id"], delete_files=request.params["delete_files"]
        )
    return success(documents.deleted(gone))


def _given(request: Request, name: str, empty: Any) -> Any:
    """A field of the body as the arguments were validated; ``empty`` for null."""
    if name not in request.body:
        return UNSET
    return empty if request.body[name] is None else request.params.get(name, empty)


def _item(found: AgentSummary) -> dict[str, Any]:
    """As in the ability's list, in the order of this route."""
    item = documents.summary(found, with_role=True)
    description, role = item.pop("description"), item.pop("user_role")
    if description:
        item["description"] = description
    return item | ({} if role is None else {"user_role": role})


def _id(value: Any) -> int | None:
    """A positive id from a query parameter; anything else is as if it was not given."""
    text = str(value or "")
    # No id has more digits, and Python refuses to read thousands of them.
    return int(text) if len(text) < 20 and text.isascii() and text.isdigit() and int(text) > 0 else None


_ARGUMENTS: Mapping[str, Argument] = {
    "agent_id": AGENT_ID,
    # Null is refused with the words for an empty name.
    "agent_name": Argument("string", nullable=True),
    "agent_config": Argument("object"),
}

ROUTES = (
    Route(
        "GET",
        "/agents",
        Permission("You must be logged in to list agents.", code="rest_not_logged_in", status=401),
        list_agents,
    ),
    Route(
        "POST",
        "/agents",
        Permission(REFUSED, any_of=("manage_agents", "create_own_agent")),
        create_agent,
        {
            "agent_slug": Argument("string", required=True),
            "agent_name": Argument("string"),
            "config": Argument("object"),
        },
    ),
    Route("GET", "/agents/me", Permission(REFUSED), me.my_agent),
    Route("GET", ONE, MANAGED, show_agent, {"agent_id": AGENT_ID}),
    Route(EDITABLE, ONE, MANAGED, update_agent, _ARGUMENTS),
    Route(
        "DELETE",
        ONE,
        MANAGED,
        delete_agent,
        {"agent_id": AGENT_ID, "delete_files": Argument("boolean", default=False)},
    ),
)
