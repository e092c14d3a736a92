"""Python plugins: found by entry point or in the plugins folder, loaded one by one.

A plugin is a module. Its decorators subscribe while it is imported; a function ``register(plugin)``, if
there is one, is called afterwards. An entry point may also name such a function. What goes wrong in one
plugin takes back what that plugin did, is written down, and never stops another.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import logging
import os
import stat
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from sidecar.hooks import api, state
from sidecar.hooks.bus import PRODUCT, Bus
from sidecar.hooks.errors import HookError

if TYPE_CHECKING:
    from sidecar.runtime import Runtime
    from sidecar.settings import Site

logger = logging.getLogger("datamachine.plugins")

GROUP = "datamachine.plugins"

Source = Literal["entry point", "folder"]


class PluginRefused(HookError):
    """A plugin file that somebody else could have written is not executed."""

    code = "plugin_refused"


class PluginInfo(msgspec.Struct, frozen=True):
    """One plugin as ``datamachine plugins list`` shows it; ``error`` is empty when it loaded."""

    name: str
    source: Source
    location: str
    version: str = ""
    status: Literal["loaded", "failed"] = "loaded"
    hooks: int = 0
    registrations: int = 0
    error: str = ""


class Plugin:
    """What a plugin's ``register(plugin)`` is given: its name, the site's services, and the bus."""

    def __init__(self, name: str, bus: Bus, runtime: Runtime | None) -> None:
        self.name = name
        self.bus = bus
        self.runtime = runtime
        self.logger = logging.getLogger(f"datamachine.plugins.{name}")

    def add_action(self, hook: str, callback: Callable[..., Any], priority: int = 10, **options: Any) -> bool:
        """As :func:`sidecar.hooks.add_action`."""
        return api.add_action(hook, callback, priority, **options)

    def add_filter(self, hook: str, callback: Callable[..., Any], priority: int = 10, **options: Any) -> bool:
        """As :func:`sidecar.hooks.add_filter`."""
        return api.add_filter(hook, callback, priority, **options)

    def register_agent(self, slug: str, **arguments: Any) -> None:
        """As ``wp_register_agent()``; plain data."""
        self.bus.registrations.register_agent(slug, **arguments)

    def register_ability(self, name: str, execute: Callable[..., Any], **definition: Any) -> None:
        """As ``wp_register_ability()``; ``execute(input)`` runs in Python."""
        self.bus.registrations.register_ability(name, execute, **definition)

    def register_memory_file(self, filename: str, priority: int = 50, **arguments: Any) -> None:
        """As ``MemoryFileRegistry::register()``; see :meth:`Registrations.register_memory_file`."""
        self.bus.registrations.register_memory_file(filename, priority, **arguments)

    def register_section(
        self, filename: str, slug: str, priority: int, callback: Callable[..., Any], **arguments: Any
    ) -> None:
        """As ``SectionRegistry::register()``; ``callback(context)`` runs in Python and gives Markdown."""
        self.bus.registrations.register_section(filename, slug, priority, callback, **arguments)

    def register_step_type(self, slug: str, step: Any, **arguments: Any) -> None:
        """A type of step for pipelines; see :meth:`Registrations.register_step_type`."""
        self.bus.registrations.register_step_type(slug, step, **arguments)

    def register_handler(self, slug: str, handler: Any, **arguments: Any) -> None:
        """A fetch, publish or upsert handler; see :meth:`Registrations.register_handler`."""
        self.bus.registrations.register_handler(slug, handler, **arguments)

    def register_memory_store(self, name: str, store: Any) -> None:
        """A memory store that a filter on ``agents_api_memory_store`` may return."""
        self.bus.registrations.register_memory_store(name, store)


class Plugins:
    """The plugins of this process, in the order they loaded."""

    def __init__(self, found: list[PluginInfo]) -> None:
        #: Every plugin that was found, with what became of it.
        self.found = found

    def names(self) -> list[str]:
        """Names of those that work."""
        return [info.name for info in self.found if info.status == "loaded"]


def load(bus: Bus, site: Site | None, runtime: Runtime | None = None) -> Plugins:
    """Load every plugin onto ``bus``; then nothing subscribes permanently any more."""
    found: list[PluginInfo] = []
    for candidate in (*_entry_points(), *(_folder(site) if site is not None else ())):
        if any(info.name == candidate.name for info in found) or candidate.name == PRODUCT:
            found.append(candidate.failed(HookError(f"There is a plugin named {candidate.name} already.")))
            continue
        found.append(_load(candidate, bus, runtime))
    bus.freeze()
    return Plugins(found)


class _Candidate:
    """A plugin before it is loaded."""

    def __init__(
        self, name: str, source: Literal["entry point", "folder"], location: str, version: str, target: Any
    ) -> None:
        self.name = name
        self.source: Literal["entry point", "folder"] = source
        self.location = location
        self.version = version
        #: Imports the plugin and gives its module or its register function; raises what it raises.
        self.open: Callable[[], Any] = target

    def failed(self, error: BaseException) -> PluginInfo:
        return PluginInfo(
            self.name,
            self.source,
            self.location,
            self.version,
            "failed",
            error=f"{type(error).__name__}: {error}",
        )


def _load(candidate: _Candidate, bus: Bus, runtime: Runtime | None) -> PluginInfo:
    before = bus.registrations.names()
    try:
        with state.outside(), bus.owned_by(candidate.name):
            target = candidate.open()
            register = getattr(target, "register", None) if isinstance(target, ModuleType) else target
            if callable(register):
                register(Plugin(candidate.name, bus, runtime))
            elif register is not None:
                raise HookError(f"{candidate.location} names neither a module nor a function.")
    except (Exception, SystemExit) as error:
        logger.exception("Plugin %s failed to load", candidate.name)
        bus.forget(candidate.name)
        after = bus.registrations.names()
        bus.registrations.forget({kind: after[kind] - before[kind] for kind in after})
        return candidate.failed(error)
    after = bus.registrations.names()
    return PluginInfo(
        candidate.name,
        candidate.source,
        candidate.location,
        candidate.version,
        hooks=sum(subscription.callback.owner == candidate.name for subscription in bus.subscriptions()),
        registrations=sum(len(after[kind] - before[kind]) for kind in after),
    )


def _entry_points() -> Iterator[_Candidate]:
    for point in sorted(importlib.metadata.entry_points(group=GROUP), key=lambda point: point.name):
        version = point.dist.version if point.dist is not None else ""
        yield _Candidate(point.name, "entry point", point.value, version, target=point.load)


def _folder(site: Site) -> Iterator[_Candidate]:
    """Modules and packages of the site's plugins folder, by name."""
    if not site.plugins_dir:
        return
    folder = Path(site.plugins_dir)
    try:
        _trusted(folder, site)
        _reachable(folder, site)
        children = sorted(folder.iterdir())
    except (OSError, PluginRefused) as error:
        logger.error("The plugins folder is not used: %s", error)  # noqa: TRY400  # a setting, not a bug
        yield _Candidate(folder.name, "folder", str(folder), "", target=_raiser(error))
        return
    for child in children:
        file = child / "__init__.py" if child.is_dir() else child
        if child.name.startswith((".", "_")) or file.suffix != ".py" or not file.is_file():
            continue
        yield _Candidate(child.stem, "folder", str(child), "", target=_importer(child, file, site))


