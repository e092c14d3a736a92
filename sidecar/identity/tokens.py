"""The table of tokens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from sidecar import clock as clock_module
from sidecar.db import Database, Session, php_json
from sidecar.db.tables import MAIN_BLOG
from sidecar.identity import agents as agents_module
from sidecar.identity import bearer, token_rows
from sidecar.identity.answers import EPOCH
from sidecar.identity.ceiling import Stored
from sidecar.identity.expiry import moment
from sidecar.identity.values import Agent, Token

#: Seconds for which ``last_used_at`` is near enough.
FRESH = 60


class Presented(msgspec.Struct, frozen=True):
    """The row that a presented token's hash has found, with all that decides whether it opens the door."""

    token: Token
    #: As it is stored; the comparison in the database is none that secrets are compared with.
    token_hash: str
    agent: Agent | None
    #: Whether the agent's owner has an account.
    owner: bool
    #: What the site's access rights were last changed to; see :mod:`sidecar.identity.answers`.
    epoch: str


class TokensRepository:
    """Rows of ``{base_prefix}datamachine_agent_tokens``, shared by all sites of a network."""

    def __init__(self, db: Database, clock: clock_module.Clock = clock_module.SYSTEM) -> None:
        self._db = db
        self._clock = clock

    @property
    def _table(self) -> str:
        return self._db.tables().agent_tokens

    def presented(self, token_hash: str) -> Presented | None:
        """All there is to know about a token by its hash, with one statement."""
        tables = self._db.tables()
        with self._db.session() as session:
            row = session.one(
                f"SELECT {token_rows.COLUMNS}, t.token_hash, {agents_module.COLUMNS}, u.ID AS owner_found, "
                f"(SELECT option_value FROM {self._db.tables(MAIN_BLOG).options} "
                "WHERE option_name = :epoch) AS epoch "
                f"FROM {self._table} t LEFT JOIN {tables.agents} a ON a.agent_id = t.agent_id "
                f"LEFT JOIN {tables.users} u ON u.ID = a.owner_id WHERE t.token_hash = :hash",
                {"hash": token_hash, "epoch": EPOCH},
            )
        if row is None:
            return None
        return Presented(
            token=token_rows.token_of(row),
            token_hash=str(row["token_hash"]),
            agent=None if row["agent_id"] is None else agents_module.agent_of(row),
            owner=row["owner_found"] is not None,
            epoch=str(row["epoch"] or ""),
        )

    def get(self, token_id: int, agent_id: int) -> Token | None:
        """One token of an agent; inside a transaction it stays as it is until its end."""
        with self._db.session() as session:
            row = session.one(
                f"SELECT {token_rows.COLUMNS} FROM {self._table} t "
                "WHERE t.token_id = :token AND t.agent_id = :agent LOCK IN SHARE MODE",
                {"token": token_id, "agent": agent_id},
            )
        return None if row is None else token_rows.token_of(row)

    def of_agent(self, agent_id: int) -> list[Token]:
        """An agent's tokens, those made last first; of one second the one with the lower id first."""
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {token_rows.COLUMNS} FROM {self._table} t WHERE t.agent_id = :agent "
                "ORDER BY t.created_at DESC, t.token_id ASC",
                {"agent": agent_id},
            )
        return [token_rows.token_of(row) for row in rows]

    def insert(
        self, agent_id: int, raw: str, *, label: str, capabilities: Stored, expires_at: str | None
    ) -> Token:
        """Store the hash of a new token. Joins an open transaction."""
        values: Mapping[str, Any] = {
            "agent_id": agent_id,
            "token_hash": bearer.digest(raw),
            "token_prefix": raw[: len(bearer.PREFIX)],
            "label": label,
            "capabilities": column(capabilities),
            "expires_at": expires_at,
            "created_at": clock_module.mysql(self._clock.now()),
        }

        def work(session: Session) -> Token:
            token_id = session.insert(self._table, values)
            made = self.get(token_id, agent_id)
            assert made is not None
            return made

        return self._db.run(work)

    def touch(self, token: Token) -> None:
        """Note that a token was used; at most once a minute, however many ask at once."""
        now = self._clock.now()
        before = now - timedelta(seconds=FRESH)
        used = None if token.last_used_at is None else moment(token.last_used_at)
        if used is not None and used >= before:
            return
        with self._db.session() as session:
            session.execute(
                f"UPDATE {self._table} SET last_used_at = :now "
                "WHERE token_id = :token AND (last_used_at IS NULL OR last_used_at < :before)",
                {
                    "now": clock_module.mysql(now),
                    "before": clock_module.mysql(before),
                    "token": token.token_id,
                },
            )

    def delete(self, token_id: int, agent_id: int) -> bool:
        """Revoke one token; False when that agent has none of this id."""
        with self._db.session() as session:
            return session.delete(self._table, {"token_id": token_id, "agent_id": agent_id}) > 0

    def delete_of_agent(self, agent_id: int) -> int:
        """Revoke every token of an agent; how many. Joins an open transaction."""
        with self._db.session() as session:
            return session.delete(self._table, {"agent_id": agent_id})


def column(capabilities: Stored) -> str | None:
    """The column ``capabilities`` as PHP writes it."""
    return None if capabilities is None else php_json.dumps(capabilities)
