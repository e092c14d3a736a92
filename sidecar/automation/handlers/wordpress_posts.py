"""Posts of this site as items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sidecar.automation import wordpress
from sidecar.automation.engine.context import ExecutionContext
from sidecar.automation.handlers.base import Item, cutoff, excluded
from sidecar.clock import Clock, mysql

#: Posts older than the ten last changed ones are never reached: Data Machine's rule.
POSTS_PER_PAGE = 10


class WordPressPosts:
    """``wordpress_posts``: at most ten posts a run, last modified first, or at random."""

    slug = "wordpress_posts"
    source_type = "wordpress_local"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def fetch(self, config: Mapping[str, Any], context: ExecutionContext) -> Sequence[Item]:
        url = str(config.get("source_url") or "").strip()
        if url:
            return self._single(url, context)
        posts = wordpress.posts(self._query(config))
        context.log(
            "debug", "Query returned posts", {"posts_found": len(posts), "posts_per_page": POSTS_PER_PAGE}
        )
        wanted = [
            post
            for post in posts
            if not excluded(f"{post['title']} {post['content']}", config.get("exclude_keywords"))
        ]
        context.log("info", f"Found {len(wanted)} unprocessed posts.", {"eligible": len(wanted)})
        return [_item(post) for post in wanted]

    def _single(self, url: str, context: ExecutionContext) -> Sequence[Item]:
        posts = wordpress.posts({"source_url": url})
        if not posts:
            context.log("warning", "No local post has this URL.", {"source_url": url})
            return []
        item = _item(posts[0])
        item.metadata["_engine_data"] = {
            "source_url": posts[0]["permalink"],
            "image_file_path": posts[0].get("image_file_path") or "",
        }
        return [item]

    def _query(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """What WP_Query takes. Taxonomy filters are the keys ``taxonomy_{tax}_filter`` with a term id."""
        query: dict[str, Any] = {
            "post_type": config.get("post_type") or "post",
            "post_status": config.get("post_status") or "publish",
            "posts_per_page": POSTS_PER_PAGE,
            "orderby": "rand" if config.get("randomize_selection") else "modified",
            "order": "DESC",
        }
        earliest = cutoff(config.get("timeframe_limit"), self._clock)
        if earliest is not None:
            after = mysql(datetime.fromtimestamp(earliest, UTC))
            query["date_query"] = [{"column": "post_date_gmt", "after": after, "inclusive": True}]
        search = str(config.get("search") or "").strip()
        if search:
            query["s"] = search
        terms = [
            {"taxonomy": key[len("taxonomy_") : -len("_filter")], "field": "term_id", "terms": [int(value)]}
            for key, value in config.items()
            if key.startswith("taxonomy_")
            and key.endswith("_filter")
            and str(value).isdecimal()
            and int(value) > 0
        ]
        if terms:
            query["tax_query"] = {"relation": "AND", **dict(enumerate(terms))}
        return query


def _item(post: Mapping[str, Any]) -> Item:
    content = str(post["content"])
    if post["excerpt"]:
        content = f"{content}\n\nExcerpt: {post['excerpt']}"
    return Item(
        title=str(post["title"]),
        content=content,
        metadata={
            "source_type": WordPressPosts.source_type,
            "item_identifier": str(post["id"]),
            "original_id": int(post["id"]),
            "original_title": post["title"],
            "original_date_gmt": post["date_gmt"],
            "post_type": post["type"],
            "post_status": post["status"],
            "site_name": post["site_name"],
            "permalink": post["permalink"],
            "excerpt": post["excerpt"],
            "author": post["author"],
        },
    )
