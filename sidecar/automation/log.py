"""The engine's log: the action ``datamachine_log``, which anybody may fire and anybody may hear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from sidecar import hooks
from sidecar.hooks import dispatch
from sidecar.host import context as hosts
from sidecar.host.context import WordPressHost

HOOK = "datamachine_log"

#: Units in which PHP was asked whether anybody but us listens.
_heard: WeakKeyDictionary[WordPressHost, bool] = WeakKeyDictionary()


def debug(message: str, context: Mapping[str, Any]) -> None:
    write("debug", message, context)


def info(message: str, context: Mapping[str, Any]) -> None:
    write("info", message, context)


def warning(message: str, context: Mapping[str, Any]) -> None:
    write("warning", message, context)


def error(message: str, context: Mapping[str, Any]) -> None:
    write("error", message, context)


def write(level: str, message: str, context: Mapping[str, Any]) -> None:
    """Fire ``datamachine_log(level, message, context)``; the product's own listener stores the row.

    A step writes a dozen lines, most of them below the level that is kept. In a unit where no PHP code
    listens they stay in Python.
    """
    host = hosts.current()
    if host is not None and (dispatch.silent(host, HOOK) or (host.kind == "unit" and not _listened_to(host))):
        hooks.bus().do_action(HOOK, level, message, dict(context))
    else:
        hooks.do_action(HOOK, level, message, dict(context))


def _listened_to(host: WordPressHost) -> bool:
    known = _heard.get(host)
    if known is None:
        known = _heard[host] = host.has_listeners(HOOK)
    return known
