"""Folders of a site, as PHP names them; checked before anything is written there."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import msgspec

from sidecar.errors import Forbidden
from sidecar.memory.layout import FOLDER, Places
from sidecar.memory.registry import RegisteredFile, Registry
from sidecar.settings import Site


class PlaceRefused(Forbidden):
    """PHP named a folder that its own user could not write to."""

    code = "memory_place_refused"


class SiteFacts(msgspec.Struct, frozen=True):
    """What the host operation ``memory.site`` answers."""

    uploads: str
    network_uploads: str
    abspath: str
    blog_id: int
    site_name: str
    wordpress: str
    php: str
    plugin: str
    files: tuple[RegisteredFile, ...] = ()
    #: Where memory is; '' means below uploads.
    base: str = ""
    network_base: str = ""
    #: Whether somebody else than we would hear ``agents_api_memory_store``.
    store_filtered: bool = True

    @property
    def places(self) -> Places:
        """The folders."""
        return Places(
            self.uploads, self.network_uploads, self.abspath, self.blog_id, self.base, self.network_base
        )

    @property
    def registry(self) -> Registry:
        return Registry(self.files)

    @property
    def convention_paths(self) -> dict[str, str]:
        """File name to path below WordPress's root."""
        return {each.filename: each.convention_path for each in self.files if each.convention_path}


def facts(answer: Any, site: Site) -> SiteFacts:
    """The host's answer, validated."""
    found = msgspec.convert(answer, SiteFacts)
    check(found.places, site)
    return found


def check(places: Places, site: Site) -> None:
    """Refuse a folder the site's PHP user could not write to itself.

    The sidecar may run with more rights than PHP; a site that was taken over must not borrow them.
    """
    if os.geteuid() != 0 or site.site_uid == 0:
        return
    own = _written(places.base, places.uploads)
    networks = _written(places.network_base, places.network_uploads)
    for folder in (own, networks, places.abspath):
        if not os.path.isabs(folder):
            raise PlaceRefused(f"{folder!r} is no absolute path.")
        status = _nearest(Path(folder)).stat()
        mode = stat.S_IMODE(status.st_mode)
        ours = (
            (status.st_uid == site.site_uid and mode & stat.S_IWUSR)
            or (status.st_gid == site.site_gid and mode & stat.S_IWGRP)
            or mode & stat.S_IWOTH
        )
        # WordPress's root may belong to a deploying user; only AGENTS.md and its like are written there, and
        # it is the one that the configuration names.
        if folder == places.abspath and Path(folder).resolve() != Path(site.wp_path).resolve():
            raise PlaceRefused(f"{folder} is not this site's WordPress.")
        if not ours and folder != places.abspath:
            raise PlaceRefused(f"The site's PHP user cannot write to {folder}.")


def _written(base: str, uploads: str) -> str:
    """The folder that must be PHP's: that of uploads where memory is below it, as PHP makes the rest."""
    return uploads if base == f"{uploads}/{FOLDER}" else base


def _nearest(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
