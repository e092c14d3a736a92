"""Deleting an agent: what goes with it, and what stays."""

from __future__ import annotations

import logging
from collections.abc import Callable

from sidecar import hooks
from sidecar.db import Database
from sidecar.errors import NotFound, SidecarError
from sidecar.identity.access import AccessRepository
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.locks import NamedLocks, of_slug
from sidecar.identity.permissions import ADMIN, Permissions
from sidecar.identity.places import AgentPlaces
from sidecar.identity.principal import Principal
from sidecar.identity.renaming import Renaming
from sidecar.identity.tokens import TokensRepository
from sidecar.identity.values import Agent, Deleted
from sidecar.identity.wordpress import IdentityHost

logger = logging.getLogger("datamachine.identity")

DELETED = "datamachine_agent_deleted"


class Deletion:
    """Removes row, grants and tokens in one transaction, and files where that is wanted.

    Pipelines, flows, jobs, sessions and logs keep the agent's id, which is never used again.
    """

    def __init__(
        self,
        db: Database,
        *,
        agents: AgentsRepository,
        access: AccessRepository,
        tokens: TokensRepository,
        permissions: Permissions,
        host: IdentityHost,
        locks: NamedLocks,
        places: Callable[[], AgentPlaces],
        renaming: Renaming,
    ) -> None:
        self._db = db
        self._agents = agents
        self._access = access
        self._tokens = tokens
        self._permissions = permissions
        self._host = host
        self._locks = locks
        self._places = places
        self._renaming = renaming

    def delete(self, principal: Principal, agent: Agent, *, delete_files: bool) -> Deleted:
        """See :meth:`sidecar.identity.AgentsService.delete`; WordPress is at hand."""
        self._permissions.require_record(principal, agent, ADMIN)
        # What a rename that was cut off left under another name belongs to the agent too.
        if self._renaming.recover():
            agent = self._agents.get(agent.agent_id) or agent
        folders = self._places().folders() if delete_files else {}
        # Asked before the row goes, which may have a part in it.
        name = self._places().name(agent, principal.blog_id) if delete_files else ""
        if self._host.declared(agent.agent_slug):
            # First, so that no request finds the agent missing and declared.
            self._host.remember_removed(agent.agent_slug, principal)
        with self._locks.hold(of_slug(agent.agent_slug)):
            if not self._db.run(lambda _: self._remove(agent)):
                raise NotFound("Agent not found.", code="agent_not_found")
            # Under the lock: nobody makes an agent of that slug while the files of this one go.
            removed = self._remove_files(agent, name, list(folders.values()))
        hooks.do_action(DELETED, agent.agent_id, agent.agent_slug)
        return Deleted(agent, removed)

    def _remove(self, agent: Agent) -> bool:
        # The slug is part of the question: whoever renamed the agent a moment ago holds another lock.
        if not self._agents.delete(agent.agent_id, agent.agent_slug):
            return False
        self._access.delete_of_agent(agent.agent_id)
        self._tokens.delete_of_agent(agent.agent_id)
        return True

    def _remove_files(self, agent: Agent, name: str, folders: list[str]) -> bool:
        if name == agent.agent_slug and self._agents.by_slug(name) is not None:
            # Tables of later versions allow a second agent of that slug: the directory is its own now.
            return False
        removed = False
        for folder in folders:
            try:
                removed |= self._places().remove(folder, name)
            except (OSError, SidecarError):
                # The agent is gone; what could not be removed is named for whoever looks after the site.
                logger.exception("Files of the deleted agent %s stay in %s.", agent.agent_slug, folder)
        return removed
