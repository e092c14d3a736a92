"""REST requests that WordPress received, over the bridge."""

from __future__ import annotations

from typing import Any

from sidecar.api import door, routes
from sidecar.api.body import fields
from sidecar.api.introductions import Introductions
from sidecar.bridge.context import Call
from sidecar.errors import Cancelled, SidecarError
from sidecar.identity import AgentsRepository
from sidecar.identity import wire as identities
from sidecar.runtime import Runtime

#: Bytes of a body sent in one frame; PHP refuses frames over 1 MiB, and JSON in JSON grows.
PIECE = 256 * 1024


def wire(runtime: Runtime) -> None:
    """Register the bridge method ``rest.handle``, and keep what routes remember between requests."""

    def handle(call: Call) -> dict[str, Any]:
        params = call.params
        route = routes.find(str(params["method"]), str(params["route"]))
        content_type = (params.get("headers") or {}).get("content-type")
        try:
            reply = door.answer(
                runtime,
                route,
                params.get("params") or {},
                params.get("query") or {},
                principal=identities.principal_of(call, runtime.get(AgentsRepository)),
                body=fields(params.get("body"), content_type),
            )
        except Cancelled:
            raise
        except SidecarError as error:
            reply = door.refusal(error)
        # Pieces are cut between characters, so that each is text on the wire and never base64.
        body = door.encode(reply).decode("utf-8")
        while len(body) > PIECE:
            call.call_peer("rest.write", {"piece": body[:PIECE]})
            body = body[PIECE:]
        return {"status": reply.status, "headers": dict(reply.headers), "body": body}

    runtime.handlers["rest.handle"] = handle
    runtime.provide(Introductions, Introductions(runtime.clock))
