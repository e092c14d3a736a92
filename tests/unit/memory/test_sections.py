"""Sections are changed byte for byte as their readers expect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.memory import sections

DOCUMENT = "# T\n\nintro\n\n## A\none\ntwo\n\n## B\nthree\n"


def test_names_leave_out_what_stands_in_code_fences() -> None:
    assert sections.names("## A \n```\n## B\n```\n### C\n ## D\n") == ["A"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("A", "one\ntwo"), ("B", "three"), ("a", None), ("A ", None), ("C", None)],
)
def test_a_section_is_found_by_its_exact_name(name: str, content: str | None) -> None:
    assert sections.get(DOCUMENT, name) == content


def test_windows_line_ends_belong_to_no_name() -> None:
    assert sections.get("## A\r\nx\r\n## B\r\ny", "A") == "x"


def test_put_replaces_the_body_and_leaves_one_blank_line() -> None:
    assert sections.put(DOCUMENT, "A", "new") == "# T\n\nintro\n\n## A\nnew\n\n## B\nthree\n"
    assert sections.put(DOCUMENT, "B", "new") == "# T\n\nintro\n\n## A\none\ntwo\n\n## B\nnew\n"


def test_put_and_append_add_a_missing_section_at_the_end() -> None:
    assert sections.put("# T\n", "N", "x") == "# T\n\n## N\nx\n"
    assert sections.append("# T\n", "N", "x") == "# T\n\n## N\nx\n"


def test_append_goes_below_the_text_and_keeps_its_distance_when_repeated() -> None:
    once = sections.append(DOCUMENT, "A", "more")
    assert once == "# T\n\nintro\n\n## A\none\ntwo\nmore\n\n\n## B\nthree\n"
    assert (
        sections.append(once, "A", "again")
        == "# T\n\nintro\n\n## A\none\ntwo\nmore\nagain\n\n\n## B\nthree\n"
    )


@pytest.mark.parametrize("empty", ["## A\n\n## B\nkept\n", "## A\n## B\nkept\n"])
def test_an_empty_section_does_not_swallow_the_next(empty: str) -> None:
    assert sections.get(empty, "A") == ""
    changed = sections.put(empty, "A", "new")
    assert sections.get(changed, "A") == "new"
    assert sections.get(changed, "B") == "kept"
    assert sections.names(sections.append(empty, "A", "new")) == ["A", "B"]


def test_a_header_at_the_very_end_takes_content() -> None:
    assert sections.put("## A", "A", "x") == "## A\nx\n"


_name = st.text("abc XYZ", min_size=1).map(str.strip).filter(bool)
_body = st.lists(st.text("ab#c ", max_size=8).filter(lambda line: not line.startswith("## ")), max_size=4)


@given(st.lists(st.tuples(_name, _body), unique_by=lambda pair: pair[0], min_size=1), st.data())
def test_changing_one_section_changes_no_other(
    pairs: list[tuple[str, list[str]]], data: st.DataObject
) -> None:
    document = "".join(f"## {name}\n" + "\n".join(body) + "\n" for name, body in pairs)
    chosen = data.draw(st.sampled_from([name for name, _ in pairs]))
    change = data.draw(st.sampled_from([sections.put, sections.append]))
    changed = change(document, chosen, "new text")
    assert sections.names(changed) == [name for name, _ in pairs]
    for name, _ in pairs:
        if name != chosen:
            assert sections.get(changed, name) == sections.get(document, name)
    assert (sections.get(changed, chosen) or "").endswith("new text")


def test_appending_below_an_indented_heading_makes_no_section_of_it() -> None:
    changed = sections.append("## X\n\n ## a\n", "X", "more")
    assert sections.names(changed) == ["X"]
    assert changed.startswith("## X\n ## a\nmore\n")
