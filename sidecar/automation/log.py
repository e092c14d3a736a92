"""The engine's log: the action ``datamachine_log``, which anybody may fire and anybody may hear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar import hooks


def debug(message: str, context: Mapping[str, Any]) -> None:
    write("debug", message, context)


def info(message: str, context: Mapping[str, Any]) -> None:
    write("info", message, context)


def warning(message: str, context: Mapping[str, Any]) -> None:
    write("warning", message, context)


def error(message: str, context: Mapping[str, Any]) -> None:
    write("error", message, context)


def write(level: str, message: str, context: Mapping[str, Any]) -> None:
    """Fire ``datamachine_log(level, message, context)``; the product's own listener stores the row."""
    hooks.do_action("datamachine_log", level, message, dict(context))
