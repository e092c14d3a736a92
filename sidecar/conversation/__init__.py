"""Conversations with a model: the runner, the tools it may call, and running them.

A Python plugin that provides a runner calls the tools it was offered with :func:`execute_tool`::

    from sidecar import hooks
    from sidecar.conversation import execute_tool

    @hooks.filter("agents_api_conversation_runner", accepted_args=9)
    def runner(result, messages, tools, provider, model, mode, payload, max_turns, single_turn):
        answer = execute_tool("wordpress_publish", {"title": "Hello", "content": "..."})
        ...
"""

from __future__ import annotations

from sidecar.conversation.request import execute_tool
from sidecar.conversation.tools import Implementation, ToolCall, ToolExecutor

__all__ = ["Implementation", "ToolCall", "ToolExecutor", "execute_tool"]
