"""Nothing to offer yet: the engine keeps ``active_workspace`` as it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sidecar.runtime import Runtime


def wire(runtime: Runtime) -> None:
    """Join the runtime."""
