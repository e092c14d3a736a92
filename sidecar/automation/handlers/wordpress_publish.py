"""The tool ``wordpress_publish``: a post of this site, made by an AI step."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any

from sidecar import hooks
from sidecar.automation import catalogue, log, wordpress
from sidecar.automation.engine import acting
from sidecar.automation.engine.engine_data import EngineData, EngineStore
from sidecar.automation.jobs import status as statuses
from sidecar.automation.repositories.published import PublishedPosts
from sidecar.automation.values import Document
from sidecar.bridge import RemoteError
from sidecar.conversation import ToolCall

SLUG = "wordpress_publish"
#: The handler names itself this way in results; the executor's own errors use the tool's name.
RESULT_NAME = "WordPress_publish"
#: PHP's code for a lacking capability, and the reason of the job that fails for it.
FORBIDDEN, NOT_PERMITTED = "forbidden", "publish_forbidden"
#: Names this call's row of the effects table, or None outside a queue run.
EffectOf = Callable[[str], Mapping[str, Any] | None]


def definition(config: Mapping[str, Any]) -> Document:
    """The tool as a model is offered it."""
    return {
        "class": catalogue.PUBLISH_TOOL,
        "method": "handle_tool_call",
        "handler": SLUG,
        "description": (
            "Creates a post or page on this WordPress site. Its type, status, author and"
            " taxonomies are settled."
        ),
        "parameters": {
            "title": {"type": "string", "required": True, "description": "The title, as plain text."},
            "content": {
                "type": "string",
                "required": True,
                "description": "The body, in the format that content_format names.",
            },
            "content_format": {
                "type": "string",
                "required": False,
                "description": 'The format of the content: "blocks" (block markup), "html" or "markdown".',
            },
        },
        "handler_config": dict(config),
        "modes": ["pipeline"],
        "access_level": "admin",
    }


class WordPressPublish:
    """Makes the post, writes down where it is, and never makes it twice."""

    def __init__(self, store: EngineStore, published: PublishedPosts, effect_of: EffectOf) -> None:
        self._store = store
        self._published = published
        self._effect_of = effect_of

    def run(self, call: ToolCall) -> dict[str, Any]:
        job_id = _job_id(call)
        if not job_id:
            return _error("job_id parameter is required for publish operations")
        engine = self._store.load(job_id)
        hooks.do_action("datamachine_handler_registered", SLUG, "publish")
        if engine.get("dry_run_mode"):
            return _preview(call, engine)
        config = hooks.apply_filters(
            "datamachine_auth_ref_to_handler_config",
            dict(call.definition.get("handler_config") or {}),
            SLUG,
            {"job_id": job_id, "runtime": True},
        )
        if not isinstance(config, Mapping):
            return _error("The handler's credentials could not be resolved.")
        return self._publish(call, job_id, engine, config)

    def recover(self, call: ToolCall) -> dict[str, Any] | None:
        """The post an earlier attempt inserted before it died, finished and reported."""
        effect = self._effect_of(call.key)
        post_id = self._published.of_effect(effect) if effect else None
        if post_id is None:
            return None
        post = wordpress.published(post_id, settle=True)
        config = call.definition.get("handler_config") or {}
        return self._report(_job_id(call), post, str(config.get("post_type") or "post"))

    def _publish(
        self, call: ToolCall, job_id: int, engine: EngineData, config: Mapping[str, Any]
    ) -> dict[str, Any]:
        post_type = str(config.get("post_type") or "post")
        status = str(config.get("post_status") or "draft")
        author = int(config.get("post_author") or acting.current().user_id or 1)
        title, content = str(call.parameters["title"]), str(call.parameters["content"])
        given = str(call.parameters.get("content_format") or "html")
        # Once for each place that asks, as listeners know it: the source's conversion, the blocks', the
        # post's.
        for _ in range(3):
            stored = str(hooks.apply_filters("datamachine_post_content_format", "blocks", post_type))
        if given != stored:
            return _error(
                f"Block Format Bridge is required to convert post content from {given} to {stored}."
            )
        source_url = str(engine.get("source_url") or "")
        if config.get("link_handling") == "append" and source_url:
            content += _attribution(source_url)
        if config.get("dedup_enabled", True):
            double = self._published.with_title(
                title, post_type, int(config.get("dedup_lookback_days") or 14)
            )
            if double is not None:
                found = wordpress.published(double)
                return _success(
                    {
                        "post_id": found.post_id,
                        "post_title": found.title,
                        "post_url": found.url,
                        "action": "duplicate_skipped",
                    }
                )
        post = {
            "post_title": title,
            "post_content": content,
            "post_status": status,
            "post_type": post_type,
            "post_author": author,
        }
        try:
            inserted = wordpress.insert_post(post, self._effect_of(call.key))
        except RemoteError as error:
            if error.code != FORBIDDEN:
                raise
            return self._forbidden(job_id, error.message)
        about = {
            "handler": "WordPress",
            "post_author": author,
            "post_status": status,
            "post_type": post_type,
            "content_format": given,
            "stored_format": stored,
            "title_length": len(title.encode()),
            "content_length": len(content.encode()),
        }
        return self._report(job_id, inserted, post_type, about)

    def _forbidden(self, job_id: int, message: str) -> dict[str, Any]:
        """The owner may not make this post, and no other attempt will do better: the job ends."""
        self._store.merge(
            job_id,
            {
                "job_status": statuses.failed(NOT_PERMITTED),
                "error_reason": NOT_PERMITTED,
                "error_message": message,
            },
        )
        return _error(message)

    def _report(
        self, job_id: int, post: wordpress.Published, post_type: str, about: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        self._store.merge(
            job_id, {"post_id": post.post_id, "post_type": post_type, "published_url": post.url}
        )
        if about is not None:
            log.debug("WordPress: Creating post", about)
            log.debug("WordPress: Post created", {"handler": "WordPress", "post_id": post.post_id})
        log.debug(
            "WordPress: Post published successfully",
            {"handler": "WordPress", "post_id": post.post_id, "post_url": post.url},
        )
        return _success(
            {
                "post_id": post.post_id,
                "post_title": post.title,
                "post_url": post.url,
                "taxonomy_results": [],
                "featured_image_result": None,
            }
        )


class PostTracking:
    """Writes on a post which handler and flow made it, after a tool has succeeded."""

    def __init__(self, store: EngineStore) -> None:
        self._store = store

    def __call__(self, call: ToolCall, result: Mapping[str, Any]) -> None:
        post_id = _post_id(result)
        if not post_id or result.get("staged"):
            return
        job_id = _job_id(call)
        engine = self._store.load(job_id) if job_id else EngineData({}, 0)
        flow_id = engine.job.get("flow_id")
        handler = call.definition.get("handler")
        meta: Document = {}
        if engine.get("source_url"):
            meta["_datamachine_source_url"] = engine.get("source_url")
        if handler:
            meta["_datamachine_post_handler"] = handler
        if isinstance(flow_id, int) and flow_id > 0:
            meta["_datamachine_post_flow_id"] = flow_id
        wordpress.add_post_meta(post_id, meta)
        log.debug(
            "Post tracking meta stored",
            {"post_id": post_id, "handler_slug": handler or "", "flow_id": flow_id or 0},
        )


def _job_id(call: ToolCall) -> int:
    value = call.parameters.get("job_id")
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else 0


def _post_id(result: Mapping[str, Any]) -> int:
    data = result.get("data")
    for place in (data, result):
        value = place.get("post_id") if isinstance(place, Mapping) else None
        if isinstance(value, int | str) and str(value).isdecimal():
            return int(value)
    return 0


def _attribution(url: str) -> str:
    link = html.escape(url, quote=True)
    return (
        "\n\n<!-- wp:paragraph -->\n<p><strong>Source:</strong> "
        f'<a href="{link}">{link}</a></p>\n<!-- /wp:paragraph -->'
    )


def _preview(call: ToolCall, engine: EngineData) -> dict[str, Any]:
    shown = [name for name in call.parameters if name in ("job_id", "title", "content", "content_format")]
    return _success(
        {
            "dry_run": True,
            "preview": {"handler": "WordPress", "parameters": shown},
            "source_url": engine.get("source_url"),
            "image_path": engine.get("image_file_path"),
            "video_path": engine.get("video_file_path"),
        }
    )


def _success(data: Document) -> dict[str, Any]:
    return {"success": True, "data": data, "tool_name": RESULT_NAME}


def _error(message: str) -> dict[str, Any]:
    log.error(message, {"handler": "WordPress"})
    return {"success": False, "error": message, "severity": "warning", "tool_name": RESULT_NAME}
