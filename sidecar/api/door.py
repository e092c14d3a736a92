"""One request through a route, for either door: validation, the handler, and the error envelope."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from sidecar.api import arguments
from sidecar.api.route import Answer, Request, Route
from sidecar.db import php_json
from sidecar.errors import Cancelled, Internal, SidecarError
from sidecar.runtime import Runtime

log = logging.getLogger(__name__)


def answer(
    runtime: Runtime,
    route: Route,
    given: Mapping[str, Any],
    query: Mapping[str, Any],
    *,
    user_id: int,
    blog_id: int = 1,
) -> Answer:
    """Run ``route`` for a user whom the caller has authenticated; failures are answers too."""
    try:
        params = arguments.parse(route.args, given)
        return route.handler(Request(runtime, params, user_id, query, blog_id))
    except Cancelled:
        raise
    except SidecarError as error:
        return refusal(error)
    except Exception:  # the client gets a code, the log the traceback
        log.exception("%s %s failed", route.method, route.path)
        return refusal(Internal("The request could not be completed; the sidecar's log has the details."))


def refusal(error: SidecarError) -> Answer:
    """The one place where an error becomes WordPress's envelope ``{code, message, data: {status}}``."""
    return Answer(error.envelope(), error.status)


def encode(reply: Answer) -> bytes:
    """The body's bytes, JSON as ``wp_json_encode`` writes it."""
    return b"" if reply.body is None else php_json.dumps(reply.body).encode("utf-8")
