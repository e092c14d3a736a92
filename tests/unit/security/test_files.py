"""Files below uploads, which PHP may write to and a web server may hand out."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from sidecar.automation.files.job_files import JobFiles
from sidecar.memory import files, places
from sidecar.memory.layout import Places
from sidecar.memory.names import BadName
from sidecar.settings import Site

PACKET = {"type": "fetch", "data": {"title": "private"}}


@pytest.mark.parametrize("identifier", ["../../x", "1/../../x", "1/2", "\0", "a\\b"])
def test_an_id_stays_one_folder(tmp_path: Path, identifier: str) -> None:
    jobs = JobFiles(tmp_path / "uploads" / "datamachine-files")
    with pytest.raises(BadName):
        jobs.prepare(identifier, 1, 1, "step", [PACKET])
    with pytest.raises(BadName):
        jobs.read(1, identifier, 1)
    with pytest.raises(BadName):
        jobs.remove(identifier, 1, 1)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_packets_are_not_fetched_where_the_server_honours_the_rule(tmp_path: Path) -> None:
    JobFiles(tmp_path / "datamachine-files").prepare(1, 2, 3, "step", [PACKET])
    rule = tmp_path / "datamachine-files" / "pipeline-1" / "flow-2" / "jobs" / ".htaccess"
    assert "Require all denied" in rule.read_text()


def test_a_link_in_the_place_of_a_folder_leads_nowhere(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    (victim / "jobs" / "job-3").mkdir(parents=True)
    (victim / "jobs" / "job-3" / "data.json").write_text('[{"stolen": 1}]')
    folder = tmp_path / "uploads" / "datamachine-files" / "pipeline-1"
    folder.mkdir(parents=True)
    (folder / "flow-2").symlink_to(victim)
    jobs = JobFiles(tmp_path / "uploads" / "datamachine-files")
    for attempt in (
        lambda: jobs.prepare(1, 2, 3, "step", [PACKET]),
        lambda: jobs.read(1, 2, 3),
        lambda: jobs.adopt(1, 2, 3, "step"),
        lambda: jobs.remove(1, 2, 3),
    ):
        with pytest.raises(files.Refused):
            attempt()
    assert [path.name for path in (victim / "jobs" / "job-3").iterdir()] == ["data.json"]


def test_removing_a_job_that_is_a_link_removes_nothing_behind_it(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "precious").write_text("x")
    jobs = tmp_path / "uploads" / "datamachine-files" / "pipeline-1" / "flow-2" / "jobs"
    jobs.mkdir(parents=True)
    (jobs / "job-3").symlink_to(victim)
    assert JobFiles(tmp_path / "uploads" / "datamachine-files").remove(1, 2, 3) is False
    assert (victim / "precious").exists()


def test_root_writes_only_where_php_could(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PHP's user may put a link in the place of the folder itself: what it leads to must be PHP's, too."""
    ours = tmp_path / "ours"
    ours.mkdir(mode=0o755)
    (tmp_path / "datamachine-files").symlink_to(ours)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    php = files.Owner(os.getuid() + 4711, os.getgid() + 4711)
    with (
        pytest.raises(files.Refused),
        files.folder(str(tmp_path / "datamachine-files"), ["agents"], create=True, owner=php),
    ):
        pass
    assert list(ours.iterdir()) == []


def test_root_writes_below_no_other_wordpress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PHP says where its root is; the configuration knows better."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (tmp_path / "wp").mkdir()
    (tmp_path / "uploads").mkdir(mode=0o700)
    (tmp_path / "uploads").chmod(0o777)
    site = cast(Site, SimpleNamespace(site_uid=4711, site_gid=4711, wp_path=str(tmp_path / "wp")))
    uploads = str(tmp_path / "uploads")

    def at(abspath: Any) -> Places:
        return Places(uploads, uploads, str(abspath))

    places.check(at(tmp_path / "wp"), site)
    for elsewhere in (tmp_path, "/etc", tmp_path / "wp" / ".."):
        with pytest.raises(places.PlaceRefused):
            places.check(at(elsewhere), site)
