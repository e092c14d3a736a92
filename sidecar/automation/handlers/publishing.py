"""Making and changing posts of this site: what the tools of flows and the abilities share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sidecar.automation import log, wordpress
from sidecar.automation.handlers import content_format
from sidecar.automation.handlers.taxonomies import Terms
from sidecar.automation.queues.duplicates import DuplicateCheck, Question
from sidecar.automation.steps.base import number
from sidecar.automation.values import Document
from sidecar.bridge import RemoteError
from sidecar.errors import NotFound

#: Days; settings that say more mean this.
LONGEST_LOOKBACK = 90


class PostMissing(NotFound):
    """There is no such post."""

    code = "post_not_found"


class NewPost(msgspec.Struct, frozen=True):
    """A post to be made. ``content`` is in the format ``given``; ``author`` None: whoever acts."""

    title: str
    content: str
    given: str = content_format.HTML
    post_type: str = "post"
    status: str = "draft"
    author: int | None = None
    #: Where the content comes from, '' for nowhere; put below the content when ``attribute``.
    source_url: str = ""
    attribute: bool = True
    #: Days within which a post with a title like this is the same post; None: always make a new one.
    lookback: int | None = 14
    #: The flow it is made for, 0 for none; strategies of plugins are told.
    flow_id: int = 0
    terms: Terms = msgspec.field(default_factory=dict)
    #: The featured image: a file among the site's uploads, else a public address.
    image_path: str = ""
    image_url: str = ""


class Made(msgspec.Struct, frozen=True):
    """What became of it. ``duplicate``: nothing was made, ``post`` was there."""

    post: wordpress.Published
    duplicate: bool = False
    taxonomies: Document = msgspec.field(default_factory=dict)
    image: Document | None = None
    stored_format: str = ""
    content: str = ""


class Changed(msgspec.Struct, frozen=True):
    """What became of a change. ``effects`` say how it is undone."""

    post: wordpress.Published
    modified: list[str]
    taxonomies: Document
    effects: list[Document]


class Publisher:
    """Works in the WordPress of the call, as its user."""

    def __init__(self, duplicates: DuplicateCheck) -> None:
        self._duplicates = duplicates

    def make(self, new: NewPost, effect: Mapping[str, Any] | None = None) -> Made:
        """Make a post once. FormatMissing; RemoteError for what WordPress refuses."""
        # Once for each place that asks, as listeners know it: the source's conversion, the blocks', the
        # post's.
        for _ in range(3):
            stored = content_format.stored(new.post_type)
        content = content_format.convert(new.content, new.given, stored)
        if new.attribute and new.source_url:
            content += content_format.attribution(new.source_url, stored)
        if new.lookback is not None:
            double = self._double(new, new.lookback)
            if double is not None:
                return Made(double, duplicate=True)
        post: Document = {
            "post_title": new.title,
            "post_content": content,
            "post_status": new.status,
            "post_type": new.post_type,
        }
        if new.author is not None:
            post["post_author"] = new.author
        made = wordpress.insert_post(post, effect)
        taxonomies, image = self.finish(made.post_id, new)
        return Made(made, taxonomies=taxonomies, image=image, stored_format=stored, content=content)

    def _double(self, new: NewPost, lookback: int) -> wordpress.Published | None:
        """The post that is there already, as somebody may see it who knows the new one's title only.

        A strategy of a plugin may know of something that is no post: then its number is 0.
        """
        # Not by the source: two flows may write about one thing.
        question = Question(
            post_type=new.post_type,
            lookback=min(lookback, LONGEST_LOOKBACK),
            source_url=new.source_url,
            by_source=False,
            flow_id=new.flow_id,
        )
        (found,) = self._duplicates.published(question, [new.title])
        if not found.duplicate:
            return None
        match = found.match if isinstance(found.match, Mapping) else {}
        title = str(match.get("title") or new.title)
        post_id = number(match.get("post_id"))
        log.info(
            "WordPress: Nothing was made, there is one like it",
            {"title": new.title, "post_id": post_id, "reason": found.reason, "strategy": found.strategy},
        )
        try:
            url = wordpress.published(post_id).url if post_id else str(match.get("url") or "")
        except RemoteError as error:
            if error.code != "post_not_found":
                raise
            url = ""
        return wordpress.Published(post_id, title, url)

    def finish(self, post_id: int, new: NewPost) -> tuple[Document, Document | None]:
        """Terms and featured image of a post that is there; doing it again changes nothing.

        What cannot be done is said in the results: the post is made.
        """
        return self._assign(post_id, new.terms), self._image(post_id, new)

    def change(
        self, post_id: int, title: str | None, content: str | None, given: str, terms: Terms
    ) -> Changed:
        """Change what is named of a post. PostMissing, FormatMissing; RemoteError for what WordPress
        refuses.
        """
        try:
            about = wordpress.host().call("automation.published", {"post_id": post_id})
        except RemoteError as error:
            if error.code != "post_not_found":
                raise
            raise PostMissing(f"Post {post_id} not found.") from None
        stored = content_format.stored(str(about["post_type"])) if content is not None else ""
        new: Document = {}
        if title is not None:
            new["post_title"] = title
        if content is not None:
            new["post_content"] = content_format.convert(content, given, stored)
        effects: list[Document] = []
        modified: list[str] = []
        if new:
            done = wordpress.host().call("automation.update_post", {"post_id": post_id, "post": new})
            modified = [key.removeprefix("post_") for key in new] if done["changed"] else []
            if "content" in modified and int(done["revision_id"]):
                effects.append(
                    {
                        "type": "post_content_modified",
                        "target": {"post_id": post_id},
                        "revision_id": int(done["revision_id"]),
                    }
                )
            if "title" in modified:
                effects.append(
                    {
                        "type": "post_field_set",
                        "target": {"post_id": post_id, "field": "post_title"},
                        "previous_value": str(done["previous_title"]),
                    }
                )
        taxonomies = self._assign(post_id, terms)
        return Changed(wordpress.published(post_id), modified, taxonomies, effects)

    @staticmethod
    def _assign(post_id: int, terms: Terms) -> Document:
        if not terms:
            return {}
        found = wordpress.host().call(
            "automation.assign_terms",
            {"post_id": post_id, "terms": {key: list(v) for key, v in terms.items()}},
        )
        for taxonomy, result in found.items():
            if not result.get("success"):
                log.warning(
                    "WordPress: Terms were not assigned",
                    {"post_id": post_id, "taxonomy": taxonomy, "error": result.get("error")},
                )
        return dict(found)

    @staticmethod
    def _image(post_id: int, new: NewPost) -> Document | None:
        if not (new.image_path or new.image_url):
            return None
        where = {"path": new.image_path} if new.image_path else {"url": new.image_url}
        try:
            done = wordpress.host().call(
                "automation.featured_image", {"post_id": post_id, **where}, timeout=90
            )
        except RemoteError as error:
            log.warning(
                "WordPress: No featured image was set", {"post_id": post_id, "error": error.message, **where}
            )
            return {"success": False, "error": error.message}
        return {
            "success": True,
            "attachment_id": int(done["attachment_id"]),
            "attachment_url": str(done["url"]),
        }


def refused(error: RemoteError) -> bool:
    """Whether WordPress said that the user may not."""
    return error.code == "forbidden"


def locate(url: str) -> int | None:
    """The post of this site behind an address."""
    found = wordpress.posts({"source_url": url}) if url else ()
    return int(found[0]["id"]) if found else None
