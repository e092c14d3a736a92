"""Another site's REST API as items: WordPress's, or any that lists things with texts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sidecar.automation.engine.context import ExecutionContext
from sidecar.automation.handlers.base import Item, cutoff, excluded, matches_search
from sidecar.automation.handlers.images import Images
from sidecar.automation.handlers.outgoing import FetchError, Outgoing, shown, split
from sidecar.automation.handlers.rss import moment
from sidecar.automation.handlers.text import strip_tags
from sidecar.clock import Clock
from sidecar.db import php_json

#: Values of an answer.
MOST_VALUES = 1_000_000
#: Where an answer that is no list itself keeps its list.
_LISTS = ("items", "posts", "results", "data", "entries")
_ID = ("id", "ID", "guid", "uuid", "slug")
_TITLE = ("title", "name", "headline", "subject")
_CONTENT = ("content", "body", "description", "excerpt", "summary", "text")
_LINK = ("link", "url", "permalink", "html_url", "web_url")
_DATE = ("date_gmt", "date", "published_at", "created_at", "published", "created", "modified_gmt")
_IMAGE = ("featured_image_url", "jetpack_featured_media_url", "featured_image", "image_url", "image")


class WordPressApi:
    """``wordpress_api``: what one address lists, in its order."""

    slug = "wordpress_api"
    source_type = "rest_api"

    def __init__(
        self, clock: Clock, outgoing: Outgoing, images: Images, may_reach: Callable[[], bool]
    ) -> None:
        self._clock = clock
        self._outgoing = outgoing
        self._images = images
        self._may_reach = may_reach

    def fetch(self, config: Mapping[str, Any], context: ExecutionContext) -> Sequence[Item]:
        url = str(config.get("endpoint_url") or "").strip()
        try:
            answer = self._outgoing.get(
                url, private=self._may_reach(), headers={"Accept": "application/json"}
            )
            listed = entries(read(answer.body))
        except (FetchError, php_json.NotJson) as error:
            context.log(
                "error", "Rest_api: Failed to fetch items.", {"error": str(error), "endpoint_url": shown(url)}
            )
            return []
        earliest = cutoff(config.get("timeframe_limit"), self._clock)
        found = []
        for entry in listed:
            item, when = read_entry(entry, url)
            if item is None or (earliest is not None and when is not None and when.timestamp() < earliest):
                continue
            text = f"{item.title} {strip_tags(item.content)}"
            if matches_search(text, config.get("search")) and not excluded(
                text, config.get("exclude_keywords")
            ):
                found.append(item)
        return found

    def prepare(self, item: Item, _config: Mapping[str, Any], context: ExecutionContext) -> None:
        """Download the picture of an item that is taken."""
        url = item.metadata.pop("image_url", "")
        picture = self._images.download(url, "api_image", context) if url else None
        if picture is not None:
            item.file_info = picture.file_info()
        item.metadata["_engine_data"] = {
            "source_url": item.metadata["source_url"],
            "image_file_path": picture.path if picture else "",
        }


def read(body: bytes) -> Any:
    """What an answer says; NotJson.

    FetchError for one of so many values that it takes many times its size once it is read.
    """
    if sum(body.count(sign) for sign in (b"{", b"[", b",")) > MOST_VALUES:
        raise FetchError(f"The answer has more than {MOST_VALUES} values.")
    return php_json.loads(body)


def entries(answer: Any) -> list[Mapping[str, Any]]:
    """The things an answer lists; a thing alone is a list of one."""
    if isinstance(answer, list):
        return [one for one in answer if isinstance(one, Mapping)]
    if not isinstance(answer, Mapping):
        return []
    for name in _LISTS:
        inner = answer.get(name)
        if isinstance(inner, list):
            return [one for one in inner if isinstance(one, Mapping)]
    return [answer]


def read_entry(entry: Mapping[str, Any], endpoint: str) -> tuple[Item | None, datetime | None]:
    """An item and when it was published; no item when nothing can identify it.

    ``image_url`` stands in its metadata until the item is taken.
    """
    link = _text(entry, _LINK)
    identity = _text(entry, _ID) or link
    if not identity:
        return None, None
    title = strip_tags(_text(entry, _TITLE)) or "Untitled"
    when = moment(_text(entry, _DATE))
    item = Item(
        title=title,
        content=_text(entry, _CONTENT),
        metadata={
            "source_type": WordPressApi.source_type,
            # Two endpoints may use the same ids.
            "item_identifier": hashlib.md5(f"{endpoint}_{identity}".encode()).hexdigest(),
            "original_id": identity,
            "original_title": title,
            "original_date_gmt": when.strftime("%Y-%m-%dT%H:%M:%SZ") if when else None,
            "site_name": split(link or endpoint).hostname or "",
            "source_url": link or endpoint,
            "image_url": _image(entry),
        },
    )
    return item, when


def _text(entry: Mapping[str, Any], names: Sequence[str]) -> str:
    """The first of these members that holds a text; WordPress wraps some as ``{rendered}``."""
    for name in names:
        value = entry.get(name)
        if isinstance(value, Mapping):
            value = value.get("rendered", value.get("raw"))
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def _image(entry: Mapping[str, Any]) -> str:
    embedded = entry.get("_embedded")
    media = embedded.get("wp:featuredmedia") if isinstance(embedded, Mapping) else None
    if isinstance(media, list) and media and isinstance(media[0], Mapping):
        found = _text(media[0], ("source_url",))
        if found:
            return found
    found = _text(entry, _IMAGE)
    return found if found.startswith(("http://", "https://")) else ""
