"""A sidecar with more rights than PHP does not lend them out."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from sidecar.memory import Places, places
from sidecar.settings import DatabaseSettings, Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(
        wp_path=str(tmp_path),
        run_dir=str(tmp_path),
        secret_file=str(tmp_path / "s"),
        database=DatabaseSettings(user="u", name="n"),
        site_uid=os.getuid() + 1000,
        site_gid=os.getgid() + 1000,
    )


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setattr(places.os, "geteuid", lambda: 0)
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    uploads.chmod(0o755)
    return Places(f"{uploads}/sites/2", str(uploads), str(tmp_path))


def test_a_folder_php_cannot_write_is_refused(site: Site, named: Places) -> None:
    with pytest.raises(places.PlaceRefused):
        places.check(named, site)


def test_a_relative_folder_is_refused(site: Site, named: Places) -> None:
    with pytest.raises(places.PlaceRefused):
        places.check(msgspec.structs.replace(named, uploads="uploads"), site)


def test_its_own_folder_or_its_groups_is_accepted(site: Site, named: Places) -> None:
    folder = Path(named.network_uploads)
    places.check(named, msgspec.structs.replace(site, site_uid=os.getuid() or 0))
    folder.chmod(0o775)
    places.check(named, msgspec.structs.replace(site, site_gid=os.getgid()))


def test_a_sidecar_without_root_has_nothing_to_lend(
    site: Site, named: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places.os, "geteuid", lambda: 33)
    places.check(named, site)


def test_a_folder_of_its_own_is_what_must_be_phps(site: Site, named: Places, tmp_path: Path) -> None:
    """With DATAMACHINE_FILES_DIR nothing is written below uploads."""
    chosen = tmp_path / "private"
    chosen.mkdir(mode=0o700)
    elsewhere = msgspec.structs.replace(named, files=f"{chosen}/sites/2", network_files=str(chosen))
    assert (elsewhere.base, elsewhere.network_base) == (f"{chosen}/sites/2", str(chosen))
    with pytest.raises(places.PlaceRefused):
        places.check(elsewhere, site)
    chosen.chmod(0o777)
    places.check(elsewhere, site)
    with pytest.raises(places.PlaceRefused):
        places.check(msgspec.structs.replace(elsewhere, files="private"), site)
