"""REST requests that WordPress received, over the bridge."""

from __future__ import annotations

from typing import Any

from sidecar.api import door, routes
from sidecar.bridge.context import Call
from sidecar.runtime import Runtime

#: Bytes of a body sent in one frame; PHP refuses frames over 1 MiB, and JSON in JSON grows.
PIECE = 256 * 1024


def wire(runtime: Runtime) -> None:
    """Register the bridge method ``rest.handle``."""

    def handle(call: Call) -> dict[str, Any]:
        params = call.params
        route = routes.find(str(params["method"]), str(params["route"]))
        context = call.context
        reply = door.answer(
            runtime,
            route,
            params.get("params") or {},
            params.get("query") or {},
            user_id=context.user_id,
            blog_id=context.blog_id,
        )
        # Pieces are cut between characters, so that each is text on the wire and never base64.
        body = door.encode(reply).decode("utf-8")
        while len(body) > PIECE:
            call.call_peer("rest.write", {"piece": body[:PIECE]})
            body = body[PIECE:]
        return {"status": reply.status, "headers": dict(reply.headers), "body": body}

    runtime.handlers["rest.handle"] = handle
