"""Directories of agents while a site is migrated: found by the configuration, WordPress is not loaded."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property

from sidecar.db import Database, wpconfig
from sidecar.memory import files
from sidecar.settings import Site
from sidecar.wordpress import Options, Uploads


class AgentFolders:
    """Implements :class:`sidecar.identity.network_move.AgentFolders`."""

    def __init__(self, site: Site, database: Database) -> None:
        self._site = site
        self._database = database

    def exists(self, blog_id: int, slug: str) -> bool:
        """Whether an agent has a directory on a blog."""
        return bool(self._inside(blog_id, lambda folder: files.status(folder, slug) is not None))

    def rename(self, blog_id: int, old: str, new: str) -> bool:
        """Move a directory; one that has moved already, or never was, is no error."""

        def move(folder: int) -> bool:
            if files.status(folder, old) is None or files.status(folder, new) is not None:
                return False
            os.rename(old, new, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)
            return True

        return self._inside(blog_id, move)

    @cached_property
    def _uploads(self) -> Uploads:
        config = wpconfig.read(self._site.wp_path, php=self._site.php)
        return Uploads(config, Options(self._database))

    def _inside(self, blog_id: int, look: Callable[[int], bool]) -> bool:
        root = self._uploads.files_base(blog_id)
        try:
            with files.folder(root, ("agents",)) as folder:
                return look(folder)
        except FileNotFoundError:
            return False
