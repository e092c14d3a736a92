"""Names that lead elsewhere, hide, or could run."""

from __future__ import annotations

import pytest

from sidecar.memory import names


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("MEMORY.md", "MEMORY.md"),
        ("/abs.md", "abs.md"),
        ("A B.md", "AB.md"),
        ("é.md", ".md"),
        ("daily//2026/04/17.md", "daily/2026/04/17.md"),
    ],
)
def test_clean_drops_what_a_name_cannot_have(given: str, cleaned: str) -> None:
    assert names.clean(given) == cleaned


@pytest.mark.parametrize("given", ["", "/", "..", "../x.md", "a/../b.md", "a/é/b.md", "./x.md"])
def test_clean_refuses_what_leads_elsewhere(given: str) -> None:
    with pytest.raises(names.BadName):
        names.clean(given)


@pytest.mark.parametrize(
    "given", ["", ".", "..", "a//b", "/a", "a/", ".htaccess", "a/.b/c.md", "a\\b", "a\0b", "x" * 256]
)
def test_parts_accepts_only_visible_names_below_the_layer(given: str) -> None:
    with pytest.raises(names.BadName):
        names.parts(given)


@pytest.mark.parametrize("given", ["A.md", "daily/2026/04/17.md", "notes.v2.TXT", "data.json"])
def test_text_may_be_written(given: str) -> None:
    assert names.writable(given)


@pytest.mark.parametrize(
    "given",
    ["x.php", "x.php.md", "x.PHTML.txt", "x", "x.html", ".md", "index.php", "x.phar.json", "x.php5.md"],
)
def test_what_a_server_could_run_may_not(given: str) -> None:
    assert not names.writable(given)
