"""``memory``: an agent's own files, read and written by section."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sidecar.commands.events import Event, Line, Notice, Success, Table
from sidecar.commands.invocation import Invocation
from sidecar.commands.memory_access import AGENT, DEFAULT_FILE, opened
from sidecar.commands.synopsis import Assoc, Group, Positional, format_option
from sidecar.errors import Forbidden, InvalidInput, NotFound
from sidecar.memory.service import SectionMissing

GROUP = Group("memory", "Read and write an agent's memory.")

#: Stands for standard input where content is expected.
STDIN = "-"
WRITE_USAGE = "Usage: datamachine memory write [<file>] <section> <content>"
DELETE_USAGE = "Usage: datamachine memory delete [<file>] <section>"
FILE = Assoc("file", "The file that is meant.", default=DEFAULT_FILE)


@GROUP.command(
    "read",
    "Print a memory file or one of its sections.",
    Positional("file_or_section", "A file (ends in .md), else a section of MEMORY.md.", optional=True),
    Positional("section", "A section of that file.", optional=True),
    AGENT,
)
def read(call: Invocation) -> Iterator[Event]:
    """The text as it is, and a newline."""
    filename, section = _target(call.args)
    with opened(call, filename) as file:
        try:
            text = file.get_all() if section is None else file.get_section(section)
        except SectionMissing as missing:
            raise _no_section(missing) from missing
    yield Line(text)


@GROUP.command(
    "sections",
    "List the sections of a memory file.",
    FILE,
    AGENT,
    format_option("table", "json", "csv", "yaml"),
)
def sections(call: Invocation) -> Iterator[Event]:
    """One row a section, in the file's order."""
    with opened(call, call.option("file", DEFAULT_FILE) or DEFAULT_FILE) as file:
        found = file.get_sections()
        if not found:
            yield Line(f"No sections found in {file.filename}.")
            return
    yield Table([{"section": name} for name in found], ["section"], call.format)


@GROUP.command(
    "write",
    "Write a section of a memory file, or add to it.",
    Positional("file_or_section", "The file, when a section and content follow; else the section."),
    Positional("section_or_content", "The section, or its content.", optional=True),
    Positional("content", "The content; - reads standard input.", optional=True),
    Assoc("from-file", "Read the content from this file.", value="path"),
    AGENT,
    Assoc("mode", "Write mode.", default="set", options=("set", "append")),
    details=(
        "The last word may be - to take the content from standard input. With --from-file the words are "
        "[<file>] <section>."
    ),
)
def write(call: Invocation) -> Iterator[Event]:
    """What was done to the section; the content comes from the line, standard input or a file."""
    filename, section, content = _written(call)
    with opened(call, filename, writes=True) as file:
        if call.option("mode") == "append":
            done = file.append_to_section(section, content)
        else:
            done = file.set_section(section, content)
    yield Success(done.message)
    if done.warning is not None:
        yield Notice(done.warning)


@GROUP.command(
    "delete",
    "Remove a section of a memory file.",
    Positional("file_or_section", "The file, when a section follows; else the section of MEMORY.md."),
    Positional("section", "The section.", optional=True),
    AGENT,
)
def delete(call: Invocation) -> Iterator[Event]:
    """What was removed; the rest of the file stays as it is."""
    filename, section = _target(call.args)
    if section is None:
        raise InvalidInput(DELETE_USAGE)
    with opened(call, filename, writes=True) as file:
        try:
            done = file.delete_section(section)
        except SectionMissing as missing:
            raise _no_section(missing) from missing
    yield Success(done.message)


@GROUP.command(
    "search",
    "Find text in a memory file.",
    Positional("query", "What to look for, in any case."),
    FILE,
    AGENT,
    Assoc("section", "Only in this section."),
)
def search(call: Invocation) -> Iterator[Event]:
    """Each line that has the text, with the lines around it."""
    query = call.args[0]
    with opened(call, call.option("file", DEFAULT_FILE) or DEFAULT_FILE) as file:
        found = file.search(query, section=call.option("section"))
        filename = file.filename
    if not found.match_count:
        yield Line(f'No matches for "{query}" in {filename}.')
        return
    for match in found.matches:
        yield Line(f"--- [{match.section}] line {match.line} ---")
        yield Line(match.context)
        yield Line()
    yield Success(f"{found.match_count} match(es) found in {filename}.")


def _target(args: Sequence[str]) -> tuple[str, str | None]:
    """File and section of one or two words; a single word is a file when it ends in ``.md``."""
    if not args:
        return DEFAULT_FILE, None
    if len(args) > 1:
        return args[0], args[1]
    return (args[0], None) if args[0].lower().endswith(".md") else (DEFAULT_FILE, args[0])


def _no_section(missing: SectionMissing) -> NotFound:
    available = ", ".join(missing.data["available_sections"])
    return NotFound(f"{missing.message}\nAvailable sections: {available}")


def _written(call: Invocation) -> tuple[str, str, str]:
    """File, section and content of a line."""
    words = list(call.args)
    path = call.option("from-file")
    if path is not None:
        if words[-1] == STDIN:
            raise InvalidInput("Cannot use both --from-file and stdin (`-`). Pick one.")
        if len(words) > 2:
            raise InvalidInput("Cannot use both --from-file and content. Pick one.")
        filename, section = (words[0], words[1]) if len(words) == 2 else (DEFAULT_FILE, words[0])
        return filename, section, _file(call, path)
    if len(words) < 2 or (len(words) == 2 and words[0].lower().endswith(".md")):
        raise InvalidInput(WRITE_USAGE)
    content = words.pop()
    filename, section = (words[0], words[1]) if len(words) == 2 else (DEFAULT_FILE, words[0])
    if content == STDIN:
        # The newline a shell pipe ends with is not part of what was said.
        content = call.terminal.read_stdin().removesuffix("\n")
    return filename, section, content


def _file(call: Invocation, path: str) -> str:
    try:
        return call.terminal.read_file(path).removesuffix("\n")
    except NotFound:
        raise NotFound(f"--from-file path does not exist: {path}") from None
    except Forbidden:
        raise Forbidden(f"--from-file path is not readable: {path}") from None
