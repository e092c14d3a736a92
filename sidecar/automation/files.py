"""The files of jobs: ``<uploads>/datamachine-files/pipeline-P/flow-F/jobs/job-J/``."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from sidecar import blog
from sidecar.automation.values import Packet
from sidecar.db import php_json

logger = logging.getLogger("datamachine.automation")

FOLDER = "datamachine-files"
PACKETS = "data.json"


class JobFiles:
    """Packets and other files of jobs below one uploads directory."""

    def __init__(self, uploads: Path | Callable[[], Path], *, owner: tuple[int, int] | None = None) -> None:
        self._uploads = uploads
        self._found: dict[int, Path] = {}
        #: Uid and gid of PHP: WordPress must be able to read and remove what we write.
        self._owner = owner

    @property
    def _root(self) -> Path:
        """Of the blog worked for, found when first needed."""
        found = self._found.get(blog.current())
        if found is None:
            uploads = self._uploads() if callable(self._uploads) else self._uploads
            found = self._found[blog.current()] = uploads / FOLDER
        return found

    def job(self, pipeline_id: int | str, flow_id: int | str, job_id: int) -> Path:
        """The directory of a job."""
        return self.flow(pipeline_id, flow_id) / "jobs" / f"job-{job_id}"

    def flow(self, pipeline_id: int | str, flow_id: int | str) -> Path:
        """The directory of a flow."""
        return self._root / f"pipeline-{pipeline_id}" / f"flow-{flow_id}"

    def read(self, pipeline_id: int | str, flow_id: int | str, job_id: int) -> list[Packet]:
        """The packets of a job, newest first; empty when it has none."""
        try:
            text = (self.job(pipeline_id, flow_id, job_id) / PACKETS).read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        found = json.loads(text)
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    def prepare(
        self, pipeline_id: int | str, flow_id: int | str, job_id: int, step: str, packets: Sequence[Packet]
    ) -> None:
        """Write what the job will hold when ``step`` begins, beside what it holds now.

        The file becomes ``data.json`` with :meth:`adopt`, after the database knows that the step is next: a
        step that dies before that begins again with the packets it began with.
        """
        folder = self.job(pipeline_id, flow_id, job_id)
        self._make(folder)
        handle, name = tempfile.mkstemp(dir=folder, prefix=".data-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(php_json.dumps_unicode(list(packets)))
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
            self._give(Path(name))
            os.replace(name, _prepared(folder, step))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def adopt(self, pipeline_id: int | str, flow_id: int | str, job_id: int, step: str) -> None:
        """Make what was prepared for ``step`` the job's packets; nothing to do when that happened already."""
        folder = self.job(pipeline_id, flow_id, job_id)
        try:
            os.replace(_prepared(folder, step), folder / PACKETS)
        except FileNotFoundError:
            return

    def remove(self, pipeline_id: int | str, flow_id: int | str, job_id: int) -> bool:
        """Remove a job's directory; True when nothing of it is left."""
        folder = self.job(pipeline_id, flow_id, job_id)
        if folder.exists():  # a job that found nothing never had one
            shutil.rmtree(
                folder,
                onerror=lambda _f, path, info: logger.warning("Could not remove %s: %s", path, info[1]),
            )
        return not folder.exists()

    def _make(self, folder: Path) -> None:
        missing = []
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for part in reversed(missing):
            part.mkdir(mode=0o755, exist_ok=True)
            self._give(part)

    def _give(self, path: Path) -> None:
        if self._owner is not None and os.geteuid() == 0:
            os.chown(path, *self._owner)


def _prepared(folder: Path, step: str) -> Path:
    return folder / f".next-{hashlib.sha1(step.encode()).hexdigest()}.json"
