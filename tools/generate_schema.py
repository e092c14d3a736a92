"""The PHP side's copy of ``schema/``: what activation creates.

``generate()`` answers ``{path: text}``; ``tools/generate.py`` writes the files, a test compares them.
"""

from __future__ import annotations

from sidecar.db import schema

SCHEMA_FILE = "wp-plugin/generated/schema.php"


def generate() -> dict[str, str]:
    """The generated file by its path from the root of the repository."""
    lines = [
        "<?php",
        "/**",
        " * Tables, generated from schema/tables/*.sql by tools/generate.py. Do not edit.",
        " *",
        " * Keys are table names without prefix; Schema\\Installer fills the placeholders.",
        " *",
        " * @package DataMachine\\Bridge",
        " */",
        "",
        "declare(strict_types=1);",
        "",
        "if ( ! defined( 'ABSPATH' ) ) {",
        "\texit;",
        "}",
        "",
        "return array(",
        f"\t'version' => {schema.version()},",
        "\t'tables'  => array(",
    ]
    for table in schema.tables():
        lines.append(f"\t\t'{table.name}' => {_literal(table.sql)},")
    lines += ["\t),", ");", ""]
    return {SCHEMA_FILE: "\n".join(lines)}


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
