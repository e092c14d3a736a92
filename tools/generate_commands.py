"""The PHP registration data of commands and REST routes, written from their Python declarations.

``generate()`` answers ``{path: text}``; ``tools/generate.py`` writes the files, a test compares them.
"""

from __future__ import annotations

from typing import Any

from sidecar.api import routes
from sidecar.commands import catalogue
from sidecar.commands.synopsis import Command
from tools import php_literal

COMMANDS_FILE = "wp-plugin/generated/commands.php"
ROUTES_FILE = "wp-plugin/generated/routes.php"


def generate() -> dict[str, str]:
    """Both files, by their path from the root of the repository."""
    return {
        COMMANDS_FILE: _file("Commands of WP-CLI.", "sidecar/commands", commands()),
        ROUTES_FILE: _file("Routes below /datamachine/v1.", "sidecar/api", _routes()),
    }


def commands() -> dict[str, Any]:
    """``{namespaces: {path: summary}, commands: [{path, target, shortdesc, longdesc, synopsis}]}``."""
    spaces = {catalogue.ROOT: "Agents, memory, pipelines, flows and jobs of Data Machine."}
    spaces |= {f"{catalogue.ROOT} {' '.join(path)}": text for path, text in catalogue.namespaces().items()}
    return {
        "namespaces": spaces,
        "commands": [
            item
            for command in catalogue.commands()
            for item in (_command(command, path) for path in command.names())
        ],
    }


def _command(command: Command, path: tuple[str, ...]) -> dict[str, Any]:
    item: dict[str, Any] = {
        "path": f"{catalogue.ROOT} {' '.join(path)}",
        "target": command.name,
        "shortdesc": command.summary,
    }
    if command.details:
        item["longdesc"] = command.details
    return item | {"synopsis": [parameter.wp_cli() for parameter in command.parameters]}


def _routes() -> list[dict[str, Any]]:
    return [route.wordpress() for route in routes.ROUTES if not route.own_door]


def _file(what: str, source: str, value: Any) -> str:
    head = f"{what}\n\nGenerated from {source} by tools/generate.py. Do not edit."
    return php_literal.file(head, php_literal.php(value))
