"""Posts of this site as items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sidecar.automation import wordpress
from sidecar.automation.engine.context import ExecutionContext
from sidecar.automation.handlers.base import Item, Page, cutoff, excluded
from sidecar.automation.handlers.own_fields import taxonomy_of
from sidecar.clock import Clock, mysql

#: Posts that are read at once. Data Machine 0.102.8 never looks further.
POSTS_PER_PAGE = 10
#: Ids that are looked through at once for posts that are not known yet, and in one run.
IDS_PER_PAGE = 500
MOST = 20_000


class WordPressPosts:
    """``wordpress_posts``: posts, last modified first, or at random; as far back as there are new ones."""

    slug = "wordpress_posts"
    source_type = "wordpress_local"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def fetch(self, config: Mapping[str, Any], context: ExecutionContext) -> Sequence[Item]:
        """The first posts alone."""
        url = str(config.get("source_url") or "").strip()
        return (
            self._single(url, context) if url else self._first(self._query(config, context), config, context)
        )

    def pages(self, config: Mapping[str, Any], context: ExecutionContext) -> Iterator[Page]:
        """The first posts, then ids of older ones, whose posts are read when they are wanted."""
        url = str(config.get("source_url") or "").strip()
        if url:
            yield page(self._single(url, context))
            return
        query = self._query(config, context)
        first = self._first(query, config, context)
        yield page(first)
        yield from further(query, lambda wanted: self._load(query, wanted, config))

    def _first(
        self, query: Mapping[str, Any], config: Mapping[str, Any], context: ExecutionContext
    ) -> list[Item]:
        posts = wordpress.posts({**query, "posts_per_page": POSTS_PER_PAGE})
        context.log(
            "debug", "Query returned posts", {"posts_found": len(posts), "posts_per_page": POSTS_PER_PAGE}
        )
        wanted = _wanted(posts, config)
        context.log("info", f"Found {len(wanted)} unprocessed posts.", {"eligible": len(wanted)})
        return wanted

    @staticmethod
    def _load(query: Mapping[str, Any], wanted: Sequence[str], config: Mapping[str, Any]) -> list[Item]:
        same = {key: query[key] for key in ("post_type", "post_status")}
        ids = [int(one) for one in wanted]
        posts = wordpress.posts({**same, "post__in": ids, "orderby": "post__in", "posts_per_page": len(ids)})
        return _wanted(posts, config)

    def _single(self, url: str, context: ExecutionContext) -> list[Item]:
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

    def _query(self, config: Mapping[str, Any], context: ExecutionContext) -> dict[str, Any]:
        """What WP_Query takes. Taxonomy filters are the keys ``taxonomy_{tax}_filter`` with a term id."""
        query: dict[str, Any] = {
            "post_type": config.get("post_type") or "post",
            "post_status": config.get("post_status") or "publish",
            "orderby": paged_order("modified", context, config),
        }
        earliest = cutoff(config.get("timeframe_limit"), self._clock)
        if earliest is not None:
            after = mysql(datetime.fromtimestamp(earliest, UTC))
            query["date_query"] = [{"column": "post_date_gmt", "after": after, "inclusive": True}]
        search = str(config.get("search") or "").strip()
        if search:
            query["s"] = search
        terms = [
            {"taxonomy": taxonomy, "field": "term_id", "terms": [int(value)]}
            for key, value in config.items()
            if key.endswith("_filter")
            and (taxonomy := taxonomy_of(key)) is not None
            and str(value).isdecimal()
            and int(value) > 0
        ]
        if terms:
            query["tax_query"] = {"relation": "AND", **dict(enumerate(terms))}
        return query


def paged_order(column: str, context: ExecutionContext, config: Mapping[str, Any]) -> str | Mapping[str, str]:
    """An order in which pages never overlap: WP_Query's ``orderby``.

    Many posts can bear one second (an import), and which of them comes first differs from query to query.
    """
    if config.get("randomize_selection"):
        return f"RAND({context.job_id})"
    return {column: "DESC", "ID": "DESC"}


def page(items: Sequence[Item]) -> Page:
    """Items that have been read already."""
    known = {item.identifier: item for item in items}
    return Page(list(known), lambda wanted: [known[one] for one in wanted])


def further(query: Mapping[str, Any], load: Any) -> Iterator[Page]:
    """The ids behind the first posts of a query."""
    offset = POSTS_PER_PAGE
    while offset < MOST:
        ids = wordpress.post_ids({**query, "posts_per_page": IDS_PER_PAGE, "offset": offset})
        if ids:
            yield Page([str(one) for one in ids], load)
        if len(ids) < IDS_PER_PAGE:
            return
        offset += len(ids)


def _wanted(posts: Sequence[Mapping[str, Any]], config: Mapping[str, Any]) -> list[Item]:
    return [
        _item(post)
        for post in posts
        if not excluded(f"{post['title']} {post['content']}", config.get("exclude_keywords"))
    ]


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
