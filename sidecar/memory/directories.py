"""What an agent's folder is called.

Its slug. On tables of later versions of Data Machine a slug is not an agent's alone: an agent of an instance
of its own, or one that shares its slug, has a folder named after slug, owner and instance. PHP has the same
rule in ``wp-plugin/src/Memory/AgentFolder.php``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from hashlib import sha256

from sidecar.db import Database
from sidecar.identity import Agent

#: Seconds for which a table without instances is taken to stay so.
TRUSTED = 30.0
#: The instance that agents have who were not given one.
DEFAULT = "default"


def scoped(slug: str, owner_id: int, instance: str) -> str:
    """The name that no other agent's folder has.

    >>> scoped("editor", 1, "default")
    'editor--5531f6a30bcd8240'
    """
    key = f"{slug}:{owner_id}:{instance}"
    return f"{slug}--{sha256(key.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"


class Directories:
    """Names by what the agents' table says of an agent."""

    def __init__(self, db: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._monotonic = monotonic
        #: Whether the table has instances. It keeps them, but another product may add them any time.
        self._instances = False
        self._asked_until = float("-inf")

    def name(self, agent: Agent, agents: str) -> str:
        """The name of the agent's folder below ``agents``, an absolute path."""
        if not self._has_instances():
            return agent.agent_slug
        instance, shared = self._row(agent)
        own = scoped(agent.agent_slug, agent.owner_id, instance)
        if shared or instance != DEFAULT:
            return own
        # Who shared the slug with it may be gone since: the folder keeps the name it was made with.
        alone = not os.path.lexists(f"{agents}/{agent.agent_slug}") and os.path.isdir(f"{agents}/{own}")
        return own if alone else agent.agent_slug

    def _has_instances(self) -> bool:
        if not self._instances and self._monotonic() >= self._asked_until:
            self._asked_until = self._monotonic() + TRUSTED
            with self._db.session() as session:
                self._instances = bool(
                    session.scalar(
                        "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() "
                        "AND TABLE_NAME = :table AND COLUMN_NAME = 'instance_key'",
                        {"table": self._db.tables().agents},
                    )
                )
        return self._instances

    def _row(self, agent: Agent) -> tuple[str, bool]:
        table = self._db.tables().agents
        with self._db.session() as session:
            row = session.one(
                "SELECT a.instance_key AS instance, EXISTS(SELECT 1 FROM "
                f"{table} b WHERE b.agent_slug = a.agent_slug AND b.agent_id <> a.agent_id) AS shared "
                f"FROM {table} a WHERE a.agent_id = :agent",
                {"agent": agent.agent_id},
            )
        if row is None:
            return DEFAULT, False
        return str(row["instance"] or DEFAULT), bool(row["shared"])
