"""WordPress users: who they are and which roles they have. What they may do, WordPress answers."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sidecar.db import Database, Row, php_serialize

_COLUMNS = "ID, user_login, user_nicename, user_email, display_name"


class User(msgspec.Struct, frozen=True):
    """One account; ``roles`` are those on the blog that was asked about."""

    id: int
    login: str
    nicename: str
    email: str
    display_name: str
    roles: tuple[str, ...] = ()


class UsersRepository:
    """Reads of the user tables, which all sites of a network share."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, user_id: int, *, blog_id: int | None = None) -> User | None:
        """One user by id."""
        return self.many([user_id], blog_id=blog_id).get(user_id)

    def many(self, ids: Iterable[int], *, blog_id: int | None = None) -> dict[int, User]:
        """Users by id; ids of nobody are absent."""
        wanted = sorted({number for number in ids if number > 0})
        if not wanted:
            return {}
        return {user.id: user for user in self._select("ID IN :wanted", wanted, blog_id=blog_id)}

    def by_login(self, login: str, *, blog_id: int | None = None) -> User | None:
        """One user by login, compared as the database does (without case)."""
        return self._first("user_login = :wanted", login, blog_id)

    def by_email(self, email: str, *, blog_id: int | None = None) -> User | None:
        """One user by email address."""
        return self._first("user_email = :wanted", email, blog_id)

    def find(self, named: str | int, *, blog_id: int | None = None) -> User | None:
        """A user by id, email or login, in WP-CLI's order."""
        text = str(named).strip()
        if text.isascii() and text.isdigit():
            found = self.get(int(text), blog_id=blog_id)
            if found is not None:
                return found
        elif "@" in text:
            found = self.by_email(text, blog_id=blog_id)
            if found is not None:
                return found
        return self.by_login(text, blog_id=blog_id)

    def with_role(self, role: str, *, blog_id: int | None = None) -> list[User]:
        """Every user who has a role on a blog, by id."""
        tables = self._db.tables(blog_id)
        with self._db.session() as session:
            # The LIKE only narrows; the map itself decides.
            ids = session.column(
                f"SELECT user_id FROM {tables.usermeta} WHERE meta_key = :key AND meta_value LIKE :role",
                {"key": f"{tables.prefix}capabilities", "role": f'%"{_like(role)}"%'},
            )
        users = self.many((int(user_id) for user_id in ids), blog_id=blog_id).values()
        return [user for user in users if role in user.roles]

    def _first(self, condition: str, wanted: str, blog_id: int | None) -> User | None:
        return next(iter(self._select(condition, wanted, blog_id=blog_id)), None)

    def _select(self, condition: str, wanted: str | list[int], *, blog_id: int | None) -> list[User]:
        tables = self._db.tables(blog_id)
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {_COLUMNS} FROM {tables.users} WHERE {condition} ORDER BY ID", {"wanted": wanted}
            )
            if not rows:
                return []
            metas = session.all(
                f"SELECT user_id, meta_value FROM {tables.usermeta} "
                "WHERE user_id IN :ids AND meta_key = :key ORDER BY umeta_id DESC",
                {"ids": [int(row["ID"]) for row in rows], "key": f"{tables.prefix}capabilities"},
            )
        roles = {int(meta["user_id"]): _roles(meta["meta_value"]) for meta in metas}
        return [_user(row, roles.get(int(row["ID"]), ())) for row in rows]


def _roles(serialized: str | None) -> tuple[str, ...]:
    """Names that are switched on.

    The map holds single capabilities too; WordPress tells them apart by the roles it knows, readers here ask
    for a role by name.
    """
    held = php_serialize.maybe_loads(serialized)
    return tuple(str(name) for name, on in held.items() if on) if isinstance(held, dict) else ()


def _user(row: Row, roles: tuple[str, ...]) -> User:
    return User(
        id=int(row["ID"]),
        login=str(row["user_login"]),
        nicename=str(row["user_nicename"]),
        email=str(row["user_email"]),
        display_name=str(row["display_name"]),
        roles=roles,
    )


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
