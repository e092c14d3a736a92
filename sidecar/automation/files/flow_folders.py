"""The files of flows on disk: ``<base>/pipeline-P/flow-F/flow-F-files/``, and what is old below the base."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from sidecar.automation.files.job_files import MODE
from sidecar.clock import iso
from sidecar.memory import files, names

#: Said by a folder of ours: ``pipeline-3``, ``flow-direct``, ``job-17``.
_PIPELINE, _FLOW, _JOB = "pipeline-", "flow-", "job-"

#: Where later versions of Data Machine keep packets.
LATER_PACKETS = "data-packets"


class FlowFile(msgspec.Struct, frozen=True):
    """A file of a flow. ``size`` in bytes, ``modified`` a Unix time."""

    filename: str
    size: int
    modified: int

    def entry(self) -> dict[str, str | int]:
        """As the doors show it; where on the server it lies is nobody's business there."""
        moment = iso(datetime.fromtimestamp(self.modified, UTC))
        return {"filename": self.filename, "size": self.size, "modified": moment}


class FlowFolders:
    """Reads, writes and clears away; follows no links. ``root`` gives the base of the current blog."""

    def __init__(self, root: Callable[[], Path], *, owner: files.Owner | None = None) -> None:
        self._root = root
        self._owner = owner

    def all(self, pipeline_id: int | str, flow_id: int | str) -> list[FlowFile]:
        """The files in byte order of their names."""
        with _absent_is_empty(), self._open(_files(pipeline_id, flow_id)) as folder:
            return [_file(name, found) for name, found in files.walk(folder, deep=False)]
        return []

    def read(self, pipeline_id: int | str, flow_id: int | str, filename: str) -> bytes | None:
        """A file's content; None when there is none."""
        with _absent_is_empty(), self._open(_files(pipeline_id, flow_id)) as folder:
            found = files.read(folder, _segment(filename))
            return None if found is None else found.content
        return None

    def write(self, pipeline_id: int | str, flow_id: int | str, filename: str, content: bytes) -> FlowFile:
        """Store a file; one of that name is replaced at once."""
        name = _segment(filename)
        with self._open(_files(pipeline_id, flow_id), create=True) as folder:
            files.replace(folder, name, content, self._owner, mode=MODE)
            found = files.status(folder, name)
        if found is None:
            raise FileNotFoundError(filename)
        return _file(name, found)

    def delete(self, pipeline_id: int | str, flow_id: int | str, filename: str) -> bool:
        """Remove a file; False when there was none."""
        with _absent_is_empty(), self._open(_files(pipeline_id, flow_id)) as folder:
            name = _segment(filename)
            found = files.status(folder, name)
            if found is not None and not stat.S_ISDIR(found.st_mode):
                files.remove(folder, name)
                return True
        return False

    def clear(
        self,
        before: float,
        *,
        pipeline_id: int | str | None = None,
        flow_id: int | str | None = None,
        keep_job: Callable[[str], bool] = lambda _job: False,
    ) -> int:
        """Remove flows' files older than ``before`` (Unix time), and jobs' folders whose files all are.

        Of one flow, or of all. ``keep_job`` says of a job's id that it is still at work. The number of files
        and jobs' folders removed.
        """
        count = 0
        pipelines = self._below((), _PIPELINE) if pipeline_id is None else [f"{_PIPELINE}{pipeline_id}"]
        for pipeline in pipelines:
            flows = self._below((pipeline,), _FLOW) if flow_id is None else [f"{_FLOW}{flow_id}"]
            for flow in flows:
                count += self._clear_files((pipeline, flow, f"{flow}-files"), before)
                count += self._clear_jobs((pipeline, flow, "jobs"), before, keep_job)
        return count

    def protect(self) -> int:
        """Deny fetching of packets and pipelines' contexts that were written before us; how many folders.

        Files of flows stay public: publishing needs their addresses.
        """
        places: list[tuple[str, ...]] = [(LATER_PACKETS,)]
        for pipeline in self._below((), _PIPELINE):
            places.append((pipeline, "context"))
            places += [(pipeline, flow, "jobs") for flow in self._below((pipeline,), _FLOW)]
        count = 0
        for place in places:
            with _absent_is_empty(), self._open(place) as folder:
                files.deny(folder, self._owner)
                count += 1
        return count

    def remove_pipeline(self, pipeline_id: int | str) -> bool:
        """Remove everything of a pipeline; True when nothing is left."""
        name = _segment(f"{_PIPELINE}{pipeline_id}")
        with _absent_is_empty(), self._open(()) as base:
            return _remove_tree(base, name)
        return True

    def remove_flow(self, pipeline_id: int | str, flow_id: int | str) -> bool:
        """Remove everything of a flow, its jobs' packets too; True when nothing is left."""
        name = _segment(f"{_FLOW}{flow_id}")
        with _absent_is_empty(), self._open([_segment(f"{_PIPELINE}{pipeline_id}")]) as folder:
            return _remove_tree(folder, name)
        return True

    def _clear_files(self, place: Sequence[str], before: float) -> int:
        count = 0
        with _absent_is_empty(), self._open(place) as folder:
            for name, found in list(files.walk(folder, deep=False)):
                if found.st_mtime < before:
                    files.remove(folder, name)
                    count += 1
        return count

    def _clear_jobs(self, place: Sequence[str], before: float, keep: Callable[[str], bool]) -> int:
        count = 0
        for job in self._below(place, _JOB):
            if keep(job.removeprefix(_JOB)):
                continue
            with _absent_is_empty(), self._open(place) as jobs:
                with self._open((*place, job)) as folder:
                    newest = max(_times(folder), default=0.0)
                if newest < before and _remove_tree(jobs, job):
                    count += 1
        return count

    def _below(self, place: Sequence[str], prefix: str) -> list[str]:
        """Real folders of a kind."""
        with _absent_is_empty(), self._open(place) as folder:
            return [
                name
                for name in sorted(os.listdir(folder))
                if name.startswith(prefix)
                and (found := files.status(folder, name)) is not None
                and stat.S_ISDIR(found.st_mode)
            ]
        return []

    def _open(self, parts: Sequence[str], *, create: bool = False) -> AbstractContextManager[int]:
        for part in parts:
            _segment(part)
        return files.folder(str(self._root()), parts, create=create, owner=self._owner)


def _files(pipeline_id: int | str, flow_id: int | str) -> tuple[str, ...]:
    return (f"{_PIPELINE}{pipeline_id}", f"{_FLOW}{flow_id}", f"{_FLOW}{flow_id}-files")


def _segment(name: str) -> str:
    """One segment, not hidden; BadName."""
    parts = names.parts(name)
    if len(parts) != 1:
        raise names.BadName(f'"{name}" is not the name of a file.')
    return name


def _file(name: str, found: os.stat_result) -> FlowFile:
    return FlowFile(name, found.st_size, int(found.st_mtime))


def _times(folder: int) -> Iterator[float]:
    """When each file of a job was last changed, those of our own making too."""
    for name in os.listdir(folder):
        found = files.status(folder, name)
        if found is not None:
            yield found.st_mtime


def _remove_tree(parent: int, name: str) -> bool:
    """Remove a folder; True when nothing of it is left."""
    if files.status(parent, name) is not None:
        shutil.rmtree(name, dir_fd=parent, ignore_errors=True)
    return files.status(parent, name) is None


def _absent_is_empty() -> contextlib.suppress:
    """For looking: a folder that is not there holds nothing."""
    return contextlib.suppress(FileNotFoundError)
