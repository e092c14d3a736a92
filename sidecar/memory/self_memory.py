"""What an agent may write into its own memory, and what has to be approved first."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from sidecar import hooks
from sidecar.bridge import Handle
from sidecar.conversation.pending_actions import PendingActions
from sidecar.errors import Forbidden, SidecarError
from sidecar.identity import AgentsRepository, Principal
from sidecar.memory.reach import DEFAULT_FILE, Reach, checked
from sidecar.memory.service import FileMissing, MemoryFile, SectionMissing, Written

#: The kind of pending action that a staged write is.
KIND = "memory_section_update"
CROSS_AGENT = "datamachine_self_memory_allow_cross_agent_write"
ALLOWED_TYPES = "datamachine_self_memory_allowed_section_types"
SENSITIVE_TYPES = "datamachine_self_memory_sensitive_section_types"
ARTIFACT = "datamachine_memory_section_artifact"
#: What an agent notes about its own work.
NOTES = ("operating_note", "source_quirk", "run_lesson", "task_note")
#: What belongs where everybody can check it.
FACTS = frozenset({"fact", "domain_fact", "wiki_fact", "knowledge"})
#: Owners of a section whose writes nobody has to approve; the other one is ``bundle``.
FREE_OWNERS = frozenset({"user", "runtime", "compaction"})
DIFF_LINES = 80
_SECRET = re.compile(
    r"(?P<key>(?:api[_-]?key|token|secret|password)[\"']?)\s*[:=]\s*(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s,;]+)", re.I
)
_BEARER = re.compile(r"\b(bearer)\s+[A-Za-z0-9._~+/=-]+", re.I)

Mode = Literal["append", "set"]


class Request(msgspec.Struct, frozen=True):
    """One write an agent asks for."""

    section: str
    content: str
    #: Whose memory; None is the agent's own.
    agent_id: int | None = None
    file: str = DEFAULT_FILE
    section_type: str = "operating_note"
    mode: Mode = "append"
    reason: str = ""
    requires_approval: bool = False
    #: As it came in, for the filters.
    given: Mapping[str, Any] = msgspec.field(default_factory=dict)


class Denied(Forbidden):
    """The policy does not let an agent write that; ``code`` says which rule."""


class SelfMemory:
    """The policy on what an agent writes about itself."""

    def __init__(self, reach: Reach, agents: AgentsRepository, pending: Callable[[], PendingActions]) -> None:
        self._reach = reach
        self._agents = agents
        self._pending = pending

    def write(self, principal: Principal, request: Request) -> dict[str, Any]:
        """Write a section, or stage the write.

        ``{success, message, file_size[, warning], agent_id, file, section, section_type, owner: "runtime"}``,
        or what :meth:`PendingActions.stage` answers. Raises :class:`Denied`, and what opening and writing the
        file raises.
        """
        with self._reach.wordpress():
            agent_id = self._permitted(principal, request)
            with self._reach.file(
                principal, request.file, agent_id=self._elsewhere(principal, agent_id), writes=True
            ) as file:
                source = self._needs_approval(agent_id, request)
                if source is not None:
                    return self._stage(principal, agent_id, request, file, source)
                written = _apply(file, request.section, request.content, request.mode)
        return {
            "success": True,
            **changed(written),
            "agent_id": agent_id,
            "file": request.file,
            "section": request.section,
            "section_type": request.section_type,
            "owner": "runtime",
        }

    def accept(self, principal: Principal, given: Mapping[str, Any], _payload: Mapping[str, Any]) -> Any:
        """Do what was staged, as whoever accepted it."""
        agent_id, mode = given.get("agent_id"), given.get("mode")
        with self._reach.file(
            principal,
            str(given.get("file") or DEFAULT_FILE),
            agent_id=agent_id if isinstance(agent_id, int) else 0,
            writes=True,
        ) as file:
            written = _apply(
                file,
                str(given.get("section") or ""),
                str(given.get("content") or ""),
                "set" if mode == "set" else "append",
            )
        return {"success": True, **changed(written)}

    def may_resolve(self, principal: Principal, payload: Mapping[str, Any], _decision: str) -> bool:
        """Whoever may write that file decides."""
        given = payload.get("apply_input")
        agent_id = given.get("agent_id") if isinstance(given, Mapping) else None
        if not isinstance(given, Mapping) or not isinstance(agent_id, int):
            return False
        try:
            with self._reach.file(
                principal, str(given.get("file") or DEFAULT_FILE), agent_id=agent_id, writes=True
            ):
                return True
        except SidecarError as error:
            if error.status >= 500:
                raise
            return False

    def _permitted(self, principal: Principal, request: Request) -> int:
        """The agent whose memory it is; Denied."""
        current = principal.agent_id
        if not current:
            raise Denied(
                "No agent acts here, so there is no memory of its own.", code="missing_agent_context"
            )
        target = request.agent_id or current
        given = dict(request.given)
        if target != current and hooks.apply_filters(CROSS_AGENT, False, current, target, given) is not True:
            raise Denied("An agent writes only its own memory.", code="cross_agent_denied")
        if request.section_type in FACTS:
            raise Denied(
                "Lasting facts do not belong into an agent's own memory.", code="durable_fact_denied"
            )
        allowed = _names(hooks.apply_filters(ALLOWED_TYPES, list(NOTES), target, given))
        if request.section_type not in allowed:
            raise Denied(
                f'Sections of the type "{request.section_type}" are not written by agents.',
                code="section_type_denied",
            )
        if not request.section.strip() or not request.content.strip():
            raise Denied("section and content are required.", code="missing_required_input")
        checked(request.content)
        return target

    def _elsewhere(self, principal: Principal, agent_id: int) -> int:
        """0 for the acting agent, which needs no role on itself."""
        return 0 if agent_id == principal.agent_id else agent_id

    def _needs_approval(self, agent_id: int, request: Request) -> str | None:
        """Why somebody has to look at it first, as the preview's ``source`` says; None when nobody has to."""
        given = dict(request.given)
        about = {
            "agent_id": agent_id,
            "file": request.file,
            "section": request.section,
            "section_type": request.section_type,
            "input": given,
        }
        artifact = hooks.apply_filters(ARTIFACT, None, about)
        # What does not say whose it is may be a bundle's.
        if artifact is not None and _owner(artifact) not in FREE_OWNERS:
            return "bundle_upgrade"
        sensitive = _names(hooks.apply_filters(SENSITIVE_TYPES, [], agent_id, given))
        return "runtime_agent" if request.requires_approval or request.section_type in sensitive else None

    def _stage(
        self, principal: Principal, agent_id: int, request: Request, file: MemoryFile, source: str
    ) -> dict[str, Any]:
        current = _current(file, request.section)
        proposed = request.content
        if request.mode == "append" and current:
            proposed = f"{current}\n{request.content}"
        agent = self._agents.get(agent_id)
        preview = {
            "target_agent": agent.agent_slug if agent is not None else agent_id,
            "file": request.file,
            "section": request.section,
            "section_type": request.section_type,
            "source": source,
            "reason": redacted(request.reason),
            "current_content": redacted(current),
            "proposed_content": redacted(proposed),
            "diff": diff(redacted(current), redacted(proposed)),
        }
        return self._pending().stage(
            KIND,
            f'Update section "{request.section}" of {request.file}',
            {
                "agent_id": agent_id,
                "file": request.file,
                "section": request.section,
                "section_type": request.section_type,
                "content": request.content,
                "mode": request.mode,
                "reason": request.reason,
            },
            preview=preview,
            agent_id=agent_id,
            user_id=principal.user_id,
            context={"source": source, "acting_agent_id": principal.agent_id or 0},
        )


