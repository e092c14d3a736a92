"""The product's own step types and handlers, as the registries show them.

PHP reads the same entries from ``wp-plugin/generated/automation.php``: a look-up in PHP needs no sidecar.
"""

from __future__ import annotations

from typing import Any

_STEPS = "DataMachine\\Core\\Steps\\"


def _step(label: str, description: str, class_name: str, position: int, **flags: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "label": label,
        "description": description,
        "class": _STEPS + class_name,
        "position": position,
        "uses_handler": False,
        "multi_handler": False,
        "has_pipeline_config": False,
        "consume_all_packets": False,
        "show_settings_display": True,
    }
    return {**entry, **flags}


#: ``datamachine_step_types``: the types this version runs, and those it only knows.
STEP_TYPES: dict[str, dict[str, Any]] = {
    "fetch": _step("Fetch", "Takes in items from a source", "Fetch\\FetchStep", 10, uses_handler=True),
    "publish": _step(
        "Publish",
        "Sends content to a destination",
        "Publish\\PublishStep",
        30,
        uses_handler=True,
        multi_handler=True,
    ),
    "upsert": _step(
        "Upsert",
        "Creates or updates content",
        "Upsert\\UpsertStep",
        40,
        uses_handler=True,
        multi_handler=True,
    ),
    "ai": _step(
        "AI Agent",
        "Gives the data to a model that may use tools",
        "AI\\AIStep",
        20,
        has_pipeline_config=True,
        consume_all_packets=True,
    ),
    "webhook_gate": _step(
        "Webhook Gate",
        "Waits for a request from outside",
        "WebhookGate\\WebhookGateStep",
        70,
        show_settings_display=False,
    ),
    "system_task": _step(
        "System Task",
        "Runs a task of the system",
        "SystemTask\\SystemTaskStep",
        70,
        show_settings_display=False,
    ),
}


def _settings(kind: str, label: str) -> dict[str, str]:
    return {
        "config_type": kind,
        "modal_type": "configure-step",
        "button_text": "Configure",
        "label": label,
    }


#: ``datamachine_step_settings``: how types of steps are configured themselves.
STEP_SETTINGS: dict[str, dict[str, Any]] = {
    "ai": _settings("ai_configuration", "AI Agent Configuration"),
    "webhook_gate": _settings("handler", "Webhook Gate Configuration"),
    "system_task": _settings("handler", "System Task Configuration"),
}
#: ``datamachine_handler_settings``: types of steps that have settings as handlers have them.
WITH_SETTINGS = ("webhook_gate", "system_task")


def _handler(kind: str, class_name: str, label: str, description: str) -> dict[str, Any]:
    return {
        "type": kind,
        "class": _STEPS + class_name,
        "label": label,
        "description": description,
        "requires_auth": False,
        "auth_provider_key": None,
        "meta": [],
    }


#: ``datamachine_handlers``: an entry is present when the step type asked for is its own, or none is asked
#: for.
HANDLERS: dict[str, dict[str, Any]] = {
    "wordpress_posts": _handler(
        "fetch",
        "Fetch\\Handlers\\WordPress\\WordPress",
        "Local WordPress Posts",
        "Takes in posts of this WordPress site",
    ),
    "wordpress_api": _handler(
        "fetch",
        "Fetch\\Handlers\\WordPressAPI\\WordPressAPI",
        "WordPress REST API",
        "Takes in what the REST API of another site lists",
    ),
    "wordpress_media": _handler(
        "fetch",
        "Fetch\\Handlers\\WordPressMedia\\WordPressMedia",
        "WordPress Media Library",
        "Takes in the media library of this WordPress site",
    ),
    "rss": _handler(
        "fetch", "Fetch\\Handlers\\Rss\\Rss", "RSS Feed", "Fetch content from RSS and Atom feeds"
    ),
    "files": _handler(
        "fetch",
        "Fetch\\Handlers\\Files\\Files",
        "File Upload",
        "Takes in files that were uploaded for the flow",
    ),
    "wordpress_publish": _handler(
        "publish", "Publish\\Handlers\\WordPress\\WordPress", "WordPress", "Publishes to this WordPress site"
    ),
    "wordpress_update": _handler(
        "upsert",
        "Upsert\\Handlers\\WordPress\\WordPressUpdate",
        "WordPress Update",
        "Changes posts of this WordPress site",
    ),
}

#: Classes that definitions of tools name.
PUBLISH_TOOL = HANDLERS["wordpress_publish"]["class"]
UPDATE_TOOL = HANDLERS["wordpress_update"]["class"]
SKIP_TOOL = _STEPS + "Fetch\\Tools\\SkipItemTool"

#: Seconds by name, for handlers' ``timeframe_limit``; ``all_time`` and unknown names mean no limit.
TIMEFRAMES: dict[str, int] = {
    "24_hours": 86_400,
    "72_hours": 259_200,
    "7_days": 604_800,
    "30_days": 2_592_000,
    "90_days": 7_776_000,
    "6_months": 15_552_000,
    "1_year": 31_536_000,
}
