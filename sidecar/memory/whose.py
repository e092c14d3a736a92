"""One address for each file, whoever asks for it: stores of plugins tell files apart by the whole scope.

On disk the agent 7 of the user 3, and the user 3 whose first agent that is, have the same folder, and SITE.md
is everybody's. A store that goes by keys would hold several files in their place: the one a command wrote,
and the one a prompt looks for. So a plugin's store is handed one scope for what is one file on disk.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from sidecar.identity import AgentsRepository
from sidecar.memory.store import Store
from sidecar.memory.values import NETWORK, SHARED, USER, ListEntry, ReadResult, Scope, WriteResult


class Whose:
    """From scopes as they are asked for to those that stores are handed."""

    def __init__(self, agents: Callable[[], AgentsRepository], default_user: Callable[[int], int]) -> None:
        self._agents = agents
        self._default_user = default_user

    def scope(self, scope: Scope, blog_id: int) -> Scope:
        """An agent's files with the agent's id and its owner's; a user's without an agent; what a site shares
        with the default user's, what a network shares with nobody's."""
        if scope.layer == SHARED:
            return msgspec.structs.replace(scope, user_id=self._default_user(blog_id), agent_id=0)
        if scope.layer == NETWORK:
            return msgspec.structs.replace(scope, user_id=0, agent_id=0)
        if scope.layer == USER:
            return msgspec.structs.replace(scope, agent_id=0)
        agents = self._agents()
        agent = agents.get(scope.agent_id) if scope.agent_id else agents.first_of(scope.user_id)
        if agent is None:
            return scope
        return msgspec.structs.replace(scope, user_id=agent.owner_id, agent_id=agent.agent_id)


class OneAddress:
    """A plugin's store that is handed every file under one scope only."""

    def __init__(self, store: Store, scope: Callable[[Scope], Scope]) -> None:
        self.store = store
        self._scope = scope

    @property
    def absent(self) -> str | None:
        return self.store.absent

    def read(self, scope: Scope) -> ReadResult:
        return self.store.read(self._scope(scope))

    def write(self, scope: Scope, content: bytes, if_match: str | None = None) -> WriteResult:
        return self.store.write(self._scope(scope), content, if_match)

    def exists(self, scope: Scope) -> bool:
        return self.store.exists(self._scope(scope))

    def delete(self, scope: Scope) -> WriteResult:
        return self.store.delete(self._scope(scope))

    def list_layer(self, scope: Scope) -> list[ListEntry]:
        return self.store.list_layer(self._scope(scope))

    def list_subtree(self, scope: Scope, prefix: str) -> list[ListEntry]:
        return self.store.list_subtree(self._scope(scope), prefix)
