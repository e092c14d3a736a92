"""The sites of a network."""

from __future__ import annotations

import msgspec

from sidecar.db import Database
from sidecar.db.tables import MAIN_BLOG
from sidecar.errors import NotFound


class Blog(msgspec.Struct, frozen=True):
    """One site of a network; a single site is blog 1."""

    blog_id: int
    network_id: int
    domain: str
    path: str
    prefix: str


class Network:
    """Which blogs there are. Whether there is a network is seen from the tables, once a process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._multisite: bool | None = None

    @property
    def multisite(self) -> bool:
        """Whether this WordPress is a network."""
        if self._multisite is None:
            with self._db.session() as session:
                self._multisite = bool(
                    session.scalar(
                        "SELECT COUNT(*) FROM information_schema.TABLES "
                        "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :name",
                        {"name": self._db.tables().blogs},
                    )
                )
        return self._multisite

    def blogs(self) -> list[Blog]:
        """Every blog that is not deleted, by id; one for a single site."""
        if not self.multisite:
            return [Blog(MAIN_BLOG, 1, "", "/", self._db.tables().prefix)]
        with self._db.session() as session:
            rows = session.all(
                f"SELECT blog_id, site_id, domain, path FROM {self._db.tables().blogs} "
                "WHERE deleted = 0 ORDER BY blog_id"
            )
        return [
            Blog(
                int(row["blog_id"]),
                int(row["site_id"]),
                str(row["domain"]),
                str(row["path"]),
                self._db.tables(int(row["blog_id"])).prefix,
            )
            for row in rows
        ]

    def get(self, blog_id: int) -> Blog:
        """One blog; NotFound when there is none (switch_to_blog() itself accepts any number)."""
        for blog in self.blogs():
            if blog.blog_id == blog_id:
                return blog
        raise NotFound(f"There is no blog {blog_id}.", code="blog_not_found")
