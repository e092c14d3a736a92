"""The console script ``datamachine``: processes of the sidecar, set-up and diagnosis.

The product's commands (agents, memory, flows, jobs, ...) are mounted from ``sidecar.commands.native``, the
same code that serves ``wp datamachine``.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from dataclasses import dataclass
from typing import Any

import click

from sidecar import __version__, importing, settings
from sidecar import blog as blogs
from sidecar.errors import SidecarError


@dataclass
class Choice:
    """Which configuration and site the command line named; read when a command needs it."""

    config: str | None
    site: str | None

    def load(self) -> settings.Settings:
        """The configuration named, or this user's."""
        return settings.load(self.config)

    def selected(self) -> settings.Site:
        """The site named, or the default one."""
        return self.load().site(self.site)


choice = click.make_pass_decorator(Choice)


class Commands(click.Group):
    """A group that finds product commands lazily, so that ``datamachine bridge`` never imports them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self._product()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = super().get_command(ctx, cmd_name)
        return own if own is not None else self._product().get(cmd_name)

    def _product(self) -> dict[str, click.Command]:
        """Commands of ``sidecar.commands.native``: ``commands() -> dict[str, click.Command]``."""
        if importlib.util.find_spec("sidecar.commands") is None:
            return {}
        if importlib.util.find_spec("sidecar.commands.native") is None:
            return {}
        with importing.uncollected():
            native: Any = importlib.import_module("sidecar.commands.native")
            found: dict[str, click.Command] = native.commands()
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", metavar="FILE", help="Configuration file (default: $DATAMACHINE_CONFIG).")
@click.option("--site", metavar="NAME", help="Which configured site (default: the default one).")
@click.option(
    "--blog", metavar="ID", type=click.IntRange(1), help="Which site of a network (default: the main one)."
)
@click.version_option(__version__, prog_name="datamachine")
@click.pass_context
def cli(context: click.Context, config: str | None, site: str | None, blog: int | None) -> None:
    """The Python side of a WordPress site's agents."""
    if blog is not None:
        blogs.set_process(blog)
    context.obj = Choice(config, site)


@cli.command()
@choice
def up(chosen: Choice) -> None:
    """Run every kind of process and keep them running."""
    from sidecar import supervisor

    sys.exit(supervisor.up(chosen.selected(), chosen.load().path))


@cli.command()
@choice
def bridge(chosen: Choice) -> None:
    """Answer WordPress's calls on the bridge socket."""
    from sidecar import processes

    sys.exit(processes.bridge(chosen.selected()))


@cli.command()
@choice
def http(chosen: Choice) -> None:
    """Serve the sidecar's own HTTP door."""
    from sidecar import processes

    sys.exit(processes.http(chosen.selected()))


@cli.command()
@click.option("--max-time", type=float, metavar="SECONDS", help="Stop taking new work after this long.")
@click.option("--max-jobs", type=click.IntRange(1), metavar="N", help="Stop after so many doorbells.")
@click.option("--once", is_flag=True, help="Stop when nothing is due.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, metavar="N", help="Processes."
)
@choice
def work(chosen: Choice, max_time: float | None, max_jobs: int | None, once: bool, workers: int) -> None:
    """Run queue workers."""
    from sidecar import processes

    sys.exit(
        processes.work(chosen.selected(), max_time=max_time, max_jobs=max_jobs, once=once, workers=workers)
    )


@cli.command()
@choice
def host(chosen: Choice) -> None:
    """Keep WordPress loaded and fork a clean PHP process for each unit of work."""
    from sidecar import processes

    sys.exit(processes.host(chosen.selected()))


@cli.command()
@click.option("--wp-path", required=True, metavar="PATH", help="The folder that holds wp-load.php.")
@click.option("--run-dir", metavar="PATH", help="Folder for sockets (default: the user's runtime folder).")
@click.option("--php", default="php", metavar="PATH", show_default=True, help="PHP's command line binary.")
@click.option("--php-user", metavar="USER", help="The user PHP runs as (default: WordPress's owner).")
@click.option(
    "--name",
    default="default",
    metavar="NAME",
    show_default=True,
    help="Name of the site in the configuration.",
)
@click.option("--secret-file", metavar="FILE", help="The shared secret (default: beside the config).")
@click.option("--http-bind", default="", metavar="ADDRESS", help="HTTP door: unix:/path or 127.0.0.1:port.")
@click.option("--plugins-dir", metavar="PATH", help="Folder of Python plugins.")
@click.option("--fastcgi", metavar="ADDRESS", help="PHP-FPM's address, where PHP has no pcntl.")
@choice
def init(chosen: Choice, /, **options: Any) -> None:
    """Connect a WordPress site: write configuration and secret, and tell WordPress where they are."""
    from sidecar import setup

    for line in setup.init(config=chosen.config, **options):
        click.echo(line)


@cli.command()
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Output format.",
)
@choice
def doctor(chosen: Choice, output: str) -> None:
    """Check every part, explain what is wrong; exit code 1 on a failure."""
    from sidecar import doctor as examination

    sys.exit(examination.main(chosen.config, chosen.site, output))


@cli.command()
@click.option("--dry-run", is_flag=True, help="Tell what would be done, with counts, and change nothing.")
@choice
def migrate(chosen: Choice, dry_run: bool) -> None:
    """Create and upgrade tables, and bring their rows up to date.

    May be interrupted at any moment and run again. There is no `wp datamachine migrate`: WordPress never
    alters these tables.
    """
    from sidecar import processes

    sys.exit(processes.migrate(chosen.selected(), dry_run=dry_run))


@cli.command("plugin-path")
def plugin_path() -> None:
    """Print the folder of the WordPress plugin that belongs to this version, to copy it from."""
    from sidecar import resources

    click.echo(resources.folder("wp-plugin"))


@cli.command("site")
@click.argument("what", type=click.Choice(["show", "moved", "copy"]))
@choice
def site_identity(chosen: Choice, what: str) -> None:
    """Show the site's identity; after a change of address or database say whether it moved or is a copy."""
    from sidecar.hooks import fence

    for line in fence.main(chosen.selected(), what):
        click.echo(line)


def main(arguments: list[str] | None = None) -> None:
    """Entry point: expected failures become one line and an exit code, never a traceback."""
    try:
        cli.main(args=arguments, prog_name="datamachine", standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SidecarError as error:
        click.echo(f"Error: {error.message}", err=True)
        sys.exit(error.exit_code)
    finally:
        importing.ending()


if __name__ == "__main__":
    main()
