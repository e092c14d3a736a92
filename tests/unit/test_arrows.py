"""The direction of dependencies: doors know the domain, the domain knows the ground, never back."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "sidecar"
DOMAIN = {"identity", "memory", "conversation", "workspace", "automation"}
DOORS = {"api", "commands", "app", "display"}
#: What each package may never import.
FORBIDDEN = {
    **{package: DOMAIN | DOORS | {"queue"} for package in ("bridge", "db", "host", "wordpress")},
    "hooks": DOMAIN | DOORS,
    "abilities": DOMAIN | DOORS | {"queue"},
    "queue": DOMAIN | DOORS,
    **{package: {"automation"} | DOORS for package in DOMAIN - {"automation"}},
    "automation": DOORS,
    "display": DOORS - {"display"},
    "api": {"commands"},
    "commands": {"api", "app"},
}


def imports(file: Path) -> set[str]:
    """Packages of ours that a module imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        found |= {name.split(".")[1] for name in names if name.startswith("sidecar.")}
    return found


@pytest.mark.parametrize("package", sorted(FORBIDDEN))
def test_no_arrow_points_the_wrong_way(package: str) -> None:
    files = sorted((PACKAGE / package).rglob("*.py"))
    assert files
    wrong = {
        f"{file.relative_to(PACKAGE)} imports {', '.join(sorted(bad))}"
        for file in files
        if (bad := imports(file) & FORBIDDEN[package])
    }
    assert wrong == set()


def test_an_import_in_any_form_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text(
        "import sidecar.memory\ndef f():\n    from sidecar import automation\n    from sidecar.api.x import y"
    )
    assert imports(file) == {"memory", "automation", "api"}
