"""HTML as block markup, so that editors show paragraphs and headings instead of one block of HTML.

What has no block of its own becomes a block of HTML; scripts and styles are left out.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_DROPPED = {"script", "style", "noscript", "template", "head", "title", "meta", "link", "base"}
_DESCEND = {"html", "body", "main", "article", "section", "div", "header", "footer", "center"}
_INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "data", "del", "dfn", "em", "i", "ins", "kbd",
    "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr",
}  # fmt: skip
#: Elements that end when a like one begins.
_SIBLINGS = {
    "li": {"li"},
    "p": {"p"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "tr": {"tr"},
    "td": {"td", "th"},
}
_BOUNDS = {"ul", "ol", "table", "blockquote", "div", "section", "article"}
#: Strangers' markup nests as deep as they like; Python does not.
_DEEPEST = 60
_BLANK_LINES = re.compile(r"\n\s*\n")


class Node:
    """An element, with its attributes as they were written."""

    def __init__(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Node | str] = []

    def get(self, name: str) -> str:
        """An attribute's value, unescaped; '' when absent."""
        return next((value or "" for key, value in self.attributes if key == name), "")

    def inner(self) -> str:
        """The markup inside."""
        return "".join(one if isinstance(one, str) else one.outer() for one in self.children)

    def outer(self) -> str:
        """The markup of the element itself."""
        if self.tag in _DROPPED:
            return ""
        written = "".join(
            f" {key}" if value is None else f' {key}="{escaped(value)}"' for key, value in self.attributes
        )
        if self.tag in _VOID:
            return f"<{self.tag}{written}/>"
        return f"<{self.tag}{written}>{self.inner()}</{self.tag}>"

    def elements(self, tag: str) -> list[Node]:
        """Children of one kind."""
        return [one for one in self.children if isinstance(one, Node) and one.tag == tag]


def escaped(text: str) -> str:
    """For an attribute or a text."""
    return html.escape(text, quote=True)


def from_html(text: str) -> str:
    """Block markup of a piece of HTML."""
    return "\n\n".join(_blocks(_read(text).children))


class _Reader(HTMLParser):
    """Builds the tree; closes what was left open. Texts keep their entities."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.root = Node("", [])
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place].tag in _SIBLINGS.get(tag, ()):
                del self._open[place:]
                break
            if self._open[place].tag in _BOUNDS:
                break
        node = Node(tag, attrs)
        self._open[-1].children.append(node)
        if tag not in _VOID and len(self._open) < _DEEPEST:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Node(tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        # Inside scripts a text is no markup; elsewhere a lone "<" was read as text.
        self._open[-1].children.append(data.replace("<", "&lt;"))

    def handle_entityref(self, name: str) -> None:
        self._open[-1].children.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._open[-1].children.append(f"&#{name};")


def _read(text: str) -> Node:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.root


def _blocks(children: list[Node | str]) -> list[str]:
    found: list[str] = []
    run: list[Node | str] = []

    def end_run() -> None:
        inline = "".join(one if isinstance(one, str) else one.outer() for one in run)
        found.extend(_paragraph(part) for part in _BLANK_LINES.split(inline) if part.strip())
        run.clear()

    for one in children:
        if isinstance(one, str) or one.tag in _INLINE:
            run.append(one)
            continue
        end_run()
        found.extend(_block(one))
    end_run()
    return found


def _block(node: Node) -> list[str]:
    tag = node.tag
    if tag in _DROPPED:
        return []
    if tag in _DESCEND or (tag == "p" and any(node.elements(one) for one in ("img", "figure"))):
        return _blocks(node.children)
    if tag == "p":
        return [_paragraph(node.inner())] if node.inner().strip() else []
    if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
        level = int(tag[1])
        about = "" if level == 2 else f' {{"level":{level}}}'
        markup = f'<{tag} class="wp-block-heading">{node.inner().strip()}</{tag}>'
        return [f"<!-- wp:heading{about} -->\n{markup}\n<!-- /wp:heading -->"]
    if tag in ("ul", "ol"):
        return [_list(node)]
    if tag == "blockquote":
        inner = "\n\n".join(_blocks(node.children))
        return [
            f'<!-- wp:quote -->\n<blockquote class="wp-block-quote">{inner}</blockquote>\n<!-- /wp:quote -->'
        ]
    if tag == "pre":
        return [_code(node)]
    if tag == "hr":
        rule = '<hr class="wp-block-separator has-alpha-channel-opacity"/>'
        return [f"<!-- wp:separator -->\n{rule}\n<!-- /wp:separator -->"]
    if tag in ("img", "figure"):
        return [_figure(node)]
    if tag == "table":
        table = f"<table>{node.inner()}</table>"
        return [f'<!-- wp:table -->\n<figure class="wp-block-table">{table}</figure>\n<!-- /wp:table -->']
    return [f"<!-- wp:html -->\n{node.outer()}\n<!-- /wp:html -->"]


def _paragraph(inner: str) -> str:
    return f"<!-- wp:paragraph -->\n<p>{inner.strip()}</p>\n<!-- /wp:paragraph -->"


def _list(node: Node) -> str:
    about = ' {"ordered":true}' if node.tag == "ol" else ""
    items = "\n\n".join(_list_item(one) for one in map(_item, node.children) if one.inner().strip())
    return (
        f'<!-- wp:list{about} -->\n<{node.tag} class="wp-block-list">{items}</{node.tag}>\n<!-- /wp:list -->'
    )


def _item(child: Node | str) -> Node:
    """What stands in a list without being an item is taken for one."""
    if isinstance(child, Node) and child.tag == "li":
        return child
    item = Node("li", [])
    item.children.append(child)
    return item


def _list_item(node: Node) -> str:
    inner = ""
    for one in node.children:
        if isinstance(one, Node) and one.tag in ("ul", "ol"):
            inner = inner.rstrip() + _list(one)
        elif isinstance(one, Node) and one.tag == "p":
            # A block's list item holds no paragraphs.
            inner += ("<br>" if inner.strip() else "") + one.inner()
        else:
            inner += one if isinstance(one, str) else one.outer()
    return f"<!-- wp:list-item -->\n<li>{inner.strip()}</li>\n<!-- /wp:list-item -->"


def _code(node: Node) -> str:
    code = node.elements("code")
    if code:
        inner = code[0].inner().rstrip("\n")
        return f'<!-- wp:code -->\n<pre class="wp-block-code"><code>{inner}</code></pre>\n<!-- /wp:code -->'
    return (
        f'<!-- wp:preformatted -->\n<pre class="wp-block-preformatted">{node.inner()}</pre>\n'
        "<!-- /wp:preformatted -->"
    )


def _figure(node: Node) -> str:
    images = [node] if node.tag == "img" else _all(node, "img")
    if not images:
        return f"<!-- wp:html -->\n{node.outer()}\n<!-- /wp:html -->"
    image = f'<img src="{escaped(images[0].get("src"))}" alt="{escaped(images[0].get("alt"))}"/>'
    captions = _all(node, "figcaption")
    if captions:
        image += f'<figcaption class="wp-element-caption">{captions[0].inner()}</figcaption>'
    return f'<!-- wp:image -->\n<figure class="wp-block-image">{image}</figure>\n<!-- /wp:image -->'


def _all(node: Node, tag: str) -> list[Node]:
    found = []
    for one in node.children:
        if isinstance(one, Node):
            found += [one] if one.tag == tag else _all(one, tag)
    return found
