"""Search reports lines with their section and surroundings."""

from __future__ import annotations

from sidecar.memory.search import LIMIT, search


def test_matches_name_section_line_and_context() -> None:
    found = search("intro Key\n## A\nx\nkey here\ny\nz\n", "KEY", context_lines=1)
    assert [(match.section, match.line, match.content, match.context) for match in found.matches] == [
        ("(top-level)", 1, "intro Key", "intro Key\n## A"),
        ("A", 4, "key here", "x\nkey here\ny"),
    ]


def test_one_section_only() -> None:
    assert search("## A\nkey\n## B\nkey\n", "key", section="B").match_count == 1


def test_matches_are_capped_and_still_counted() -> None:
    found = search("key\n" * (LIMIT + 7), "key")
    assert (len(found.matches), found.match_count) == (LIMIT, LIMIT + 7)


def test_lines_in_code_fences_belong_to_the_section_they_stand_in() -> None:
    found = search("## A\n```\n## key\n```\nkey\n## B\r\nkey", "key")
    assert [(match.section, match.line) for match in found.matches] == [("A", 3), ("A", 5), ("B", 7)]


def test_no_lines_around() -> None:
    [match] = search("a\nkey\nb", "key", context_lines=0).matches
    assert match.context == "key"
    [match] = search("a\nkey\nb", "key", context_lines=-1).matches
    assert match.context == "key"
