"""The product's own handlers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from sidecar import queue
from sidecar.abilities import Registry
from sidecar.automation import catalogue
from sidecar.automation.files.flow_folders import FlowFolders
from sidecar.automation.handlers import abilities
from sidecar.automation.handlers.base import FetchHandler
from sidecar.automation.handlers.files import Files
from sidecar.automation.handlers.images import Images
from sidecar.automation.handlers.outgoing import Outgoing
from sidecar.automation.handlers.posts import PostsService
from sidecar.automation.handlers.publishing import Publisher
from sidecar.automation.handlers.reach import Reach
from sidecar.automation.handlers.rss import Rss
from sidecar.automation.handlers.service import HandlersService
from sidecar.automation.handlers.settings import HandlerSettings
from sidecar.automation.handlers.skip_item import SkipItem
from sidecar.automation.handlers.sources import Sources
from sidecar.automation.handlers.testing import HandlerTest
from sidecar.automation.handlers.wordpress_api import WordPressApi
from sidecar.automation.handlers.wordpress_media import WordPressMedia
from sidecar.automation.handlers.wordpress_posts import WordPressPosts
from sidecar.automation.handlers.wordpress_publish import PostTracking, WordPressPublish
from sidecar.automation.handlers.wordpress_update import WordPressUpdate
from sidecar.automation.queues.duplicates import DuplicateCheck
from sidecar.automation.repositories.published import PublishedPosts
from sidecar.automation.steps.fetch import FetchStep
from sidecar.conversation import ToolExecutor
from sidecar.wordpress.options import Options

if TYPE_CHECKING:
    from sidecar.automation.parts import Parts
    from sidecar.bridge import Call
    from sidecar.runtime import Runtime


def wire(runtime: Runtime, parts: Parts) -> None:
    """Fetch handlers, and the tools of publish handlers."""
    db, clock, executor = runtime.db, runtime.clock, runtime.get(ToolExecutor)
    sources = Sources(_own(runtime, parts), clock)
    parts.steps["fetch"] = FetchStep(sources, parts.items, parts.queues, parts.store)
    publisher = Publisher(DuplicateCheck(db, parts.flows, parts.access, runtime.hosts, clock))
    publish = WordPressPublish(parts.store, PublishedPosts(db), publisher, effect_of)
    executor.implement(catalogue.PUBLISH_TOOL, publish)
    executor.implement(catalogue.UPDATE_TOOL, WordPressUpdate(parts.store, publisher))
    executor.implement(catalogue.SKIP_TOOL, SkipItem(parts.store))
    executor.observe(PostTracking(parts.store))

    settings = HandlerSettings(Options(db), runtime.hosts)
    trial = HandlerTest(parts.flows, parts.items, parts.access, settings, sources, clock)
    service = HandlersService(parts.access, settings, trial, runtime.hosts)
    posts = PostsService(parts.access, publisher, runtime.hosts)
    runtime.provide(HandlerSettings, settings)
    runtime.handlers["handlers.fields"] = functools.partial(_fields, settings)
    runtime.provide(HandlersService, service)
    for name, callback in abilities.callbacks(service, posts).items():
        runtime.get(Registry).add(name, callback)


def _own(runtime: Runtime, parts: Parts) -> tuple[FetchHandler, ...]:
    clock, packets = runtime.clock, parts.files
    reach = Reach(parts.permissions, Options(runtime.db))
    outgoing = Outgoing(clock, reach.own)
    folders = FlowFolders(lambda: packets.root, owner=packets.owner)
    images = Images(outgoing, folders, lambda: packets.root, clock)
    return (
        WordPressPosts(clock),
        WordPressMedia(clock),
        WordPressApi(clock, outgoing, images, reach.private),
        Rss(clock, outgoing, images, reach.private),
        Files(folders, lambda: packets.root, clock),
    )


def _fields(settings: HandlerSettings, call: Call) -> dict[str, Any]:
    """``handlers.fields {slug}``: specifications by key, for PHP's objects that stand for our settings."""
    return {key: one.spec() for key, one in settings.fields(str(call.params.get("slug") or "")).items()}


def effect_of(call_key: str) -> dict[str, Any] | None:
    """The row of the effects table that a call of a tool writes, None outside a queue run."""
    run = queue.current_run()
    return None if run is None or not call_key else run.effects.reference(call_key).params()
