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


OPEN, CLOSE = "<!-- datamachine-section-body -->", "<!-- /datamachine-section-body -->"


def test_content_with_headings_stays_one_section() -> None:
    content = "intro\n## Not a section\nmore"
    changed = sections.put(DOCUMENT, "A", content)
    assert changed == f"# T\n\nintro\n\n## A\n{OPEN}\n{content}\n{CLOSE}\n\n## B\nthree\n"
    assert sections.names(changed) == ["A", "B"]
    assert sections.get(changed, "A") == content
    longer = sections.append(changed, "A", "## And one more")
    assert sections.names(longer) == ["A", "B"]
    assert sections.get(longer, "A") == f"{content}\n## And one more"
    assert sections.put(changed, "A", "plain") == sections.put(DOCUMENT, "A", "plain")


def test_content_that_holds_the_marker_lines_is_read_as_it_was_written() -> None:
    content = f"{OPEN}\n## x\n{CLOSE}\n## y\n<!-- \\datamachine-section-body -->"
    for change in (sections.put, sections.append):
        for name in ("A", "New"):
            changed = change(DOCUMENT, name, content)
            assert [each for each in sections.names(changed) if each in "AB"] == ["A", "B"]
            assert (sections.get(changed, name) or "").endswith(content)


def test_half_a_code_fence_hides_nothing() -> None:
    broken = sections.put(DOCUMENT, "A", "```\nopen")
    assert sections.names(broken) == ["A", "B"]
    for content in ("```\ncode\n```", "~~~\n## in code\n~~~", "```"):
        for name in ("B", "C"):
            changed = sections.put(broken, name, content)
            assert sections.names(changed)[:2] == ["A", "B"]
            assert sections.get(changed, name) == content
            assert sections.get(changed, "A") == "```\nopen"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("```\n## x\n```\n## y\n", ["y"]),
        ("   ~~~~ md\n## x\n~~~\n## x\n~~~~~  \n## y\n", ["y"]),
        ("    ```\n## x\n    ```\n", ["x"]),
        ("```inline``` code\n## x\n```\n", ["x"]),
        ("```\n## never closed\n", ["never closed"]),
        (f"{OPEN}\n## never closed\n", ["never closed"]),
        (f"## a\n{OPEN}\n## x\n```\n{CLOSE}\n## b\n```\n## c\n```\n", ["a", "b"]),
        (f"```\n{OPEN}\n```\n## x\n{CLOSE}\n", ["x"]),
        (f"{OPEN}\n## a\n{OPEN}\n## x\n{CLOSE}\n## b\n", ["a", "b"]),
        ("## a\r\n```\r\n## x\r\n```\r\n## b\r\n", ["a", "b"]),
        ("##\n##  \n##x\n### y\n", []),
    ],
)
def test_what_is_a_heading(text: str, found: list[str]) -> None:
    assert sections.names(text) == found


def test_windows_line_ends_stay() -> None:
    text = "# T\r\n\r\n## A\r\none\r\n\r\n## B\r\ntwo\r\n"
    assert sections.put(text, "A", "new") == "# T\r\n\r\n## A\r\nnew\r\n\r\n## B\r\ntwo\r\n"
    assert sections.put(text, "C", "x").endswith("two\r\n\r\n## C\r\nx\r\n")
    assert sections.append(text, "B", "more").endswith("## B\r\ntwo\r\nmore\r\n\r\n")
    assert sections.get(sections.put(text, "A", "## h\r\nx"), "A") == "## h\r\nx"
    assert sections.delete(text, "A") == "# T\r\n\r\n## B\r\ntwo\r\n"


def test_deleting_a_section() -> None:
    assert sections.delete(DOCUMENT, "A") == "# T\n\nintro\n\n## B\nthree\n"
    assert sections.delete(DOCUMENT, "B") == "# T\n\nintro\n\n## A\none\ntwo\n"
    assert sections.delete("## A\nx\n\n\n\n## B\ny\n\n\n\nz", "A") == "## B\ny\n\n\n\nz"
    assert sections.delete("## A\nx", "A") == ""
    assert sections.delete(DOCUMENT, "a") is None


def test_deleting_what_kept_two_halves_of_a_fence_apart_hides_nothing() -> None:
    text = f"## A\n```\n\n## B\n{OPEN}\n## x\n{CLOSE}\n\n## C\n```\n\n## D\nkept\n"
    assert sections.names(text) == ["A", "B", "C", "D"]
    left = sections.delete(text, "B")
    assert left is not None
    assert sections.names(left) == ["A", "C", "D"]
    assert left.endswith("\n## C\n```\n\n## D\nkept\n")


def test_a_heading_is_one_line() -> None:
    assert [sections.heading(name) for name in (" A ", "A\nB", "A\rB", " \t", "")] == ["A", "", "", "", ""]


_line = st.sampled_from(
    [
        "",
        " ",
        "text",
        "## A",
        "## B ",
        "## C\r",
        "## A\t",
        "##",
        "```",
        "```py",
        "````",
        "  ~~~",
        "~~~ x",
        "    ```",
        "``` `",
        OPEN,
        CLOSE,
        f"{OPEN}\r",
        "<!-- \\datamachine-section-body -->",
        "<!-- \\/datamachine-section-body -->",
        f"x{CLOSE}",
        "\x00",
    ]
)
_text = st.builds(
    lambda lines, end, last: end.join(lines) + last,
    st.lists(_line, max_size=14),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\n", "\r\n"]),
)


@given(_text | st.text())
def test_parse_and_render_are_inverse(text: str) -> None:
    document = sections.parse(text)
    assert sections.render(document) == text
    assert sections.parse(sections.render(document)) == document


@given(_text, st.sampled_from(["A", "B", "C", "D"]), _text, st.sampled_from(["put", "append", "delete"]))
def test_an_edit_changes_no_byte_of_another_section(text: str, name: str, content: str, how: str) -> None:
    before = sections.parse(text)
    at = next((n for n, each in enumerate(before.sections) if each.name == name), None)
    if how == "delete":
        changed = sections.delete(text, name)
        assert (changed is None) == (at is None)
        if changed is None or at is None:
            return
    else:
        changed = (sections.put if how == "put" else sections.append)(text, name, content)
        expected = content.strip(" \t\n\r\0\x0b")
        found = sections.get(changed, name)
        assert found is not None
        assert found == expected if how == "put" else found.endswith(expected)
    after = sections.parse(changed)
    names = [each.name for each in before.sections]
    if at is None:
        assert changed.startswith(text)
        assert [each.name for each in after.sections] == [*names, name]
        # The newline in front of the new heading belongs to what was last.
        assert after.sections[: len(names)][:-1] == before.sections[:-1]
        return
    if how == "delete":
        del names[at]
        assert after.sections[at:] == before.sections[at + 1 :]
        assert after.sections[: max(0, at - 1)] == before.sections[: max(0, at - 1)]
    else:
        assert after.sections[at + 1 :] == before.sections[at + 1 :]
        assert after.sections[:at] == before.sections[:at]
        assert after.preamble == before.preamble
    assert [each.name for each in after.sections] == names


def test_a_large_file_takes_time_in_proportion() -> None:
    """Half fences by the ten thousand: each of them looks for its other half."""
    text = "".join(f"{'`' * (3 + n % 50)}x\n{OPEN}\n## {n}\n" for n in range(40_000))
    assert len(sections.names(text)) == 40_000
