"""``/handlers``: what fetch, publish and upsert steps can use."""

from __future__ import annotations

from sidecar.api import engine
from sidecar.api.envelope import success
from sidecar.api.route import Answer, Argument, Request, Route
from sidecar.automation.handlers.service import HANDLERS, HandlersService

#: Data Machine 0.102.8 shows them to everybody; what plugins a site has is its managers' business.
PERMISSION = engine.managed(HANDLERS)


def list_handlers(request: Request) -> Answer:
    """``{success, data: {slug: entry}}``, of one type of step or all.

    An entry that needs credentials also has ``auth_type``, ``auth_fields`` and ``is_authenticated``.
    """
    service = request.runtime.get(HandlersService)
    listed = service.listed(request.principal, request.params.get("step_type"))
    return success(listed)


def show_handler(request: Request) -> Answer:
    """``{success, data: {slug, info, settings, ai_tool}}``; 404 ``handler_not_found``."""
    service = request.runtime.get(HandlersService)
    found = service.detail(request.principal, str(request.params["handler_slug"]))
    return success(found)


ROUTES = (
    Route("GET", "/handlers", PERMISSION, list_handlers, {"step_type": Argument("string")}),
    Route(
        "GET",
        "/handlers/(?P<handler_slug>[A-Za-z0-9_-]+)",
        PERMISSION,
        show_handler,
        {"handler_slug": Argument("string", required=True)},
    ),
)
