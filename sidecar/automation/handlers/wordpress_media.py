"""The media library of this site as items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sidecar.automation import wordpress
from sidecar.automation.engine.context import ExecutionContext
from sidecar.automation.handlers.base import Item, Page, cutoff, excluded, matches_search
from sidecar.automation.handlers.wordpress_posts import POSTS_PER_PAGE, further, page, paged_order
from sidecar.clock import Clock, mysql


class WordPressMedia:
    """``wordpress_media``: newest first, or at random. Files stay where they are."""

    slug = "wordpress_media"
    source_type = "wordpress_media"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def fetch(self, config: Mapping[str, Any], context: ExecutionContext) -> Sequence[Item]:
        """The first entries alone."""
        return self._load(self._first(self._query(config, context)), config)

    def pages(self, config: Mapping[str, Any], context: ExecutionContext) -> Iterator[Page]:
        """The first entries, then ids of older ones."""
        query = self._query(config, context)
        first = self._load(self._first(query), config)
        context.log("info", f"Found {len(first)} unprocessed media.", {"eligible": len(first)})
        yield page(first)
        yield from further(query, lambda wanted: self._load([int(one) for one in wanted], config))

    def _query(self, config: Mapping[str, Any], context: ExecutionContext) -> dict[str, Any]:
        query: dict[str, Any] = {
            "post_type": "attachment",
            "post_status": "inherit",
            "orderby": paged_order("date", context, config),
        }
        earliest = cutoff(config.get("timeframe_limit"), self._clock)
        if earliest is not None:
            after = mysql(datetime.fromtimestamp(earliest, UTC))
            query["date_query"] = [{"column": "post_date_gmt", "after": after, "inclusive": True}]
        return query

    @staticmethod
    def _first(query: Mapping[str, Any]) -> Sequence[int]:
        return wordpress.post_ids({**query, "posts_per_page": POSTS_PER_PAGE})

    @staticmethod
    def _load(ids: Sequence[int], config: Mapping[str, Any]) -> list[Item]:
        parents = bool(config.get("include_parent_content"))
        found = []
        for one in wordpress.media(ids, parents=parents):
            item = _item(one)
            text = f"{item.title} {item.content}"
            if matches_search(text, config.get("search")) and not excluded(
                text, config.get("exclude_keywords")
            ):
                found.append(item)
        return found


def _item(media: Mapping[str, Any]) -> Item:
    texts = [media["caption"], media["description"], media["alt"] and f"Alt text: {media['alt']}"]
    if media.get("parent_content"):
        texts.append(f"{media.get('parent_title') or ''}\n\n{media['parent_content']}".strip())
    path, mime = str(media["path"]), str(media["mime_type"])
    picture = path if mime.startswith("image/") else ""
    return Item(
        title=str(media["title"]),
        content="\n\n".join(str(text) for text in texts if text),
        metadata={
            "source_type": WordPressMedia.source_type,
            "item_identifier": str(media["id"]),
            "original_id": int(media["id"]),
            "original_title": media["title"],
            "original_date_gmt": media["date_gmt"],
            "parent_post_id": int(media["parent_id"]),
            "mime_type": mime,
            "file_size": int(media["size"]),
            "site_name": media["site_name"],
            "source_url": media["url"],
            "image_file_path": picture,
            "_engine_data": {"source_url": media["url"], "image_file_path": picture},
        },
        file_info={
            "type": mime,
            "mime_type": mime,
            "file_name": path.rpartition("/")[2],
            "file_path": path,
            "file_size": int(media["size"]),
        },
    )
