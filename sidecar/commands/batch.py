"""``batch``: jobs that fanned out into children."""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.commands.events import Event
from sidecar.commands.invocation import Invocation
from sidecar.commands.synopsis import Assoc, Group, Positional, format_option

GROUP = Group("batch", "Jobs that fanned out into children: list, show, cancel.")
_BATCH = Positional("batch_id", "The id of the batch's parent job.")


@GROUP.command(
    "list",
    "List batches, newest first.",
    Assoc("status", "Only batches whose status begins so."),
    format_option(),
)
def list_batches(call: Invocation) -> Iterator[Event]:
    """A row a batch."""
    raise NotImplementedError(call)


@GROUP.command("status", "Show one batch.", _BATCH, format_option("table", "json"))
def status(call: Invocation) -> Iterator[Event]:
    """Lines about it."""
    raise NotImplementedError(call)


@GROUP.command("cancel", "Cancel a batch and its unfinished children.", _BATCH)
def cancel(call: Invocation) -> Iterator[Event]:
    """One line."""
    raise NotImplementedError(call)
