"""Joins hooks with the rest of one process."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sidecar import bridge
from sidecar.hooks import api, dispatch, manifest, outbox, plugins, state
from sidecar.hooks.callbacks import Callback
from sidecar.hooks.manifest import Manifest
from sidecar.hooks.plugins import Plugins
from sidecar.host import context

if TYPE_CHECKING:
    from sidecar.bridge import Call, Channel
    from sidecar.db import Session
    from sidecar.runtime import Runtime

#: What hooks know of a PHP request, for as long as its connection lives.
_scopes: weakref.WeakKeyDictionary[Channel, state.Scope] = weakref.WeakKeyDictionary()


def wire(runtime: Runtime) -> None:
    """Answer forwarded hooks, deliver durable ones, and let plugins subscribe on this process's bus."""
    bus = runtime.bus
    api.install(bus)
    dispatch.use(runtime.hosts)
    bridge.on_call(_enter)
    bus.on_run_time_subscription(lambda hook, priority, callback: _forward(runtime, hook, priority, callback))
    delivery = outbox.Delivery(runtime.db, bus, runtime.clock)
    runtime.provide(outbox.Delivery, delivery)
    runtime.handlers["hook.fire"] = lambda call: _fire(runtime, call)
    runtime.handlers["registration.call"] = lambda call: _registered(runtime, call)
    runtime.handlers["manifest.get"] = lambda call: _manifest(runtime, call)
    runtime.queue_handlers[outbox.DELIVER] = delivery


def load_plugins(runtime: Runtime) -> None:
    """After every package is wired: load the plugins, freeze subscriptions, compute the manifest."""
    from sidecar.queue.fence import PRIVATE_GROUP
    from sidecar.queue.reconciler import Missing, Reconciler

    loaded = plugins.load(runtime.bus, runtime.site, runtime)
    runtime.provide(Plugins, loaded)
    runtime.provide(Manifest, manifest.compute(runtime.bus, loaded.names()))
    delivery = runtime.get(outbox.Delivery)

    def forgotten(session: Session) -> Iterable[Missing]:
        return [Missing(outbox.DELIVER, [event], PRIVATE_GROUP) for event in delivery.forgotten(session)]

    runtime.get(Reconciler).add(forgotten)


def _enter(call: Call) -> None:
    """One scope for each connection, that is for each PHP request; a unit's calls share their opener's."""
    if state.current() is None:
        scope = _scopes.get(call.channel)
        if scope is None:
            scope = _scopes[call.channel] = state.Scope()
        state.enter(scope)


def _fire(runtime: Runtime, call: Call) -> Any:
    """`hook.fire`: `{hook, kind, priority, args, mode?}`; for a queued hook, whether it was taken."""
    params = call.params
    hook, priority, kind, args = params["hook"], int(params["priority"]), params["kind"], params["args"]
    mode = params.get("mode")
    bus = runtime.bus

    def note(callback: Callback) -> None:
        call.note = callback.label

    if mode == "queued":
        taken = bus.takes(hook, priority)
        bus.run_forwarded(hook, priority, kind, args, mode=mode, note=note)
        return taken
    value = bus.run_forwarded(hook, priority, kind, args, mode=mode, note=note)
    return value if kind == "filter" else None


def _registered(runtime: Runtime, call: Call) -> Any:
    """`registration.call`: `{id, args}`."""
    function = runtime.bus.registrations.callable(str(call.params["id"]))
    call.note = str(call.params["id"])
    # As a subscribed callback: it may take fewer arguments than PHP offers.
    return Callback(function)(call.params.get("args") or [])


def _manifest(runtime: Runtime, call: Call) -> dict[str, Any]:
    """`manifest.get`: what this process would publish."""
    found = runtime.get(Manifest)
    return {"hash": found.hash, "plugins": found.plugins, "forwarders": found.forwarders}


def _forward(runtime: Runtime, hook: str, priority: int, callback: Callback) -> None:
    """A subscription made while PHP waits: PHP gets a forwarder for the rest of this request."""
    host = context.current()
    if host is None:
        return
    vocabulary = runtime.bus.vocabulary
    known = vocabulary.entry(hook)
    params: dict[str, Any] = {
        "hook": hook,
        "priority": priority,
        "kind": callback.kind,
        "on_failure": vocabulary.policy(hook, callback.kind),
    }
    if callback.timeout is not None:
        params["timeout"] = callback.timeout
    if known is not None and known.on_failure == "deny":
        params["denied"] = known.denied
    host.call("hook.forward", params)
