"""How abilities answer: what went well says so, and so does a rule that was broken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar.errors import SidecarError
from sidecar.identity import Principal

Given = Mapping[str, Any]
Work = Callable[[Principal, Given], Mapping[str, Any]]
Answer = Callable[[Principal, Given], dict[str, Any]]
#: What an answer says of a broken rule beside its message.
Told = Callable[[SidecarError], Mapping[str, Any]]


def code(error: SidecarError) -> Mapping[str, Any]:
    """``error_code``."""
    return {"error_code": error.code}


def data(error: SidecarError) -> Mapping[str, Any]:
    """What the error carries."""
    return error.data


def nothing(_error: SidecarError) -> Mapping[str, Any]:
    """Only the message."""
    return {}


def answering(work: Work, told: Told = nothing) -> Answer:
    """``{success: true, ...}``, or ``{success: false, error, ...}`` for a broken rule.

    A missing right is raised, and so is everything unexpected.
    """

    def answer(principal: Principal, given: Given) -> dict[str, Any]:
        try:
            return {"success": True, **work(principal, given)}
        except SidecarError as error:
            if error.status >= 500 or error.code == "rest_forbidden":
                raise
            return {"success": False, "error": error.message, **told(error)}

    return answer
