"""Python values as PHP source, with WordPress's formatting."""

from __future__ import annotations

from typing import Any


def php(value: Any, depth: int = 0) -> str:
    """A PHP literal: null, booleans, numbers, strings, lists and maps."""
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


def file(head: str, expression: str) -> str:
    """A generated PHP file that returns ``expression``; ``head`` says what it is and where it comes from."""
    comment = "\n".join(f" * {line}".rstrip() for line in head.splitlines())
    return (
        f"<?php\n/**\n{comment}\n *\n * @package DataMachine\\Bridge\n */\n\ndeclare(strict_types=1);\n\n"
        f"if ( ! defined( 'ABSPATH' ) ) {{\n\texit;\n}}\n\nreturn {expression};\n"
    )
