"""The composition root: one runtime a process, built from a site's settings."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from sidecar import clock as clock_module
from sidecar.importing import uncollected

if TYPE_CHECKING:
    from sidecar.bridge import Handler
    from sidecar.db import Database
    from sidecar.hooks import Bus
    from sidecar.host import HostPool
    from sidecar.settings import Site

ProcessKind = Literal["bridge", "http", "work", "host", "cli"]
T = TypeVar("T")

#: Packages with a ``wiring`` module, in the order they are wired. Domain packages resolve each other lazily
#: through :meth:`Runtime.get`, so the order only matters for what subscribes first at the same priority.
PACKAGES = (
    "db",
    "wordpress",
    "host",
    "hooks",
    "queue",
    "abilities",
    "identity",
    "identity.external",
    "memory",
    "conversation",
    "workspace",
    "automation",
    "commands",
    "api",
)


@dataclass
class Runtime:
    """What a process of the sidecar is made of."""

    site: Site
    process: ProcessKind
    db: Database
    bus: Bus
    hosts: HostPool
    clock: clock_module.Clock = clock_module.SYSTEM
    #: Bridge methods by name.
    handlers: dict[str, Handler] = field(default_factory=dict)
    #: Queue handlers by hook name: ``handler(args, run)``.
    queue_handlers: dict[str, Callable[..., Any]] = field(default_factory=dict)
    _services: dict[type[Any], Any] = field(default_factory=dict)

    def provide(self, kind: type[T], instance: T) -> None:
        """Offer a service to the other packages."""
        self._services[kind] = instance

    def get(self, kind: type[T]) -> T:
        """A service by its type; LookupError when no package provides it."""
        try:
            return cast(T, self._services[kind])
        except KeyError:
            raise LookupError(f"No package provides {kind.__module__}.{kind.__qualname__}") from None

    def close(self) -> None:
        """Release connections and host processes."""
        self.hosts.close()
        self.db.close()


_current: Runtime | None = None


def current() -> Runtime:
    """This process's runtime: how a plugin reaches the database and the services.

    ``runtime.current().db`` keeps to the time the call in hand has left; a connection of one's own does not.
    LookupError outside the sidecar's processes.
    """
    if _current is None:
        raise LookupError("No runtime: this process is not one of the sidecar's")
    return _current


def load() -> None:
    """Import what :func:`build` builds of. A process that forks does so first: its children share it."""
    with uncollected():
        for package in PACKAGES:
            importlib.import_module(f"sidecar.{package}.wiring")


def build(site: Site, process: ProcessKind, *, clock: clock_module.Clock | None = None) -> Runtime:
    """Build the runtime of one process and wire every package into it, product first, then plugins.

    Without a ``clock`` its time is the database's.
    """
    from sidecar.db import Database, ServerClock
    from sidecar.hooks import Bus
    from sidecar.host import HostPool

    db = Database(site.database)
    runtime = Runtime(
        site=site, process=process, db=db, bus=Bus(), hosts=HostPool(site), clock=clock or ServerClock(db)
    )
    global _current
    _current = runtime
    load()
    for package in PACKAGES:
        importlib.import_module(f"sidecar.{package}.wiring").wire(runtime)
    importlib.import_module("sidecar.hooks.wiring").load_plugins(runtime)
    return runtime
