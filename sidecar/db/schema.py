"""The tables as the files of ``schema/`` describe them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

from sidecar import resources
from sidecar.db.tables import NETWORK_TABLES, Tables
from sidecar.errors import Internal

_COLUMN = re.compile(r"^\s+([a-z_]+) ((?!KEY\b|INDEX\b)[a-z].*?),?$", re.MULTILINE)
_KEY = re.compile(r"^\s+(UNIQUE )?KEY (\w+) \((.*)\),?$", re.MULTILINE)
_PREFIX_LENGTH = re.compile(r"\(\d+\)")
_INDEX = re.compile(r"^CREATE INDEX (\w+) ON \{(?:base_)?prefix\}(\w+) ")


class Key(msgspec.Struct, frozen=True):
    """One secondary key of a table; ``parts`` as written, with prefix lengths."""

    name: str
    parts: tuple[str, ...]
    unique: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns without prefix lengths."""
        return tuple(_PREFIX_LENGTH.sub("", part) for part in self.parts)


class TableFile(msgspec.Struct, frozen=True):
    """One table: ``name`` has no prefix, ``sql`` has placeholders."""

    name: str
    sql: str

    @property
    def network(self) -> bool:
        """Whether all sites of a network share it."""
        return self.name in NETWORK_TABLES

    @property
    def own(self) -> bool:
        """Whether it is one of ours alone, not shared with PHP Data Machine or Action Scheduler."""
        return self.name.startswith("datamachine_bridge_")

    @property
    def columns(self) -> tuple[str, ...]:
        """Its column names in order."""
        return tuple(self.definitions)

    @property
    def definitions(self) -> dict[str, str]:
        """Column names, in order, with type and default."""
        return dict(_COLUMN.findall(self.sql))

    @property
    def keys(self) -> tuple[Key, ...]:
        """Its secondary keys in order."""
        return tuple(
            Key(name, tuple(part.strip() for part in parts.split(",")), bool(unique))
            for unique, name, parts in _KEY.findall(self.sql)
        )


class IndexFile(msgspec.Struct, frozen=True):
    """An index of ours on a table that somebody else may have created."""

    name: str
    table: str
    sql: str


def folder() -> Path:
    """Where the files are: in the checkout, or packed into the wheel."""
    return resources.folder("schema")


@lru_cache(maxsize=1)
def version() -> int:
    """The version ``datamachine migrate`` records."""
    return int((folder() / "version").read_text().strip())


@lru_cache(maxsize=1)
def tables() -> tuple[TableFile, ...]:
    """Every table, by name."""
    return tuple(
        TableFile(file.stem, file.read_text(encoding="utf-8").strip())
        for file in sorted((folder() / "tables").glob("*.sql"))
    )


@lru_cache(maxsize=1)
def indexes() -> tuple[IndexFile, ...]:
    """Every index of ours on other tables, by name."""
    found = []
    for file in sorted((folder() / "indexes").glob("*.sql")):
        sql = file.read_text(encoding="utf-8").strip()
        match = _INDEX.match(sql)
        if match is None or match.group(1) != file.stem:
            raise Internal(f"{file.name} is not one CREATE INDEX of that name.", code="schema_files_wrong")
        found.append(IndexFile(match.group(1), match.group(2), sql))
    return tuple(found)


def fill(sql: str, names: Tables, charset_collate: str) -> str:
    """A file's statement for one blog."""
    values: Mapping[str, str] = {
        "{base_prefix}": names.base_prefix,
        "{prefix}": names.prefix,
        "{charset}": charset_collate,
    }
    for placeholder, value in values.items():
        sql = sql.replace(placeholder, value)
    return sql


def charset_collate(charset: str, collation: str) -> str:
    """The text of ``$wpdb->get_charset_collate()``."""
    return f"DEFAULT CHARACTER SET {charset}" + (f" COLLATE {collation}" if collation else "")
