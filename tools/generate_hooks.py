"""The PHP side's copy of ``hooks/``: the vocabulary, and the product's own forwarders."""

from __future__ import annotations

from typing import Any

import msgspec

from sidecar.hooks.catalogue import Catalogue, Entry, load
from tools import php_literal

HOOKS_FILE = "wp-plugin/generated/hooks.php"
FORWARDERS_FILE = "wp-plugin/generated/forwarders.php"


def generate() -> dict[str, str]:
    """Both files by their path from the root of the repository."""
    vocabulary = load()
    return {
        HOOKS_FILE: _file(
            "The vocabulary of hooks by name; `removed` holds names that must never fire.", hooks(vocabulary)
        ),
        FORWARDERS_FILE: _file(
            "Forwarders of the product itself: they stand before the sidecar ever ran.",
            forwarders(vocabulary),
        ),
    }


def hooks(vocabulary: Catalogue) -> dict[str, Any]:
    """What PHP knows of the vocabulary."""
    return {
        "hooks": {name: _entry(vocabulary, name, entry) for name, entry in sorted(vocabulary.hooks.items())},
        "removed": {name: removed.replaced_by for name, removed in sorted(vocabulary.removed.items())},
    }


def forwarders(vocabulary: Catalogue) -> list[dict[str, Any]]:
    """In the form of the manifest's entries (:mod:`sidecar.hooks.manifest`)."""
    return [
        {
            "hook": name,
            "priority": entry.core.priority,
            "mode": entry.core.mode,
            "kind": entry.kind,
            "args": entry.core.accepted_args,
            "on_failure": entry.on_failure,
            "product": vocabulary.buckets[name] != "bridge",
        }
        for name, entry in sorted(vocabulary.hooks.items())
        if entry.core is not None
    ]


def _entry(vocabulary: Catalogue, name: str, entry: Entry) -> dict[str, Any]:
    known: dict[str, Any] = {
        "bucket": vocabulary.buckets[name],
        "kind": entry.kind,
        "args": entry.args,
        "on_failure": entry.on_failure,
        "cost": entry.cost,
    }
    if entry.returns is not None:
        known["returns"] = entry.returns
    if entry.denied is not msgspec.UNSET:
        known["denied"] = entry.denied
    return known


def _file(what: str, value: Any) -> str:
    head = f"{what}\n\nGenerated from hooks/*.json by tools/generate.py. Do not edit."
    return php_literal.file(head, php_literal.php(value))