def _importer(child: Path, file: Path, site: Site) -> Callable[[], ModuleType]:
    def import_it() -> ModuleType:
        for path in (child, *(sorted(child.rglob("*")) if child.is_dir() else ())):
            if path != child and path.is_symlink() and path.is_dir():
                raise PluginRefused(f"{path} is a link to a folder, whose files nobody looked at.")
            _trusted(path, site)
        name = f"datamachine_plugin_{child.stem}"
        spec = importlib.util.spec_from_file_location(
            name,
            file,
            loader=_Source(name, str(file)),
            submodule_search_locations=[str(child)] if child.is_dir() else None,
        )
        if spec is None or spec.loader is None:
            raise HookError(f"{file} is not a Python module.")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            with _private_bytecode():
                spec.loader.exec_module(module)
        except BaseException:
            sys.modules.pop(name, None)
            raise
        return module

    return import_it


class _Source(SourceFileLoader):
    """Runs the file itself: bytecode beside it may be another user's, and nobody has looked at it."""

    def path_stats(self, path: str) -> Any:
        raise OSError(f"{path} is not compiled ahead")


@contextlib.contextmanager
def _private_bytecode() -> Iterator[None]:
    """What Python writes beside the modules of a package must pass the same check next time."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def _reachable(folder: Path, site: Site) -> None:
    """Refuse a folder that somebody else could put another one in the place of."""
    for parent in folder.resolve(strict=True).parents:
        found = parent.stat()
        mode = stat.S_IMODE(found.st_mode)
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise PluginRefused(f"{folder} lies in {parent}, where everybody may write.")
        if found.st_uid == site.site_uid and site.site_uid not in (0, os.geteuid()):
            raise PluginRefused(f"{folder} lies in {parent}, which belongs to PHP's user.")


def _trusted(path: Path, site: Site) -> None:
    """Refuse what another user could have written, or what the web server might serve.

    The owner must be root or the sidecar's own user, and nobody else may write.
    """
    real = path.resolve(strict=True)
    if real.is_relative_to(Path(site.wp_path).resolve()):
        raise PluginRefused(f"{path} lies under the web root {site.wp_path}.")
    found = real.stat()
    if found.st_uid not in (0, os.geteuid()):
        raise PluginRefused(f"{path} belongs to user {found.st_uid}, not to root or the sidecar's user.")
    if stat.S_IMODE(found.st_mode) & 0o022:
        raise PluginRefused(f"{path} may be written by others; run `chmod go-w {path}`.")


def _raiser(error: Exception) -> Callable[[], Any]:
    def fail() -> Any:
        raise error

    return fail
