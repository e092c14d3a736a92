"""Bearer tokens of agents, as far as identity keeps them today: they end with their agent."""

from __future__ import annotations

from sidecar.db import Database


class TokensRepository:
    """Rows of ``{base_prefix}datamachine_agent_tokens``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def delete_of_agent(self, agent_id: int) -> int:
        """Revoke every token of an agent; how many. Joins an open transaction."""
        with self._db.session() as session:
            return session.delete(self._db.tables().agent_tokens, {"agent_id": agent_id})
