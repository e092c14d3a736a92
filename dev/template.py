"""Sites that were installed once: tests that need many copy their database.

A copy is another site: its addresses, folders, passwords, secret and identity are made anew.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import json
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import phpserialize

from dev import paths, wordpress
from dev.packages import find_program

if TYPE_CHECKING:
    from dev.instance import Instance

#: Seconds after which a template that nobody has copied any more may go.
UNUSED = 3600.0
#: The product's own files: another state of them may leave another database behind.
PRODUCT = ("sidecar", "wp-plugin", "schema", "hooks")
#: What activation has written down as due is due since the copy is there, however old the template.
_JUST_RUNG = """
UPDATE wp_actionscheduler_actions SET
    schedule = REPLACE(
        schedule,
        TIMESTAMPDIFF(SECOND, '1970-01-01', scheduled_date_gmt),
        TIMESTAMPDIFF(SECOND, '1970-01-01', UTC_TIMESTAMP())
    ),
    scheduled_date_gmt = UTC_TIMESTAMP(), scheduled_date_local = UTC_TIMESTAMP();
UPDATE wp_datamachine_bridge_events SET available_at = UTC_TIMESTAMP(6), created_at = UTC_TIMESTAMP(6);
"""
_TEXT = "'char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext'"


@dataclass(frozen=True)
class Kind:
    """What a template is of."""

    multisite: bool = False
    #: With the product active, initialised and migrated.
    product: bool = False

    def __str__(self) -> str:
        return ("network" if self.multisite else "site") + ("-product" if self.product else "")


@dataclass(frozen=True)
class Cell:
    """A value in the database that names what is the template's own."""

    table: str
    column: str
    #: A condition that finds the row.
    where: str
    value: str


@dataclass(frozen=True)
class Template:
    """An installed site whose servers are stopped."""

    kind: Kind
    folder: Path
    #: What is its own, by what it is: a copy has something else in its place.
    own: Mapping[str, str]
    cells: tuple[Cell, ...]
    #: What the installation added to `wp-config.php`.
    constants: str

    @property
    def database(self) -> Path:
        """The data folder of its database."""
        return self.folder / "mysql"

    def moved_to(self, instance: Instance) -> Move:
        """What makes a copy the site of ``instance``."""
        theirs = _own(instance) | {
            what: str(uuid.uuid4()) for what in self.own if what.startswith("identity")
        }
        words = [(old, theirs[what]) for what, old in self.own.items()]
        # A run folder may be below the folder, or not.
        words.sort(key=lambda pair: -len(pair[0]))
        return Move(self, [(old.encode(), new.encode()) for old, new in words])


@dataclass(frozen=True)
class Move:
    """A template on its way to another place."""

    template: Template
    words: list[tuple[bytes, bytes]]

    def text(self, text: str) -> str:
        """The same for the copy."""
        return str(self._renamed(text.encode()).decode())

    def sql(self, password: str) -> str:
        """Statements that make the database the copy's.

        ``password`` is the administrator's; WordPress takes its md5 and replaces it when the user signs in.
        """
        statements = [
            f"UPDATE `{cell.table}` SET `{cell.column}` = X'{self._value(bytes.fromhex(cell.value)).hex()}' "
            f"WHERE {cell.where};"
            for cell in self.template.cells
        ]
        statements.append(f"UPDATE wp_users SET user_pass = MD5('{password}');")
        return "\n".join(statements) + (_JUST_RUNG if self.template.kind.product else "")

    def _value(self, value: bytes) -> bytes:
        try:
            return bytes(phpserialize.dumps(self._renamed(phpserialize.loads(value))))
        except ValueError:
            return bytes(self._renamed(value))

    def _renamed(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self._renamed(key): self._renamed(each) for key, each in value.items()}
        if isinstance(value, bytes):
            for old, new in self.words:
                value = value.replace(old, new)
        return value


