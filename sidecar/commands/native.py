"""The product's commands on the sidecar's own command line: ``datamachine agents list``.

Click only routes the first word; from there WP-CLI's rules for arguments hold (``parsing``), so that a script
may swap ``wp datamachine`` for ``datamachine``.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from pathlib import Path
from typing import Any, TextIO

import click

from sidecar import hooks
from sidecar.commands import catalogue, operator, parsing, phptext, synopsis
from sidecar.commands.events import Failure, Line
from sidecar.commands.invocation import Invocation
from sidecar.commands.output import Printer
from sidecar.commands.run import run
from sidecar.commands.visible import visible
from sidecar.db import Database
from sidecar.errors import Forbidden, InvalidInput, NotFound, SidecarError
from sidecar.wordpress import UsersRepository

PROGRAM = "datamachine"


def commands() -> dict[str, click.Command]:
    """One click command a noun, aliases too; ``context.obj.selected()`` must answer the site."""
    summaries = {path[0]: text for path, text in catalogue.namespaces().items()}
    for command in catalogue.commands():
        for path in command.names():
            summaries.setdefault(path[0], command.summary)
    return {noun: _noun(noun, summary) for noun, summary in summaries.items()}


def mount(group: click.Group) -> None:
    """Add every noun to a click group."""
    for noun, command in commands().items():
        group.add_command(command, noun)


def _noun(noun: str, summary: str) -> click.Command:
    @click.command(
        noun,
        help=summary,
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
    @click.argument("words", nargs=-1, type=click.UNPROCESSED)
    @click.pass_context
    def entry(context: click.Context, words: tuple[str, ...]) -> None:
        sys.exit(main(context.obj, [noun, *words]))

    return entry


def main(choice: Any, words: list[str]) -> int:
    """Run one command line (without the program's name) in this process; the exit code."""
    _speak_bytes()
    line = parsing.split(words)
    command, rest = resolve(line.args)
    if command is None:
        return _no_command(line.args, asked="help" in line.assoc)
    line = parsing.split(words, command)
    if "help" in line.assoc:
        return Printer().run([Line(text) for text in help_lines(command)])
    printer = Printer(quiet=bool(line.globals.get("quiet")))
    called = " ".join(line.args[: len(line.args) - len(rest)])
    checked = parsing.check(command, rest, line.assoc, PROGRAM, called)
    if checked.refused:
        return printer.run(checked.events)
    printer.run(checked.events)
    return _execute(choice, command, checked, line, printer)


def _speak_bytes() -> None:
    """Output is UTF-8 whatever the shell's language, and what is no UTF-8 leaves as it came, as from PHP."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")


def _execute(
    choice: Any,
    command: synopsis.Command,
    checked: parsing.Checked,
    line: parsing.Words,
    printer: Printer,
) -> int:
    from sidecar import runtime as runtimes

    # What fails is told by the command itself; the processes of the sidecar keep the longer story.
    logging.basicConfig(level=logging.ERROR, format="%(name)s: %(message)s")
    try:
        runtime = runtimes.build(choice.selected(), "cli")
    except SidecarError as error:
        return printer.run([Failure(error.message, error.exit_code)])
    try:
        named = line.globals.get("user")
        user_id = _user_id(runtime.db, named) if isinstance(named, str) else 0
        with hooks.scope():
            acting = operator.principal(runtime, user_id)
            invocation = Invocation(
                runtime,
                command,
                ShellTerminal(),
                checked.args,
                checked.assoc,
                acting,
                line.texts,
                operator.default_agent(),
            )
            return printer.run(run(invocation))
    except SidecarError as error:
        return printer.run([Failure(error.message, error.exit_code)])
    except BrokenPipeError:
        # The reader of our output left (``| head``): nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    finally:
        runtime.close()


def resolve(args: list[str]) -> tuple[synopsis.Command | None, list[str]]:
    """The command the first words name (longest match), and the words after its name."""
    for length in (2, 1):
        if len(args) >= length:
            try:
                return catalogue.find(" ".join(args[:length])), args[length:]
            except catalogue.UnknownCommand:
                continue
    return None, args


def _no_command(args: list[str], *, asked: bool) -> int:
    noun = args[0]
    verbs = sorted(
        path[1]
        for command in catalogue.commands()
        for path in command.names()
        if path[0] == noun and len(path) > 1
    )
    if len(args) == 1 or asked:
        lines = [f"usage: {PROGRAM} {noun} {verbs[0]} {_synopsis(noun, verbs[0])}".rstrip()]
        lines += [f"   or: {PROGRAM} {noun} {verb} {_synopsis(noun, verb)}".rstrip() for verb in verbs[1:]]
        lines += ["", f"See '{PROGRAM} {noun} <command> --help' for more information on a specific command."]
        return Printer().run([Line(text) for text in lines])
    near = parsing.suggestion(args[1], verbs)
    hint = f"\nDid you mean '{near}'?" if near else ""
    message = (
        f"'{args[1]}' is not a registered subcommand of '{noun}'. "
        f"See '{PROGRAM} {noun} --help' for available subcommands.{hint}"
    )
    return Printer().run([Failure(message)])


def _synopsis(noun: str, verb: str) -> str:
    return catalogue.find(f"{noun} {verb}").synopsis()


def help_lines(command: synopsis.Command) -> list[str]:
    """A command's help: summary, synopsis, and each parameter with its default and options."""
    lines = [command.summary, "", f"usage: {PROGRAM} {command.name} {command.synopsis()}".rstrip(), ""]
    for parameter in command.parameters:
        lines.append(f"  {parameter.token()}")
        text = parameter.description
        if not isinstance(parameter, synopsis.Flag):
            if parameter.options:
                text += f" One of: {', '.join(parameter.options)}."
            if parameter.default is not None:
                text += f" Default: {parameter.default}."
        lines += [f"      {text.strip()}"] if text.strip() else []
    if command.details:
        lines += ["", command.details]
    return lines


def _user_id(db: Database, named: str) -> int:
    user = UsersRepository(db).find(named)
    if user is None:
        raise InvalidInput(f"Invalid user ID, email or login: '{named}'")
    return user.id


class ShellTerminal:
    """This process's own standard input and the shell's working folder."""

    @property
    def screen(self) -> TextIO | None:
        """The terminal itself, for what changes in place; None when output goes elsewhere."""
        return sys.stdout if sys.stdout.isatty() else None

    def read_stdin(self) -> str:
        return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")

    def read_file(self, path: str) -> str:
        try:
            return Path(path).read_bytes().decode("utf-8", "surrogateescape")
        except (FileNotFoundError, IsADirectoryError):
            raise NotFound(f"File does not exist: {path}") from None
        except PermissionError:
            raise Forbidden(f"File is not readable: {path}") from None

    def confirm(self, question: str) -> bool:
        sys.stdout.write(f"{visible(question)} [y/n] ")
        sys.stdout.flush()
        answer = sys.stdin.buffer.readline().decode("utf-8", "replace")
        return answer.strip(phptext.PHP_SPACE).lower() == "y"
