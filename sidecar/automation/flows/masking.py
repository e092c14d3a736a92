"""Secrets in what flows are configured with: no answer shows them, and one sent back masked is unchanged."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sidecar.automation.values import Document
from sidecar.errors import InvalidInput

#: Stands for a secret in every answer.
MASK = "********"

#: Levels of a document that are looked through; JSON may nest deeper than Python's stack, and than what the
#: bridge carries to a run. What lies below is not shown.
DEEPEST = 40

#: Keys whose texts are secrets, in a handler's settings and in what verifies a webhook.
_SECRET = re.compile(
    r"(?:^|[_-])(?:password|passwd|passphrase|secret|token|api_?key|private_?key|access_?key|authorization)s?"
    r"(?:$|[_-])",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: Where a document of flows keeps handlers' settings.
_SINGLE, _MULTI, _PATCHES = "handler_config", "handler_configs", "config_patch_queue"
#: Secrets of a schedule: lists of ``{id, value}``, whatever their entries are called.
_LISTS = ("webhook_secrets", "secrets")


def masked(scheduling_config: Mapping[str, Any]) -> Document:
    """A schedule without its webhook secrets: token, secrets' values, what a verifier holds."""
    return {str(key): _masked(str(key), value) for key, value in scheduling_config.items()}


def masked_handler(config: Mapping[str, Any], _slug: str = "") -> Document:
    """A handler's settings without passwords, tokens and keys, at any depth."""
    return {str(key): _masked(str(key), value) for key, value in config.items()}


def masked_step(step: Mapping[str, Any]) -> Document:
    """A flow step with its handlers' settings and queued patches masked; prompts stay."""
    shown = dict(step)
    if isinstance(step.get(_SINGLE), Mapping):
        shown[_SINGLE] = masked_handler(step[_SINGLE])
    configs = step.get(_MULTI)
    if isinstance(configs, Mapping):
        shown[_MULTI] = {
            slug: masked_handler(config) if isinstance(config, Mapping) else config
            for slug, config in configs.items()
        }
    queue = step.get(_PATCHES)
    if isinstance(queue, list):
        shown[_PATCHES] = [_masked("", entry) for entry in queue]
    return shown


def masked_flow_config(flow_config: Mapping[str, Any]) -> Document:
    """Every step masked; what is no step stays."""
    return {
        str(key): masked_step(step) if isinstance(step, Mapping) else step
        for key, step in flow_config.items()
    }


def masked_engine_data(data: Mapping[str, Any]) -> Document:
    """A job's document with what it carries of its flow masked; texts of packets and results stay."""
    shown: Document = masked_settings(dict(data))
    flow, config = data.get("flow"), data.get("flow_config")
    if isinstance(flow, Mapping) and isinstance(flow.get("scheduling"), Mapping):
        shown["flow"] = {**flow, "scheduling": masked(flow["scheduling"])}
    if isinstance(config, Mapping):
        shown["flow_config"] = masked_flow_config(config)
    for key in ("queued_prompt_backup", "queued_patch_backup"):
        backup = data.get(key)
        if isinstance(backup, Mapping) and isinstance(backup.get("patch"), Mapping):
            shown[key] = {**backup, "patch": masked_handler(backup["patch"])}
    return shown


def masked_settings(value: Any, level: int = 0) -> Any:
    """Anything with handlers' settings in it, packets for example, with these masked; all else as it is."""
    if level > DEEPEST and isinstance(value, Mapping | list):
        return MASK
    if isinstance(value, Mapping):
        return {
            key: masked_handler(each)
            if key in (_SINGLE, _MULTI) and isinstance(each, Mapping)
            else masked_settings(each, level + 1)
            for key, each in value.items()
        }
    return [masked_settings(each, level + 1) for each in value] if isinstance(value, list) else value


def unmasked(sent: Any, stored: Any, level: int = 0) -> Any:
    """What a client sent, each mask replaced by the stored value of the same place.

    A mask where nothing is stored is left out of a map; of lists, entries are told apart by ``id``, else by
    their place. InvalidInput ``too_deep`` for what could never be shown.
    """
    if level > DEEPEST and isinstance(sent, Mapping | list):
        raise InvalidInput(f"Settings nest {DEEPEST} levels at most.", code="too_deep")
    if isinstance(sent, Mapping):
        kept = stored if isinstance(stored, Mapping) else {}
        return {
            key: unmasked(value, kept.get(key), level + 1)
            for key, value in sent.items()
            if value != MASK or kept.get(key) is not None
        }
    if isinstance(sent, list):
        return [unmasked(value, _same(value, at, stored), level + 1) for at, value in enumerate(sent)]
    return stored if sent == MASK else sent


def _same(entry: Any, at: int, stored: Any) -> Any:
    if not isinstance(stored, list):
        return None
    if isinstance(entry, Mapping) and entry.get("id") is not None:
        named = [one for one in stored if isinstance(one, Mapping) and one.get("id") == entry["id"]]
        return named[0] if named else None
    return stored[at] if at < len(stored) else None


def _masked(key: str, value: Any, level: int = 0) -> Any:
    if level > DEEPEST and isinstance(value, Mapping | list):
        return MASK
    if isinstance(value, Mapping):
        return {str(name): _masked(str(name), inner, level + 1) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        if key in _LISTS:
            return [_secret_entry(entry) for entry in value]
        return [_masked(key, entry, level + 1) for entry in value]
    if isinstance(value, str) and value != "" and _SECRET.search(_CAMEL.sub("_", key)):
        return MASK
    return value


def _secret_entry(entry: Any) -> Any:
    if isinstance(entry, Mapping):
        return {
            str(name): MASK if name == "value" and inner not in (None, "") else _masked(str(name), inner)
            for name, inner in entry.items()
        }
    return MASK if isinstance(entry, str) and entry else entry
