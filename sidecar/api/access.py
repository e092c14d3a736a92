"""Who calls at the sidecar's own door. WordPress authenticates at its door; tokens open this one."""

from __future__ import annotations

from typing import Protocol

import flask

from sidecar.errors import Unauthorized
from sidecar.identity import Principal

#: Bearer tokens of ours begin like this; the scheme is matched in this case only.
TOKEN_PREFIX = "datamachine_"  # noqa: S105  # the public beginning of every token


class Authenticator(Protocol):
    """Tells who sends a request."""

    def principal(self, request: flask.Request) -> Principal:
        """Who it is: a visitor (``Principal.user(0)``) without any credential; Unauthorized for a wrong one.

        Its ``answers`` stay None: WordPress is asked when a decision needs them.
        """
        ...


class Closed:
    """Knows nobody: no agent token has been issued yet, so each one presented is unknown."""

    def principal(self, request: flask.Request) -> Principal:
        """A visitor; Unauthorized ``datamachine_invalid_token`` for a token of ours."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Bearer" and token.startswith(TOKEN_PREFIX):
            raise Unauthorized("Invalid or expired agent token.", code="datamachine_invalid_token")
        return Principal.user(0)
