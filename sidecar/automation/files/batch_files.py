"""The packets of a large fan-out: one a line in the parent's folder, read a chunk at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sidecar.automation.files.job_files import MODE, JobFiles
from sidecar.automation.values import Packet
from sidecar.db import php_json
from sidecar.memory import files


class BatchFiles:
    """Files named by whoever writes them, in the folders of jobs; they go with the folder."""

    def __init__(self, jobs: JobFiles) -> None:
        self._jobs = jobs

    def write(
        self, pipeline_id: int | str, flow_id: int | str, job_id: int, name: str, packets: Sequence[Packet]
    ) -> None:
        """Write all packets."""
        lines = "".join(f"{php_json.dumps_unicode(one)}\n" for one in packets)
        with self._jobs.folder(pipeline_id, flow_id, job_id, create=True) as folder:
            files.replace(folder, name, lines.encode(), self._jobs.owner, mode=MODE)

    def read(  # noqa: PLR0917  a place, and a part of a file
        self, pipeline_id: int | str, flow_id: int | str, job_id: int, name: str, start: int, count: int
    ) -> tuple[list[Packet], int]:
        """At most ``count`` packets from byte ``start``, and the byte behind them.

        FileNotFoundError when the file is gone, ValueError when it is not what was written.
        """
        with self._jobs.folder(pipeline_id, flow_id, job_id) as folder:
            stream = files.opened(folder, name)
        if stream is None:
            raise FileNotFoundError(name)
        with stream:
            stream.seek(start)
            lines = [line for _ in range(count) if (line := stream.readline())]
            packets = [json.loads(line) for line in lines]
            if not all(isinstance(one, dict) for one in packets):
                raise ValueError(f"{name} holds something else than packets.")
            return packets, stream.tell()
