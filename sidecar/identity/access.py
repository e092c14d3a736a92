"""Who may use which agent."""

from __future__ import annotations

from sidecar import clock as clock_module
from sidecar.db import Database, Row, Session
from sidecar.errors import InvalidInput
from sidecar.identity.values import ROLES, AccessGrant


class AccessRepository:
    """Rows of ``{base_prefix}datamachine_agent_access``."""

    def __init__(self, db: Database, clock: clock_module.Clock = clock_module.SYSTEM) -> None:
        self._db = db
        self._clock = clock

    @property
    def _table(self) -> str:
        return self._db.tables().agent_access

    def grant(self, agent_id: int, user_id: int, role: str) -> None:
        """Give a role; a user who has one gets this one instead, the date stays. Joins a transaction."""
        if role not in ROLES:
            raise InvalidInput(f"Invalid role: {role}. Use: {', '.join(ROLES)}", code="invalid_role")
        with self._db.session() as session:
            session.execute(
                f"INSERT INTO {self._table} (agent_id, user_id, role, granted_at) "
                "VALUES (:agent, :user, :role, :now) ON DUPLICATE KEY UPDATE role = VALUES(role)",
                {
                    "agent": agent_id,
                    "user": user_id,
                    "role": role,
                    "now": clock_module.mysql(self._clock.now()),
                },
            )

    def revoke(self, agent_id: int, user_id: int) -> bool:
        """Take a role away; False when there was none."""
        with self._db.session() as session:
            return session.delete(self._table, {"agent_id": agent_id, "user_id": user_id}) > 0

    def delete_of_agent(self, agent_id: int) -> int:
        """Remove every grant on an agent, those of later versions to audiences too; how many users lost one.

        Joins an open transaction.
        """
        with self._db.session() as session:
            gone = session.delete(self._table, {"agent_id": agent_id})
            if self._audiences(session):
                session.delete(self._db.tables().agent_principal_access, {"agent_id": agent_id})
        return gone

    def _audiences(self, session: Session) -> bool:
        """Whether the table that later versions of Data Machine add is there."""
        return bool(
            session.scalar(
                "SELECT COUNT(*) FROM information_schema.TABLES "
                "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :name",
                {"name": self._db.tables().agent_principal_access},
            )
        )

    def of_agent(self, agent_id: int) -> list[AccessGrant]:
        """Grants on an agent, oldest first."""
        with self._db.session() as session:
            rows = session.all(
                f"SELECT id, agent_id, user_id, role, granted_at FROM {self._table} "
                "WHERE agent_id = :agent ORDER BY granted_at ASC, id ASC",
                {"agent": agent_id},
            )
        return [_grant(row) for row in rows]

    def role_of(self, agent_id: int, user_id: int) -> str | None:
        """The user's granted role, None without one. Owners may have none."""
        with self._db.session() as session:
            role = session.scalar(
                f"SELECT role FROM {self._table} WHERE agent_id = :agent AND user_id = :user",
                {"agent": agent_id, "user": user_id},
            )
        return None if role is None else str(role)

    def roles_of_user(self, user_id: int) -> dict[int, str]:
        """Agent id to role, for everything granted to a user."""
        if user_id <= 0:
            return {}
        with self._db.session() as session:
            rows = session.all(
                f"SELECT agent_id, role FROM {self._table} WHERE user_id = :user", {"user": user_id}
            )
        return {int(row["agent_id"]): str(row["role"]) for row in rows}


def _grant(row: Row) -> AccessGrant:
    return AccessGrant(
        id=int(row["id"]),
        agent_id=int(row["agent_id"]),
        user_id=int(row["user_id"]),
        role=str(row["role"]),
        granted_at=str(row["granted_at"]),
    )
