"""The product's own handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sidecar import queue
from sidecar.automation import catalogue
from sidecar.automation.handlers.rss import Rss
from sidecar.automation.handlers.skip_item import SkipItem
from sidecar.automation.handlers.wordpress_posts import WordPressPosts
from sidecar.automation.handlers.wordpress_publish import PostTracking, WordPressPublish
from sidecar.automation.repositories.published import PublishedPosts
from sidecar.automation.steps.fetch import FetchStep
from sidecar.conversation import ToolExecutor

if TYPE_CHECKING:
    from sidecar.automation.parts import Parts
    from sidecar.runtime import Runtime


def wire(runtime: Runtime, parts: Parts) -> None:
    """Fetch handlers, and the tools of publish handlers."""
    db, clock, executor = runtime.db, runtime.clock, runtime.get(ToolExecutor)
    fetchers = {handler.slug: handler for handler in (WordPressPosts(clock), Rss(clock))}
    parts.steps["fetch"] = FetchStep(fetchers, parts.items, parts.queues, parts.store, clock)
    publish = WordPressPublish(parts.store, PublishedPosts(db, clock), effect_of)
    executor.implement(catalogue.PUBLISH_TOOL, publish)
    executor.implement(catalogue.SKIP_TOOL, SkipItem(parts.store))
    executor.observe(PostTracking(parts.store))


def effect_of(call_key: str) -> dict[str, Any] | None:
    """The row of the effects table that a call of a tool writes, None outside a queue run."""
    run = queue.current_run()
    return None if run is None or not call_key else run.effects.reference(call_key).params()
