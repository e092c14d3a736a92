"""Tables as the generations of Data Machine made them, for tests of what we adopt.

``0.102.8`` is the seed (slugs of agents are unique), ``0.175.11`` a later version (instance keys,
provisioning, more tables), ``pre-agent`` what sites had before there were agents: no tables of agents, no
``agent_id`` column.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sidecar.db import schema

if TYPE_CHECKING:
    from sidecar.db import Database, Session

PRE_AGENT = "pre-agent"
SEED = "0.102.8"
LATER = "0.175.11"
#: Both generations the whole product must work on.
ADOPTED = (SEED, LATER)

_FOLDER = Path(__file__).parent
_OWN = "datamachine_bridge_"


def statements(database: Database, generation: str, *, blog: int | None = None) -> list[str]:
    """The CREATE TABLE statements of a generation for one blog."""
    settings = database.settings
    collate = schema.charset_collate(settings.charset, settings.collation)
    text = (_FOLDER / f"{generation}.sql").read_text(encoding="utf-8")
    parts = [part.strip() for part in text.split(";\n")]
    return [schema.fill(part, database.tables(blog), collate) for part in parts if part]


def drop(database: Database, *, blog: int | None = None) -> None:
    """Drop Data Machine's tables of one blog, on the main one also the network's; no others."""
    names = database.tables(blog)
    with database.session() as session:
        for table in _tables(session, names.prefix):
            session.execute(f"DROP TABLE {table}")
            database.reflection.forget(table)


def apply(database: Database, generation: str, *, blog: int | None = None) -> None:
    """Replace Data Machine's tables of one blog by empty ones of a generation.

    Rows are lost. A process that runs already learns columns at its next refused INSERT only: start it
    afterwards.
    """
    drop(database, blog=blog)
    with database.session() as session:
        for statement in statements(database, generation, blog=blog):
            # A later blog of a network finds the shared tables.
            session.execute(statement.replace("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", 1))


def _tables(session: Session, prefix: str) -> list[str]:
    found = session.column(
        "SELECT TABLE_NAME FROM information_schema.TABLES "
        "WHERE TABLE_SCHEMA = DATABASE() AND LEFT(TABLE_NAME, :length) = :start",
        {"length": len(prefix) + len("datamachine_"), "start": f"{prefix}datamachine_"},
    )
    return [str(name) for name in found if not str(name).startswith(prefix + _OWN)]
