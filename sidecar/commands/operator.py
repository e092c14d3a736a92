"""Who ``--user`` names on the native command line."""

from __future__ import annotations

from sidecar.db import Database
from sidecar.errors import InvalidInput


def find_user(db: Database, named: str) -> int:
    """The id of the user with this id, login or email, tried in WP-CLI's order; InvalidInput without one."""
    users = db.tables().users
    columns = ["user_email", "user_login"] if "@" in named else ["user_login", "user_email"]
    if named.isascii() and named.isdigit():
        columns.insert(0, "ID")
    with db.session() as session:
        for column in columns:
            found = session.scalar(
                f"SELECT ID FROM {users} WHERE {column} = :named LIMIT 1", {"named": named}
            )
            if found is not None:
                return int(found)
    raise InvalidInput(f"Invalid user ID, email or login: '{named}'")
