"""One request through a route, for either door: validation, permission, the handler, the error envelope."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from sidecar.api import arguments
from sidecar.api.route import Answer, Permission, Request, Route, Upload
from sidecar.db import php_json
from sidecar.errors import Cancelled, Forbidden, Internal, SidecarError, Unauthorized
from sidecar.identity import Agent, Permissions, Principal
from sidecar.runtime import Runtime

log = logging.getLogger(__name__)


def answer(
    runtime: Runtime,
    route: Route,
    given: Mapping[str, Any],
    query: Mapping[str, Any],
    *,
    principal: Principal,
    body: Mapping[str, Any] | None = None,
    content: bytes = b"",
    headers: Mapping[str, str] | None = None,
    uploads: Mapping[str, Upload] | None = None,
    agent: Agent | None = None,
    epoch: str | None = None,
) -> Answer:
    """Run ``route`` for a principal whom the door has authenticated; failures are answers too.

    In WordPress's order: arguments that are missing or wrong are named before the permission is asked.
    """
    try:
        params = arguments.parse(route.args, given)
        permit(runtime, route.permission, principal)
        return route.handler(
            Request(
                runtime,
                params,
                principal,
                query,
                body or {},
                content=content,
                headers=headers or {},
                uploads=uploads or {},
                agent=agent,
                epoch=epoch,
            )
        )
    except Cancelled:
        raise
    except SidecarError as error:
        return refusal(error)
    except Exception:  # the client gets a code, the log the traceback
        log.exception("%s %s failed", "/".join(route.methods), route.path)
        return refusal(Internal("The request could not be completed; the sidecar's log has the details."))


def permit(runtime: Runtime, permission: Permission, principal: Principal) -> None:
    """Unauthorized (a visitor) or Forbidden with the route's own code and message, or nothing.

    WordPress has asked the same before it proxied; every door asks again here.
    """
    if permission.public:
        return
    if principal.anonymous:
        raise Unauthorized(permission.message, code=permission.code)
    if permission.any_of and not runtime.get(Permissions).can_any(principal, *permission.any_of):
        raise Forbidden(permission.message, code=permission.code)


def refusal(error: SidecarError) -> Answer:
    """The one place where an error becomes WordPress's envelope ``{code, message, data: {status}}``.

    One that tells when to come again (``data.retry_after``, seconds) says it in a header too.
    """
    wait = error.data.get("retry_after")
    headers = {"Retry-After": str(wait)} if isinstance(wait, int) else {}
    return Answer(error.envelope(), error.status, headers)


def encode(reply: Answer) -> bytes:
    """The body's bytes: as the route gave them, else JSON as ``wp_json_encode`` writes it."""
    if isinstance(reply.body, bytes):
        return reply.body
    return b"" if reply.body is None else php_json.dumps(reply.body).encode("utf-8")
