"""Formats of posts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.automation.handlers import content_format, taxonomies
from sidecar.automation.handlers.blocks import from_html
from sidecar.automation.handlers.content_format import BLOCKS, HTML, MARKDOWN, FormatMissing, convert

PARAGRAPH = "<!-- wp:paragraph -->\n<p>{}</p>\n<!-- /wp:paragraph -->"


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("plain &amp; simple", PARAGRAPH.format("plain &amp; simple")),
        ("one\n\ntwo <b>x</b>", f"{PARAGRAPH.format('one')}\n\n{PARAGRAPH.format('two <b>x</b>')}"),
        ("<p>a<p>b", f"{PARAGRAPH.format('a')}\n\n{PARAGRAPH.format('b')}"),
        ("<div><div><p>deep</p></div></div>", PARAGRAPH.format("deep")),
        ("<p>a</p><script>alert(1)</script><style>p{}</style>", PARAGRAPH.format("a")),
        ("1 < 2 and <3", PARAGRAPH.format("1 &lt; 2 and &lt;3")),
        (
            "<h2>T</h2><h4>S</h4>",
            '<!-- wp:heading -->\n<h2 class="wp-block-heading">T</h2>\n<!-- /wp:heading -->\n\n'
            '<!-- wp:heading {"level":4} -->\n<h4 class="wp-block-heading">S</h4>\n<!-- /wp:heading -->',
        ),
        (
            "<p><img src='http://x/a.png' alt='A \"b\"' onerror='x'></p>",
            '<!-- wp:image -->\n<figure class="wp-block-image"><img src="http://x/a.png"'
            ' alt="A &quot;b&quot;"/></figure>\n<!-- /wp:image -->',
        ),
        (
            "<video src=x></video>",
            '<!-- wp:html -->\n<video src="x"></video>\n<!-- /wp:html -->',
        ),
    ],
)
def test_html_becomes_blocks(text: str, markup: str) -> None:
    assert from_html(text) == markup


@given(st.text(alphabet="<>/pdivliul ab\n&;\"'=-!", max_size=120))
def test_whatever_comes_in_blocks_are_whole(text: str) -> None:
    opened: list[str] = []
    for closing, name in re.findall(r"<!-- (/?)wp:([a-z-]+)(?: \{[^}]*\})? -->", from_html(text)):
        if closing:
            assert opened.pop() == name
        else:
            opened.append(name)
    assert opened == []


def test_deep_markup_is_no_trap() -> None:
    assert "x" in from_html("<div>" * 5000 + "x")
    assert "x" in from_html("<ul><li>" * 2000 + "x")


def test_markup_that_is_blocks_already_stays() -> None:
    markup = PARAGRAPH.format("a")
    assert convert(markup, HTML, BLOCKS) == markup
    assert convert(markup, BLOCKS, HTML) == "<p>a</p>"
    assert convert("# T", MARKDOWN, HTML) == "<h1>T</h1>\n"
    assert "<table>" in convert("|a|\n|-|\n|b|", MARKDOWN, BLOCKS)


@pytest.mark.parametrize(
    ("text", "given_format", "wanted"),
    [
        ("<p>a</p>", HTML, MARKDOWN),
        ("a", "bbcode", BLOCKS),
        ("<!-- wp:latest-posts /-->", BLOCKS, HTML),
    ],
)
def test_what_nobody_converts_is_said(text: str, given_format: str, wanted: str) -> None:
    with pytest.raises(FormatMissing, match=f"from {given_format} to {wanted}"):
        convert(text, given_format, wanted)


def test_the_source_is_named_in_the_format_of_the_post() -> None:
    url = 'http://x/?a=1&b="><script>'
    assert "<script>" not in content_format.attribution(url, HTML)
    assert content_format.attribution("http://x/", MARKDOWN) == "\n\n**Source:** <http://x/>"
    assert content_format.attribution(url, MARKDOWN) == ""
    for strange in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x/", ""):
        assert {content_format.attribution(strange, each) for each in (HTML, BLOCKS, MARKDOWN)} == {""}


def test_terms_by_settings_and_by_choice() -> None:
    config = {
        "taxonomy_category_selection": "3",
        "taxonomy_post_tag_selection": "ai_decides",
        "taxonomy_genre_selection": "ai_decides",
        "taxonomy_other_selection": "skip",
        "post_type": "post",
    }
    assert list(taxonomies.parameters(config)) == ["tags", "genre"]
    given = {"tags": ["a", " a ", "b", None, {"x": 1}], "genre": "Rock, Pop,", "category": "99"}
    assert taxonomies.chosen(config, given) == {
        "category": [3],
        "post_tag": ["a", "b"],
        "genre": ["Rock", "Pop"],
    }
    assert taxonomies.chosen(config, {}) == {"category": [3]}
    assert len(taxonomies.listed([str(n) for n in range(100)])) == taxonomies.MOST
    assert taxonomies.named({"category": [4, "News", True], "post_tag": "a,b", "x": None}) == {
        "category": [4, "News"],
        "post_tag": ["a", "b"],
    }


@pytest.mark.parametrize("piece", ["<!-- wp:", "<!-- wp:a >", "<!--", "<!-- /wp:a --"])
def test_comments_that_never_end_are_read_once(piece):
    # A pattern that looks for each one's end takes the square of it: hours.
    assert convert(piece * 200_000, BLOCKS, HTML).startswith(piece.strip())
