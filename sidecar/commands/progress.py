"""A bar for long work, on a terminal; nothing anywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from sidecar.commands.invocation import Invocation


@contextmanager
def bar(call: Invocation, what: str, total: int) -> Iterator[Callable[[int], None] | None]:
    """What to tell how much is done; None where nobody looks."""
    screen: TextIO | None = getattr(call.terminal, "screen", None)
    if screen is None:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=screen), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.update(task, completed=done)
