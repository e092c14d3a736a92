"""How agents come to be: one row a slug, with its owner's grant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.db import Database, Duplicate
from sidecar.errors import Conflict
from sidecar.identity.access import AccessRepository
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.locks import AgentBusy, NamedLocks, of_owner, of_slug
from sidecar.identity.renames import RenamesRepository
from sidecar.identity.values import ROLE_ADMIN, Agent


class Creation:
    """Inserts agents, one at a time for each slug.

    Tables of later versions allow several rows of one slug: the lock, not the key, keeps them apart.
    """

    def __init__(
        self,
        db: Database,
        agents: AgentsRepository,
        access: AccessRepository,
        locks: NamedLocks,
        renames: RenamesRepository,
    ) -> None:
        self._db = db
        self._agents = agents
        self._access = access
        self._locks = locks
        self._renames = renames

    def insert(
        self, slug: str, name: str, owner_id: int, config: Mapping[str, Any], *, limit: int | None = None
    ) -> tuple[Agent, bool]:
        """Row and grant in one transaction; the agent of that slug, and whether this call made it.

        ``limit`` is how many agents the owner may have: Conflict ``agent_limit_reached``. AgentBusy while a
        rename gives or takes the slug.
        """
        names = [of_slug(slug)] if limit is None else [of_slug(slug), of_owner(owner_id)]
        # Who comes late need not wait for the lock to hear so.
        found = self._found(slug, owner_id, limit)
        if found is not None:
            return found, False
        with self._locks.hold(*names):
            found = self._found(slug, owner_id, limit)
            if found is not None:
                return found, False
            if self._renames.of_slug(slug):
                # Cut off in the middle and not finished yet: the files below this slug are another agent's.
                raise AgentBusy(f'An agent is being renamed from or to "{slug}". Try again.')
            made = True
            try:
                self._db.run(lambda _: self._write(slug, name, owner_id, config))
            except Duplicate:
                # PHP Data Machine, which knows nothing of the lock, was faster.
                made = False
            agent = self._agents.by_slug(slug)
        assert agent is not None, "a row that was just written, under a lock"
        return agent, made

    def _write(self, slug: str, name: str, owner_id: int, config: Mapping[str, Any]) -> None:
        agent_id = self._agents.insert(slug, name, owner_id, config)
        self._access.grant(agent_id, owner_id, ROLE_ADMIN)

    def _found(self, slug: str, owner_id: int, limit: int | None) -> Agent | None:
        if limit is not None:
            self._check(owner_id, limit)
        return self._agents.by_slug(slug)

    def _check(self, owner_id: int, limit: int) -> None:
        owned = self._agents.owned_by(owner_id)
        if limit <= 1 and owned:
            raise Conflict(
                f'You already have an agent ("{owned[0].agent_name}"). '
                "Non-admin users are limited to 1 agent.",
                code="agent_limit_reached",
            )
        if owned and len(owned) >= limit:
            raise Conflict(
                f"You already have {len(owned)} agent(s). Non-admin users are limited to {limit}.",
                code="agent_limit_reached",
            )


def conflict(agent: Agent) -> Conflict:
    """The error for a slug that is taken."""
    return Conflict(
        f'Agent with slug "{agent.agent_slug}" already exists (ID: {agent.agent_id}).',
        code="agent_slug_conflict",
    )


def reserved(slug: str) -> Conflict:
    """The error for a slug that a plugin declares: its code would use whoever's agent has that slug."""
    return Conflict(f'Agent slug "{slug}" is declared by a plugin of this site.', code="agent_slug_reserved")
