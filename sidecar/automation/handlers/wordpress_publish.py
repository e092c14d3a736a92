"""The tool ``wordpress_publish``: a post of this site, made by an AI step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar import hooks
from sidecar.automation import catalogue, log, wordpress
from sidecar.automation.engine import acting
from sidecar.automation.engine.engine_data import EngineData, EngineStore
from sidecar.automation.handlers import taxonomies
from sidecar.automation.handlers.content_format import FormatMissing
from sidecar.automation.handlers.fields import truthy
from sidecar.automation.handlers.publishing import Made, NewPost, Publisher, refused
from sidecar.automation.jobs import status as statuses
from sidecar.automation.repositories.published import PublishedPosts
from sidecar.automation.values import Document
from sidecar.bridge import RemoteError
from sidecar.conversation import ToolCall

SLUG = "wordpress_publish"
#: The handler names itself this way in results; the executor's own errors use the tool's name.
RESULT_NAME = "WordPress_publish"
#: The reason of a job that fails because its user may not make the post.
NOT_PERMITTED = "publish_forbidden"
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
            **taxonomies.parameters(config),
        },
        "handler_config": dict(config),
        "modes": ["pipeline"],
        "access_level": "admin",
    }


class WordPressPublish:
    """Makes the post, writes down where it is, and never makes it twice."""

    def __init__(
        self, store: EngineStore, published: PublishedPosts, publisher: Publisher, effect_of: EffectOf
    ) -> None:
        self._store = store
        self._published = published
        self._publisher = publisher
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
        job_id = _job_id(call)
        config = call.definition.get("handler_config") or {}
        new = _wanted(call, self._store.load(job_id), config)
        terms, image = self._publisher.finish(post_id, new)
        return self._report(job_id, Made(post, taxonomies=terms, image=image), new)

    def _publish(
        self, call: ToolCall, job_id: int, engine: EngineData, config: Mapping[str, Any]
    ) -> dict[str, Any]:
        new = _wanted(call, engine, config)
        try:
            made = self._publisher.make(new, self._effect_of(call.key))
        except FormatMissing as error:
            return _error(error.message)
        except RemoteError as error:
            if not refused(error):
                raise
            return self._forbidden(job_id, error.message)
        if made.duplicate:
            return _success(
                {
                    "post_id": made.post.post_id,
                    "post_title": made.post.title,
                    "post_url": made.post.url,
                    "action": "duplicate_skipped",
                }
            )
        about = {
            "handler": "WordPress",
            "post_author": new.author,
            "post_status": new.status,
            "post_type": new.post_type,
            "content_format": new.given,
            "stored_format": made.stored_format,
            "title_length": len(new.title.encode()),
            "content_length": len(made.content.encode()),
        }
        return self._report(job_id, made, new, about)

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
        self, job_id: int, made: Made, new: NewPost, about: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        post = made.post
        self._store.merge(
            job_id, {"post_id": post.post_id, "post_type": new.post_type, "published_url": post.url}
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
                "taxonomy_results": made.taxonomies or [],
                "featured_image_result": made.image,
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


def _wanted(call: ToolCall, engine: EngineData, config: Mapping[str, Any]) -> NewPost:
    """The post by the handler's settings, the job and the model's words. Settings are read as loosely as they
    were written.
    """
    images = truthy(config.get("include_images"))
    flow_id = _number(engine.job.get("flow_id"))
    # What an ephemeral workflow makes is compared with nothing, unless it says so.
    compared = truthy(config.get("dedup_enabled", flow_id > 0))
    return NewPost(
        title=str(call.parameters.get("title") or ""),
        content=str(call.parameters.get("content") or ""),
        given=str(call.parameters.get("content_format") or "html"),
        post_type=str(config.get("post_type") or "post"),
        status=str(config.get("post_status") or "draft"),
        author=_number(config.get("post_author")) or acting.current().user_id or 1,
        source_url=str(engine.get("source_url") or ""),
        attribute=config.get("link_handling") == "append",
        lookback=(_number(config.get("dedup_lookback_days")) or 14) if compared else None,
        flow_id=flow_id,
        terms=taxonomies.chosen(config, call.parameters),
        image_path=str(engine.get("image_file_path") or "") if images else "",
        image_url=str(engine.get("image_url") or "") if images else "",
    )


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else 0


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
