"""The conversation that runs now: what it offers, and how it calls a tool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from sidecar.conversation.tools import Definition, Once, ToolExecutor
from sidecar.errors import Conflict


@dataclass
class ConversationRequest:
    """One run of a conversation. ``payload`` belongs to whoever asked for it and is opaque here."""

    executor: ToolExecutor
    tools: Mapping[str, Definition]
    payload: Mapping[str, Any]
    mode: str
    agent_id: int = 0
    client_context: Mapping[str, Any] = field(default_factory=dict)
    #: How a call is made only once however often the conversation is repeated; None to just make it.
    once: Once | None = None
    calls: int = 0

    def execute_tool(self, name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Run one of the offered tools; failures are answers with ``success: false``."""
        self.calls += 1
        return self.executor.execute(
            name,
            parameters,
            self.tools,
            self.payload,
            mode=self.mode,
            agent_id=self.agent_id,
            client_context=self.client_context,
            once=self.once,
            call_key=f"tool:{self.calls}:{name}"[:191],
        )


class NoConversation(Conflict):
    """A tool was called outside a conversation."""

    code = "no_conversation"


_current: ContextVar[ConversationRequest | None] = ContextVar("datamachine_conversation", default=None)


def current() -> ConversationRequest | None:
    """The conversation this code runs in."""
    return _current.get()


@contextmanager
def running(request: ConversationRequest) -> Iterator[ConversationRequest]:
    """Make ``request`` the current conversation inside the block."""
    token = _current.set(request)
    try:
        yield request
    finally:
        _current.reset(token)


def execute_tool(name: str, parameters: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Run one of the tools the running conversation was offered and return its result.

    The result has ``success`` (bool) and ``tool_name``, and ``data`` or ``error``. Raises
    :class:`NoConversation` outside a conversation.
    """
    request = _current.get()
    if request is None:
        raise NoConversation(f"The tool {name!r} was called outside a conversation.")
    return request.execute_tool(name, parameters or {})
