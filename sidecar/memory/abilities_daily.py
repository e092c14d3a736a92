"""The abilities on daily memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.abilities import Callback
from sidecar.errors import InvalidInput, SidecarError
from sidecar.identity import Principal
from sidecar.memory import ability_declarations as names
from sidecar.memory.abilities import answering, content_of, failed, whose
from sidecar.memory.daily import DailyMemory
from sidecar.memory.daily_files import answer_of


class DailyAbilities:
    """The callbacks."""

    def __init__(self, daily: DailyMemory) -> None:
        self._daily = daily

    def callbacks(self) -> dict[str, Callback]:
        """By the ability's name."""
        return {
            names.DAILY_READ: answering(self.read, failed),
            names.DAILY_WRITE: answering(self.write, failed),
            names.DAILY_LIST: answering(self.list, failed),
            names.DAILY_SEARCH: answering(self.search, _not_searched),
            names.DAILY_DELETE: answering(self.delete, failed),
        }

    def read(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, date, content}``."""
        date, content = self._daily.read(principal, content_of(given, "date"), **whose(given))
        return {"success": True, "date": date, "content": content}

    def write(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, message}``."""
        self._daily.require_enabled()
        mode = given.get("mode") or "append"
        if mode not in {"write", "append"}:
            raise InvalidInput('mode must be "write" or "append".')
        change = self._daily.write if mode == "write" else self._daily.append
        _, message = change(
            principal, content_of(given, "date"), content_of(given, "content"), **whose(given)
        )
        return {"success": True, "message": message}

    def list(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, months}``."""
        return {"success": True, "months": self._daily.list_all(principal, **whose(given))}

    def search(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, query, matches: [{date, line, content, context}], match_count}``."""
        found = self._daily.search(
            principal,
            content_of(given, "query"),
            since=content_of(given, "from") or None,
            until=content_of(given, "to") or None,
            **whose(given),
        )
        return answer_of(found)

    def delete(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, message}``."""
        self._daily.require_enabled()
        _, message = self._daily.delete(principal, content_of(given, "date"), **whose(given))
        return {"success": True, "message": message}


def _not_searched(error: SidecarError) -> dict[str, Any]:
    return {**failed(error), "matches": [], "match_count": 0}
