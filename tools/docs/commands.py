"""``docs/reference/commands.md``: the product's commands, and the processes of the sidecar."""

from __future__ import annotations

from collections.abc import Iterator

import click

from sidecar import cli
from sidecar.commands import catalogue
from sidecar.commands.synopsis import Command, Flag, Parameter
from tools.docs import markdown

PATH = "docs/reference/commands.md"
SOURCE = "sidecar/commands and sidecar/cli.py"

INTRO = """\
The commands of the product exist twice with the same output and exit codes: `wp datamachine ...` inside
WordPress, and `datamachine ...` natively, without loading WordPress. The processes of the sidecar and
its set-up exist natively only. Success is exit code 0, also with a warning; an error is exit code 1, and
2 where `datamachine` itself does not know the command or option. Errors and warnings go to standard
error. With the output piped a table is tab separated."""

GLOBAL = """\
`datamachine --config=FILE` names another configuration, `--site=NAME` another site of it; both stand
before the command's own words. Product commands also take `--user=<id|login|email>` and `--quiet`, as
WP-CLI does."""


def page() -> tuple[str, str]:
    """Path and text."""
    return markdown.page(PATH, "Commands", SOURCE, INTRO, _body())


def names() -> list[str]:
    """Every heading the page must have."""
    return [*(command.name for command in catalogue.commands()), *_processes()]


def _body() -> Iterator[str]:
    for command in catalogue.commands():
        yield from _command(command)
    yield from ("", "## Processes and set-up", "", GLOBAL)
    for name, command in _processes().items():
        yield from _process(name, command)


def _processes() -> dict[str, click.Command]:
    return dict(sorted(cli.cli.commands.items()))


def _command(command: Command) -> Iterator[str]:
    yield from ("", f"## {command.name}", "", command.summary)
    yield from ("", "```", f"datamachine {command.name} {command.synopsis()}".rstrip(), "```")
    if command.aliases:
        yield from ("", "Also: " + ", ".join(f"`{' '.join(alias)}`" for alias in command.aliases) + ".")
    if command.parameters:
        yield from markdown.table(
            ("parameter", "what", "default"), (_parameter(parameter) for parameter in command.parameters)
        )
    if command.details:
        yield from ("", "```", command.details, "```")


def _parameter(parameter: Parameter) -> tuple[str, str, str]:
    text, default = parameter.description, ""
    if not isinstance(parameter, Flag):
        if parameter.options:
            text += f" One of {', '.join(f'`{option}`' for option in parameter.options)}."
        default = markdown.code(parameter.default) if parameter.default is not None else ""
    return markdown.code(parameter.token()), text, default


def _process(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=name)
    yield from ("", f"### {name}", "", markdown.prose(command.help))
    usage = " ".join(piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]")
    yield from ("", "```", f"datamachine {name} {usage}".rstrip(), "```")
    options = [option for option in command.params if isinstance(option, click.Option)]
    if options:
        yield from markdown.table(("option", "what", "default"), (_option(option) for option in options))


def _option(option: click.Option) -> tuple[str, str, str]:
    word = option.opts[0] if option.is_flag else f"{option.opts[0]}={_value(option)}"
    default = "required" if option.required else ""
    if option.show_default and option.default is not None:
        default = markdown.code(option.default)
    return markdown.code(word), option.help or "", default


def _value(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return "|".join(str(choice) for choice in option.type.choices)
    return option.metavar or option.type.name.upper()
