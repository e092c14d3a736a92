"""One run of a command: its arguments, who runs it, and the terminal it runs on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sidecar import blog
from sidecar.commands.synopsis import Command
from sidecar.display.numbers import leading_int
from sidecar.errors import InvalidInput
from sidecar.identity import Principal
from sidecar.runtime import Runtime

#: What a parsed ``--name=value`` holds: text, True for a bare flag, False for ``--no-name``.
Value = str | bool


class Terminal(Protocol):
    """The input side of the process the operator sits at: the shell's own, never the sidecar's.

    A path on the command line means the operator's working folder and the operator's rights.
    """

    def read_stdin(self) -> str:
        """All of standard input as text."""
        ...

    def read_file(self, path: str) -> str:
        """A file's text; NotFound (missing) or Forbidden (unreadable)."""
        ...

    def confirm(self, question: str) -> bool:
        """Ask, and read one line of standard input; everything but ``y`` means no, its end too."""
        ...


@dataclass(frozen=True)
class Invocation:
    """What a handler receives."""

    runtime: Runtime
    command: Command
    terminal: Terminal
    args: Sequence[str] = ()
    assoc: Mapping[str, Value] = field(default_factory=dict)
    #: Who acts: the operator, or the user named with ``--user`` where the site narrows the command line.
    principal: Principal = field(default_factory=lambda: Principal.command_line(blog_id=blog.current()))
    #: Every text given to an option that stood on the line several times; WP-CLI hands on only the last.
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: The agent that the operator's environment names for commands without ``--agent``: slug, id or nothing.
    default_agent: str = ""

    @property
    def user_id(self) -> int:
        """The WordPress user named with ``--user``; 0 when none."""
        return self.principal.user_id

    @property
    def blog_id(self) -> int:
        """The blog of the network the operator chose; 1 on a single site."""
        return self.principal.blog_id

    def argument(self, position: int, default: str | None = None) -> str | None:
        """A positional argument, or ``default``."""
        return self.args[position] if position < len(self.args) else default

    def option(self, name: str, default: str | None = None) -> str | None:
        """The text of ``--name=text``, or ``default`` when absent, empty or a bare flag."""
        value = self.assoc.get(name)
        return value if isinstance(value, str) and value != "" else default

    def flag(self, name: str, default: bool = False) -> bool:
        """Whether ``--name`` was given; ``--no-name`` is False; text counts, but 'false' and '0' do not."""
        value = self.assoc.get(name, default)
        return value not in ("", "0", "false") if isinstance(value, str) else value

    def integer(self, name: str, default: int) -> int:
        """A whole number option; PHP's reading of digits (text without leading digits is 0)."""
        value = self.option(name)
        return default if value is None else leading_int(value)

    def every(self, name: str) -> list[str]:
        """All texts of an option that may be given several times, empty ones too."""
        given = self.texts.get(name)
        if given:
            return list(given)
        value = self.assoc.get(name)
        return [value] if isinstance(value, str) else []

    @property
    def format(self) -> str:
        """The value of ``--format``; ``table`` when absent."""
        return self.option("format", "table") or "table"

    def fields(self, default: Sequence[str]) -> list[str]:
        """The value of ``--fields`` as a list, or ``default``."""
        named = self.option("fields")
        return [part.strip() for part in named.split(",")] if named else list(default)


def required_id(text: str | None, message: str) -> int:
    """A positive id from an argument, or an error with ``message``."""
    number = leading_int(text or "")
    if number <= 0:
        raise InvalidInput(message)
    return number
