"""One memory file on behalf of somebody: whose it is, whether they may, and the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from sidecar.errors import InvalidInput
from sidecar.host import context as host_context
from sidecar.host.context import WordPressHost
from sidecar.identity import Principal
from sidecar.memory.access import MemoryAccess
from sidecar.memory.service import MemoryFile, MemoryService
from sidecar.memory.values import raw

DEFAULT_FILE = "MEMORY.md"
Content = TypeVar("Content", str, bytes, str | bytes)


class Reach:
    """Opens memory files for abilities and tools."""

    def __init__(
        self,
        memory: MemoryService,
        access: MemoryAccess,
        host: Callable[[int | None], AbstractContextManager[WordPressHost]],
    ) -> None:
        self._memory = memory
        self._access = access
        self._host = host

    @contextmanager
    def wordpress(self) -> Iterator[WordPressHost]:
        """One process for all that is asked inside the block."""
        with self._host(None) as host, host_context.bind(host):
            yield host

    @contextmanager
    def file(
        self,
        principal: Principal,
        filename: str = DEFAULT_FILE,
        *,
        user_id: int = 0,
        agent_id: int = 0,
        writes: bool = False,
    ) -> Iterator[MemoryFile]:
        """The file of whom a request means, good inside the block.

        Unauthorized or Forbidden ``rest_forbidden``; with ``writes`` also ReadOnly for a file that is not
        edited by section.
        """
        target = self._access.target(principal, user_id=user_id, agent_id=agent_id)
        with (
            self.wordpress() as host,
            self._memory.open(
                user_id=target.user_id, agent_id=target.agent_id, filename=filename or DEFAULT_FILE
            ) as file,
        ):
            self._access.require(principal, file.scope, writes=writes)
            if writes:
                self._access.require_editable(
                    principal, file.registered, host, how="edited via section write"
                )
            yield file


def checked(content: Content) -> Content:
    """Content that can be stored; InvalidInput for text with half a character in it."""
    try:
        raw(content)
    except UnicodeEncodeError:
        raise InvalidInput("The text is not Unicode.", code="invalid_content") from None
    return content
