"""``datamachine migrate``: the chain of all packages, and what a person sees of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from sidecar.automation.migrations import ALL, AssignOrphans, BackfillAgents, JobSnapshots
from sidecar.db import Database, migrations
from sidecar.db.steps import Silent, Step, StepReport
from sidecar.identity import Owners
from sidecar.identity.migrations import ConfigShape, OwnerAgents, OwnerGrants
from sidecar.identity.network_move import NetworkMove
from sidecar.memory import slugs
from sidecar.memory.migrations import AgentFolders
from sidecar.wordpress import Options, User, UsersRepository

if TYPE_CHECKING:
    from sidecar.settings import Site


#: The kinds of steps in their order; activation of the plugin marks them all as done on a new site.
KINDS = (NetworkMove, BackfillAgents, OwnerGrants, AssignOrphans, JobSnapshots, ConfigShape)


def steps(database: Database, site: Site) -> Sequence[Step]:
    """The data steps in their order.

    Agents of single blogs come first, because rows of those blogs name them by ids that mean other agents in
    the network's table.
    """
    owners = OwnerAgents(
        database, _slug, Owners(lambda: Options(database), lambda: UsersRepository(database)).default
    )
    return (
        NetworkMove(ALL, AgentFolders(site, database)),
        BackfillAgents(owners),
        OwnerGrants(),
        AssignOrphans(),
        JobSnapshots(),
        ConfigShape(),
    )


def _slug(user: User) -> str:
    return slugs.from_login(user.login, user.nicename)


def pending(database: Database, site: Site) -> migrations.Report:
    """What a migration would do now; ``MigrationRunning`` is raised while one is under way."""
    return migrations.migrate(database, site, dry_run=True, steps=steps(database, site), wait=0)


def main(site: Site, *, dry_run: bool = False) -> int:
    """Migrate and print what was done, or (``dry_run``) what would be."""
    database = Database(site.database)
    try:
        with Shown(sys.stdout) as shown:
            report = migrations.migrate(
                database,
                site,
                dry_run=dry_run,
                steps=steps(database, site),
                progress=Silent() if dry_run else shown,
            )
    finally:
        database.close()
    for line in described(report):
        print(line)
    for column in report.missing_columns:
        print(f"Warning: {column} is missing; a newer version of Action Scheduler adds it.", file=sys.stderr)
    return 0


def described(report: migrations.Report) -> list[str]:
    """The report as lines."""
    if report.dry_run:
        lines = [f"{statement};" for statement in report.statements]
        lines += [f"{_where(step, report)}: would change {_counted(step)}" for step in report.steps]
        return lines or ["Nothing to do."]
    lines = [f"Created {table}" for table in report.created]
    lines += [f"Added {column}" for column in report.columns]
    lines += [f"Indexed {index}" for index in report.indexes]
    lines += [f"{_where(step, report)}: {_counted(step)}" for step in report.steps]
    lines.append(f"Schema version {report.version}: " + ("changed." if report.changed else "nothing to do."))
    return lines


def _where(step: StepReport, report: migrations.Report) -> str:
    return step.title if len(report.before) < 2 else f"{step.title} (site {step.blog})"


def _counted(step: StepReport) -> str:
    return ", ".join(f"{number} {word}" for word, number in step.counts.items()) or "nothing"


class Shown:
    """A bar for each step on a terminal; elsewhere nothing but the report at the end."""

    def __init__(self, out: TextIO) -> None:
        self._bar: Bar | None = None
        if out.isatty():
            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=Console(file=out),
                transient=True,
            )
        self._task = TaskID(0)

    def __enter__(self) -> Shown:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def start(self, title: str, total: int) -> None:
        """A new bar."""
        if self._bar is not None:
            self._task = self._bar.add_task(title, total=total)

    def advance(self, rows: int) -> None:
        """Further on the newest bar."""
        if self._bar is not None:
            self._bar.advance(self._task, rows)

    def end(self) -> None:
        """Full, also when other rows were changed than were foreseen."""
        if self._bar is not None:
            task = next(each for each in self._bar.tasks if each.id == self._task)
            self._bar.update(self._task, completed=task.total)
