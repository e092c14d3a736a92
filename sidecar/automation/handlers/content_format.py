"""The formats of a post's content: block markup, HTML, Markdown. What is written becomes what is stored."""

from __future__ import annotations

import re

from sidecar import hooks
from sidecar.automation.handlers import blocks
from sidecar.errors import InvalidInput

BLOCKS, HTML, MARKDOWN = "blocks", "html", "markdown"
# Not beyond the next comment: where none of them ends, each would be looked through to the end.
_COMMENT = re.compile(r"<!--\s*/?wp:(?:(?!<!--)[^>])*?-->\s*")
_DYNAMIC = re.compile(r"<!--\s*wp:(?:(?!<!--)[^>])*?/-->")


class FormatMissing(InvalidInput):
    """Nothing here converts between these formats."""

    code = "datamachine_content_format_bfb_missing"


def stored(post_type: str) -> str:
    """How posts of a type are stored: ``blocks`` unless the filter ``datamachine_post_content_format`` says
    otherwise.
    """
    return str(hooks.apply_filters("datamachine_post_content_format", BLOCKS, post_type))


def convert(content: str, given: str, wanted: str) -> str:
    """Content in another format; FormatMissing.

    Block markup inside HTML is kept as it is: models often write it without saying so.
    """
    if given == wanted or not content.strip():
        return content
    if given == MARKDOWN and wanted in (HTML, BLOCKS):
        content, given = _markdown(content), HTML
        if wanted == HTML:
            return content
    if given == HTML and wanted == BLOCKS:
        return content if "<!-- wp:" in content else blocks.from_html(content)
    if given == BLOCKS and wanted == HTML and not _DYNAMIC.search(content):
        return _COMMENT.sub("", content).strip()
    raise FormatMissing(f"Block Format Bridge is required to convert post content from {given} to {wanted}.")


def attribution(url: str, wanted: str) -> str:
    """A line that says where the content comes from, in the format of the post; '' where there is no way.

    A feed may name anything as its item's address: a script, a file.
    """
    if not url.lower().startswith(("http://", "https://")):
        return ""
    if wanted == MARKDOWN:
        return f"\n\n**Source:** <{url}>" if not set(url) & set("<> \n") else ""
    link = blocks.escaped(url)
    line = f'<p><strong>Source:</strong> <a href="{link}">{link}</a></p>'
    if wanted == BLOCKS:
        return f"\n\n<!-- wp:paragraph -->\n{line}\n<!-- /wp:paragraph -->"
    return f"\n\n{line}"


def _markdown(text: str) -> str:
    from markdown_it import MarkdownIt  # takes long to import, and few posts are written in it

    made: str = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)
    return made
