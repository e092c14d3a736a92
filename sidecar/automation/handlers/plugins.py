"""Handlers that Python plugins brought with ``plugin.register_handler``."""

from __future__ import annotations

from sidecar.automation.handlers.base import FetchHandler


def fetch_handler(slug: str) -> FetchHandler | None:
    """The fetch handler that a plugin registered under a slug; None when none did."""
    raise NotImplementedError
