"""The error tree: a stable code, an HTTP status and a CLI exit code for every failure a user can see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class SidecarError(Exception):
    """Base of every expected failure.

    ``code`` is stable and machine readable, ``status`` the HTTP status, ``exit_code`` a command's end;
    ``data`` travels in the error envelope beside ``status``.
    """

    code: str = "internal_error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(
        self, message: str, *, code: str | None = None, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        self.data: dict[str, Any] = dict(data or {})

    def envelope(self) -> dict[str, Any]:
        """WordPress's REST error shape: ``{code, message, data: {status, ...}}``."""
        return {"code": self.code, "message": self.message, "data": {"status": self.status, **self.data}}


class InvalidInput(SidecarError):
    """The caller sent something that breaks a rule."""

    code = "invalid_input"
    status = 400


class Unauthorized(SidecarError):
    """Nobody is signed in, or the credential is not valid."""

    code = "unauthorized"
    status = 401


class Forbidden(SidecarError):
    """The caller is known and may not do this."""

    code = "forbidden"
    status = 403


class NotFound(SidecarError):
    """The named thing does not exist."""

    code = "not_found"
    status = 404


class Conflict(SidecarError):
    """The state changed since it was read, or the thing exists already."""

    code = "conflict"
    status = 409


class TooLarge(SidecarError):
    """More bytes than are taken."""

    code = "too_large"
    status = 413


class Cancelled(SidecarError):
    """The caller went away before the answer; nothing more may be done for it."""

    code = "cancelled"
    status = 499


class Internal(SidecarError):
    """Something that should work did not."""


class Unavailable(SidecarError):
    """A part we depend on does not answer: WordPress, the database, the sidecar."""

    code = "unavailable"
    status = 503


class DeadlineExceeded(SidecarError):
    """The time budget is used up; the outcome of what was asked is unknown."""

    code = "deadline_exceeded"
    status = 504
