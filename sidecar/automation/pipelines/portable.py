"""What of pipelines and flows travels to another site: no ids, no secrets, nothing that a run left behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.automation.flows import masking
from sidecar.automation.flows.step_config import handler_slugs
from sidecar.automation.pipelines.steps import IDENTITY, OLD
from sidecar.automation.values import Document, document, is_step

#: Of a flow's step, beside its handlers.
SETTINGS = (
    "enabled",
    "enabled_tools",
    "disabled_tools",
    "required_handler_slugs",
    "retry_policy",
    "queue_mode",
)
#: What waits in a flow's step: a new flow begins with it, one that is there keeps its own.
QUEUES = ("prompt_queue", "config_patch_queue")
HANDLERS = ("handler_slug", "handler_config", "handler_slugs", "handler_configs")
#: Of a schedule: when, whether and how often again.
SCHEDULE = (
    "interval",
    "interval_seconds",
    "cron_expression",
    "timestamp",
    "enabled",
    "retry_policy",
    "cycle_policy",
)


def step_config(step: Mapping[str, Any]) -> Document:
    """What a pipeline's step is beside its place; models are the other site's own."""
    return {str(key): value for key, value in step.items() if key not in (*IDENTITY, *OLD)}


def flow_step(step: Mapping[str, Any]) -> Document:
    """Settings and queues of a flow's step, secrets left out; empty when it is as it was built."""
    shown = masking.masked_step(step)
    found: Document = {}
    for name in (*HANDLERS, *SETTINGS, *QUEUES):
        value = without_masks(shown.get(name))
        if value not in (None, [], {}):
            found[name] = value
    if found.get("queue_mode") == "static":
        del found["queue_mode"]
    return found


def primary(step: Mapping[str, Any]) -> str:
    """The first handler, or nothing."""
    return next(iter(handler_slugs(step)), "")


def schedule(config: Mapping[str, Any]) -> Document:
    """A flow's schedule without its webhooks; empty for a manual one that says nothing else."""
    found = {name: config[name] for name in SCHEDULE if config.get(name) is not None}
    if found.get("enabled") is True:
        del found["enabled"]
    return {} if found == {"interval": "manual"} else found


def beside(config: Mapping[str, Any]) -> Document:
    """Entries of a configuration that are no steps: attached memory files and the like."""
    return {str(key): value for key, value in config.items() if key and not is_step(value)}


def joined(config: Mapping[str, Any], extra: Mapping[str, Any]) -> Document:
    """A configuration with other entries beside its steps; none of them takes a step's place."""
    steps = config.keys() - beside(config).keys()
    return {**config, **{key: value for key, value in extra.items() if key not in steps}}


def without_masks(value: Any) -> Any:
    """A masked document without what is masked."""
    if isinstance(value, Mapping):
        return {str(key): without_masks(each) for key, each in value.items() if each != masking.MASK}
    if isinstance(value, list):
        return [without_masks(each) for each in value if each != masking.MASK]
    return value


def configured(entry: Document, settings: Mapping[str, Any], *, fresh: bool) -> Document:
    """A flow's step with what a file says about it.

    Of a handler's settings those stay that the file does not name: secrets do not travel. Queues are taken
    over only where the step is ``fresh``.
    """
    known = {name: settings[name] for name in (*HANDLERS, *SETTINGS) if name in settings}
    result = {**entry, **known}
    if isinstance(known.get("handler_config"), dict) and _same_handler(entry, known):
        result["handler_config"] = {**document(entry.get("handler_config")), **known["handler_config"]}
    configs = known.get("handler_configs")
    if isinstance(configs, dict):
        before = document(entry.get("handler_configs"))
        result["handler_configs"] = {
            slug: {**document(before.get(slug)), **document(config)} for slug, config in configs.items()
        }
    if fresh:
        result |= {name: settings[name] for name in QUEUES if isinstance(settings.get(name), list)}
    return result


def _same_handler(entry: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    return bool(settings.get("handler_slug", entry.get("handler_slug")) == entry.get("handler_slug"))
