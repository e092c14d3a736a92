"""``memory``: an agent's own files, read and written by section."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sidecar.commands.agent_option import named_agent
from sidecar.commands.events import Event, Line, Success
from sidecar.commands.invocation import Invocation
from sidecar.commands.memory_access import must_open
from sidecar.commands.synopsis import Assoc, Group, Positional
from sidecar.errors import Forbidden, InvalidInput, NotFound
from sidecar.identity import AgentsRepository
from sidecar.memory import MemoryService
from sidecar.memory.service import MemoryFile, SectionMissing

GROUP = Group("memory", "Read and write an agent's memory.")

#: The file that is meant when none is named.
DEFAULT_FILE = "MEMORY.md"
#: Stands for standard input where content is expected.
STDIN = "-"
AGENT = Assoc(
    "agent",
    "Slug or id of the agent; absent: the acting agent, else the default agent.",
    value="slug",
)
WRITE_USAGE = "Usage: datamachine memory write [<file>] <section> <content>"


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
    with _open(call, filename, writes=False) as file:
        try:
            text = file.get_all() if section is None else file.get_section(section)
        except SectionMissing as missing:
            available = ", ".join(missing.data["available_sections"])
            raise NotFound(f"{missing.message}\nAvailable sections: {available}") from missing
    yield Line(text)


def _target(args: Sequence[str]) -> tuple[str, str | None]:
    """File and section of one or two words; a single word is a file when it ends in ``.md``."""
    if not args:
        return DEFAULT_FILE, None
    if len(args) > 1:
        return args[0], args[1]
    return (args[0], None) if args[0].lower().endswith(".md") else (DEFAULT_FILE, args[0])


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
    with _open(call, filename, writes=True) as file:
        if call.option("mode") == "append":
            done = file.append_to_section(section, content)
        else:
            done = file.set_section(section, content)
    yield Success(done.message)


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


@contextmanager
def _open(call: Invocation, filename: str, *, writes: bool) -> Iterator[MemoryFile]:
    """The file of the agent that ``--agent`` names, else of the one that acts, else of the default agent."""
    user_id = agent_id = 0
    agent = named_agent(call)
    if agent is None and call.principal.agent_id:
        agent = call.runtime.get(AgentsRepository).get(call.principal.agent_id)
    if agent is not None:
        user_id, agent_id = agent.owner_id, agent.agent_id
    opened = call.runtime.get(MemoryService).open(
        user_id=user_id, agent_id=agent_id, filename=filename, blog_id=call.blog_id
    )
    with opened as file:
        must_open(call, file.scope, writes=writes)
        yield file
