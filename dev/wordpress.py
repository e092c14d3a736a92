"""The pinned WordPress and WP-CLI, taken from one npm tarball and verified by checksum."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from dev import paths

PACKAGE = "wp-studio"
VERSION = "1.22.0"
TARBALL_SHA256 = "eca448e9240e391045441f79541268fcccbd78169dfb6cf04b3c3d304492e661"
WP_CLI_SHA256 = "ce34ddd838f7351d6759068d09793f26755463b4a4610a5a5c0a97b68220d85c"
WORDPRESS_VERSION = "7.1.1"

_TREE = "package/dist/cli/wp-files/latest/wordpress/"
_PHAR = "package/dist/cli/wp-files/wp-cli/wp-cli.phar"


def tree() -> Path:
    """The unpacked WordPress, never written to after it is made."""
    return paths.VENDOR / f"wordpress-{WORDPRESS_VERSION}"


def wp_cli() -> Path:
    return paths.VENDOR / "wp-cli.phar"


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _tarball(folder: Path) -> Path:
    given = os.environ.get("WP_STUDIO_TARBALL")
    if given:
        return Path(given)
    subprocess.run(
        ["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    return folder / f"{PACKAGE}-{VERSION}.tgz"


def _unpack(tarball: Path, folder: Path) -> None:
    # Python 3.11.4 brought the filter; the checksum vouches for the tarball's content before that.
    options: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(tarball, "r:gz") as archive:
        for member in archive:
            name = member.name
            if name == _PHAR:
                member.name = "wp-cli.phar"
            elif name.startswith(_TREE):
                member.name = "wordpress/" + name[len(_TREE) :]
            else:
                continue
            archive.extract(member, folder, **options)


def ensure() -> Path:
    """Fetch and unpack once per checkout; returns the WordPress tree."""
    paths.VENDOR.mkdir(parents=True, exist_ok=True)
    with (paths.VENDOR / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if tree().is_dir() and wp_cli().is_file():
            return tree()
        print(f"Fetching WordPress {WORDPRESS_VERSION} and WP-CLI ...", flush=True)
        with tempfile.TemporaryDirectory(dir=paths.VENDOR) as name:
            folder = Path(name)
            tarball = _tarball(folder)
            if _digest(tarball) != TARBALL_SHA256:
                raise RuntimeError(f"{tarball.name} has the wrong checksum")
            _unpack(tarball, folder)
            if _digest(folder / "wp-cli.phar") != WP_CLI_SHA256:
                raise RuntimeError("wp-cli.phar has the wrong checksum")
            (folder / "wp-cli.phar").replace(wp_cli())
            shutil.rmtree(tree(), ignore_errors=True)
            (folder / "wordpress").replace(tree())
    return tree()
