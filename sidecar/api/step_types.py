"""``/step-types``: what a pipeline can be made of."""

from __future__ import annotations

from sidecar.api import engine
from sidecar.api.envelope import success
from sidecar.api.route import Answer, Argument, Request, Route
from sidecar.automation.handlers.service import STEP_TYPES, HandlersService

PERMISSION = engine.managed(STEP_TYPES)


def list_step_types(request: Request) -> Answer:
    """``{success, data: {slug: definition + handler_count}}``."""
    found = request.runtime.get(HandlersService).counted_step_types(request.principal)
    return success(found)


def show_step_type(request: Request) -> Answer:
    """``{success, data: {step_type, definition, config}}``; 404 ``step_type_not_found``.

    ``config`` says how the type itself is configured, null where it is not.
    """
    slug = str(request.params["step_type"])
    service = request.runtime.get(HandlersService)
    definition, config = service.step_type(request.principal, slug)
    return success({"step_type": slug, "definition": definition, "config": config})


ROUTES = (
    Route("GET", "/step-types", PERMISSION, list_step_types),
    Route(
        "GET",
        "/step-types/(?P<step_type>[A-Za-z0-9_-]+)",
        PERMISSION,
        show_step_type,
        {"step_type": Argument("string", required=True)},
    ),
)
