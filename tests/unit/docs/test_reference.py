"""Nothing a user can name is missing from the reference, and no page says anything its source does not."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import ModuleType

import pytest

from sidecar.commands import catalogue
from tools import docs, generate
from tools.docs import configuration, errors, hooks, structs

ROOT = Path(__file__).resolve().parents[3]
IDS = [page.__name__.rpartition(".")[2] for page in docs.PAGES]

#: Names of other products that this one reads, and parts of names.
FOREIGN_CONSTANTS = {"DATAMACHINE_VERSION", "DATAMACHINE_PATH", "DATAMACHINE_URL"}
FASTCGI = "DATAMACHINE_UNIT_"
TABLES = {path.stem for path in (ROOT / "schema" / "tables").glob("*.sql")}
INDEXES = {path.stem for path in (ROOT / "schema" / "indexes").glob("*.sql")}


def written(page: ModuleType) -> str:
    return (ROOT / page.PATH).read_text(encoding="utf-8")


def lines_of(text: str) -> set[str]:
    """What a line is about: headings without their marks, lines as they are, the first cell of a row."""
    found = set()
    for line in text.splitlines():
        found |= {line, line.lstrip("# "), line.strip("| ").split(" | ")[0]}
    return found


def undocumented(page: ModuleType, text: str) -> list[str]:
    return sorted(set(page.names()) - lines_of(text))


@pytest.mark.parametrize("page", docs.PAGES, ids=IDS)
def test_the_page_is_what_its_source_says(page: ModuleType) -> None:
    path, text = page.page()
    assert written(page) == text, f"{path} is stale: run `make generate`"


@pytest.mark.parametrize("page", docs.PAGES, ids=IDS)
def test_every_name_is_on_its_page(page: ModuleType) -> None:
    assert page.names()
    assert undocumented(page, written(page)) == []


@pytest.mark.parametrize("page", docs.PAGES, ids=IDS)
def test_a_name_that_is_missing_is_noticed(page: ModuleType) -> None:
    text, name = written(page), page.names()[0]
    without = "\n".join(line for line in text.splitlines() if name not in lines_of(line))
    assert name in undocumented(page, without)


def test_generate_writes_every_page() -> None:
    assert {page.PATH for page in docs.PAGES} <= set(generate.generate())


def test_hooks_and_commands_are_all_there() -> None:
    assert len(hooks.names()) > 150
    text = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    assert all(f"## {command.name}\n" in text for command in catalogue.commands())


def test_a_setting_without_a_word_is_refused() -> None:
    source = "class A(msgspec.Struct):\n    #: Good.\n    one: int = 1\n"
    [struct] = structs.parse(source)
    assert struct.fields[0] == structs.Field("one", "int", "1", "Good.")
    with pytest.raises(structs.Undocumented, match=r"A\.two"):
        structs.parse(source + "    two: str = ''\n")


def test_environment_variables_are_explained() -> None:
    used = set()
    for path in (ROOT / "sidecar").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                used |= set(re.findall(r"^DATAMACHINE_[A-Z_]+$", node.value))
            if isinstance(node, ast.Call | ast.Subscript) and "environ" in ast.unparse(node):
                used |= set(re.findall(r"""environ(?:\.get\(|\[)['"]([A-Z_]+)""", ast.unparse(node)))
    used = {name for name in used if not name.startswith(FASTCGI)}
    assert {"DATAMACHINE_CONFIG", "NOTIFY_SOCKET"} <= used
    assert used == set(configuration.NAMES["environment"])


def test_constants_and_options_of_wordpress_are_explained() -> None:
    constants, options = set(), set()
    for path in (ROOT / "wp-plugin").rglob("*.php"):
        if path.parent.name == "generated":
            continue
        text = path.read_text(encoding="utf-8")
        constants |= set(re.findall(r"'(DATAMACHINE_[A-Z_]+)'", text))
        options |= set(re.findall(r"'(datamachine_bridge(?:_[a-z_]*[a-z])?)'", text))
    constants = {name for name in constants if not name.startswith(FASTCGI)} - FOREIGN_CONSTANTS
    hooks_of_ours = {name.strip("`") for name in hooks.names()}
    known = configuration.NAMES
    assert set(known["constants"]) <= constants
    assert constants <= set(known["environment"]) | set(known["constants"])
    assert options - TABLES - INDEXES - hooks_of_ours == set(known["options"])


def test_every_error_code_has_a_meaning() -> None:
    assert [kind.code for kind in errors.kinds() if not kind.meaning] == []
    codes = [kind.code for kind in errors.kinds()]
    assert len(codes) == len(set(codes))


def test_every_page_is_in_the_table_of_contents() -> None:
    contents = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {
        str(page.relative_to(ROOT / "docs"))
        for page in (ROOT / "docs").rglob("*.md")
        if page.parent.name != "compatibility.d" and page.name != "README.md"
    }
    assert [page for page in sorted(pages) if f"]({page})" not in contents] == []


def test_links_lead_somewhere() -> None:
    broken = []
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                broken += [] if (page.parent / target).exists() else [f"{page.relative_to(ROOT)}: {target}"]
    assert broken == []
