"""Fields of a module's structs with their ``#:`` comments: msgspec keeps neither comments nor source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from tools.docs import markdown

_MARK = "#:"


@dataclass(frozen=True)
class Field:
    """One field as its declaration has it; ``default`` is source text, None when there is none."""

    name: str
    type: str
    default: str | None
    what: str


@dataclass(frozen=True)
class Struct:
    """One class of declared fields; ``paths`` are its properties that answer a path or an address."""

    name: str
    what: str
    fields: tuple[Field, ...]
    properties: tuple[Field, ...]


class Undocumented(Exception):
    """A field without a ``#:`` comment."""


def read(module: ModuleType) -> tuple[Struct, ...]:
    """Every struct of the module, in its order."""
    assert module.__file__ is not None
    return parse(Path(module.__file__).read_text(encoding="utf-8"))


def parse(source: str) -> tuple[Struct, ...]:
    """The same from source text. Raises :class:`Undocumented`."""
    lines = source.splitlines()
    tree = ast.parse(source)
    return tuple(
        Struct(
            node.name,
            markdown.prose(ast.get_docstring(node)),
            tuple(_fields(node, lines)),
            tuple(_properties(node)),
        )
        for node in tree.body
        if isinstance(node, ast.ClassDef) and any("Struct" in ast.unparse(base) for base in node.bases)
    )


def _fields(node: ast.ClassDef, lines: list[str]) -> Iterator[Field]:
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            what = _comment(lines, item.lineno - 1)
            if not what:
                raise Undocumented(f"{node.name}.{item.target.id} has no `{_MARK}` comment")
            default = None if item.value is None else ast.unparse(item.value)
            yield Field(item.target.id, ast.unparse(item.annotation), default, what)


def _comment(lines: list[str], above: int) -> str:
    found: list[str] = []
    while above > 0 and lines[above - 1].strip().startswith(_MARK):
        above -= 1
        found.insert(0, lines[above].strip().removeprefix(_MARK).strip())
    return markdown.prose(" ".join(found))


def _properties(node: ast.ClassDef) -> Iterator[Field]:
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and any(
            ast.unparse(d) == "property" for d in item.decorator_list
        ):
            what = markdown.first_sentence(ast.get_docstring(item))
            yield Field(item.name, ast.unparse(item.returns) if item.returns else "", None, what)
