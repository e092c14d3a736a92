"""Handlers that are written in PHP: they run in the WordPress process of the job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar.automation import log, wordpress
from sidecar.automation.engine.context import ExecutionContext
from sidecar.automation.errors import StepFailed
from sidecar.automation.repositories.published import PublishedPosts
from sidecar.automation.steps.php import THROWN, class_of, packets_of, thrown
from sidecar.automation.values import Packet
from sidecar.bridge import RemoteError
from sidecar.conversation import ToolCall
from sidecar.queue.effects import OutcomeUnknown

#: Names a call's row of the effects table, or None outside a queue run.
EffectOf = Callable[[str], dict[str, Any] | None]


class PhpException(StepFailed):
    """A PHP handler threw an exception: its step fails with the message."""

    def __init__(self, message: str, php_class: str) -> None:
        super().__init__(message)
        #: What the packet of the failure calls it.
        self.php_class = php_class


class PhpFetchHandler:
    """A fetch handler whose class exists in PHP: `automation.fetch` runs its ``get_fetch_data()``.

    It is no :class:`FetchHandler`: what it gives are finished packets, newest first. PHP's base class has
    dropped what is known, cut to ``max_items`` and claimed the rest, each through the bridge.
    """

    def __init__(self, slug: str, class_name: str) -> None:
        self.slug = slug
        self.class_name = class_name
        self.source_type = slug

    def packets(self, config: Mapping[str, Any], context: ExecutionContext) -> list[Packet]:
        """Run the handler for the flow step of ``context``, with a configuration whose credentials are
        resolved.

        PhpException for an exception of the handler, :class:`~sidecar.automation.steps.php.PhpThrew` for
        anything worse.
        """
        direct = not context.flow_id
        told: dict[str, Any] = {
            **config,
            "flow_step_id": context.flow_step_id,
            "pipeline_id": "direct" if direct else context.pipeline_id,
            "flow_id": "direct" if direct else context.flow_id,
        }
        if context.agent_id:
            told["agent_id"] = context.agent_id
        params = {
            "slug": self.slug,
            "pipeline_id": told["pipeline_id"],
            "config": told,
            "job_id": context.job_id or None,
        }
        try:
            answer = wordpress.host().call("automation.fetch", params)
        except RemoteError as error:
            raise thrown(error) from error
        if "exception" in answer:
            raise PhpException(str(answer["message"]), str(answer["exception"]))
        return packets_of(answer.get("packets"))


class PhpHandlerTool:
    """The tools of handlers written in PHP: `automation.handler_tool` runs the method they name.

    The first post that a call inserts is written down with it. A call that was cut off is not made again:
    its post is its result, and without one nobody can tell what it did.
    """

    def __init__(self, published: PublishedPosts, effect_of: EffectOf) -> None:
        self._published = published
        self._effect_of = effect_of

    def run(self, call: ToolCall) -> dict[str, Any]:
        params: dict[str, Any] = {
            "name": call.name,
            "handler": str(call.definition.get("handler")),
            "parameters": dict(call.parameters),
            "definition": dict(call.definition),
        }
        effect = self._effect_of(call.key)
        if effect is not None:
            params["effect"] = effect
        try:
            answer = wordpress.host().call("automation.handler_tool", params)
        except RemoteError as error:
            if error.code != THROWN:
                raise
            # An answer, as all that goes wrong with a tool: the model may try something else.
            message = thrown(error).message
            log.error(f"Tool {call.name} failed: {message}", {"handler": params["handler"]})
            return {"success": False, "error": message, "tool_name": call.name}
        if isinstance(answer, Mapping):
            return dict(answer)
        return {"success": False, "error": f"Tool '{call.name}' returned no result", "tool_name": call.name}

    def recover(self, call: ToolCall) -> dict[str, Any] | None:
        effect = self._effect_of(call.key)
        post_id = self._published.of_effect(effect) if effect else None
        if not post_id:
            raise OutcomeUnknown(f"An earlier attempt at {call.name!r} was cut off and left no post.")
        post = wordpress.published(post_id, settle=True)
        return {
            "success": True,
            "data": {"post_id": post.post_id, "post_title": post.title, "post_url": post.url},
            "tool_name": call.name,
        }


def find(slug: str, entry: Mapping[str, Any]) -> PhpFetchHandler | None:
    """A PHP handler for a registry entry that names a class; None for one that does not."""
    name = class_of(entry)
    return PhpFetchHandler(slug, name) if name else None
