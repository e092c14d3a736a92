"""What the engine asks of WordPress, beyond hooks; always the WordPress of the running call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar import blog
from sidecar.automation.engine import acting
from sidecar.bridge import CallContext, current_call
from sidecar.errors import Unavailable
from sidecar.host import context as hosts
from sidecar.host.context import WordPressHost
from sidecar.identity import AgentsRepository, Answers, Principal, answers, wire

if TYPE_CHECKING:
    from sidecar.host import HostPool


class NoWordPress(Unavailable):
    """This needs a WordPress process, and the call has none."""

    code = "wordpress_needed"


class Published(msgspec.Struct, frozen=True):
    """A post as its publisher reports it."""

    post_id: int
    title: str
    url: str


def host() -> WordPressHost:
    """The host of the call."""
    found = hosts.current()
    if found is None:
        raise NoWordPress("This step needs WordPress, and runs outside any WordPress process.")
    return found


@contextmanager
def process(units: HostPool) -> Iterator[None]:
    """The WordPress of the call, or a unit of its own for a call that has none."""
    if hosts.current() is not None:
        yield
        return
    with units.unit(context="cron"):
        yield


def posts(query: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Posts with ``id, title, content, excerpt, date_gmt, type, status, permalink, author, site_name``.

    ``query`` is what WP_Query takes, or ``{source_url}`` for the post behind an address of this site.
    """
    found: Sequence[Mapping[str, Any]] = host().call("automation.posts", {"query": dict(query)})
    return found


def post_ids(query: Mapping[str, Any]) -> Sequence[int]:
    """Ids of posts, as many as 1000; ``query`` is what WP_Query takes."""
    found: Sequence[int] = host().call("automation.posts", {"query": {**query, "fields": "ids"}})
    return found


def media(ids: Sequence[int], *, parents: bool = False) -> Sequence[Mapping[str, Any]]:
    """Entries of the media library: ``id, title, caption, description, alt, date_gmt, mime_type, path, size,
    url, parent_id, site_name``; with ``parents`` also ``parent_title, parent_content``, where readable.
    """
    found: Sequence[Mapping[str, Any]] = host().call(
        "automation.media", {"ids": list(ids), "parents": parents}
    )
    return found


def insert_post(post: Mapping[str, Any], effect: Mapping[str, Any] | None) -> Published:
    """Insert a post. ``effect`` names the row that learns the post's id in the same transaction.

    Its text comes from feeds and models: scripts are filtered out, whoever runs the step.
    """
    current = host()
    params: dict[str, Any] = {"post": dict(post), "untrusted": True}
    if effect is not None:
        params["effect"] = dict(effect)
    post_id = int(current.call("post.insert", params))
    return published(post_id)


def published(post_id: int, *, settle: bool = False) -> Published:
    """What became of a post; ``settle`` finishes one whose insertion was cut off after its row."""
    answer = host().call("automation.published", {"post_id": post_id, "settle": settle})
    return Published(int(answer["post_id"]), str(answer["title"]), str(answer["url"]))


def add_post_meta(post_id: int, meta: Mapping[str, Any]) -> None:
    """Set post meta, in order."""
    host().call("automation.post_meta", {"post_id": post_id, "meta": dict(meta)})


def engine_object(job_id: int, data: Mapping[str, Any]) -> Any:
    """A ``DataMachine\\Core\\EngineData`` in PHP, as a handle; None without WordPress."""
    current = hosts.current()
    return (
        None
        if current is None
        else current.call("automation.engine_data", {"job_id": job_id, "data": dict(data)})
    )


def facade(slug: str) -> Any:
    """PHP's object for one of our tool sources, or for the tool manager."""
    current = hosts.current()
    return slug if current is None else current.call("automation.tool_source", {"slug": slug})


def owner(user_id: int) -> Answers | None:
    """What a user may do now on the current blog; None when there is no such user."""
    answer = host().call("automation.owner", {"user_id": user_id})
    return None if answer is None else answers.read(answer)


def principal(agents: AgentsRepository) -> Principal:
    """Who acts in the WordPress of the call, as it says itself."""
    call = current_call()
    context = CallContext(blog_id=blog.current(), source="host") if call is None else call.context
    return wire.principal_told(host().call("automation.principal", {}), context, agents)


def author() -> acting.Acting:
    """Whose a line of the log is that WordPress writes: PHP knows its acting agent, and its user."""
    call, current = current_call(), hosts.current()
    if call is None:
        return acting.Acting()
    if current is None or current.kind == "unit":
        return acting.Acting(None, call.context.user_id or None)
    told = current.call("automation.author", {})
    return acting.Acting(int(told["agent_id"]) or None, int(told["user_id"]) or None)


@contextmanager
def acting_as(
    agent_id: int, owner_id: int, *, logged: bool = True, limit: frozenset[str] | None = None
) -> Iterator[None]:
    """Work as an agent's owner, on both sides; an agent of 0 means just that user.

    Blocks may lie in each other; who acted before acts again afterwards. A limit holds for all blocks inside.
    """
    current, before = hosts.current(), acting.current()
    limit = acting.narrower(before.limit, limit)
    if (before.agent_id, before.user_id, before.limit) == (agent_id or None, owner_id or None, limit):
        with acting.on_behalf_of(before.agent_id, before.user_id, logged=logged):
            yield
        return
    user = current.as_user(owner_id) if current is not None and owner_id else nullcontext()
    with acting.on_behalf_of(agent_id or None, owner_id or None, logged=logged, limit=limit), user:
        if current is None or not agent_id:
            yield
            return
        _agent_context(current, agent_id, owner_id, limit)
        try:
            yield
        finally:
            if getattr(current, "usable", True):
                _agent_context(current, before.agent_id or 0, before.user_id or 0, before.limit)


def _agent_context(
    current: hosts.WordPressHost, agent_id: int, owner_id: int, limit: frozenset[str] | None
) -> None:
    told: dict[str, Any] = {"agent_id": agent_id, "owner_id": owner_id}
    if limit is not None:
        told["capabilities"] = sorted(limit)
    current.settle("automation.agent_context", told)
