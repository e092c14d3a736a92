"""The native command line, read and checked by WP-CLI's rules, with its texts.

WP-CLI checks proxied commands itself; this is the same judgement for ``datamachine ...``.
Behaviour of WP-CLI 2.12: ``--name`` is true, ``--no-name`` false, ``--name=value`` text; defaults fill what
is absent; unknown parameters are an error with the nearest known name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sidecar.commands.events import Event, Failure, Line, Notice
from sidecar.commands.invocation import Value
from sidecar.commands.synopsis import Assoc, Command, Flag, Positional

#: WP-CLI's global parameters: offered as "did you mean", and accepted natively where they mean something.
GLOBALS = (
    "path", "url", "ssh", "http", "user", "skip-plugins", "skip-themes", "skip-packages", "require", "exec",
    "context", "color", "debug", "prompt", "quiet",
)  # fmt: skip
#: Taken anywhere on a native line; what is not ``user`` or ``quiet`` has no meaning without WP-CLI.
ACCEPTED = ("user", "quiet", "allow-root", "color")
#: Words WP-CLI suggests another word for before it measures distances.
SUGGESTED = {
    "add": "create", "check": "check-update", "capability": "cap", "clear": "flush", "decrement": "decr",
    "del": "delete", "directory": "dir", "exec": "eval", "exec-file": "eval-file", "increment": "incr",
    "language": "locale", "lang": "locale", "new": "create", "number": "count", "remove": "delete",
    "regen": "regenerate", "rep": "replace", "repl": "replace", "trash": "delete", "v": "version",
}  # fmt: skip


@dataclass
class Words:
    """A command line taken apart."""

    args: list[str] = field(default_factory=list)
    assoc: dict[str, Value] = field(default_factory=dict)
    globals: dict[str, Value] = field(default_factory=dict)
    #: Every text given to an option, in order; WP-CLI keeps only the last one.
    texts: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Checked:
    """Arguments after defaults, and what has to be said; a Failure among ``events`` ends the run."""

    args: list[str]
    assoc: dict[str, Value]
    events: list[Event]

    @property
    def refused(self) -> bool:
        """Whether the command must not run."""
        return any(isinstance(event, Failure) for event in self.events)


def split(words: Sequence[str], command: Command | None = None) -> Words:
    """Take words apart; global parameters the command does not declare itself are set aside."""
    declared = {p.name for p in command.parameters if not isinstance(p, Positional)} if command else set()
    line = Words()
    for word in words:
        key: str
        value: Value
        if match := re.fullmatch(r"--no-([^=]+)", word):
            key, value = match[1], False
        elif match := re.fullmatch(r"--([^=]+)", word):
            key, value = match[1], True
        elif match := re.match(r"--([^=]+)=(.*)", word, re.DOTALL):
            key, value = match[1], match[2]
            line.texts.setdefault(key, []).append(match[2])
        else:
            line.args.append(word)
            continue
        target = line.globals if key in ACCEPTED and key not in declared else line.assoc
        target[key] = value
    return line


def check(
    command: Command, args: Sequence[str], assoc: dict[str, Value], program: str, called: str = ""
) -> Checked:
    """Judge arguments against the synopsis, as ``WP_CLI\\Dispatcher\\Subcommand`` does."""
    positionals = [p for p in command.parameters if isinstance(p, Positional)]
    out = Checked(list(args), dict(assoc), [])
    if len(out.args) < sum(not p.optional for p in positionals):
        usage = f"usage: {program} {called or command.name} {command.synopsis()}"
        out.events += [Line(usage), Failure("", 1)]
        return out
    if not any(p.repeating for p in positionals) and len(out.args) > len(positionals):
        extra = " ".join(out.args[len(positionals) :])
        out.events.append(Failure(f"Too many positional arguments: {extra}"))
        return out
    if not _positional_values(positionals, out):
        out.events.append(Failure("Invalid value specified for positional arg."))
        return out
    fatal = list(_assoc_errors(command, out))
    fatal += _unknown(command, out.assoc)
    if fatal:
        out.events = [Failure("Parameter errors:" + "".join(f"\n {text}" for text in fatal))]
    return out


def _positional_values(positionals: list[Positional], out: Checked) -> bool:
    for index, spec in enumerate(positionals):
        if len(out.args) <= index and spec.default is not None and not spec.repeating:
            out.args.append(spec.default)
        if spec.options:
            given = out.args[index:] if spec.repeating else out.args[index : index + 1]
            if any(value not in spec.options for value in given):
                return False
    return True


def _assoc_errors(command: Command, out: Checked) -> Iterator[str]:
    """Texts of fatal errors in synopsis order; a bare optional ``--name`` only warns and is dropped."""
    bare = []
    missing = []
    for spec in command.parameters:
        if not isinstance(spec, Assoc):
            continue
        tail = f" ({spec.description})" if spec.description else ""
        if spec.name not in out.assoc and spec.default is not None:
            out.assoc[spec.name] = spec.default
        value = out.assoc.get(spec.name)
        if spec.options and value is not None and not _allowed(value, spec.options):
            yield f"Invalid value specified for '{spec.name}'{tail}"
        if value is None and not spec.optional:
            missing.append(f"missing --{spec.name} parameter{tail}")
        elif value is True:
            text = f"--{spec.name} parameter needs a value"
            if spec.optional:
                out.events.append(Notice(text))
            else:
                missing.append(text + tail)
            bare.append(spec.name)
    for name in bare:
        del out.assoc[name]
    yield from missing


def _allowed(value: Value, options: Sequence[str]) -> bool:
    if value is True:
        return True
    if value is False:
        return False
    parts = [part.strip() for part in value.split(",")]
    return value in options or (len(parts) > 1 and all(part in options for part in parts))


def _unknown(command: Command, assoc: dict[str, Value]) -> Iterator[str]:
    known = [p.name for p in command.parameters if isinstance(p, Assoc | Flag)]
    offered = list(dict.fromkeys([p.name for p in command.parameters] + list(GLOBALS)))
    for name in assoc:
        if name not in known:
            near = suggestion(name, offered)
            yield f"unknown --{name} parameter" + (f"\nDid you mean '--{near}'?" if near else "")


def suggestion(target: str, options: Sequence[str], threshold: int = 2) -> str:
    """The word WP-CLI would offer instead of ``target``, or nothing."""
    if SUGGESTED.get(target, "") in options:
        return SUGGESTED[target]
    near = min(options, key=lambda option: _distance(option, target), default="")
    return near if near and near != target and _distance(near, target) <= threshold else ""


def _distance(left: str, right: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]
