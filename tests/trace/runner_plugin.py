"""Python plugin of the trace tests: does with a source what the recording's fake runner did with it.

One is skipped, of one it only talks, every other is published.
"""

from __future__ import annotations

import json

from sidecar import hooks
from sidecar.conversation import execute_tool


@hooks.filter("agents_api_conversation_runner", accepted_args=9)
def run(result, messages, tools, provider, model, mode, payload, max_turns, single_turn):  # noqa: PLR0917  the filter's own
    """Rewrites nothing: the title says whose text it is."""
    if result is not None:
        return result
    title = json.loads(messages[0]["content"])["data_packets"][0]["data"]["title"]
    if title == "Source 3":
        return {**_said(messages, "I will not call any tool."), "tool_execution_results": []}
    if title == "Source 2":
        return _called(messages, "skip_item", {"reason": "not relevant"})
    parameters = {
        "title": f"AI: {title}",
        "content": f"<!-- wp:paragraph --><p>Rewritten {title}</p><!-- /wp:paragraph -->",
        "content_format": "blocks",
    }
    return _called(messages, "wordpress_publish", parameters)


def _called(messages, tool, parameters):
    answer = execute_tool(tool, parameters)
    result = {
        "tool_name": tool,
        "result": answer,
        "parameters": parameters,
        "is_handler_tool": True,
        "turn_count": 1,
    }
    return {**_said(messages, "Done."), "tool_execution_results": [result]}


def _said(messages, text):
    return {
        "messages": [*messages, {"role": "assistant", "content": text}],
        "final_content": text,
        "turn_count": 1,
        "completed": True,
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }
