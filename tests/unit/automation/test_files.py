"""Packets on disk."""

from __future__ import annotations

from sidecar.automation.files.job_files import JobFiles

PACKET = {"type": "fetch", "timestamp": 1, "data": {"title": "é/ü"}, "metadata": {"n": 1.0}}


def test_packets_are_written_as_php_writes_them(tmp_path):
    files = JobFiles(tmp_path / "datamachine-files")
    files.prepare(2, 3, 4, "step", [PACKET])
    files.adopt(2, 3, 4, "step")
    path = tmp_path / "datamachine-files" / "pipeline-2" / "flow-3" / "jobs" / "job-4" / "data.json"
    text = '[{"type":"fetch","timestamp":1,"data":{"title":"é\\/ü"},"metadata":{"n":1}}]'
    assert path.read_text(encoding="utf-8") == text
    assert files.read(2, 3, 4)[0]["data"]["title"] == "é/ü"


def test_what_is_prepared_counts_only_when_it_is_adopted(tmp_path):
    files = JobFiles(tmp_path / "datamachine-files")
    files.prepare(1, 1, 1, "first", [PACKET])
    files.adopt(1, 1, 1, "first")
    files.prepare(1, 1, 1, "second", [PACKET, PACKET])
    assert len(files.read(1, 1, 1)) == 1
    files.adopt(1, 1, 1, "third")
    assert len(files.read(1, 1, 1)) == 1
    files.adopt(1, 1, 1, "second")
    assert len(files.read(1, 1, 1)) == 2
    files.adopt(1, 1, 1, "second")
    assert len(files.read(1, 1, 1)) == 2


def test_a_job_without_files_has_no_packets(tmp_path):
    files = JobFiles(lambda: tmp_path / "datamachine-files")
    assert files.read(1, 2, 3) == []
    assert files.remove(1, 2, 3)


def test_removing_leaves_nothing_of_the_job(tmp_path):
    files = JobFiles(tmp_path / "datamachine-files")
    files.prepare(1, 2, 3, "step", [PACKET])
    assert files.remove(1, 2, 3)
    assert not (tmp_path / "datamachine-files" / "pipeline-1" / "flow-2" / "jobs" / "job-3").exists()
    assert (tmp_path / "datamachine-files" / "pipeline-1" / "flow-2" / "jobs").exists()
