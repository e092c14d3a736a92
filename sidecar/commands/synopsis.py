"""Declarations: what a command is called, which parameters it takes, and what it says about itself.

The words are WP-CLI's (positional, assoc, flag, options, default), because the same declaration becomes a
WP-CLI registration, the native parser and a page of the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from sidecar.commands.events import Event
    from sidecar.commands.invocation import Invocation

    Handler: TypeAlias = Callable[[Invocation], Iterator[Event]]


@dataclass(frozen=True)
class Positional:
    """``<name>``; in brackets when optional, with dots when it takes all that follow."""

    name: str
    description: str = ""
    optional: bool = False
    repeating: bool = False
    default: str | None = None
    options: tuple[str, ...] = ()

    def token(self) -> str:
        """As it stands in a synopsis."""
        token = f"<{self.name}>" + ("..." if self.repeating else "")
        return f"[{token}]" if self.optional else token

    def wp_cli(self) -> dict[str, Any]:
        """As ``WP_CLI::add_command`` takes it."""
        item: dict[str, Any] = {
            "type": "positional",
            "name": self.name,
            "description": self.description,
            "optional": self.optional,
            "repeating": self.repeating,
        }
        return item | _extras(self.default, self.options)


@dataclass(frozen=True)
class Assoc:
    """``--name=<value>``."""

    name: str
    description: str = ""
    value: str = ""
    optional: bool = True
    default: str | None = None
    options: tuple[str, ...] = ()

    def token(self) -> str:
        """As it stands in a synopsis."""
        token = f"--{self.name}=<{self.value or self.name}>"
        return f"[{token}]" if self.optional else token

    def wp_cli(self) -> dict[str, Any]:
        """As ``WP_CLI::add_command`` takes it."""
        item: dict[str, Any] = {
            "type": "assoc",
            "name": self.name,
            "description": self.description,
            "optional": self.optional,
            "value": {"optional": False, "name": self.value or self.name},
        }
        return item | _extras(self.default, self.options)


@dataclass(frozen=True)
class Flag:
    """``--name``; ``--no-name`` sets it to false."""

    name: str
    description: str = ""

    def token(self) -> str:
        """As it stands in a synopsis."""
        return f"[--{self.name}]"

    def wp_cli(self) -> dict[str, Any]:
        """As ``WP_CLI::add_command`` takes it."""
        return {"type": "flag", "name": self.name, "description": self.description, "optional": True}


Parameter: TypeAlias = Positional | Assoc | Flag


def _extras(default: str | None, options: Sequence[str]) -> dict[str, Any]:
    extras: dict[str, Any] = {}
    if default is not None:
        extras["default"] = default
    if options:
        extras["options"] = list(options)
    return extras


@dataclass(frozen=True)
class Command:
    """One runnable command: its words, its parameters in synopsis order, and the code behind it."""

    path: tuple[str, ...]
    summary: str
    parameters: tuple[Parameter, ...]
    handler: Handler
    details: str = ""
    aliases: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        order = [_RANK[type(parameter)] for parameter in self.parameters]
        if order != sorted(order):
            # WP-CLI re-sorts a synopsis this way, and error texts follow its order.
            raise ValueError(f"{' '.join(self.path)}: positional, then assoc, then flag")

    @property
    def name(self) -> str:
        """Its words after the root, as typed."""
        return " ".join(self.path)

    def synopsis(self) -> str:
        """One line, in WP-CLI's notation."""
        return " ".join(parameter.token() for parameter in self.parameters)

    def names(self) -> Iterator[tuple[str, ...]]:
        """Every path it answers to."""
        yield self.path
        yield from self.aliases


_RANK: dict[type, int] = {Positional: 0, Assoc: 1, Flag: 2}


@dataclass
class Group:
    """A noun with verbs; also under the names in ``aliases``."""

    name: str
    summary: str
    aliases: tuple[str, ...] = ()
    commands: list[Command] = field(default_factory=list)

    def command(
        self, verb: str, summary: str, *parameters: Parameter, details: str = ""
    ) -> Callable[[Handler], Handler]:
        """Declare ``<noun> <verb>``."""

        def declare(handler: Handler) -> Handler:
            aliases = tuple((alias, verb) for alias in self.aliases)
            self.commands.append(Command((self.name, verb), summary, parameters, handler, details, aliases))
            return handler

        return declare


def leaf(
    name: str, summary: str, *parameters: Parameter, aliases: tuple[str, ...] = (), details: str = ""
) -> Callable[[Handler], Command]:
    """Declare a noun that is itself the command and takes its verb as an argument."""

    def declare(handler: Handler) -> Command:
        return Command((name,), summary, parameters, handler, details, tuple((alias,) for alias in aliases))

    return declare


#: The options most lists share.
LIST_FORMATS = ("table", "json", "csv", "yaml", "ids", "count")


def format_option(*options: str, default: str = "table") -> Assoc:
    """``--format``, with the options given."""
    return Assoc("format", "Output format.", default=default, options=options or LIST_FORMATS)


FIELDS = Assoc("fields", "Limit output to these fields, separated by commas.")
