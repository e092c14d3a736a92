"""Files that a flow works with: what people upload for its steps, and what its steps download."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sidecar.automation import identifiers, wordpress
from sidecar.automation.access import FLOWS, OPERATOR, VIEWER, Access
from sidecar.automation.errors import FlowNotFound
from sidecar.automation.files.flow_folders import FlowFile, FlowFolders
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.values import Flow
from sidecar.clock import Clock
from sidecar.errors import InvalidInput, NotFound, TooLarge
from sidecar.identity import Principal

if TYPE_CHECKING:
    from sidecar.automation.files.job_files import JobFiles
    from sidecar.host import HostPool

#: Bytes that are enough to tell a file's type by.
HEAD = 256 * 1024


class FlowFileMissing(NotFound):
    """The flow has no such file."""

    code = "flow_file_not_found"


class StepMissing(NotFound):
    """No flow has a step of that id."""

    code = "flow_step_not_found"


class UploadRefused(InvalidInput):
    """WordPress does not take a file of that name or content."""

    code = "flow_file_not_allowed"


class UploadTooLarge(TooLarge):
    """The file is larger than this WordPress takes; ``data["limit"]`` in bytes."""

    code = "flow_file_too_large"


class FlowFiles:
    """The files of the flow that a step belongs to, for whoever passes ``manage_flows`` and has the role.

    Viewers of the flow's agent look, operators change. Refusals are Unauthorized or Forbidden
    ``rest_forbidden``; an id that names no step is InvalidInput, FlowNotFound or :class:`StepMissing`.
    """

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        flows: FlowsRepository,
        jobs: JobsRepository,
        folders: FlowFolders,
        packets: JobFiles,
        access: Access,
        units: HostPool,
        clock: Clock,
    ) -> None:
        self._flows = flows
        self._jobs = jobs
        self._folders = folders
        self._packets = packets
        self._access = access
        self._units = units
        self._clock = clock

    def all(self, principal: Principal, flow_step_id: str) -> list[FlowFile]:
        """All of them, in byte order of their names."""
        flow = self._of_step(principal, flow_step_id, VIEWER)
        return self._folders.all(flow.pipeline_id, flow.flow_id)

    def get(self, principal: Principal, flow_step_id: str, filename: str) -> FlowFile:
        """One of them; FlowFileMissing."""
        for file in self.all(principal, flow_step_id):
            if file.filename == filename:
                return file
        raise FlowFileMissing(f"File {filename} not found.")

    def read(self, principal: Principal, flow_step_id: str, filename: str) -> bytes:
        """A file's content; FlowFileMissing."""
        flow = self._of_step(principal, flow_step_id, VIEWER)
        found = self._folders.read(flow.pipeline_id, flow.flow_id, filename)
        if found is None:
            raise FlowFileMissing(f"File {filename} not found.")
        return found

    def upload(
        self, principal: Principal, flow_step_id: str, filename: str, content: Callable[[], bytes], size: int
    ) -> list[FlowFile]:
        """Store a file; all of the flow's afterwards. One of the same name is replaced.

        ``content`` is read only when the flow is the principal's. :class:`UploadRefused` for what WordPress
        would not take from its user either: a type that is not allowed, a name that it would change, content
        of another type. :class:`UploadTooLarge`.
        """
        flow = self._of_step(principal, flow_step_id, OPERATOR)
        data = self._checked(filename, content, size)
        self._folders.write(flow.pipeline_id, flow.flow_id, filename, data)
        return self._folders.all(flow.pipeline_id, flow.flow_id)

    def delete(self, principal: Principal, flow_step_id: str, filename: str) -> None:
        """Remove a file; FlowFileMissing."""
        flow = self._of_step(principal, flow_step_id, OPERATOR)
        if not self._folders.delete(flow.pipeline_id, flow.flow_id, filename):
            raise FlowFileMissing(f"File {filename} not found.")

    def cleanup(self, principal: Principal, flow_id: int, job_id: int | None = None) -> int:
        """Remove the packets of one job of a flow, or the flow's files and its ended jobs' packets.

        How many files and jobs' folders were removed. NotFound ``job_not_found`` for a job of another flow.
        """
        flow = self._permitted(principal, flow_id, OPERATOR)
        if job_id is not None:
            job = self._jobs.get(job_id)
            if job is not None and str(job.flow_id) != str(flow_id):
                raise NotFound(f"Job {job_id} not found.", code="job_not_found")
            there = self._packets.exists(flow.pipeline_id, flow_id, job_id)
            return int(there and self._packets.remove(flow.pipeline_id, flow_id, job_id))
        return self._folders.clear(
            self._clock.now().timestamp(),
            pipeline_id=flow.pipeline_id,
            flow_id=flow_id,
            keep_job=self.at_work,
        )

    def at_work(self, job_id: str) -> bool:
        """Whether a job of that id has not ended; its packets are needed."""
        number = int(job_id) if len(job_id) < 20 and job_id.isascii() and job_id.isdigit() else 0
        job = self._jobs.get(number) if number else None
        return job is not None and job.completed_at is None

    def _checked(self, filename: str, content: Callable[[], bytes], size: int) -> bytes:
        with wordpress.process(self._units):
            data = b""
            rules = wordpress.host().call("automation.file_check", {"name": filename or "-", "head": b""})
            limit = int(rules["limit"])
            if size <= limit:
                data = content()
            if max(size, len(data)) > limit:
                message = f"File too large: {_size(max(size, len(data)))}. The limit is {_size(limit)}."
                raise UploadTooLarge(message, data={"limit": limit})
            if not rules["type"]:
                raise UploadRefused("File type not allowed.")
            if rules["name"] != filename:
                raise UploadRefused("Invalid file name detected.")
            judged = wordpress.host().call("automation.file_check", {"name": filename, "head": data[:HEAD]})
        if not judged["matches"]:
            raise UploadRefused("File content does not match file type.")
        return data

    def _of_step(self, principal: Principal, flow_step_id: str, role: str) -> Flow:
        if not flow_step_id:
            raise InvalidInput("flow_step_id is required.", code="flow_step_id_required")
        split = identifiers.split_flow_step_id(flow_step_id) if len(flow_step_id) < 200 else None
        if split is None:
            raise InvalidInput("Invalid flow step ID format.", code="flow_step_id_invalid")
        flow = self._permitted(principal, split.flow_id, role)
        if not isinstance(flow.flow_config.get(flow_step_id), dict):
            raise StepMissing(f"Flow step {flow_step_id} not found.")
        return flow

    def _permitted(self, principal: Principal, flow_id: int, role: str) -> Flow:
        self._access.enter(principal, FLOWS)
        flow = self._flows.get(flow_id) if flow_id < 2**63 else None
        if flow is None:
            raise FlowNotFound(f"Flow {flow_id} not found.")
        message = "You do not have permission to use the files of this flow."
        self._access.row(principal, flow.agent_id, flow.user_id, role, message)
        return flow


def _size(count: int) -> str:
    """As ``size_format()`` prints it, roughly: 512 B, 20 KB, 3 MB."""
    for unit in ("B", "KB", "MB"):
        if count < 1024:
            return f"{count} {unit}"
        count = round(count / 1024)
    return f"{count} GB"
