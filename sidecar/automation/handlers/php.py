"""Fetch handlers that are written in PHP: they run in the WordPress process of the job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.automation.engine.context import ExecutionContext
from sidecar.automation.values import Packet


class PhpFetchHandler:
    """A fetch handler whose class exists in PHP: `automation.fetch` runs its `get_fetch_data()`.

    It is no :class:`FetchHandler`: what it gives are finished packets, newest first. PHP's base class has
    dropped what is known, cut to ``max_items`` and claimed the rest, each through the bridge.
    """

    def __init__(self, slug: str, class_name: str) -> None:
        self.slug = slug
        self.class_name = class_name
        self.source_type = slug

    def packets(self, config: Mapping[str, Any], context: ExecutionContext) -> list[Packet]:
        """Run the handler for the flow step of ``context``, with a configuration whose credentials are
        resolved.
        """
        raise NotImplementedError


def find(slug: str, entry: Mapping[str, Any]) -> PhpFetchHandler | None:
    """A PHP handler for a registry entry that names a class; None for one that does not."""
    name = entry.get("class")
    return PhpFetchHandler(slug, name) if isinstance(name, str) and name else None
