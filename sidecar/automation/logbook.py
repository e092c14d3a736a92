"""The product's listener on ``datamachine_log``: which lines are kept, and for whom."""

from __future__ import annotations

import logging
from typing import Any

from sidecar.automation import wordpress
from sidecar.automation.engine import acting
from sidecar.automation.repositories.logs import LogsRepository
from sidecar.automation.settings import Settings

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
        author = acting.author() or wordpress.author()
        self._logs.add(
            word,
            str(message),
            about,
            self._agent(about, author),
            _id(about.get("user_id")) or author.user_id,
        )

    def _threshold(self) -> str:
        level = str(self._settings.option("datamachine_log_level") or DEFAULT_LEVEL)
        return level if level in LEVELS else DEFAULT_LEVEL

    def _agent(self, context: dict[str, Any], author: acting.Acting) -> int | None:
        """The context's agent, else the acting one, else the first one its user owns; never the job's."""
        named = _id(context.get("agent_id")) or author.agent_id
        if named or not author.user_id:
            return named
        return self._logs.agent_owned_by(author.user_id)


def _id(value: Any) -> int | None:
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() and int(value) > 0 else None
