"""The product's listener on ``datamachine_log``: which lines are kept, and for whom."""

from __future__ import annotations

import logging
from typing import Any

from sidecar.automation import acting
from sidecar.automation.repositories.logs import LogsRepository
from sidecar.automation.settings import Settings
from sidecar.bridge import current_call

logger = logging.getLogger("datamachine.automation")

LEVELS = ("debug", "info", "warning", "error", "critical")
DEFAULT_LEVEL = "info"


class Logbook:
    """Writes log rows from the level of the option ``datamachine_log_level`` on."""

    def __init__(self, logs: LogsRepository, settings: Settings) -> None:
        self._logs = logs
        self._settings = settings

    def listen(self, level: Any = "", message: Any = "", context: Any = None) -> None:
        """``datamachine_log(level, message, context)``. An unknown level is no line."""
        word = str(level).lower()
        if word not in LEVELS:
            logger.warning("datamachine_log was fired with the unknown level %r", level)
            return
        if LEVELS.index(word) < LEVELS.index(self._threshold()):
            return
        about = dict(context) if isinstance(context, dict) else {}
        self._logs.add(word, str(message), about, self._agent(about), self._user(about))

    def _threshold(self) -> str:
        level = str(self._settings.option("datamachine_log_level") or DEFAULT_LEVEL)
        return level if level in LEVELS else DEFAULT_LEVEL

    def _agent(self, context: dict[str, Any]) -> int | None:
        """The context's agent, else the acting one, else the one its user owns; never the job's."""
        named = _id(context.get("agent_id")) or acting.current().agent_id
        if named:
            return named
        call = current_call()
        user = call.context.user_id if call is not None and acting.current().user_id is None else 0
        return self._logs.agent_owned_by(user) if user else None

    def _user(self, context: dict[str, Any]) -> int | None:
        named = _id(context.get("user_id")) or acting.current().user_id
        if named:
            return named
        call = current_call()
        return call.context.user_id or None if call is not None else None


def _id(value: Any) -> int | None:
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() and int(value) > 0 else None
