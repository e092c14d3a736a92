"""Memory without WordPress: one store in memory, a registry, and a say on who may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sidecar import hooks
from sidecar.errors import Forbidden
from sidecar.identity import Agent, Principal
from sidecar.memory.access import MemoryAccess, ReadOnly, Target
from sidecar.memory.daily import DailyMemory
from sidecar.memory.daily_files import DailyFiles
from sidecar.memory.file_service import FilesService
from sidecar.memory.in_memory import InMemoryStore
from sidecar.memory.opening import Opened
from sidecar.memory.reach import Reach
from sidecar.memory.registry import RegisteredFile, Registry
from sidecar.memory.service import MemoryService
from sidecar.memory.values import Scope

REGISTERED = (
    RegisteredFile("SITE.md", "shared", priority=10, protected=True, editable=False, label="Site"),
    RegisteredFile("RULES.md", "shared", priority=15, protected=True, editable="manage_options"),
    RegisteredFile("SOUL.md", "agent", priority=20, protected=True, modes=("chat",)),
    RegisteredFile("USER.md", "user", priority=25, protected=True),
    RegisteredFile("MEMORY.md", "agent", priority=30, protected=True),
)
OWNER = Principal.user(7)
#: The agent librarian (42), of user 7.
AGENT = Principal("agent", user_id=7, agent_id=42)


class Facts:
    registry = Registry(REGISTERED)
    files = REGISTERED


class Host:
    """A WordPress process: transients, and nobody with the capability of RULES.md."""

    kind = "unit"

    def __init__(self) -> None:
        self.transients: dict[str, Any] = {}
        self.kinds: dict[str, dict[str, Any]] = {}

    def user_can(self, user_id: int, capability: str) -> bool:
        return False

    def get_transient(self, name: str) -> Any:
        return self.transients.get(name, False)

    def set_transient(self, name: str, value: Any, expiration: int = 0) -> bool:
        self.transients[name] = value
        return True

    def delete_transient(self, name: str) -> bool:
        return self.transients.pop(name, None) is not None

    def call(self, operation: str, params: Mapping[str, Any]) -> Any:
        kind = self.kinds.get(params["payload"]["kind"], {})
        if operation == "pending.check":
            return {"known": bool(kind), "asked": "answer" in kind, "answer": kind.get("answer")}
        return kind["apply"](params["payload"]["apply_input"])

    def do_action(self, hook: str, *args: Any) -> None:
        hooks.bus().do_action(hook, *args)

    def apply_filters(self, hook: str, value: Any, *args: Any) -> Any:
        return hooks.bus().apply_filters(hook, value, *args)


class Desk:
    """Everything around the services, and the services."""

    def __init__(self) -> None:
        self.store = InMemoryStore()
        self.wordpress = Host()
        #: Layers nobody may read, and those nobody may write.
        self.hidden: set[str] = set()
        self.locked: set[str] = set()
        self.agents_allowed = {0, 42}
        self.daily_enabled = True
        fake: Any = self
        self.memory = MemoryService(fake, lambda scope, host: None)
        self.daily = DailyMemory(
            fake,
            self.host,
            lambda _host, user_id, agent_id: DailyFiles(self.memory, user_id, agent_id),
            lambda: self.daily_enabled,
            fake,
        )
        self.files = FilesService(self.memory, fake, self.daily, self.host, lambda _host: Facts())  # type: ignore[arg-type,return-value]
        self.reach = Reach(self.memory, fake, self.host)

    # The opener

    @contextmanager
    def host(self, blog_id: int | None) -> Iterator[Any]:
        yield self.wordpress

    def open(self, host: Any, user_id: int, agent_id: int, filename: str, layer: str) -> Opened:
        scope = Scope(layer or Facts.registry.layer_of(filename), user_id or 1, agent_id, filename)
        opened: Any = Opened(scope, self.store, scope, Facts())  # type: ignore[arg-type]
        return opened

    # Who may

    def target(self, principal: Principal, *, user_id: int = 0, agent_id: int = 0) -> Target:
        if agent_id:
            return Target(7, agent_id)
        return Target(user_id or principal.user_id, principal.agent_id or 0)

    def may(self, principal: Principal, scope: Scope, *, writes: bool) -> bool:
        shut = self.hidden | self.locked if writes else self.hidden
        return scope.layer not in shut and scope.agent_id in self.agents_allowed

    def require(self, principal: Principal, scope: Scope, *, writes: bool) -> None:
        if not self.may(principal, scope, writes=writes):
            raise Forbidden("No.", code="rest_forbidden")

    def editable(self, principal: Principal, file: RegisteredFile | None, host: Any) -> bool:
        return MemoryAccess.editable(self, principal, file, host)  # type: ignore[arg-type]

    def require_editable(self, principal: Principal, file: Any, host: Any, *, how: str = "edited") -> None:
        if not self.editable(principal, file, host):
            raise ReadOnly(f"{file.filename} cannot be {how}.")

    # Agents and the clock

    def get(self, agent_id: int) -> Agent | None:
        return Agent(42, "librarian", "Librarian", 7, None, {}, "", "") if agent_id == 42 else None

    def now(self) -> datetime:
        return datetime(2026, 3, 1, 23, 59, tzinfo=UTC)

    # For tests

    def put(self, filename: str, content: str, layer: str = "agent", agent_id: int = 42) -> None:
        assert self.store.write(Scope(layer, 7, agent_id, filename), content.encode()).success

    def text(self, filename: str, layer: str = "agent", agent_id: int = 42) -> str | None:
        found = self.store.read(Scope(layer, 7, agent_id, filename))
        return found.content.decode() if found.exists else None
