"""Files of flows on disk: names, links, and what is cleared away."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sidecar.automation.files.flow_folders import FlowFolders
from sidecar.automation.files.job_files import JobFiles
from sidecar.memory import files
from sidecar.memory.names import BadName

PACKET = {"type": "fetch", "data": {"title": "x"}}


@pytest.fixture
def folders(tmp_path: Path) -> FlowFolders:
    return FlowFolders(lambda: tmp_path)


def _age(path: Path, moment: float) -> None:
    os.utime(path, (moment, moment))


def test_what_is_written_is_listed_read_and_deleted(folders: FlowFolders, tmp_path: Path) -> None:
    assert folders.all(1, 2) == []
    assert folders.read(1, 2, "b.txt") is None
    assert folders.delete(1, 2, "b.txt") is False
    folders.write(1, 2, "b.txt", b"bb")
    stored = folders.write(1, 2, "a.txt", "é".encode())
    assert (stored.filename, stored.size) == ("a.txt", 2)
    assert stored.entry()["modified"][-6:] == "+00:00"  # type: ignore[index]
    assert [each.filename for each in folders.all(1, 2)] == ["a.txt", "b.txt"]
    assert folders.read(1, 2, "a.txt") == "é".encode()
    assert (tmp_path / "pipeline-1/flow-2/flow-2-files/index.php").is_file()
    assert folders.delete(1, 2, "b.txt") is True
    assert [each.filename for each in folders.all(1, 2)] == ["a.txt"]
    # Another flow's are others, and direct runs have some too.
    assert folders.all(1, 3) == []
    folders.write("direct", "direct", "d.txt", b"d")
    assert (tmp_path / "pipeline-direct/flow-direct/flow-direct-files/d.txt").is_file()


@pytest.mark.parametrize("name", ["../x.txt", "a/b.txt", ".htaccess", "", "a\0b", "a\\b", "x" * 300])
def test_a_name_stays_in_the_folder(folders: FlowFolders, tmp_path: Path, name: str) -> None:
    with pytest.raises(BadName):
        folders.write(1, 2, name, b"x")
    folders.write(1, 2, "real.txt", b"x")
    for attempt in (folders.read, folders.delete):
        with pytest.raises(BadName):
            attempt(1, 2, name)
    with pytest.raises(BadName):
        folders.write("../1", 2, "a.txt", b"x")
    assert [path.name for path in tmp_path.rglob("*.txt")] == ["real.txt"]


def test_links_lead_nowhere(folders: FlowFolders, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "precious.txt").write_text("x")
    (tmp_path / "pipeline-1/flow-2").mkdir(parents=True)
    (tmp_path / "pipeline-1/flow-2/flow-2-files").symlink_to(victim)
    (tmp_path / "pipeline-1/flow-2/jobs").symlink_to(victim)
    for attempt in (
        lambda: folders.all(1, 2),
        lambda: folders.read(1, 2, "precious.txt"),
        lambda: folders.write(1, 2, "precious.txt", b"y"),
        lambda: folders.delete(1, 2, "precious.txt"),
        lambda: folders.clear(2e9),
    ):
        with pytest.raises(files.Refused):
            attempt()
    assert (victim / "precious.txt").read_text() == "x"

    (tmp_path / "pipeline-1/flow-2/flow-2-files").unlink()
    folders.write(1, 2, "real.txt", b"x")
    link = tmp_path / "pipeline-1/flow-2/flow-2-files/link.txt"
    link.symlink_to(victim / "precious.txt")
    assert [each.filename for each in folders.all(1, 2)] == ["real.txt"]
    with pytest.raises(files.Refused):
        folders.read(1, 2, "link.txt")
    assert folders.delete(1, 2, "link.txt") is True
    assert (victim / "precious.txt").read_text() == "x"


def test_clearing_takes_what_is_old_and_ended(folders: FlowFolders, tmp_path: Path) -> None:
    jobs = JobFiles(tmp_path)
    for flow in (2, 3):
        folders.write(1, flow, "old.txt", b"x")
        folders.write(1, flow, "new.txt", b"x")
        _age(tmp_path / f"pipeline-1/flow-{flow}/flow-{flow}-files/old.txt", 1000)
        for job in (4, 5, 6):
            jobs.add(1, flow, job, [PACKET])
            place = tmp_path / f"pipeline-1/flow-{flow}/jobs/job-{job}"
            _age(place / "data.json", 3000 if job == 6 else 1000)
    one = folders.clear(2000, pipeline_id=1, flow_id=2, keep_job=lambda job: job == "4")
    assert one == 2
    left = sorted(str(path.relative_to(tmp_path)) for path in (tmp_path / "pipeline-1").rglob("*.json"))
    assert left == [f"pipeline-1/flow-2/jobs/job-{job}/data.json" for job in (4, 6)] + [
        f"pipeline-1/flow-3/jobs/job-{job}/data.json" for job in (4, 5, 6)
    ]
    assert [each.filename for each in folders.all(1, 2)] == ["new.txt"]
    assert len(folders.all(1, 3)) == 2
    assert folders.clear(2000) == 4
    assert folders.clear(2000) == 0
    assert (tmp_path / "pipeline-1/flow-2/jobs/.htaccess").is_file()


def test_a_pipeline_goes_whole(folders: FlowFolders, tmp_path: Path) -> None:
    folders.write(1, 2, "a.txt", b"x")
    folders.write(11, 2, "a.txt", b"x")
    JobFiles(tmp_path).add(1, 2, 3, [PACKET])
    assert folders.remove_pipeline(1) is True
    assert folders.remove_pipeline(1) is True
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pipeline-11"]


def test_packets_from_before_are_denied_and_stay(folders: FlowFolders, tmp_path: Path) -> None:
    jobs = tmp_path / "pipeline-1/flow-2/jobs"
    (jobs / "job-3").mkdir(parents=True)
    (jobs / "job-3/data.json").write_text("[]")
    for name in ("pipeline-1/context", "pipeline-1/flow-2/flow-2-files", "data-packets/v1"):
        (tmp_path / name).mkdir(parents=True)
    assert folders.protect() == 3
    for folder in (jobs, tmp_path / "pipeline-1/context", tmp_path / "data-packets"):
        assert "Require all denied" in (folder / ".htaccess").read_text()
        assert (folder / "web.config").is_file()
    assert list((tmp_path / "pipeline-1/flow-2/flow-2-files").iterdir()) == []
    assert (jobs / "job-3/data.json").read_text() == "[]"


def test_packets_are_added_before_those_held(tmp_path: Path) -> None:
    jobs = JobFiles(tmp_path)
    jobs.add(1, 2, 3, [{"type": "a"}])
    jobs.add(1, 2, 3, [{"type": "b"}])
    assert [each["type"] for each in jobs.read(1, 2, 3)] == ["b", "a"]
    assert (jobs.exists(1, 2, 3), jobs.exists(1, 2, 4)) == (True, False)
