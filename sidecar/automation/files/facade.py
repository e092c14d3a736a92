"""Bridge methods behind the PHP classes that other plugins use for files: one place writes packets and
clears away.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sidecar.automation.files.flow_folders import FlowFolders
from sidecar.automation.files.job_files import JobFiles
from sidecar.automation.steps.base import number
from sidecar.bridge import Call
from sidecar.clock import Clock

Handler = Callable[[Call], Any]

#: Days; what an old file may be set to.
LEAST, MOST = 0, 3650


def handlers(
    folders: FlowFolders, packets: JobFiles, at_work: Callable[[str], bool], clock: Clock
) -> dict[str, Handler]:
    """The methods by name. PHP asks them for its own code; who may, that code has decided."""

    def store(call: Call) -> bool:
        """``files.store_packets {pipeline_id, flow_id, job_id, packets}``: put them before those held."""
        pipeline_id, flow_id, job_id = _job(call)
        given = call.params.get("packets")
        new = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
        packets.add(pipeline_id, flow_id, job_id, new)
        return True

    def remove_job(call: Call) -> int:
        """``files.remove_job {pipeline_id, flow_id, job_id}``: how many folders went, 0 or 1."""
        pipeline_id, flow_id, job_id = _job(call)
        there = packets.exists(pipeline_id, flow_id, job_id)
        return int(there and packets.remove(pipeline_id, flow_id, job_id))

    def remove_pipeline(call: Call) -> bool:
        """``files.remove_pipeline {pipeline_id}``: whether nothing is left of it."""
        return folders.remove_pipeline(number(call.params.get("pipeline_id")))

    def clear(call: Call) -> int:
        """``files.clear {days}``: remove flows' files and ended jobs' packets that are older."""
        days = max(LEAST, min(MOST, number(call.params.get("days"))))
        before = clock.now() - timedelta(days=days)
        return folders.clear(before.timestamp(), keep_job=at_work)

    def protect(_call: Call) -> int:
        """``files.protect``: deny fetching of packets from before us; how many folders of jobs there are."""
        return folders.protect()

    return {
        "files.protect": protect,
        "files.store_packets": store,
        "files.remove_job": remove_job,
        "files.remove_pipeline": remove_pipeline,
        "files.clear": clear,
    }


def _job(call: Call) -> tuple[str, str, int]:
    params = call.params
    return str(params.get("pipeline_id")), str(params.get("flow_id")), number(params.get("job_id"))