def changed(written: Written) -> dict[str, Any]:
    """A change as PHP and abilities have it."""
    result: dict[str, Any] = {"message": written.message, "file_size": written.file_size}
    return result | ({"warning": written.warning} if written.warning is not None else {})


def redacted(text: str) -> str:
    """Text without what looks like a secret."""
    return _BEARER.sub(r"\1 [redacted]", _SECRET.sub(r"\g<key>: [redacted]", text))


def diff(current: str, proposed: str) -> str:
    """Every line of the one, then every line of the other; at most 80."""
    lines = [f"- {line}" for line in current.splitlines()] + [f"+ {line}" for line in proposed.splitlines()]
    return "\n".join(lines[:DIFF_LINES])


def _apply(file: MemoryFile, section: str, content: str, mode: Mode) -> Written:
    if mode == "set":
        return file.set_section(section, content)
    return file.append_to_section(section, content)


def _current(file: MemoryFile, section: str) -> str:
    try:
        return file.get_section(section)
    except (FileMissing, SectionMissing):
        return ""


def _owner(artifact: Any) -> str:
    """Who owns a section: what the filter says, an array or an object with ``owner``."""
    if isinstance(artifact, Handle):
        return str(artifact.properties.get("owner", ""))
    return str(artifact.get("owner", "")) if isinstance(artifact, Mapping) else ""


def _names(value: Any) -> list[str]:
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [each for each in items if isinstance(each, str)]
