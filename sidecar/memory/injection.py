"""What of an agent's memory a prompt begins with, in the order a model reads it.

Reading only: no file is made or composed here. Other packages contribute with :meth:`Injection.add`; each
part becomes a system message of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from sidecar import clock as clock_module
from sidecar import hooks
from sidecar.host import context as host_context
from sidecar.identity import AgentsRepository, Principal
from sidecar.memory import policy, sizes
from sidecar.memory.access import MemoryAccess, Target
from sidecar.memory.daily import DailyMemory, NoDailyMemory
from sidecar.memory.names import BadName
from sidecar.memory.opening import Opener
from sidecar.memory.places import SiteFacts
from sidecar.memory.policy import MemoryPolicy
from sidecar.memory.registry import RegisteredFile
from sidecar.memory.service import MemoryService
from sidecar.memory.values import AGENT, Scope, digest, raw, text

CONTENT = "datamachine_memory_file_content"
#: Where the parts stand among all that a prompt begins with; contributors choose theirs.
CORE_PRIORITY, DAILY_PRIORITY = 20, 35
#: Modes whose prompts hold the last days' notes.
DAILY_MODES = ("chat", "pipeline")
DAILY_BUDGET = 8192
DAILY_DAYS, DAILY_MOST = 3, 14
#: What PHP's trim() removes.
_SPACE = " \t\n\r\0\x0b"


class Part(msgspec.Struct, frozen=True):
    """One system message."""

    #: ``core``, ``daily`` or a contributor's word.
    source: str
    priority: int
    #: The memory file it comes from, relative to its layer.
    filename: str
    layer: str
    #: What the model reads.
    content: str
    #: Bytes of that.
    bytes: int
    #: sha1 of the stored file, for those who compare.
    hash: str
    #: Said when the file is larger than a prompt should carry.
    warning: str | None = None


class Assembly(msgspec.Struct, frozen=True):
    """Whose prompt is put together, for contributors."""

    principal: Principal
    target: Target
    mode: str
    policy: MemoryPolicy
    #: What the caller knows besides: ids of its own things.
    context: Mapping[str, Any]


#: Gives parts; they are sorted by priority afterwards.
Source = Callable[[Assembly], Iterable[Part]]


class Injection:
    """Assembles an agent's memory for a mode."""

    def __init__(
        self,
        opener: Opener,
        facts: Callable[[int | None], SiteFacts],
        memory: MemoryService,
        access: MemoryAccess,
        *,
        agents: AgentsRepository,
        daily: Callable[[], DailyMemory],
        clock: clock_module.Clock,
    ) -> None:
        self._opener = opener
        self._facts = facts
        self._memory = memory
        self._access = access
        self._agents = agents
        self._days = daily
        self._clock = clock
        self._sources: list[Source] = []

    def add(self, source: Source) -> None:
        """Let another package contribute."""
        self._sources.append(source)

    def assemble(
        self,
        principal: Principal,
        target: Target,
        mode: str,
        *,
        context: Mapping[str, Any] | None = None,
        allow_only: Sequence[str] | None = None,
        deny: Sequence[str] = (),
    ) -> list[Part]:
        """The parts for a mode (``chat``, ``pipeline``, ``system``, a plugin's; '' means every file).

        Unauthorized or Forbidden ``rest_forbidden`` when the agent's memory is not the principal's to read.
        The user's own file is that of whoever asks, never that of the agent's owner for somebody else.
        """
        self._access.require(principal, Scope(AGENT, target.user_id, target.agent_id, ""), writes=False)
        if not principal.unlimited:
            target = Target(principal.user_id, target.agent_id)
        with self._opener.host(principal.blog_id) as host, host_context.bind(host):
            assembly = Assembly(principal, target, mode, self._policy(target), context or {})
            parts = list(self._core(assembly, allow_only, deny))
            parts += self._daily(assembly)
            for source in self._sources:
                parts += source(assembly)
        return sorted(parts, key=lambda part: part.priority)

    def read(
        self, assembly: Assembly, filename: str, layer: str | None = None
    ) -> tuple[Scope, str, str] | None:
        """Scope, text and hash of one file of the agent, for contributors; None when there is none."""
        try:
            opened = self._memory.open(
                user_id=assembly.target.user_id,
                agent_id=assembly.target.agent_id,
                filename=filename,
                layer=layer,
                blog_id=assembly.principal.blog_id,
            )
            with opened as file:
                if not self._access.may(assembly.principal, file.scope, writes=False):
                    return None
                found = file.read()
        except BadName:
            return None
        return (file.scope, text(found.content), found.hash) if found.exists else None

    def _policy(self, target: Target) -> MemoryPolicy:
        agent = self._agents.get(target.agent_id)
        return policy.EVERYTHING if agent is None else policy.of_config(agent.agent_config)

    def _core(
        self,
        assembly: Assembly,
        allow_only: Sequence[str] | None,
        deny: Sequence[str],
    ) -> Iterable[Part]:
        known = self._facts(assembly.principal.blog_id).files
        chosen = policy.registered(
            known, assembly.mode, assembly.policy, assembly.target.agent_id, allow_only=allow_only, deny=deny
        )
        for entry in chosen:
            found = self.read(assembly, entry.filename, entry.layer)
            part = None if found is None else self._part(entry, known, *found)
            if part is not None:
                yield part

    def _part(
        self, entry: RegisteredFile, known: Sequence[RegisteredFile], scope: Scope, content: str, digest: str
    ) -> Part | None:
        if not content.strip(_SPACE):
            return None
        size = len(raw(content))
        warning = sizes.warning(entry.filename, size)
        if warning is not None:
            hooks.do_action("datamachine_log", "warning", warning, {"key": scope.key, "bytes": size})
        meta = entry.document() if any(each.filename == entry.filename for each in known) else None
        shown = hooks.apply_filters(CONTENT, content.strip(_SPACE), entry.filename, meta)
        if not isinstance(shown, str) or not shown.strip(_SPACE):
            return None
        return Part(
            "core", CORE_PRIORITY, entry.filename, scope.layer, shown, len(raw(shown)), digest, warning
        )

    def _daily(self, assembly: Assembly) -> list[Part]:
        """The last days that have notes, newest first, as long as they fit; the first one always does."""
        days = self._recent_days(assembly)
        today = self._clock.now().date()
        parts: list[Part] = []
        used = 0
        for back in range(days):
            date = (today - timedelta(days=back)).isoformat()
            body = self._notes(assembly, date)
            if not body.strip(_SPACE):
                continue
            block = f"## Daily Memory: {date}\n\n{body.strip(_SPACE)}"
            size = len(raw(block))
            if parts and used + size > DAILY_BUDGET:
                break
            used += size
            name = f"daily/{date.replace('-', '/')}.md"
            parts.append(Part("daily", DAILY_PRIORITY, name, AGENT, block, size, digest(raw(body))))
        return parts

    def _notes(self, assembly: Assembly, day: str) -> str:
        """A day's notes as whoever keeps them has them; '' for none."""
        target = assembly.target
        try:
            _, found = self._days().read(
                assembly.principal, day, user_id=target.user_id, agent_id=target.agent_id
            )
        except NoDailyMemory:
            return ""
        return found

    def _recent_days(self, assembly: Assembly) -> int:
        agent = self._agents.get(assembly.target.agent_id)
        config = agent.agent_config.get("daily_memory") if agent is not None else None
        if assembly.mode not in DAILY_MODES or not isinstance(config, Mapping) or not config.get("enabled"):
            return 0
        days = config.get("recent_days", DAILY_DAYS)
        if isinstance(days, str) and days.strip().isdecimal():
            days = int(days)
        return max(0, min(DAILY_MOST, days)) if isinstance(days, int) else DAILY_DAYS
