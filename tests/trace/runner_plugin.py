"""Python plugin of the trace tests: calls the first handler tool once, as the recording's fake runner did."""

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
    parameters = {
        "title": f"AI: {title}",
        "content": f"<!-- wp:paragraph --><p>Rewritten {title}</p><!-- /wp:paragraph -->",
        "content_format": "blocks",
    }
    answer = execute_tool("wordpress_publish", parameters)
    return {
        "messages": [*messages, {"role": "assistant", "content": "Done."}],
        "final_content": "Done.",
        "turn_count": 1,
        "completed": True,
        "tool_execution_results": [
            {
                "tool_name": "wordpress_publish",
                "result": answer,
                "parameters": parameters,
                "is_handler_tool": True,
                "turn_count": 1,
            }
        ],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }
