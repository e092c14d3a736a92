"""The PHP side's copy of ``schema/``: what activation creates.

``generate()`` answers ``{path: text}``; ``tools/generate.py`` writes the files, a test compares them.
"""

from __future__ import annotations

from sidecar import migrate
from sidecar.db import schema
from tools import php_literal

SCHEMA_FILE = "wp-plugin/generated/schema.php"


def generate() -> dict[str, str]:
    """The generated file by its path from the root of the repository."""
    head = (
        "Tables, generated from schema/tables/*.sql by tools/generate.py. Do not edit.\n\n"
        "Keys are table names without prefix; Schema\\Installer fills the placeholders. The steps are those\n"
        "of `datamachine migrate`: a site that begins with our tables has nothing left to do in them."
    )
    lines = ["array(", f"\t'version' => {schema.version()},", "\t'tables'  => array("]
    lines += [f"\t\t'{table.name}' => {php_literal.php(table.sql)}," for table in schema.tables()]
    lines += ["\t),", "\t'steps'   => array("]
    for step in migrate.KINDS:
        facts = {"guard": step.guard, "network": step.network_guard, "shared": step.shared}
        lines.append(f"\t\t'{step.name}' => {php_literal.php(facts, 2)},")
    lines += ["\t),", ")"]
    return {SCHEMA_FILE: php_literal.file(head, "\n".join(lines))}
