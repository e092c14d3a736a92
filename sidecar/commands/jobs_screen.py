"""A run of a job on a terminal: a table that changes."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table as RichTable
from rich.text import Text as RichText

from sidecar.automation.jobs.watching import View
from sidecar.commands.visible import visible

_COLORS = {"done": "green", "running": "cyan", "failed": "red", "cancelled": "red", "waiting": "yellow"}


def show(views: Iterable[View], screen: TextIO) -> View:
    """Draw one view after the other in the same place; the last one."""
    console = Console(file=screen, markup=False, highlight=False)
    begun = time.monotonic()
    with Live(console=console, auto_refresh=False, transient=False) as live:
        for view in views:
            live.update(picture(view, time.monotonic() - begun), refresh=True)
    return view


def picture(view: View, seconds: float) -> RenderableType:
    """A run as a table for a terminal."""
    table = RichTable()
    for column in ("step", "type", "handler", "state"):
        table.add_column(column, overflow="fold")
    for number, step in enumerate(view.steps, 1):
        table.add_row(
            str(number),
            visible(step.step_type),
            visible(step.handler),
            RichText(visible(step.state), style=_COLORS.get(step.state, "")),
        )
    lines = [RichText(visible(f"{view.status}  {seconds:.0f} s"))]
    if view.children:
        children = ", ".join(f"{count} {word}" for word, count in view.children.items())
        lines.append(RichText(visible(f"children: {children}")))
    if view.why:
        lines.append(RichText(visible(view.why), style="dim"))
    title = RichText(visible(f"Job {view.job_id}: {view.label}"), style="bold")
    return Group(title, *([table] if view.steps else []), *lines)
