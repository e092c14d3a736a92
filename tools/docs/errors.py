"""Every error code: of classes, and of the places that raise a class with a code of their own."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sidecar
from sidecar.errors import Internal, SidecarError
from tools.docs import markdown

PACKAGE = Path(sidecar.__file__).parent


@dataclass(frozen=True)
class Kind:
    """A class of errors with its own code; ``parent`` is the code of the kind it belongs to."""

    code: str
    parent: str
    status: int
    exit_code: int
    meaning: str


@dataclass(frozen=True)
class Use:
    """One place that raises an error with a code of its own."""

    code: str
    status: str
    message: str


@cache
def kinds() -> tuple[Kind, ...]:
    """All classes, subclasses after their parent."""
    for module in pkgutil.walk_packages(sidecar.__path__, "sidecar."):
        if not module.name.startswith("sidecar._data"):
            importlib.import_module(module.name)
    base = Kind(SidecarError.code, "", SidecarError.status, SidecarError.exit_code, _meaning(Internal))
    return (base, *_below(SidecarError, ""))


def _below(kind: type[SidecarError], parent: str) -> Iterator[Kind]:
    children = (child for child in kind.__subclasses__() if child.__module__.startswith("sidecar."))
    for child in sorted(children, key=lambda child: (child.status, child.code, child.__qualname__)):
        own = "code" in vars(child)
        if own:
            yield Kind(child.code, parent, child.status, child.exit_code, _meaning(child))
        yield from _below(child, child.code if own else parent)


def _meaning(kind: type[SidecarError]) -> str:
    return markdown.first_sentence(kind.__doc__)


@cache
def uses() -> tuple[Use, ...]:
    """``SomeError("...", code="...")`` and ``refused_as("...")`` anywhere in the package, each code once."""
    found: dict[str, Use] = {}
    statuses = dict(_statuses(SidecarError))
    for path in sorted(PACKAGE.rglob("*.py")):
        if "_data" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (use := _use(node, statuses) or _recoded(node, statuses)):
                found.setdefault(use.code, use)
    known = {kind.code for kind in kinds()}
    return tuple(use for code, use in sorted(found.items()) if code not in known)


def _statuses(kind: type[SidecarError]) -> Iterator[tuple[str, int]]:
    kinds()  # imports every module, so that every subclass exists
    yield kind.__name__, kind.status
    for child in kind.__subclasses__():
        yield from _statuses(child)


def _use(call: ast.Call, statuses: dict[str, int]) -> Use | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    code = next((word.value for word in call.keywords if word.arg == "code"), None)
    if name not in statuses or not isinstance(code, ast.Constant) or not isinstance(code.value, str):
        return None
    return Use(code.value, str(statuses[name]), _message(call.args[0]) if call.args else "")


def _recoded(call: ast.Call, statuses: dict[str, int]) -> Use | None:
    """``with refused_as("code", SomeError)``: a route's own code for what its service refuses."""
    if getattr(call.func, "id", "") != "refused_as" or not isinstance(call.args[0], ast.Constant):
        return None
    kind = getattr(call.args[1], "id", "") if len(call.args) > 1 else ""
    return Use(str(call.args[0].value), str(statuses.get(kind, "as the rule's own")), "…")


def _message(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return "…"
