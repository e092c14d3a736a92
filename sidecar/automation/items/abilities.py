"""The abilities on processed items: what they do.

A broken rule is an answer with ``success`` false; a missing right is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar.automation.answering import answering, code
from sidecar.automation.items import ability_declarations as names
from sidecar.automation.items.service import ProcessedItemsService
from sidecar.automation.steps.base import number
from sidecar.errors import InvalidInput
from sidecar.identity import Principal

Given = Mapping[str, Any]
Callback = Callable[[Principal, Given], dict[str, Any]]


def callbacks(service: ProcessedItemsService) -> dict[str, Callback]:
    """By name."""

    def clear(principal: Principal, given: Given) -> dict[str, Any]:
        """``{deleted_count, message}``."""
        kind, target = given.get("clear_type"), number(given.get("target_id"))
        if kind not in ("pipeline", "flow"):
            raise InvalidInput('clear_type must be either "pipeline" or "flow"', code="invalid_clear_type")
        if target <= 0:
            raise InvalidInput("target_id is required and must be an integer", code="invalid_target_id")
        count = service.clear(principal, "pipeline" if kind == "pipeline" else "flow", target)
        message = f"Deleted {count} processed items for {kind} {target}"
        return {"deleted_count": count, "message": message}

    def check(principal: Principal, given: Given) -> dict[str, Any]:
        """``{is_processed}``."""
        return {"is_processed": service.processed(principal, *_item(given))}

    def history(principal: Principal, given: Given) -> dict[str, Any]:
        """``{has_history}``."""
        return {"has_history": service.history(principal, _text(given, "flow_step_id"))}

    def processed_at(principal: Principal, given: Given) -> dict[str, Any]:
        """``{processed_at}``."""
        return {"processed_at": service.processed_at(principal, *_item(given))}

    def stale(principal: Principal, given: Given) -> dict[str, Any]:
        """``{stale_ids, count}``."""
        found = service.stale(
            principal, *_source(given), _candidates(given), number(given.get("max_age_days")), _limit(given)
        )
        return {"stale_ids": found, "count": len(found)}

    def never(principal: Principal, given: Given) -> dict[str, Any]:
        """``{never_processed, count}``."""
        found = service.never(principal, *_source(given), _candidates(given), _limit(given))
        return {"never_processed": found, "count": len(found)}

    return {
        name: answering(callback, code)
        for name, callback in {
            names.CLEAR: clear,
            names.CHECK: check,
            names.HISTORY: history,
            names.PROCESSED_AT: processed_at,
            names.STALE: stale,
            names.NEVER: never,
        }.items()
    }


def _source(given: Given) -> tuple[str, str]:
    return _text(given, "flow_step_id"), _text(given, "source_type")


def _item(given: Given) -> tuple[str, str, str]:
    return (*_source(given), _text(given, "item_identifier"))


def _text(given: Given, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str | int) or isinstance(value, bool) or str(value) == "":
        raise InvalidInput(f"{name} is required", code=f"{name}_required")
    return str(value)


def _candidates(given: Given) -> list[str]:
    value = given.get("candidate_identifiers")
    if not isinstance(value, list) or not value:
        raise InvalidInput("candidate_identifiers must be a list", code="candidates_required")
    return [str(each) for each in value if isinstance(each, str | int)]


def _limit(given: Given) -> int:
    return max(1, number(given.get("limit")) or 100)
