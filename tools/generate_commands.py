"""The PHP registration data of commands and REST routes, written from their Python declarations.

``generate()`` answers ``{path: text}``; ``tools/generate.py`` writes the files, a test compares them.
"""

from __future__ import annotations

from typing import Any

from sidecar.api import routes
from sidecar.commands import catalogue
from sidecar.commands.synopsis import Command

COMMANDS_FILE = "wp-plugin/generated/commands.php"
ROUTES_FILE = "wp-plugin/generated/routes.php"


def generate() -> dict[str, str]:
    """Both files, by their path from the root of the repository."""
    return {COMMANDS_FILE: _file("WP-CLI commands", commands()), ROUTES_FILE: _file("REST routes", _routes())}


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
    return [route.wordpress() for route in routes.ROUTES]


def _file(what: str, value: Any) -> str:
    return (
        "<?php\n/**\n"
        f" * {what}, generated from the Python declarations by tools/generate.py. Do not edit.\n"
        " */\n\ndeclare(strict_types=1);\n\n"
        f"return {php(value)};\n"
    )


def php(value: Any, depth: int = 0) -> str:
    """A PHP literal with WordPress's formatting."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"
    if not value:
        return "array()"
    pad, end = "\t" * (depth + 1), "\t" * depth
    if isinstance(value, dict):
        width = max(len(php(key)) for key in value)
        items = [f"{php(key):<{width}} => {php(item, depth + 1)}" for key, item in value.items()]
    else:
        items = [php(item, depth + 1) for item in value]
    return "array(\n" + "".join(f"{pad}{item},\n" for item in items) + f"{end})"


if __name__ == "__main__":
    from pathlib import Path

    root = Path(__file__).resolve().parent.parent
    for path, text in generate().items():
        (root / path).write_text(text, encoding="utf-8")
