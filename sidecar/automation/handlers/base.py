"""What a fetch handler is, and what happens to the items it brings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import msgspec

from sidecar import hooks
from sidecar.automation import catalogue
from sidecar.automation.engine import packets
from sidecar.automation.engine.context import ExecutionContext
from sidecar.automation.values import Document, Packet
from sidecar.clock import Clock


class Item(msgspec.Struct):
    """One item of a source. ``metadata`` has at least ``item_identifier`` when the item can be recognised."""

    title: str
    content: str
    metadata: Document = msgspec.field(default_factory=dict)
    file_info: Document | None = None

    @property
    def identifier(self) -> str:
        value = self.metadata.get("item_identifier")
        return "" if value is None else str(value)


class FetchHandler(Protocol):
    """A source of items. One that has more than it should read at once also has ``pages``."""

    #: The slug it is registered under.
    slug: str
    #: Its own name for what it brings; part of the key of processed items.
    source_type: str

    def fetch(self, config: Mapping[str, Any], context: ExecutionContext) -> Sequence[Item]:
        """Everything the source has to offer now, newest first. Failures are logged and give nothing."""
        ...


class Page(msgspec.Struct, frozen=True):
    """Some of what a source offers: who the items are, and how those that are wanted are read.

    ``load`` gives the items of some identifiers in their order; it may leave out what its rules exclude.
    """

    identifiers: Sequence[str]
    load: Callable[[Sequence[str]], Sequence[Item]]


@runtime_checkable
class PagedHandler(Protocol):
    """A source whose next items are looked for only when there are too few new ones before them."""

    def pages(self, config: Mapping[str, Any], context: ExecutionContext) -> Iterator[Page]:
        """All pages, newest items first."""
        ...


@runtime_checkable
class Preparing(Protocol):
    """A source whose items need more work once they are taken: downloads, above all."""

    def prepare(self, item: Item, config: Mapping[str, Any], context: ExecutionContext) -> None:
        """Complete an item that this job has claimed."""
        ...


#: Items that are read at once when new ones are looked for.
AT_ONCE = 10


def collect(
    handler: FetchHandler, config: Mapping[str, Any], context: ExecutionContext, clock: Clock
) -> list[Packet]:
    """Fetch, drop what is known, claim up to ``max_items`` of what is left and make packets of them.

    The packet of the last item comes first, as each is put in front of the others. In the place of an item
    that another worker claims at this moment comes the next one.
    """
    limit = max_items(config)
    if isinstance(handler, PagedHandler):
        fresh = _fresh_of_pages(handler.pages(config, context), context)
    else:
        fresh = iter(_fresh(handler.fetch(config, context), context))
    claimed: list[Packet] = []
    taken, swept = 0, context.direct
    for item in fresh:
        if item.identifier and not swept:
            context.items.drop_expired_claims()
            swept = True
        if item.identifier and not context.claim(item.identifier):
            continue
        taken += 1
        if item.title or item.content or item.file_info:
            if isinstance(handler, Preparing):
                handler.prepare(item, config, context)
            claimed.insert(0, _packet(item, context, clock))
        if taken == limit:
            break
    return claimed


def _fresh(offered: Sequence[Item], context: ExecutionContext) -> list[Item]:
    known = [item.identifier for item in offered if item.identifier]
    fresh = context.fresh(known) if known else set()
    return [item for item in offered if not item.identifier or item.identifier in fresh]


def _fresh_of_pages(pages: Iterator[Page], context: ExecutionContext) -> Iterator[Item]:
    """As they are asked for: nothing is read behind the last one that is taken."""
    for page in pages:
        fresh = context.fresh(page.identifiers) if page.identifiers else set()
        wanted = [identifier for identifier in page.identifiers if identifier in fresh]
        for start in range(0, len(wanted), AT_ONCE):
            yield from page.load(wanted[start : start + AT_ONCE])


def max_items(config: Mapping[str, Any]) -> int:
    """How many items a run takes; 1 unless configured, 0 for no limit."""
    value = config.get("max_items", 1)
    try:
        return max(0, int(value))
    except (TypeError, ValueError):
        return 1


def cutoff(timeframe: Any, clock: Clock) -> int | None:
    """The earliest second a timeframe lets through, None for no limit.

    The filter ``datamachine_timeframe_limit(null, name)`` may answer first.
    """
    answer = hooks.apply_filters("datamachine_timeframe_limit", None, str(timeframe or "all_time"))
    if isinstance(answer, int) and not isinstance(answer, bool):
        return answer
    seconds = catalogue.TIMEFRAMES.get(str(timeframe))
    return None if seconds is None else int(clock.now().timestamp()) - seconds


def matches_search(text: str, search: Any) -> bool:
    """True when any comma-separated term occurs; only ASCII letters are compared without case.

    Listeners of ``datamachine_keyword_search_match(match, text, search)`` have the last word, where there is
    something to search for.
    """
    terms = _terms(search)
    if not terms:
        return True
    match = any(term in _lower(text) for term in terms)
    return bool(hooks.apply_filters("datamachine_keyword_search_match", match, text, str(search)))


def excluded(text: str, keywords: Any) -> bool:
    """True when any comma-separated term occurs."""
    return any(term in _lower(text) for term in _terms(keywords))


def _terms(value: Any) -> list[bytes]:
    return [term for part in str(value or "").split(",") if (term := _lower(part.strip()))]


def _lower(text: str) -> bytes:
    return text.encode(errors="replace").lower()


def _packet(item: Item, context: ExecutionContext, clock: Clock) -> Packet:
    data: Document = {"title": item.title, "body": item.content}
    if item.file_info:
        data["file_info"] = item.file_info
    return packets.packet(
        "fetch",
        data,
        {
            "source_type": context.source_type,
            "pipeline_id": context.pipeline_id,
            "flow_id": context.flow_id,
            "handler": context.source_type,
            **item.metadata,
        },
        clock,
    )
