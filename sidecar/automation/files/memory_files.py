"""Memory files that a pipeline or a flow adds to its prompts: which they are, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar import hooks
from sidecar.automation import wordpress
from sidecar.automation.access import ADMIN, FLOWS, PIPELINES, VIEWER, Access
from sidecar.automation.errors import FlowNotFound, PipelineNotFound
from sidecar.automation.repositories.attachments import Attachments, Kind
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.values import Flow, Pipeline
from sidecar.errors import InvalidInput
from sidecar.identity import Agent, Principal
from sidecar.memory import Injection, MemoryService, names, policy
from sidecar.memory.injection import Assembly, Part
from sidecar.memory.values import NOT_FOUND, raw, text

if TYPE_CHECKING:
    from sidecar.host import HostPool

#: Where the files stand among all that a prompt begins with, and what the policy's filter is told.
PRIORITIES: Mapping[Kind, int] = {"pipeline": 40, "flow": 45}
#: Names in one list.
MOST = 200


class Edited(msgspec.Struct, frozen=True):
    """A list after a change; ``changed`` is False when it already was so. ``name`` is the file as stored."""

    files: list[str]
    changed: bool
    name: str


class MemoryFiles:
    """Attaches files to pipelines and flows, for whoever passes ``manage_flows`` and has the role.

    A viewer of the row's agent sees the list, its admins change it. Names are one segment of text files; a
    file need not exist. Refusals are Unauthorized or Forbidden ``rest_forbidden``.
    """

    def __init__(
        self,
        attachments: Attachments,
        pipelines: PipelinesRepository,
        flows: FlowsRepository,
        access: Access,
        units: HostPool,
    ) -> None:
        self._attachments = attachments
        self._pipelines = pipelines
        self._flows = flows
        self._access = access
        self._units = units

    def attached(self, principal: Principal, kind: Kind, row_id: int) -> list[str]:
        """The names, in their order; PipelineNotFound, FlowNotFound."""
        self._enter(principal, kind, row_id, VIEWER)
        return self._attachments.of(kind, row_id)

    def replace(self, principal: Principal, kind: Kind, row_id: int, files: Sequence[str]) -> list[str]:
        """Attach exactly these, as WordPress cleans their names; the names stored.

        Raises BadName for a kind of file that memory never holds, InvalidInput for more than :data:`MOST`.
        """
        self._enter(principal, kind, row_id, ADMIN)
        wanted = list(dict.fromkeys(name for name in self._clean(files) if name))
        return self._attachments.edit(kind, row_id, lambda _old: wanted)

    def add(self, principal: Principal, kind: Kind, row_id: int, filename: str) -> Edited:
        """Attach one more, last; unchanged when it is attached already. BadName."""
        self._enter(principal, kind, row_id, ADMIN)
        name = self._one(filename)
        changed = True

        def added(old: Sequence[str]) -> Sequence[str]:
            nonlocal changed
            changed = name not in old
            return [*old, name] if changed else old

        files = self._attachments.edit(kind, row_id, added)
        return Edited(files, changed, name)

    def remove(self, principal: Principal, kind: Kind, row_id: int, filename: str) -> Edited:
        """Detach one; unchanged when it is not attached. The file itself stays."""
        self._enter(principal, kind, row_id, ADMIN)
        before = self._attachments.of(kind, row_id)
        # What a list of another program holds may be a name WordPress would clean.
        name = filename if filename in before else self._one(filename)
        if name not in before:
            return Edited(before, False, name)
        files = self._attachments.edit(kind, row_id, lambda old: [each for each in old if each != name])
        return Edited(files, True, name)

    def _one(self, filename: str) -> str:
        [name] = self._clean([filename])
        if not name:
            raise names.BadName(f'"{filename}" is not a name for a memory file.')
        return name

    def _clean(self, files: Sequence[str]) -> list[str]:
        """The names as ``sanitize_file_name()`` leaves them, which only WordPress does exactly."""
        if not files:
            return []
        if len(files) > MOST:
            raise InvalidInput(f"At most {MOST} files may be attached.", code="too_many_memory_files")
        with wordpress.process(self._units):
            answer = wordpress.host().call("automation.file_names", {"names": [*files]})
        cleaned = [str(name) for name in answer]
        for name in cleaned:
            if name and not names.writable(name):
                raise names.BadName(f'"{name}" is not a kind of file that memory holds.')
            if name:
                names.parts(name)
        return cleaned

    def _enter(self, principal: Principal, kind: Kind, row_id: int, role: str) -> None:
        self._access.enter(principal, PIPELINES if kind == "pipeline" else FLOWS)
        row = self._row(kind, row_id)
        verb = "view" if role == VIEWER else "edit"
        message = f"You do not have permission to {verb} this {kind}."
        self._access.row(principal, row.agent_id, row.user_id, role, message)

    def _row(self, kind: Kind, row_id: int) -> Pipeline | Flow:
        if kind == "pipeline":
            pipeline = self._pipelines.get(row_id)
            if pipeline is None:
                raise PipelineNotFound("Pipeline not found.")
            return pipeline
        flow = self._flows.get(row_id)
        if flow is None:
            raise FlowNotFound("Flow not found.")
        return flow


class AttachedMemory:
    """What stands in attached files, read from the memory of the agent that works."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        attachments: Attachments,
        pipelines: PipelinesRepository,
        flows: FlowsRepository,
        access: Access,
        memory: MemoryService,
        units: HostPool,
    ) -> None:
        self._attachments = attachments
        self._pipelines = pipelines
        self._flows = flows
        self._access = access
        self._memory = memory
        self._units = units

    def for_pipeline(self, pipeline_id: int, agent: Agent | None) -> list[tuple[str, str]]:
        """Names and texts in the list's order, missing files left out (and logged).

        The files are those of ``agent``, of the default agent for None. Nobody's rights are asked.
        """
        return self._read("pipeline", pipeline_id, agent)

    def for_flow(self, flow_id: int, agent: Agent | None) -> list[tuple[str, str]]:
        """As :meth:`for_pipeline`."""
        return self._read("flow", flow_id, agent)

    def contribute(self, injection: Injection) -> None:
        """Add the files to the prompts of runs."""
        injection.add(lambda assembly: self._parts(injection, assembly))

    def _parts(self, injection: Injection, assembly: Assembly) -> Iterable[Part]:
        """Parts for ``pipeline_id`` and ``flow_id`` of the assembly's context, as far as they name rows."""
        for kind, priority in PRIORITIES.items():
            row_id = _id(assembly.context.get(f"{kind}_id"))
            for name in self._chosen(kind, row_id, assembly):
                found = injection.read(assembly, name)
                if found is None:
                    _missing(kind, row_id, name)
                    continue
                scope, content, digest = found
                shown = f"## Memory File: {name}\n{content}"
                yield Part(kind, priority, name, scope.layer, shown, len(raw(shown)), digest)

    def _chosen(self, kind: Kind, row_id: int, assembly: Assembly) -> list[str]:
        """The list after the agent's policy. It names what a pipeline of somebody else's works with: a
        prompt that is only looked at asks for the role of a viewer."""
        row = None
        if row_id:
            row = self._pipelines.get(row_id) if kind == "pipeline" else self._flows.get(row_id)
        if row is None:
            return []
        message = f"You do not have permission to view this {kind}."
        self._access.row(assembly.principal, row.agent_id, row.user_id, VIEWER, message)
        listed = self._attachments.of(kind, row_id)
        return policy.scoped(listed, assembly.policy, assembly.target.agent_id, kind)

    def _read(self, kind: Kind, row_id: int, agent: Agent | None) -> list[tuple[str, str]]:
        listed = self._attachments.of(kind, row_id)
        if not listed:
            return []
        found: list[tuple[str, str]] = []
        with wordpress.process(self._units):
            for name in listed:
                try:
                    read = self._memory.read(
                        user_id=0 if agent is None else agent.owner_id,
                        agent_id=0 if agent is None else agent.agent_id,
                        filename=name,
                    )
                except names.BadName:
                    read = NOT_FOUND
                if read.exists:
                    found.append((name, text(read.content)))
                else:
                    _missing(kind, row_id, name)
        return found


def _missing(kind: Kind, row_id: int, name: str) -> None:
    hooks.do_action(
        "datamachine_log",
        "warning",
        f"Memory file {name} of {kind} {row_id} cannot be read and is left out.",
        {f"{kind}_id": row_id, "filename": name},
    )


def _id(value: Any) -> int:
    """A row's id; 0 for a run without one (``direct``)."""
    number = str(value)
    return int(number) if len(number) < 20 and number.isascii() and number.isdigit() else 0
