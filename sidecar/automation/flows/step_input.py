"""What callers send to configure steps, as every door sends it: maps, or JSON text of maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.automation.flows.configure_steps import Selection, Wanted
from sidecar.automation.flows.step_settings import StepChange
from sidecar.automation.steps.base import number
from sidecar.automation.values import Document
from sidecar.db import php_json
from sidecar.errors import InvalidInput

_DIRECT = frozenset({"handler_slug", "handler_config", "user_message"})


def change(given: Mapping[str, Any]) -> StepChange:
    """A change of one step; keys that are null or not there are not named. InvalidInput."""
    return StepChange(
        handler_slug=_text(given, "handler_slug") or None,
        handler_config=mapping(given, "handler_config"),
        user_message=_text(given, "user_message"),
        add_handler=_text(given, "add_handler") or None,
        add_handler_config=mapping(given, "add_handler_config"),
        remove_handler=_text(given, "remove_handler") or None,
        # Null is said to take a policy away.
        retry_policy=mapping(given, "retry_policy") or ({} if "retry_policy" in given else None),
    )


def selection(given: Mapping[str, Any]) -> Selection:
    """Which steps of which flows, and what becomes of them. InvalidInput."""
    return Selection(
        pipeline_id=number(given.get("pipeline_id")),
        every_flow=given.get("all_flows") is True,
        confirmed=given.get("global_scope") is True,
        step_type=_text(given, "step_type") or "",
        handler_slug=_text(given, "handler_slug") or "",
        target_slug=_text(given, "target_handler_slug") or "",
        field_map={str(key): str(value) for key, value in (mapping(given, "field_map") or {}).items()},
        wanted=_wanted(given, slug=False),
        flows={_flow_id(one): _wanted(one, slug=False) for one in _maps(given, "flow_configs")},
        updates=[_update(one) for one in _maps(given, "updates")],
        shared=_by_step(mapping(given, "shared_config") or {}),
    )


def _update(one: Mapping[str, Any]) -> tuple[int, str, dict[str, Wanted]]:
    """A flow id, the id of one of its steps or nothing, and what is wanted, by step type or step id."""
    step_id = _text(one, "flow_step_id") or ""
    settings = _by_step(mapping(one, "step_configs") or {})
    direct = {key: value for key, value in one.items() if key in _DIRECT}
    if direct:
        settings[step_id or _text(one, "step_type") or ""] = _wanted(direct)
    return (0 if step_id and "flow_id" not in one else _flow_id(one)), step_id, settings


def _by_step(given: Mapping[str, Any]) -> dict[str, Wanted]:
    """Settings by step type or step id; the empty key for settings that name no step."""
    if given.keys() & _DIRECT:
        return {"": _wanted(given)}
    found = {}
    for key, value in given.items():
        if not isinstance(value, Mapping):
            raise InvalidInput(f'The settings of "{key}" must be an object.', code="invalid_step_configs")
        found[str(key)] = _wanted(value)
    return found


def _wanted(given: Mapping[str, Any], *, slug: bool = True) -> Wanted:
    return Wanted(
        (_text(given, "handler_slug") or "") if slug else "",
        mapping(given, "handler_config") or {},
        _text(given, "user_message"),
    )


def _flow_id(one: Mapping[str, Any]) -> int:
    flow_id = number(one.get("flow_id"))
    if flow_id <= 0:
        raise InvalidInput("Each entry needs a flow_id.", code="missing_flow_id")
    return flow_id


def _text(given: Mapping[str, Any], key: str) -> str | None:
    value = given.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidInput(f"{key} must be a text.", code="invalid_input")
    return value


def mapping(given: Mapping[str, Any], key: str) -> Document | None:
    """A map, JSON text of one, or PHP's empty array; None where there is nothing. InvalidInput."""
    value = given.get(key)
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = php_json.loads(value) if value.strip() else {}
        except php_json.NotJson:
            raise InvalidInput(f"{key} is not valid JSON.", code="invalid_json") from None
    if value == []:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{key} must be an object.", code="invalid_input")
    return {str(name): inner for name, inner in value.items()}


def _maps(given: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """A list of maps; a map of them counts as the list of its values."""
    value = given.get(key)
    listed = list(value.values()) if isinstance(value, Mapping) else value
    if listed is None:
        return []
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise InvalidInput(f"{key} must be a list of objects.", code="invalid_input")
    return listed
