"""The places two users share: one of them must not lead the other's writes elsewhere."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from sidecar import doctor, lockfile, setup
from sidecar.settings import Site


def another() -> setup.Owner:
    """PHP as another user than ours, in a group of ours: nothing here needs root."""
    return setup.Owner(os.geteuid() + 1, os.getegid(), "somebody")


def test_a_shared_run_folder_lets_nobody_replace_what_is_not_his(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    setup.make_run_dir(folder, another())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o1770


def test_a_run_folder_of_one_user_is_read_only_for_the_group(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    setup.make_run_dir(folder, setup.Owner(os.geteuid(), os.getegid(), "me"))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750


def test_a_run_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(setup.SetupError):
        setup.make_run_dir(tmp_path / "run", another())
    assert stat.S_IMODE((tmp_path / "elsewhere").stat().st_mode) == 0o700


def test_a_run_folder_in_a_folder_of_phps_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    owner = setup.Owner(tmp_path.stat().st_uid or 4711, os.getegid(), "somebody")
    found = Path.stat

    def of_php(path: Path, **options: bool) -> os.stat_result:
        status = found(path, **options)
        if path != tmp_path:
            return status
        return os.stat_result((*status[:4], owner.uid, *status[5:10]))

    monkeypatch.setattr(Path, "stat", of_php)
    monkeypatch.setattr(os, "geteuid", lambda: found(folder).st_uid)
    monkeypatch.setattr(setup, "_same_user", lambda _: False)
    with pytest.raises(setup.SetupError, match="could replace it"):
        setup.make_run_dir(folder, owner)


def test_a_secret_that_is_a_link_is_refused(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("x" * 64)
    victim.chmod(0o600)
    (tmp_path / "secret").symlink_to(victim)
    with pytest.raises(setup.SetupError):
        list(setup.make_secret(tmp_path / "secret", another()))
    assert stat.S_IMODE(victim.stat().st_mode) == 0o600


def test_a_lock_empties_nothing_and_follows_nothing(tmp_path: Path) -> None:
    file = tmp_path / "up.lock"
    file.write_text("something")
    lockfile.open_lock(file).close()
    assert file.read_text() == "something"

    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "bridge.lock").symlink_to(victim)
    with pytest.raises(OSError, match="symbolic links"):
        lockfile.open_lock(tmp_path / "bridge.lock")
    assert victim.read_text() == "precious"


def test_a_lock_is_its_owners(tmp_path: Path) -> None:
    with lockfile.open_lock(tmp_path / "up.lock") as file:
        assert stat.S_IMODE(os.fstat(file.fileno()).st_mode) == 0o600


def checked(folder: Path, site_uid: int) -> doctor.Finding:
    (finding,) = doctor._places(cast(Site, SimpleNamespace(run_dir=str(folder), site_uid=site_uid)))
    return finding


def test_the_doctor_sees_sockets_that_php_could_replace(tmp_path: Path) -> None:
    tmp_path.chmod(0o770)
    assert (checked(tmp_path, os.geteuid()).status, checked(tmp_path, os.geteuid()).advice[:8]) == (
        "failure",
        "chmod +t",
    )
    tmp_path.chmod(0o1770)
    assert checked(tmp_path, tmp_path.stat().st_uid).status == "ok"


def test_the_doctor_warns_of_a_sidecar_with_all_rights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o750)
    found = tmp_path.stat()
    of_root = os.stat_result((*found[:4], 0, *found[5:10]))
    monkeypatch.setattr(Path, "stat", lambda *_, **__: of_root)
    assert checked(tmp_path, 33).status == "warning"
    assert checked(tmp_path, 0).status == "ok"
