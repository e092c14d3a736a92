"""What WordPress must know of Python: forwarders and registrations, published into one autoloaded option.

Computed once, when subscriptions are frozen; published through a host unit. The same content keeps its
generation, so that restarts write nothing.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from sidecar.hooks.bus import Bus, Subscription
    from sidecar.host.context import WordPressHost

logger = logging.getLogger("datamachine.hooks")

FORMAT = 1

#: How often a publisher tries again after another sidecar was faster.
ATTEMPTS = 3


class Manifest(msgspec.Struct, frozen=True):
    """``forwarders``: one entry a hook, priority and mode, as ``Hooks\\Forwarders`` reads them."""

    forwarders: list[dict[str, Any]]
    registrations: dict[str, Any]
    plugins: list[str]
    format: int = FORMAT

    @property
    def hash(self) -> str:
        """Changes with the content, and with nothing else."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


class Published(msgspec.Struct, frozen=True):
    """What WordPress holds after publishing; ``stored`` tells whether it was written just now."""

    stored: bool
    generation: int
    hash: str


def compute(bus: Bus, plugins: list[str] | None = None) -> Manifest:
    """The manifest of everything subscribed and registered on ``bus``."""
    registrations = bus.registrations.export(bus)
    core = {name: entry.core for name, entry in bus.vocabulary.hooks.items() if entry.core is not None}
    forwarders = []
    for (hook, priority, mode), group in itertools.groupby(sorted(bus.subscriptions(), key=_key), key=_key):
        # What never waits for Python is either data or Python's own business.
        if mode == "live" and bus.vocabulary.cost(hook) == "registration":
            continue
        # The product's own queued hooks stand in the plugin's generated list.
        standing = core.get(hook)
        if standing is not None and mode == standing.mode and priority == standing.priority:
            continue
        forwarders.append(_entry(bus, list(group)))
    return Manifest(forwarders, registrations, sorted(plugins or []))


def publish(host: WordPressHost, manifest: Manifest) -> Published:
    """Store the manifest unless WordPress has it already; the host must be a system unit."""
    known = _send(host, manifest, 0)
    for _ in range(ATTEMPTS):
        if known.hash == manifest.hash:
            return known
        known = _send(host, manifest, known.generation + 1)
        if known.stored:
            logger.info(
                "Published generation %d: %d forwarders of %s",
                known.generation,
                len(manifest.forwarders),
                ", ".join(manifest.plugins) or "the product alone",
            )
            return known
    if known.hash != manifest.hash:
        logger.warning("Another sidecar publishes for this site: generation %d is not ours", known.generation)
    return known


def _send(host: WordPressHost, manifest: Manifest, generation: int) -> Published:
    document = {**msgspec.to_builtins(manifest), "hash": manifest.hash, "generation": generation}
    return msgspec.convert(host.call("manifest.publish", {"manifest": document}), Published)


def _key(subscription: Subscription) -> tuple[str, int, str]:
    return subscription.hook, subscription.priority, subscription.callback.mode


def _entry(bus: Bus, group: list[Subscription]) -> dict[str, Any]:
    from sidecar.hooks.bus import PRODUCT
    from sidecar.hooks.callbacks import EVERY_ARGUMENT

    hook, priority, mode = _key(group[0])
    callbacks = [subscription.callback for subscription in group]
    known = bus.vocabulary.entry(hook)
    kind = known.kind if known is not None else callbacks[0].kind
    entry: dict[str, Any] = {
        "hook": hook,
        "priority": priority,
        "mode": mode,
        "kind": kind,
        "on_failure": bus.vocabulary.policy(hook, kind),
    }
    accepted = max(callback.accepted for callback in callbacks)
    if accepted != EVERY_ARGUMENT:
        # A filter's value always travels: it is what comes back when nobody changes it.
        entry["args"] = max(accepted, 1)
    timeouts = [callback.timeout for callback in callbacks if callback.timeout is not None]
    if timeouts:
        entry["timeout"] = max(timeouts)
    if known is not None and known.denied is not msgspec.UNSET:
        entry["denied"] = known.denied
    if all(callback.owner == PRODUCT for callback in callbacks):
        entry["product"] = True
    return entry
