"""RSS and Atom feeds as items."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree

from sidecar.automation.engine.context import ExecutionContext
from sidecar.automation.handlers.base import Item, cutoff, excluded, matches_search
from sidecar.automation.handlers.images import Images
from sidecar.automation.handlers.outgoing import FetchError, Outgoing, shown, split
from sidecar.automation.handlers.text import strip_tags
from sidecar.clock import Clock

CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
DUBLIN = "{http://purl.org/dc/elements/1.1/}"
_IMAGES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
}


#: Elements and attributes of a feed, and bytes of one tag or text.
MOST_NODES, LONGEST_PART = 300_000, 4 << 20
_PIECE = 64 << 10
#: How a text of two bytes a character begins.
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_ENCODING = re.compile(rb"""<\?xml[^>]{1,100}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
#: Encodings of several bytes a character, which the parser does not know, by the widest of their kind.
_SEVERAL_BYTES = {
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "cp932": "cp932", "cp949": "cp949", "euc-jp": "euc_jp",
    "euc-kr": "cp949", "gb18030": "gb18030", "gb2312": "gb18030", "gbk": "gb18030",
    "iso-2022-jp": "iso2022_jp", "ks_c_5601-1987": "cp949", "shift-jis": "cp932", "shift_jis": "cp932",
    "sjis": "cp932", "windows-31j": "cp932", "x-sjis": "cp932",
}  # fmt: skip
#: Kept for whoever catches what a feed can do wrong.
FeedError = FetchError


class Rss:
    """``rss``: the items of one feed, in document order. ``may_reach`` says whether the feed may be on a
    private or loopback address; pictures in it never may.
    """

    slug = "rss"
    source_type = "rss"

    def __init__(
        self,
        clock: Clock,
        outgoing: Outgoing | None = None,
        images: Images | None = None,
        may_reach: Callable[[], bool] = lambda: True,
    ) -> None:
        self._clock = clock
        self._outgoing = outgoing or Outgoing(clock)
        self._images = images
        self._may_reach = may_reach

    def fetch(self, config: Mapping[str, Any], context: ExecutionContext) -> Sequence[Item]:
        url = str(config.get("feed_url") or "").strip()
        try:
            root = parse(self._outgoing.get(url, private=self._may_reach(), what="feed").body)
        except FetchError as error:
            context.log(
                "error", "Rss: Failed to fetch RSS feed.", {"error": str(error), "feed_url": shown(url)}
            )
            return []
        earliest = cutoff(config.get("timeframe_limit"), self._clock)
        found = []
        for element in entries(root):
            item = read_entry(element)
            if item is None:
                context.log(
                    "warning", "Rss: Skipped an item without guid and link.", {"feed_url": shown(url)}
                )
                continue
            published = moment(item.metadata["original_date_gmt"])
            if earliest is not None and published is not None and published.timestamp() < earliest:
                continue
            text = f"{item.title} {item.content}"
            if matches_search(text, config.get("search")) and not excluded(
                text, config.get("exclude_keywords")
            ):
                found.append(item)
        return found

    def prepare(self, item: Item, _config: Mapping[str, Any], context: ExecutionContext) -> None:
        """Download the picture of an item that is taken; without one its ``file_info`` keeps the address."""
        url = (item.file_info or {}).get("url")
        picture = None
        if isinstance(url, str) and url and self._images is not None:
            picture = self._images.download(url, "rss_image", context)
        if picture is not None:
            item.file_info = picture.file_info()
        # What steps behind this one look for in the job.
        item.metadata["_engine_data"] = {
            "source_url": item.metadata["source_url"],
            "image_file_path": picture.path if picture else "",
        }


def parse(body: bytes) -> ElementTree.Element:
    """The root element; FeedError.

    Refused are documents that declare entities, which can grow without bound, and those of so many elements,
    or with so long a tag, that they take many times their size once they are read.
    """
    body, encoding = _readable(body)
    if (
        b"<!ENTITY" in body
        or "<!ENTITY".encode("utf-16-le") in body
        or "<!ENTITY".encode("utf-16-be") in body
    ):
        raise FeedError("The feed declares entities.")
    if len(body) > LONGEST_PART and _longest_part(body) > LONGEST_PART:
        raise FeedError(f"A part of the feed is longer than {LONGEST_PART >> 20} MiB.")
    parser = ElementTree.XMLParser(target=_Counting(), encoding=encoding)  # noqa: S314  entities were refused above
    try:
        text = memoryview(body if body.startswith(_WIDE) else body.strip())
        # The parser looks for errors of its target after each piece only.
        for begin in range(0, len(text), _PIECE):
            parser.feed(text[begin : begin + _PIECE])
        root: ElementTree.Element = parser.close()
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        # An encoding that nobody knows, or that Python cannot offer to the parser, is none of XML's errors.
        raise FeedError(f"The feed is not well-formed XML: {error}") from error
    return root


