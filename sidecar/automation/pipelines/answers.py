"""How abilities answer: what went well says so, and so does a rule that was broken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar.errors import SidecarError
from sidecar.identity import Principal

Given = Mapping[str, Any]
Callback = Callable[[Principal, Given], dict[str, Any]]


def answering(callback: Callback) -> Callback:
    """``{success: true, ...}``, or ``{success: false, error, error_code}`` for a broken rule.

    A missing right is raised, and so is everything unexpected.
    """

    def answer(principal: Principal, given: Given) -> dict[str, Any]:
        try:
            return {"success": True, **callback(principal, given)}
        except SidecarError as error:
            if error.status >= 500 or error.code == "rest_forbidden":
                raise
            return {"success": False, "error": error.message, "error_code": error.code}

    return answer
