"""Who calls at the sidecar's own door. WordPress authenticates at its door; tokens open this one."""

from __future__ import annotations

from typing import NoReturn

import flask

from sidecar.api.route import Permission
from sidecar.errors import Unauthorized

#: Bearer tokens of ours begin like this; the scheme is matched in this case only.
TOKEN_PREFIX = "datamachine_"  # noqa: S105  # the public beginning of every token


def authenticate(request: flask.Request, permission: Permission) -> NoReturn:
    """Refuse the caller, with the code a client can act on.

    No agent token has been issued yet, so each one presented is unknown
    (``datamachine_invalid_token``), and a caller without one is a stranger (the route's own code, as 401).
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Bearer" and token.startswith(TOKEN_PREFIX):
        raise Unauthorized("Invalid or expired agent token.", code="datamachine_invalid_token")
    raise Unauthorized(permission.message, code=permission.code)