def _readable(body: bytes) -> tuple[bytes, str | None]:
    """The document in an encoding that the parser knows, and which that is; None: the one it names."""
    named = _ENCODING.match(body[:200].lstrip())
    codec = _SEVERAL_BYTES.get(named[1].decode("ascii").lower()) if named else None
    if codec is None:
        return body, None
    return body.decode(codec, "replace").encode("utf-8"), "utf-8"


class _Counting(ElementTree.TreeBuilder):
    """Builds until there is too much of it."""

    left = MOST_NODES

    def start(self, tag: str, attributes: dict[str, str], /) -> ElementTree.Element:
        self.left -= 1 + len(attributes)
        if self.left < 0:
            raise FeedError(f"The feed has more than {MOST_NODES} elements and attributes.")
        return super().start(tag, attributes)


def _longest_part(body: bytes) -> int:
    """Bytes of its longest tag or text: from one ``<`` to the next."""
    longest, at = 0, 0
    while (after := body.find(b"<", at + 1)) >= 0:
        longest, at = max(longest, after - at), after
    return max(longest, len(body) - at)


def entries(root: ElementTree.Element) -> list[ElementTree.Element]:
    """``channel/item``, else ``item``, else ``entry``, whatever their namespace."""
    channel = _children(root, "channel")
    for parent, name in ((channel[0] if channel else None, "item"), (root, "item"), (root, "entry")):
        found = _children(parent, name) if parent is not None else []
        if found:
            return found
    return []


def read_entry(element: ElementTree.Element) -> Item | None:
    """An item; None when nothing can identify it."""
    link = _link(element)
    guid = _text(element, "guid") or _text(element, "id") or link
    if not guid:
        return None
    title = _text(element, "title") or "Untitled"
    body = _text(element, "description") or _text(element, "summary") or _text(element, "content")
    if not body:
        body = (element.findtext(CONTENT) or "").strip()
    when = moment(
        _text(element, "pubDate")
        or _text(element, "published")
        or _text(element, "updated")
        or (element.findtext(f"{DUBLIN}date") or "").strip()
    )
    author = _children(element, "author")
    name = _text(author[0], "name") if author else ""
    writer = name or (author[0].text or "").strip() if author else ""
    writer = writer or (element.findtext(f"{DUBLIN}creator") or "").strip()
    return Item(
        title=title,
        content=strip_tags(body),
        metadata={
            "source_type": Rss.source_type,
            "item_identifier": guid,
            "original_id": guid,
            "original_title": title,
            "original_date_gmt": when.strftime("%Y-%m-%dT%H:%M:%SZ") if when else None,
            "author": writer or None,
            "categories": _categories(element),
            "guid": guid,
            "source_url": link,
        },
        file_info=_enclosure(element),
    )


def _enclosure(element: ElementTree.Element) -> dict[str, Any] | None:
    """What an enclosure says of itself. Images are named with their address, not downloaded yet."""
    for one in _children(element, "enclosure"):
        url = one.get("url", "")
        extension = split(url).path.rpartition(".")[2].lower()
        kind = _IMAGES.get(extension) or one.get("type") or ""
        if kind.startswith("image/"):
            return {"type": kind, "mime_type": kind, "url": url}
        if kind:
            return {"type": kind, "mime_type": kind}
    return None


def _categories(element: ElementTree.Element) -> list[str]:
    found = ((one.get("term") or one.text or "").strip() for one in _children(element, "category"))
    return [category for category in found if category]


def _link(element: ElementTree.Element) -> str:
    links = _children(element, "link")
    return (links[0].get("href") or links[0].text or "").strip() if links else ""


def _text(element: ElementTree.Element, name: str) -> str:
    found = _children(element, name)
    return "".join(found[0].itertext()).strip() if found else ""


def _children(element: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """Children by local name: in the feed's own vocabulary, not in an extension's."""
    foreign = ("purl.org", "search.yahoo.com", "itunes.com")
    return [
        child
        for child in element
        if isinstance(child.tag, str)
        and child.tag.rpartition("}")[2] == name
        and not any(mark in child.tag for mark in foreign)
    ]


def moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            return None
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        # Programs write the first and the last moment they know where they know none.
        return None
