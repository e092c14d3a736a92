"""Joins the queue with the rest of one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.queue import tables, waking
from sidecar.queue.reconciler import Reconciler

if TYPE_CHECKING:
    from sidecar.runtime import Runtime


def wire(runtime: Runtime) -> None:
    """Tell the queue which site's tables it rings in, and offer the reconciler to those that own work."""
    tables.configure(runtime.db)
    waking.configure(runtime.site.run_dir)
    runtime.provide(Reconciler, Reconciler(runtime.db))
