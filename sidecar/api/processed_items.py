"""``/processed-items``: forgetting what flows have taken in."""

from __future__ import annotations

from typing import Literal

from sidecar.api import engine
from sidecar.api.route import Answer, Argument, Request, Route
from sidecar.automation.items.service import ProcessedItemsService

PERMISSION = engine.managed("You do not have permission to manage processed items.")


def clear_items(request: Request) -> Answer:
    """``{success, data: null, message, items_deleted}``; the items are taken in again.

    404 ``pipeline_not_found`` or ``flow_not_found``.
    """
    kind: Literal["pipeline", "flow"] = "pipeline" if request.params["clear_type"] == "pipeline" else "flow"
    target = request.params["target_id"]
    count = request.runtime.get(ProcessedItemsService).clear(request.principal, kind, target)
    return Answer(
        {
            "success": True,
            "data": None,
            "message": f"Deleted {count} processed items for {kind} {target}",
            "items_deleted": count,
        }
    )


ROUTES = (
    Route(
        "DELETE",
        "/processed-items",
        PERMISSION,
        clear_items,
        {
            "clear_type": Argument("string", required=True, enum=("pipeline", "flow")),
            "target_id": Argument("integer", required=True, minimum=1),
        },
    ),
)
