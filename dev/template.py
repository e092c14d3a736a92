"""A WordPress that was installed once: tests that need many sites copy its database."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dev import wordpress
from dev.packages import find_program

if TYPE_CHECKING:
    from dev.instance import Instance


@dataclass(frozen=True)
class Template:
    """An installed site whose servers are stopped."""

    #: The data folder of its database.
    database: Path
    url: str

    def moved_to(self, url: str, password: str) -> str:
        """SQL that makes a copy another site: its address, and the administrator's password.

        WordPress takes a password's md5 and replaces it when the user signs in.
        """
        return (
            f"UPDATE wp_options SET option_value = '{url}' WHERE option_name IN ('siteurl', 'home'); "
            f"UPDATE wp_posts SET guid = REPLACE(guid, '{self.url}', '{url}'), "
            f"post_content = REPLACE(post_content, '{self.url}', '{url}'); "
            f"UPDATE wp_users SET user_pass = MD5('{password}');"
        )


def of(folder: Path, make: Callable[[Path], Instance]) -> Template:
    """The template of this WordPress, database server and way of installing; made when there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        place = folder / _key()
        done = place / "done.json"
        if not done.is_file():
            shutil.rmtree(place, ignore_errors=True)
            instance = make(place)
            # Itself installed as a person would.
            instance.templates = None  # type: ignore[misc]
            try:
                instance.install_wordpress()
            finally:
                instance.stop()
            done.write_text(json.dumps({"url": instance.url}))
        return Template(place / "mysql", str(json.loads(done.read_text())["url"]))


def _key() -> str:
    server = Path(find_program("mariadbd") or "").stat()
    here = Path(__file__).parent
    parts = [wordpress.WORDPRESS_VERSION, f"{server.st_size} {server.st_mtime_ns}"]
    parts += [(here / name).read_text() for name in ("instance.py", "mariadb.py", "template.py")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
