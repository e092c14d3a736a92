"""wp-config.php is code, and often the web server's own: root must not run it as root."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.db import wpconfig

CONFIG = """<?php
define( 'DB_NAME', 'n-' . posix_geteuid() );
define( 'DB_USER', 'g-' . implode( '-', posix_getgroups() ) );
define( 'DB_PASSWORD', 'p' ); define( 'DB_HOST', 'h' ); $table_prefix = 'wp_';
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where another user can get to."""
    path = Path(tempfile.mkdtemp(prefix="dm-config-"))
    path.chmod(0o755)
    (path / "wp-config.php").write_text(CONFIG)
    yield path
    shutil.rmtree(path)


def somebody() -> pwd.struct_passwd:
    """The file's owner in this test: another user where we are root and can hand it over, else ourselves."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def test_the_file_runs_as_its_owner(folder: Path) -> None:
    who = somebody()
    os.chown(folder / "wp-config.php", who.pw_uid, who.pw_gid)
    (folder / "wp-config.php").chmod(stat.S_IRUSR)
    assert wpconfig.read(folder, environment={}).database.name == f"n-{who.pw_uid}"


def test_a_file_of_roots_in_somebody_elses_folder_runs_as_that_user(folder: Path) -> None:
    who = somebody()
    os.chown(folder, who.pw_uid, who.pw_gid)
    found = wpconfig.read(folder, environment={}).database
    assert found.name == f"n-{who.pw_uid}"
    assert f"-{os.getgid()}-" not in f"{found.user}-" or who.pw_uid == os.geteuid()
