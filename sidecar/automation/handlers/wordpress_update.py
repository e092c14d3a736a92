"""The tool ``wordpress_update``: changes to a post of this site, made by an AI step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar import hooks
from sidecar.automation import catalogue, log
from sidecar.automation.engine.engine_data import EngineData, EngineStore
from sidecar.automation.handlers import taxonomies
from sidecar.automation.handlers.content_format import FormatMissing
from sidecar.automation.handlers.fields import truthy
from sidecar.automation.handlers.publishing import PostMissing, Publisher, locate, refused
from sidecar.automation.handlers.wordpress_posts import WordPressPosts
from sidecar.automation.jobs import status as statuses
from sidecar.automation.steps.base import number
from sidecar.automation.values import Document
from sidecar.bridge import RemoteError
from sidecar.conversation import ToolCall

SLUG = "wordpress_update"
#: The reason of a job that fails because its user may not change the post.
NOT_PERMITTED = "update_forbidden"


def definition(config: Mapping[str, Any]) -> Document:
    """The tool as a model is offered it: with what the handler's settings let it change."""
    parameters: Document = {}
    if truthy(config.get("allow_title_updates", True)):
        parameters["title"] = {
            "type": "string",
            "required": False,
            "description": "The new title, as plain text. Leave it out to keep the title.",
        }
    if truthy(config.get("allow_content_updates", True)):
        parameters["content"] = {
            "type": "string",
            "required": False,
            "description": "The whole new body, in the format that content_format names. Leave it out to keep"
            " the body.",
        }
        parameters["content_format"] = {
            "type": "string",
            "required": False,
            "description": 'The format of the content: "blocks" (block markup), "html" or "markdown".',
        }
    return {
        "class": catalogue.UPDATE_TOOL,
        "method": "handle_tool_call",
        "handler": SLUG,
        "description": "Changes the post of this WordPress site that the data comes from.",
        "parameters": {**parameters, **taxonomies.parameters(config)},
        "handler_config": dict(config),
        "modes": ["pipeline"],
        "access_level": "admin",
    }


class WordPressUpdate:
    """Changes the post the job is about, and writes down how that is undone.

    Which post that is the model does not say: it is the one behind the job's ``source_url``, else the item
    the job took from this site, else the post an earlier step made.
    """

    def __init__(self, store: EngineStore, publisher: Publisher) -> None:
        self._store = store
        self._publisher = publisher

    def run(self, call: ToolCall) -> dict[str, Any]:
        job_id = number(call.parameters.get("job_id"))
        if not job_id:
            return _error("job_id parameter is required for update operations")
        engine = self._store.load(job_id)
        hooks.do_action("datamachine_handler_registered", SLUG, "upsert")
        config = hooks.apply_filters(
            "datamachine_auth_ref_to_handler_config",
            dict(call.definition.get("handler_config") or {}),
            SLUG,
            {"job_id": job_id, "runtime": True},
        )
        if not isinstance(config, Mapping):
            return _error("The handler's credentials could not be resolved.")
        return self._update(call, job_id, engine, config)

    def recover(self, call: ToolCall) -> dict[str, Any] | None:
        """The same change again changes nothing."""
        return None

    def _update(
        self, call: ToolCall, job_id: int, engine: EngineData, config: Mapping[str, Any]
    ) -> dict[str, Any]:
        title = _text(call, "title") if truthy(config.get("allow_title_updates", True)) else None
        content = _text(call, "content") if truthy(config.get("allow_content_updates", True)) else None
        terms = taxonomies.chosen(config, call.parameters)
        if title is None and content is None and not terms:
            return _error("Nothing to update: give a title, content or terms.")
        post_id = post_of(engine)
        if post_id is None:
            return _error("The job knows no post of this site: source_url is required for WordPress Update.")
        given = str(call.parameters.get("content_format") or "html")
        if engine.get("dry_run_mode"):
            return _success(
                {"dry_run": True, "updated_id": post_id, "preview": {"title": title, "content": content}}
            )
        try:
            changed = self._publisher.change(post_id, title, content, given, terms)
        except (FormatMissing, PostMissing) as error:
            return _error(error.message)
        except RemoteError as error:
            if not refused(error):
                raise
            return self._forbidden(job_id, error.message)
        known = engine.get("effects")
        effects = [*(known if isinstance(known, list) else []), *changed.effects]
        self._store.merge(
            job_id,
            {
                "post_id": changed.post.post_id,
                "published_url": changed.post.url,
                **({"effects": effects} if changed.effects else {}),
            },
        )
        log.debug(
            "WordPress Update: Post updated",
            {"handler": SLUG, "post_id": changed.post.post_id, "modified": changed.modified},
        )
        return _success(
            {
                "updated_id": changed.post.post_id,
                "post_title": changed.post.title,
                "post_url": changed.post.url,
                "modifications": changed.modified,
                "taxonomy_results": changed.taxonomies or [],
            }
        )

    def _forbidden(self, job_id: int, message: str) -> dict[str, Any]:
        """The owner may not change this post, and no other attempt will do better: the job ends."""
        self._store.merge(
            job_id,
            {
                "job_status": statuses.failed(NOT_PERMITTED),
                "error_reason": NOT_PERMITTED,
                "error_message": message,
            },
        )
        return _error(message)


def post_of(engine: EngineData) -> int | None:
    """The post of this site that a job is about."""
    found = locate(str(engine.get("source_url") or ""))
    if found is not None:
        return found
    if engine.get("source_type") == WordPressPosts.source_type:
        return number(engine.get("item_identifier")) or None
    return number(engine.get("post_id")) or None


def _text(call: ToolCall, name: str) -> str | None:
    value = call.parameters.get(name)
    return value if isinstance(value, str) and value.strip() else None


def _success(data: Document) -> dict[str, Any]:
    return {"success": True, "data": data, "tool_name": SLUG}


def _error(message: str) -> dict[str, Any]:
    log.error(f"Upsert Handler Error: {message}", {"handler": SLUG})
    return {"success": False, "error": message, "tool_name": SLUG}
