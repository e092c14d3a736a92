"""REST requests that WordPress received, over the bridge."""

from __future__ import annotations

from typing import Any

from sidecar import waiting
from sidecar.api import door, routes
from sidecar.api.body import fields
from sidecar.api.introductions import Introductions
from sidecar.api.route import Answer, Upload
from sidecar.bridge.context import Call
from sidecar.errors import Cancelled, NotFound, SidecarError, TooLarge, Unavailable
from sidecar.identity import AgentsRepository
from sidecar.identity import wire as identities
from sidecar.runtime import Runtime

#: Bytes of a body sent in one frame; PHP refuses frames over 1 MiB, and JSON in JSON grows.
PIECE = 256 * 1024
#: Bytes of all files of one form.
MAX_UPLOAD = 64 * 1024 * 1024


def wire(runtime: Runtime) -> None:
    """Register the bridge method ``rest.handle``, and keep what routes remember between requests."""

    def handle(call: Call) -> dict[str, Any]:
        params = call.params
        route = routes.find(str(params["method"]), str(params["route"]))
        headers = {str(name): str(value) for name, value in (params.get("headers") or {}).items()}
        body = params.get("body") or ""
        try:
            if route.own_door:
                # No PHP process waits for something to happen.
                raise NotFound("This route is at the sidecar's own door only.", code="rest_no_route")
            decoded = fields(body, headers.get("content-type"))
            # Long texts of a JSON body travel in the body alone.
            given = {name: decoded[name] for name in route.args if name in decoded}
            reply = door.answer(
                runtime,
                route,
                given | (params.get("params") or {}),
                params.get("query") or {},
                principal=identities.principal_of(call, runtime.get(AgentsRepository)),
                body=decoded,
                content=body if isinstance(body, bytes) else body.encode("utf-8"),
                headers=headers,
                uploads=_uploads(call, params.get("uploads") or {}) if route.uploads else None,
            )
        except Cancelled:
            raise
        except SidecarError as error:
            reply = door.refusal(error)
        return _sent(call, reply)

    runtime.handlers["rest.handle"] = handle
    runtime.provide(waiting.Seats, waiting.Seats(runtime.site.http_threads // 2))
    runtime.provide(Introductions, Introductions(runtime.clock))


def _sent(call: Call, reply: Answer) -> dict[str, Any]:
    """The answer for PHP; ``raw`` when the body is no JSON."""
    data = door.encode(reply)
    body: str | bytes
    try:
        # Pieces are cut between characters, so that each is text on the wire and never base64.
        body = data.decode("utf-8")
    except UnicodeDecodeError:
        body = data
    while len(body) > PIECE:
        call.call_peer("rest.write", {"piece": body[:PIECE]})
        body = body[PIECE:]
    sent = {"status": reply.status, "headers": dict(reply.headers), "body": body}
    return sent | ({"raw": True} if isinstance(reply.body, bytes) else {})


def _uploads(call: Call, offered: dict[str, Any]) -> dict[str, Upload]:
    """Files of a form, read from the waiting request piece by piece; TooLarge."""
    if sum(int(each["size"]) for each in offered.values()) > MAX_UPLOAD:
        raise TooLarge("A form may bring 64 MiB of files at most.", code="upload_too_large")
    found = {}
    for field, each in offered.items():
        content = bytearray()
        while len(content) < int(each["size"]):
            piece = call.call_peer("rest.read", {"field": field, "offset": len(content), "length": PIECE})
            if not piece:
                raise Unavailable("A file of the form ended early.")
            content += piece if isinstance(piece, bytes) else str(piece).encode("utf-8")
        found[str(field)] = Upload(str(each["name"]), str(each["type"]), bytes(content))
    return found
