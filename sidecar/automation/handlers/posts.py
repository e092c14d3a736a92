"""Making and changing posts of this site for a caller, outside any flow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sidecar.automation.access import Access
from sidecar.automation.engine import acting
from sidecar.automation.handlers import taxonomies
from sidecar.automation.handlers.fields import truthy
from sidecar.automation.handlers.publishing import NewPost, PostMissing, Publisher, locate
from sidecar.automation.steps.base import number
from sidecar.bridge import RemoteError
from sidecar.errors import Forbidden, InvalidInput
from sidecar.host import HostPool
from sidecar.host import context as hosts
from sidecar.identity import Principal
from sidecar.identity.units import unit_of

PUBLISHING = "You do not have permission to publish."


class NotPublished(InvalidInput):
    """WordPress did not take the post; the message is its own."""

    code = "post_refused"


class PostsService:
    """What the abilities ``publish-wordpress`` and ``update-wordpress`` do: as the caller, with the caller's
    capabilities on posts.
    """

    def __init__(self, access: Access, publisher: Publisher, units: HostPool) -> None:
        self._access = access
        self._publisher = publisher
        self._units = units

    def publish(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{post_id, post_title, post_url, taxonomy_results, featured_image_result}``; with ``action``
        ``duplicate_skipped`` instead of the results when the post was there.

        Forbidden ``rest_forbidden``, NotPublished, FormatMissing.
        """
        title, content = str(given.get("title") or "").strip(), str(given.get("content") or "")
        if not title or not content.strip():
            raise InvalidInput("title and content are required.", code="missing_content")
        new = NewPost(
            title=title,
            content=content,
            given=str(given.get("content_format") or "html"),
            post_type=str(given.get("post_type") or "post"),
            status=str(given.get("post_status") or "draft"),
            author=number(given.get("post_author")) or principal.user_id or None,
            source_url=str(given.get("source_url") or ""),
            attribute=given.get("link_handling", "append") == "append",
            lookback=(number(given.get("dedup_lookback_days")) or 14)
            if truthy(given.get("dedup_enabled", True))
            else None,
            terms=taxonomies.named(given.get("taxonomies")),
            image_url=str(given.get("featured_image_url") or ""),
        )
        with self._work(principal):
            made = self._publisher.make(new)
        about: dict[str, Any] = {
            "post_id": made.post.post_id,
            "post_title": made.post.title,
            "post_url": made.post.url,
        }
        if made.duplicate:
            return {**about, "action": "duplicate_skipped"}
        return {
            **about,
            "taxonomy_results": made.taxonomies or [],
            "featured_image_result": made.image,
        }

    def update(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{post_id, post_title, post_url, modifications, taxonomy_results}``.

        The post is ``post_id``, else the one behind ``source_url``. PostMissing, Forbidden
        ``rest_forbidden``, NotPublished, FormatMissing.
        """
        with self._work(principal):
            post_id = number(given.get("post_id")) or locate(str(given.get("source_url") or ""))
            if not post_id:
                raise PostMissing("Name a post of this site with post_id or source_url.")
            changed = self._publisher.change(
                post_id,
                _text(given, "title"),
                _text(given, "content"),
                str(given.get("content_format") or "html"),
                taxonomies.named(given.get("taxonomies")),
            )
        return {
            "post_id": changed.post.post_id,
            "post_title": changed.post.title,
            "post_url": changed.post.url,
            "modifications": changed.modified,
            "taxonomy_results": changed.taxonomies or [],
        }

    @contextmanager
    def _work(self, principal: Principal) -> Iterator[None]:
        """The right to be here, and a WordPress that works as the principal; its refusals are ours."""
        self._access.enter(principal, PUBLISHING)
        try:
            with acting.led_by(principal):
                if hosts.current() is not None:
                    yield
                    return
                with unit_of(self._units, principal):
                    yield
        except RemoteError as error:
            if error.code == "forbidden":
                raise Forbidden(error.message, code="rest_forbidden") from None
            status = error.data.get("status")
            if isinstance(status, int) and 400 <= status < 500:
                raise NotPublished(error.message) from None
            raise


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    return value if isinstance(value, str) and value.strip() else None
