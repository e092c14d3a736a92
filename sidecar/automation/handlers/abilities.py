"""The abilities on handlers and step types: what WordPress is told about them, and what they do.

A rule that was broken (an unknown slug, a setting the handler does not have) is an answer with ``success``
false; a missing right is an error, and so is everything unexpected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from sidecar.abilities import Category, Declaration, Permission, object_schema
from sidecar.automation.answering import answering, data
from sidecar.automation.categories import PIPELINE
from sidecar.automation.handlers.posts import PostsService
from sidecar.automation.handlers.service import HandlersService
from sidecar.automation.steps.base import number
from sidecar.errors import SidecarError
from sidecar.identity import Principal

GET_HANDLERS = "datamachine/get-handlers"
VALIDATE_HANDLER = "datamachine/validate-handler"
FIELDS = "datamachine/get-handler-config-fields"
SITE_DEFAULTS = "datamachine/get-handler-site-defaults"
APPLY_DEFAULTS = "datamachine/apply-handler-defaults"
VALIDATE_STEP_TYPE = "datamachine/validate-step-type"
TEST_HANDLER = "datamachine/test-handler"
PUBLISH = "datamachine/publish-wordpress"
UPDATE = "datamachine/update-wordpress"

PUBLISHING = Category("datamachine-publishing", "Publishing", "Making and changing content.")

_TEXT: dict[str, Any] = {"type": "string"}
_ID: dict[str, Any] = {"type": "integer"}
_FLAG: dict[str, Any] = {"type": "boolean"}
#: PHP's empty array is a list.
_MAP: dict[str, Any] = {"type": ["object", "array"]}
_MANAGERS = Permission(manage=True)
_OUTCOME = {"success": _FLAG, "error": _TEXT}
_SLUG = {"handler_slug": _TEXT | {"description": "The handler's slug."}}
_KIND = {"step_type": _TEXT | {"description": "Only handlers of this type of step."}}
_POST = {
    "content_format": _TEXT
    | {"enum": ["blocks", "html", "markdown"], "description": "The format of the content; html unless said."},
    "taxonomies": _MAP | {"description": "Terms by taxonomy: ids, names or slugs; a list or one."},
    "featured_image_url": _TEXT | {"description": "A public image; it is copied to the media library."},
    "source_url": _TEXT | {"description": "Where the content comes from."},
}

_CHANGED = {**_OUTCOME, "post_id": _ID, "post_title": _TEXT, "post_url": _TEXT, "taxonomy_results": _MAP}

DECLARATIONS: tuple[Declaration, ...] = (
    Declaration(
        GET_HANDLERS,
        PIPELINE,
        "List handlers",
        "The handlers that steps can use, or one of them.",
        _MANAGERS,
        object_schema({**_KIND, **_SLUG}, optional=True),
        object_schema({**_OUTCOME, "handlers": _MAP, "count": _ID}),
    ),
    Declaration(
        VALIDATE_HANDLER,
        PIPELINE,
        "Check a handler's slug",
        "Whether a handler of that slug is registered.",
        _MANAGERS,
        object_schema({**_SLUG, **_KIND}, required=("handler_slug",)),
        object_schema({**_OUTCOME, "valid": _FLAG}),
    ),
    Declaration(
        FIELDS,
        PIPELINE,
        "Show a handler's settings",
        "The settings of a handler with their types, defaults and options.",
        _MANAGERS,
        object_schema(_SLUG, required=("handler_slug",)),
        object_schema({**_OUTCOME, "handler_slug": _TEXT, "fields": _MAP}),
    ),
    Declaration(
        SITE_DEFAULTS,
        PIPELINE,
        "Show the site's handler defaults",
        "What this site uses for settings that a step does not have, for one handler or all.",
        _MANAGERS,
        object_schema(_SLUG, optional=True),
        object_schema({**_OUTCOME, "defaults": _MAP}),
    ),
    Declaration(
        APPLY_DEFAULTS,
        PIPELINE,
        "Fill a handler's configuration with defaults",
        "A configuration with the site's and the handler's defaults in its gaps. Nothing is stored.",
        _MANAGERS,
        object_schema({**_SLUG, "config": _MAP}, required=("handler_slug", "config")),
        object_schema({**_OUTCOME, "config": _MAP}),
    ),
    Declaration(
        VALIDATE_STEP_TYPE,
        PIPELINE,
        "Check a step type",
        "Whether a type of step is registered.",
        _MANAGERS,
        object_schema({"step_type": _TEXT}, required=("step_type",)),
        object_schema({**_OUTCOME, "valid": _FLAG, "available_types": {"type": "array", "items": _TEXT}}),
    ),
    Declaration(
        TEST_HANDLER,
        PIPELINE,
        "Try a fetch handler",
        "Runs a fetch handler once and shows what it brings. No item is claimed or marked as processed.",
        _MANAGERS,
        object_schema(
            {
                **_SLUG,
                "config": _MAP | {"description": "The handler's settings."},
                "flow_id": _ID | {"description": "Take handler and settings from this flow's fetch step."},
                "limit": _ID | {"default": 5, "minimum": 1, "maximum": 50},
            },
            optional=True,
        ),
        object_schema(
            {
                **_OUTCOME,
                "handler_slug": _TEXT,
                "handler_label": _TEXT,
                "config_used": _MAP,
                "packets": {"type": "array"},
                "packet_count": _ID,
                "execution_time_ms": {"type": "number"},
                "warnings": {"type": "array", "items": _TEXT},
            }
        ),
    ),
    Declaration(
        PUBLISH,
        PUBLISHING,
        "Publish a post",
        "Creates a post on this site with the caller's rights, unless one of the same title is there.",
        _MANAGERS,
        object_schema(
            {
                "title": _TEXT,
                "content": _TEXT,
                "post_type": _TEXT,
                "post_status": _TEXT | {"description": "draft unless said."},
                "post_author": _ID,
                "link_handling": _TEXT | {"enum": ["append", "none"]},
                "dedup_enabled": _FLAG,
                "dedup_lookback_days": _ID,
                **_POST,
            },
            required=("title", "content", "post_type"),
        ),
        object_schema({**_CHANGED, "featured_image_result": {"type": ["object", "null"]}, "action": _TEXT}),
    ),
    Declaration(
        UPDATE,
        PUBLISHING,
        "Update a post",
        "Changes title, content or terms of a post of this site with the caller's rights.",
        _MANAGERS,
        object_schema({"post_id": _ID, "title": _TEXT, "content": _TEXT, **_POST}),
        object_schema({**_CHANGED, "modifications": _MAP}),
    ),
)

Given = Mapping[str, Any]
Callback = Callable[[Principal, Given], dict[str, Any]]


def callbacks(service: HandlersService, posts: PostsService) -> dict[str, Callback]:
    """The callbacks by the names of the abilities."""

    def handlers(principal: Principal, given: Given) -> dict[str, Any]:
        """``{handlers: {slug: entry}, count}``; no handler of that slug is an empty answer."""
        found = service.all(principal, _text(given, "step_type"))
        slug = _text(given, "handler_slug")
        if slug is not None:
            found = {slug: found[slug]} if slug in found else {}
        return {"handlers": found, "count": len(found)}

    def validate(principal: Principal, given: Given) -> dict[str, Any]:
        """``{valid, error?}``."""
        try:
            service.get(principal, str(given.get("handler_slug") or ""), _text(given, "step_type"))
        except SidecarError as error:
            if error.code != "handler_not_found":
                raise
            return {"valid": False, "error": error.message}
        return {"valid": True}

    def fields(principal: Principal, given: Given) -> dict[str, Any]:
        """``{handler_slug, fields: {key: spec}}``."""
        slug = str(given.get("handler_slug") or "")
        found = service.fields(principal, slug)
        return {"handler_slug": slug, "fields": {key: field.spec() for key, field in found.items()}}

    def site_defaults(principal: Principal, given: Given) -> dict[str, Any]:
        """``{defaults}``: of the named handler, else by slug."""
        return {"defaults": service.site_defaults(principal, _text(given, "handler_slug"))}

    def apply(principal: Principal, given: Given) -> dict[str, Any]:
        """``{config}``."""
        slug, config = str(given.get("handler_slug") or ""), _map(given, "config")
        return {"config": service.complete(principal, slug, config)}

    def step_type(principal: Principal, given: Given) -> dict[str, Any]:
        """``{valid, available_types, error?}``."""
        wanted, types = str(given.get("step_type") or ""), service.step_types(principal)
        answer: dict[str, Any] = {"valid": wanted in types, "available_types": list(types)}
        if wanted not in types:
            answer["error"] = f"Step type '{wanted}' not found. Available types: {', '.join(types)}"
        return answer

    def test(principal: Principal, given: Given) -> dict[str, Any]:
        """``{handler_slug, handler_label, config_used, packets, packet_count, ...}``."""
        report = service.test(
            principal,
            _text(given, "handler_slug"),
            _map(given, "config"),
            flow_id=number(given.get("flow_id")) or None,
            limit=number(given.get("limit")) or 5,
        )
        return msgspec.structs.asdict(report)

    return {
        name: answering(callback, data)
        for name, callback in {
            GET_HANDLERS: handlers,
            VALIDATE_HANDLER: validate,
            FIELDS: fields,
            SITE_DEFAULTS: site_defaults,
            APPLY_DEFAULTS: apply,
            VALIDATE_STEP_TYPE: step_type,
            TEST_HANDLER: test,
            PUBLISH: posts.publish,
            UPDATE: posts.update,
        }.items()
    }


def _text(given: Given, name: str) -> str | None:
    return str(given[name]) if given.get(name) else None


def _map(given: Given, name: str) -> Mapping[str, Any]:
    value = given.get(name)
    return value if isinstance(value, Mapping) else {}
