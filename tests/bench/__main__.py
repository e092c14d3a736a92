"""``python -m tests.bench [--only=hooks,page]``: run the parts, print a table, write build/bench.json."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable
from typing import TypedDict, cast

from rich.console import Console
from rich.table import Table

from dev import paths

PARTS = (
    "hooks",
    "page",
    "host",
    "identity",
    "bearer",
    "runtimes",
    "memory",
    "queue",
    "steps",
    "engine",
    "lists",
)


class Figure(TypedDict):
    """One line of the table; ``ratio`` compares ``value`` with ``against`` of the same run."""

    name: str
    value: float
    unit: str
    goal: str | None
    against: str | None
    ratio: float | None


def measure(part: str) -> list[Figure]:
    """The figures of one part, each run in a private instance of its own."""
    module = importlib.import_module(f"tests.bench.{part}")
    return cast("Callable[[], list[Figure]]", module.run)()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", default="", help="parts to run, comma separated: " + ", ".join(PARTS))
    options = parser.parse_args(arguments)
    chosen = [part for part in options.only.split(",") if part] or list(PARTS)
    unknown = sorted(set(chosen) - set(PARTS))
    if unknown:
        parser.error(f"unknown part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    console = Console(width=150 if not sys.stdout.isatty() else None)
    figures: list[Figure] = []
    for part in chosen:
        started = time.monotonic()
        console.print(f"[bold]{part}[/bold] ...")
        figures += measure(part)
        console.print(f"  done in {time.monotonic() - started:.0f} s")
    table = Table("figure", "value", "unit", "goal", "against", "ratio", title="Performance figures")
    for figure in figures:
        table.add_row(
            figure["name"],
            f"{figure['value']:,.3g}" if figure["value"] < 1000 else f"{figure['value']:,.0f}",
            figure["unit"],
            figure["goal"] or "",
            figure["against"] or "",
            f"{figure['ratio']:.2f}" if figure["ratio"] is not None else "",
        )
    console.print(table)
    target = paths.ROOT / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    merged = [] if set(chosen) == set(PARTS) or not target.exists() else json.loads(target.read_text())
    names = {figure["name"] for figure in figures}
    merged = [figure for figure in merged if figure["name"] not in names] + figures
    target.write_text(json.dumps(merged, indent=1) + "\n")
    console.print(f"Written to {target.relative_to(paths.ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
