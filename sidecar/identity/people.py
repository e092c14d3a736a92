"""The WordPress users agents belong to."""

from __future__ import annotations

from collections.abc import Iterable

from sidecar.db import Database, php_serialize
from sidecar.identity.values import Person

#: The autoloaded option in which the plugin keeps what it resolved: only PHP knows the constant
#: ``DATAMACHINE_DEFAULT_AGENT_USER``.
DEFAULT_USER_OPTION = "datamachine_bridge_default_agent"


class People:
    """Reads of WordPress's user tables."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, user_id: int) -> Person | None:
        """One user."""
        return self.by_ids([user_id]).get(user_id)

    def by_ids(self, ids: Iterable[int]) -> dict[int, Person]:
        """Users by id; ids of nobody are absent."""
        wanted = sorted({value for value in ids if value > 0})
        if not wanted:
            return {}
        with self._db.session() as session:
            rows = session.all(
                f"SELECT ID, user_login, user_nicename, display_name FROM {self._db.tables().users} "
                "WHERE ID IN :ids",
                {"ids": wanted},
            )
        people = (
            Person(
                user_id=int(row["ID"]),
                login=str(row["user_login"]),
                nicename=str(row["user_nicename"]),
                name=str(row["display_name"]),
            )
            for row in rows
        )
        return {person.user_id: person for person in people}

    def default_agent_user(self, blog_id: int = 1) -> int:
        """The user an agent belongs to when nobody else is named.

        What the plugin resolved (constant or first administrator), else the administrator of the blog with
        the lowest id, else 1.
        """
        return self._recorded(blog_id) or self._first_administrator(blog_id) or 1

    def _recorded(self, blog_id: int) -> int:
        with self._db.session() as session:
            raw = session.scalar(
                f"SELECT option_value FROM {self._db.tables(blog_id).options} WHERE option_name = :name",
                {"name": DEFAULT_USER_OPTION},
            )
        value = php_serialize.maybe_loads(None if raw is None else str(raw))
        user_id = value.get("user_id") if isinstance(value, dict) else None
        return user_id if isinstance(user_id, int) and user_id > 0 else 0

    def _first_administrator(self, blog_id: int) -> int:
        tables = self._db.tables(blog_id)
        # Capabilities are stored per blog, under the blog's own prefix, as a serialized map of role to true.
        key = tables.posts.removesuffix("posts") + "capabilities"
        with self._db.session() as session:
            found = session.scalar(
                f"SELECT MIN(user_id) FROM {tables.usermeta} WHERE meta_key = :key AND meta_value LIKE :role",
                {"key": key, "role": '%"administrator"%'},
            )
        return int(found or 0)