def of(folder: Path, make: Callable[..., Instance], kind: Kind) -> Template:
    """The template of this kind, WordPress, database server and product; made when there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        place = folder / f"{kind}-{_key(kind.product)}"
        done = place / "done.json"
        if not done.is_file():
            _forget(folder, kind)
            shutil.rmtree(place, ignore_errors=True)
            instance = make(place, multisite=kind.multisite)
            # Itself made as a person would; the first half of it may be a copy.
            instance.templates = folder if kind.product else None  # type: ignore[misc]
            try:
                made = _made(instance, kind)
            finally:
                instance.stop()
            done.write_text(json.dumps(made))
        done.touch()
        known = json.loads(done.read_text())
        found = tuple(Cell(**each) for each in known["cells"])
        return Template(kind, place, known["own"], found, known["constants"])


def _made(instance: Instance, kind: Kind) -> dict[str, Any]:
    """What is to be known of a template."""
    instance.install_wordpress()
    if kind.product:
        instance.install_product()
    own = _own(instance) | _identities(instance)
    return {
        "own": own,
        "cells": [asdict(cell) for cell in cells(instance, [*own.values()])],
        "constants": instance.constants(),
    }


def _own(instance: Instance) -> dict[str, str]:
    """What is a site's own and may stand anywhere."""
    return {
        "address": f"127.0.0.1:{instance.port}",
        "folder": str(instance.folder),
        "run folder": str(instance.run_dir),
        "database password": instance.database_password,
    }


def _identities(instance: Instance) -> dict[str, str]:
    tables = _rows(instance, "SHOW TABLES LIKE '%\\_datamachine\\_bridge\\_sites'")
    found = [row for [name] in tables for row in _rows(instance, f"SELECT site_uuid FROM `{name}`")]
    return {f"identity {number}": identity for number, [identity] in enumerate(found)}


def cells(instance: Instance, words: list[str]) -> Iterator[Cell]:
    """Every value of the database in which one of the words stands."""
    of_tables = "FROM information_schema.columns WHERE table_schema = DATABASE()"
    keys: dict[str, list[str]] = {}
    for table, column in _rows(
        instance, f"SELECT table_name, column_name {of_tables} AND column_key = 'PRI'"
    ):
        keys.setdefault(table, []).append(column)
    columns = f"SELECT table_name, column_name {of_tables} AND data_type IN ({_TEXT})"
    for table, column in _rows(instance, columns):
        named = " OR ".join(f"INSTR(`{column}`, '{word}')" for word in words)
        key = ", ".join(f"HEX(`{name}`)" for name in keys[table])
        for value, *found in _rows(instance, f"SELECT HEX(`{column}`), {key} FROM `{table}` WHERE {named}"):
            where = (f"HEX(`{name}`) = '{each}'" for name, each in zip(keys[table], found, strict=True))
            yield Cell(table, column, " AND ".join(where), value)


def _rows(instance: Instance, query: str) -> list[list[str]]:
    from dev.instance import DATABASE

    return [line.split("\t") for line in instance.db.sql(query, database=DATABASE).splitlines()]


def _forget(folder: Path, kind: Kind) -> None:
    """Delete templates of a kind that nobody copies any more."""
    for other in folder.glob(f"{kind}-[0-9a-f]*"):
        done = other / "done.json"
        if not done.is_file() or done.stat().st_mtime < time.time() - UNUSED:
            shutil.rmtree(other, ignore_errors=True)


@functools.cache
def _key(product: bool) -> str:
    server = Path(find_program("mariadbd") or "").stat()
    here = Path(__file__).parent
    parts = [wordpress.WORDPRESS_VERSION, f"{server.st_size} {server.st_mtime_ns}"]
    parts += [(here / name).read_text() for name in ("instance.py", "mariadb.py", "template.py")]
    digest = hashlib.sha256("\n".join(parts).encode())
    for folder in PRODUCT if product else ():
        for file in sorted((paths.ROOT / folder).rglob("*")):
            if file.suffix != ".pyc" and file.is_file():
                digest.update(f"{file} {file.stat().st_size}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:12]
