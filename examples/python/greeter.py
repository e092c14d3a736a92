"""An example plugin: a line on the front page, a durable action, and the runner of the AI step.

Put it into the plugins folder that `datamachine doctor` names, and restart the sidecar.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sidecar import hooks
from sidecar.conversation import execute_tool

SENTENCE = re.compile(r"(?<=[.!?])\s+")
TAG = re.compile(r"<[^>]+>")


@hooks.filter("render_block_core/site-title")
def greet_visitors(block_html: str) -> str:
    """Answered while the page is rendered: WordPress waits for it, some tens of microseconds."""
    return block_html + '<p class="greeter-line">This line was added by Python.</p>'


@hooks.action("save_post", durable=True)
def note_saved_post(post_id: int, post: Any, update: bool) -> None:
    """Delivered by a worker after the page has been answered, at least once, even if the sidecar was down."""
    hooks.do_action(
        "datamachine_log",
        "info",
        "Python took save_post durably",
        {"post_id": post_id, "update": update},
    )


def digest(text: str, sentences: int = 2) -> str:
    """The first sentences of a post, without its markup: what a model will do better one day."""
    plain = html.unescape(TAG.sub(" ", text))
    return " ".join(SENTENCE.split(" ".join(plain.split()))[:sentences])


def packets_of(messages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The data packets of the AI step; they arrive as JSON in the first user message."""
    for message in messages:
        content = message.get("content")
        if message.get("role") == "user" and isinstance(content, str) and content.startswith("{"):
            return list(json.loads(content).get("data_packets", []))
    return []


@hooks.filter("agents_api_conversation_runner")
def run_conversation(
    result: Any,
    messages: Sequence[Mapping[str, Any]],
    tools: Mapping[str, Mapping[str, Any]],
    provider: str,
    model: str,
) -> Any:
    """Takes the place of the built-in loop for the provider ``example``: one turn, one call of a tool."""
    if result is not None or provider != "example":
        return result
    packets = packets_of(messages)
    publish = next(
        (name for name, tool in tools.items() if tool.get("handler") and "content" in tool["parameters"]),
        None,
    )
    if not packets or publish is None:
        return result
    source = packets[0]["data"]
    body = html.escape(digest(source["body"]), quote=False)
    parameters = {
        "title": f"Digest: {source['title']}",
        "content": f"<!-- wp:paragraph -->\n<p>{body}</p>\n<!-- /wp:paragraph -->",
        "content_format": "blocks",
    }
    outcome = execute_tool(publish, parameters)
    answer = f"I published a digest of “{source['title']}”."
    words = len(body.split())
    return {
        "messages": [*messages, {"role": "assistant", "content": answer}],
        "final_content": answer,
        "turn_count": 1,
        "completed": True,
        "last_tool_calls": [],
        "tool_execution_results": [
            {
                "tool_name": publish,
                "result": outcome,
                "parameters": parameters,
                "is_handler_tool": True,
                "turn_count": 1,
            }
        ],
        "usage": {"prompt_tokens": words, "completion_tokens": words, "total_tokens": 2 * words},
    }
