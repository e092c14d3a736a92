"""The files of jobs: ``<base>/pipeline-P/flow-F/jobs/job-J/``.

Packets of jobs that did not end well are kept in ``<base>/pipeline-P/flow-F/failed/job-J.json``. The base is
``datamachine-files`` below uploads, or the folder that DATAMACHINE_FILES_DIR names.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sidecar import blog
from sidecar.automation.values import Packet
from sidecar.db import php_json
from sidecar.memory import files, names

logger = logging.getLogger("datamachine.automation")

PACKETS = "data.json"
MODE = 0o644
#: Stands for a step where a plugin adds packets.
ADDED = "added"
#: Where packets of jobs that did not end well wait for a retry, beside ``jobs``; for how many seconds.
FAILED = "failed"
KEPT = 30 * 86_400
#: Old ones are looked for whenever a job of so many is set aside.
SWEEP_EVERY = 50


class JobFiles:
    """Packets and other files of jobs below one blog's base."""

    def __init__(self, base: Path | Callable[[], Path], *, owner: tuple[int, int] | None = None) -> None:
        self._base = base
        self._found: dict[int, Path] = {}
        #: PHP's user: WordPress must be able to read and remove what we write.
        self.owner = None if owner is None else files.Owner(*owner)

    @property
    def root(self) -> Path:
        """The base of the blog worked for, found when first needed."""
        found = self._found.get(blog.current())
        if found is None:
            found = self._base() if callable(self._base) else self._base
            self._found[blog.current()] = found
        return found

    def read(self, pipeline_id: int | str, flow_id: int | str, job_id: int) -> list[Packet]:
        """The packets of a job, newest first; empty when it has none."""
        try:
            with self._folder(_place(pipeline_id, flow_id, job_id)) as folder:
                found = files.read(folder, PACKETS)
        except FileNotFoundError:
            return []
        return _packets(found)

    def prepare(
        self, pipeline_id: int | str, flow_id: int | str, job_id: int, step: str, packets: Sequence[Packet]
    ) -> None:
        """Write what the job will hold when ``step`` begins, beside what it holds now.

        The file becomes ``data.json`` with :meth:`adopt`, after the database knows that the step is next: a
        step that dies before that begins again with the packets it began with.
        """
        content = php_json.dumps_unicode(list(packets)).encode("utf-8")
        with self.folder(pipeline_id, flow_id, job_id, create=True) as folder:
            files.replace(folder, _prepared(step), content, self.owner, mode=MODE)

    def adopt(self, pipeline_id: int | str, flow_id: int | str, job_id: int, step: str) -> None:
        """Make what was prepared for ``step`` the job's packets; nothing to do when that happened already."""
        try:
            with self._folder(_place(pipeline_id, flow_id, job_id)) as folder:
                os.replace(_prepared(step), PACKETS, src_dir_fd=folder, dst_dir_fd=folder)
        except FileNotFoundError:
            return

    def add(self, pipeline_id: int | str, flow_id: int | str, job_id: int, packets: Sequence[Packet]) -> None:
        """Put packets before those the job holds, at once."""
        held = self.read(pipeline_id, flow_id, job_id)
        self.prepare(pipeline_id, flow_id, job_id, ADDED, [*packets, *held])
        self.adopt(pipeline_id, flow_id, job_id, ADDED)

    def set_aside(self, pipeline_id: int | str, flow_id: int | str, job_id: int) -> None:
        """Keep the packets of a job whose folder goes, for a retry; :meth:`aside` reads them.

        Nothing to do when the job has none, or when that happened already. Now and then what is older than
        KEPT is removed.
        """
        place = _place(pipeline_id, flow_id, job_id)
        try:
            with self._folder(place) as folder:
                found = files.read(folder, PACKETS)
        except FileNotFoundError:
            return
        if found is None:
            return
        with self._folder((*place[:2], FAILED), create=True) as folder:
            files.deny(folder, self.owner)
            files.replace(folder, f"{place[3]}.json", found.content, self.owner, mode=MODE)
            if job_id % SWEEP_EVERY == 0:
                _forget(folder)

    def aside(self, pipeline_id: int | str, flow_id: int | str, job_id: int) -> list[Packet]:
        """The packets of a job that did not end well: of its folder, else those kept aside."""
        held = self.read(pipeline_id, flow_id, job_id)
        if held:
            return held
        place = _place(pipeline_id, flow_id, job_id)
        try:
            with self._folder((*place[:2], FAILED)) as folder:
                return _packets(files.read(folder, f"{place[3]}.json"))
        except FileNotFoundError:
            return []

    def drop_aside(self, pipeline_id: int | str, flow_id: int | str, job_id: int) -> None:
        """Remove what was kept aside of a job."""
        place = _place(pipeline_id, flow_id, job_id)
        try:
            with self._folder((*place[:2], FAILED)) as folder:
                files.remove(folder, f"{place[3]}.json")
        except FileNotFoundError:
            return

    def exists(self, pipeline_id: int | str, flow_id: int | str, job_id: int) -> bool:
        """Whether there is a directory of the job."""
        *above, name = _place(pipeline_id, flow_id, job_id)
        try:
            with self._folder(above) as jobs:
                return files.status(jobs, name) is not None
        except FileNotFoundError:
            return False

    def remove(self, pipeline_id: int | str, flow_id: int | str, job_id: int) -> bool:
        """Remove a job's directory; True when nothing of it is left."""
        *above, name = _place(pipeline_id, flow_id, job_id)
        try:
            with self._folder(above) as jobs:
                if files.status(jobs, name) is not None:  # a job that found nothing never had one
                    shutil.rmtree(
                        name,
                        dir_fd=jobs,
                        onerror=lambda _f, path, info: logger.warning(
                            "Could not remove %s: %s", path, info[1]
                        ),
                    )
                return files.status(jobs, name) is None
        except FileNotFoundError:
            return True

    @contextmanager
    def folder(
        self, pipeline_id: int | str, flow_id: int | str, job_id: int, *, create: bool = False
    ) -> Iterator[int]:
        """A job's open directory; FileNotFoundError when it is not there and not to be made."""
        place = _place(pipeline_id, flow_id, job_id)
        if create:
            with self._folder(place[:-1], create=True) as jobs:
                files.deny(jobs, self.owner)
        with self._folder(place, create=create) as folder:
            yield folder

    def _folder(self, parts: Sequence[str], *, create: bool = False) -> AbstractContextManager[int]:
        return files.folder(str(self.root), parts, create=create, owner=self.owner, guards=False)


def _place(pipeline_id: int | str, flow_id: int | str, job_id: int) -> tuple[str, ...]:
    """The way below the root. Ids are text in the table of jobs: each stays one segment."""
    place = (f"pipeline-{pipeline_id}", f"flow-{flow_id}", "jobs", f"job-{job_id}")
    for part in place:
        if len(names.parts(part)) != 1:
            raise names.BadName(f'"{part}" is not the name of a folder.')
    return place


def _packets(found: files.Found | None) -> list[Packet]:
    packets = [] if found is None else json.loads(found.content)
    return [one for one in packets if isinstance(one, dict)] if isinstance(packets, list) else []


def _forget(folder: int) -> None:
    """Remove what was kept aside long ago."""
    end = time.time() - KEPT
    for name in os.listdir(folder):
        found = files.status(folder, name)
        if found is not None and name.startswith("job-") and found.st_mtime < end:
            files.remove(folder, name)


def _prepared(step: str) -> str:
    return f".next-{hashlib.sha1(step.encode()).hexdigest()}.json"
