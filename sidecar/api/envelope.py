"""What most routes wrap their answers and refusals in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sidecar.api.route import Answer
from sidecar.errors import Forbidden, NotFound, SidecarError


def success(data: Any, message: str | None = None, *, headers: Mapping[str, str] | None = None) -> Answer:
    """``{success: true, data, message?}``."""
    body = {"success": True, "data": data}
    if message is not None:
        body["message"] = message
    return Answer(body, headers=headers or {})


@contextmanager
def refused_as(code: str, kind: type[SidecarError] | None = None) -> Iterator[None]:
    """A route's own code for every rule the service finds broken; its code goes along as data.

    ``kind`` is what the route answers where it has one status for all; what is not there stays 404 for all
    but Forbidden. A missing right on the agent keeps its code.
    """
    try:
        yield
    except SidecarError as error:
        if error.status >= 500 or error.code == "rest_forbidden":
            raise
        same = kind is None or (isinstance(error, NotFound) and kind is not Forbidden)
        answered = type(error) if same or kind is None else kind
        raise answered(
            error.message, code=code, data={"ability_error_code": error.code, **error.data}
        ) from error
