"""Every command of the product, in the order of the reference."""

from __future__ import annotations

from functools import cache

from sidecar.commands.synopsis import Command, Group
from sidecar.errors import NotFound

#: The word before every command in WP-CLI.
ROOT = "datamachine"


class UnknownCommand(NotFound):
    """No command answers to these words."""

    code = "unknown_command"


@cache
def commands() -> tuple[Command, ...]:
    """All commands; each once, aliases inside."""
    from sidecar.commands import cycle, drain, flows, pipelines, test_handler

    found = [command for group in groups() for command in group.commands]
    found += [cycle.COMMAND, drain.COMMAND, flows.COMMAND, pipelines.COMMAND, test_handler.COMMAND]
    found.sort(key=lambda command: command.path)
    check_tree(found)
    return tuple(found)


def groups() -> tuple[Group, ...]:
    """The nouns with verbs."""
    # Imported for the verbs they declare: a noun with many has several modules.
    from sidecar.commands import (  # noqa: F401
        agents,
        agents_access,
        agents_change,
        agents_cleanup,
        agents_config,
        agents_token,
        batch,
        external,
        external_call,
        handlers,
        jobs,
        jobs_change,
        jobs_delete,
        jobs_watch,
        memory,
        memory_compose,
        memory_daily,
        memory_files,
        memory_inject,
        memory_paths,
        plugins,
        processed_items,
        step_types,
        system,
        worker,
    )

    return (
        agents.GROUP,
        batch.GROUP,
        external.GROUP,
        handlers.GROUP,
        jobs.GROUP,
        memory.GROUP,
        plugins.GROUP,
        processed_items.GROUP,
        step_types.GROUP,
        system.GROUP,
        worker.GROUP,
    )


@cache
def namespaces() -> dict[tuple[str, ...], str]:
    """Nouns that are no commands themselves, with what they are about."""
    return {(name,): group.summary for group in groups() for name in (group.name, *group.aliases)}


def find(name: str) -> Command:
    """The command of that name (``agents list``), by its own words or an alias."""
    path = tuple(name.split())
    for command in commands():
        if path in command.names():
            return command
    raise UnknownCommand(f"No command is called '{name}'.")


def check_tree(found: list[Command]) -> None:
    """Refuse two commands of one name, and a command that also has commands below it.

    WP-CLI cannot have such a parent: the attempt ends every ``wp`` call on the site with an exception.
    """
    taken: set[tuple[str, ...]] = set()
    for command in found:
        for path in command.names():
            if path in taken:
                raise ValueError(f"Two commands are called '{' '.join(path)}'")
            taken.add(path)
    for path in taken:
        for length in range(1, len(path)):
            if path[:length] in taken:
                raise ValueError(f"'{' '.join(path[:length])}' is a command and cannot have '{path[-1]}'")
