"""Whether something has been written already, or is about to be."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from sidecar import hooks, queue
from sidecar.automation import log, wordpress
from sidecar.automation.access import FLOWS, VIEWER, Access
from sidecar.automation.errors import FlowNotFound
from sidecar.automation.flows import step_config
from sidecar.automation.queues import entries
from sidecar.automation.queues.entries import PROMPTS
from sidecar.automation.queues.similarity import Prompts, Title
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.values import Document, Flow, ordered
from sidecar.clock import Clock
from sidecar.db import Database
from sidecar.errors import InvalidInput, SidecarError
from sidecar.identity import Principal

if TYPE_CHECKING:
    from sidecar.host import HostPool

logger = logging.getLogger("datamachine.automation")

STRATEGIES = "datamachine_duplicate_strategies"
LOOKBACK, LONGEST_LOOKBACK = 14, 365
#: Posts that are compared, newest first.
COMPARED = 1000
#: Titles as they are compared; most posts are compared again with the next title.
_title = functools.lru_cache(maxsize=4 * COMPARED)(Title)
#: Where a strategy stands that does not say.
PRIORITY = 50


class Question(msgspec.Struct, frozen=True):
    """What is asked about each title."""

    post_type: str = "post"
    #: Days.
    lookback: int = LOOKBACK
    source_url: str = ""
    #: Whether a post made from that address is one, whatever its title.
    by_source: bool = True
    flow_id: int = 0
    flow_step_id: str = ""
    context: Document = msgspec.field(default_factory=dict)


class Verdict(msgspec.Struct, frozen=True):
    """Whether there is one, where (``published_post``, ``queue`` or a strategy's own word), and which."""

    duplicate: bool
    source: str = ""
    match: Any = None
    reason: str = ""
    strategy: str = ""

    def document(self) -> Document:
        """Without the verdict itself."""
        return {
            "reason": self.reason,
            "match": self.match,
            "source": self.source,
            "strategy": self.strategy,
        }


CLEAR = Verdict(False)


class _Post(NamedTuple):
    """A post that is compared; only a published one shows its title to whoever asks."""

    post_id: int
    shown: str
    title: Title


class DuplicateCheck:
    """Asks the strategies of others, the site's posts, and a queue."""

    def __init__(
        self, db: Database, flows: FlowsRepository, access: Access, units: HostPool, clock: Clock
    ) -> None:
        self._db = db
        self._flows = flows
        self._access = access
        self._units = units
        self._clock = clock

    def check(self, principal: Principal, title: str, scope: str, question: Question) -> Verdict:
        """The answer of ``datamachine/check-duplicate``; ``scope`` is published, queue or both.

        A queue is only searched for those who may see its flow. InvalidInput, FlowNotFound.
        """
        self._access.enter(principal, FLOWS)
        if not title.strip():
            raise InvalidInput("title is required.", code="title_required")
        if scope in ("published", "both"):
            with wordpress.process(self._units):
                (found,) = self.published(question, [title])
            if found.duplicate:
                return found
        if scope in ("queue", "both"):
            return self._queued(principal, title, question) or CLEAR
        return CLEAR

    def published(self, question: Question, titles: Sequence[str]) -> list[Verdict]:
        """A verdict for each title by the strategies of others and the posts of this site."""
        strategies = _strategies(question.post_type)
        posts = self._posts(question)
        return [
            _asked(strategies, title, question) or _among(posts, title) or self._of_source(question) or CLEAR
            for title in titles
        ]

    def _posts(self, question: Question) -> list[_Post]:
        days = max(1, min(question.lookback, LONGEST_LOOKBACK))
        # post_date is the site's own time; a day more covers every zone.
        after = (self._clock.now() - timedelta(days=days + 1)).strftime("%Y-%m-%d %H:%M:%S")
        with self._db.session() as session:
            rows = session.all(
                f"SELECT ID, post_title, post_status FROM {self._db.tables().posts} WHERE post_type = :type"
                " AND post_status IN ('publish', 'draft', 'pending', 'future', 'private')"
                " AND post_date >= :after ORDER BY post_date DESC, ID DESC LIMIT :most",
                {"type": question.post_type, "after": after, "most": COMPARED},
            )
        return [
            _Post(
                int(row["ID"]),
                str(row["post_title"]) if row["post_status"] == "publish" else "",
                _title(str(row["post_title"])),
            )
            for row in rows
        ]

    def _of_source(self, question: Question) -> Verdict | None:
        if not question.source_url or not question.by_source:
            return None
        tables = self._db.tables()
        with self._db.session() as session:
            found = session.scalar(
                f"SELECT p.ID FROM {tables.posts} p JOIN {tables.postmeta} m ON m.post_id = p.ID"
                " WHERE m.meta_key = '_datamachine_source_url' AND m.meta_value = :url"
                " AND p.post_type = :type AND p.post_status IN"
                " ('publish', 'draft', 'pending', 'future', 'private') ORDER BY p.ID DESC LIMIT 1",
                {"url": question.source_url, "type": question.post_type},
            )
        if found is None:
            return None
        return Verdict(
            True,
            "published_post",
            {"post_id": int(found), "source_url": question.source_url},
            f"Post {int(found)} was made from this address.",
            "source_url",
        )

    def _queued(self, principal: Principal, title: str, question: Question) -> Verdict | None:
        if question.flow_id <= 0:
            raise InvalidInput("flow_id is required to search a queue.", code="flow_required")
        flow = self._flows.get(question.flow_id)
        if flow is None:
            raise FlowNotFound(f"Flow {question.flow_id} not found.")
        self._access.row(principal, flow.agent_id, flow.user_id, VIEWER, FLOWS)
        for step in flow.steps():
            if question.flow_step_id in ("", step.get("flow_step_id")):
                found = Queued(entries.entries(step, PROMPTS)).like(title)
                if found is not None:
                    return found
        return None


class Queued:
    """The prompts of a queue, and which of them another is like."""

    def __init__(self, waiting: Sequence[Mapping[str, Any]]) -> None:
        self._texts: list[str] = []
        self._prompts = Prompts()
        for one in waiting:
            self.add(str(one.get("prompt") or ""))

    def add(self, text: str) -> None:
        """One more at the end."""
        self._texts.append(text)
        self._prompts.add(text)

    def like(self, text: str) -> Verdict | None:
        """The verdict on a text of which one like it waits."""
        index = self._prompts.like(text)
        if index is None:
            return None
        prompt = self._texts[index]
        return Verdict(
            True,
            "queue",
            {"index": index, "prompt": prompt},
            f'A prompt like it waits at index {index}: "{prompt[:200]}".',
            "queued_prompt",
        )


def of_flow(flow: Flow, step: Mapping[str, Any], context: Mapping[str, Any]) -> Question:
    """What is asked about prompts of a step: the posts of the type its flow publishes."""
    config = _publish_config(flow)
    days = config.get("dedup_lookback_days")
    return Question(
        post_type=str(config.get("post_type") or "post"),
        lookback=int(days) if isinstance(days, int | str) and str(days).isdecimal() else LOOKBACK,
        flow_id=flow.flow_id,
        flow_step_id=str(step.get("flow_step_id", "")),
        context=dict(context),
    )


def _publish_config(flow: Flow) -> Document:
    for step in ordered(flow.flow_config):
        if step.get("step_type") == "publish":
            for slug in step_config.handler_slugs(step):
                config = step_config.handler_config(step, slug)
                if config.get("post_type"):
                    return config
    return {}


def _strategies(post_type: str) -> list[tuple[str, Callable[..., Any]]]:
    """Those for a type of post, lower priority first: id and callback."""
    found = hooks.apply_filters(STRATEGIES, [], post_type)
    listed = list(found.values()) if isinstance(found, Mapping) else found if isinstance(found, list) else []
    fitting = [
        one
        for one in listed
        if isinstance(one, Mapping)
        and callable(one.get("callback"))
        and one.get("post_type", "*") in ("*", post_type)
    ]
    fitting.sort(key=lambda one: _priority(one.get("priority")))
    return [(str(one.get("id") or "strategy"), one["callback"]) for one in fitting]


def _priority(value: Any) -> int:
    return int(value) if isinstance(value, int | str) and str(value).lstrip("-").isdecimal() else PRIORITY


def _asked(
    strategies: Sequence[tuple[str, Callable[..., Any]]], title: str, question: Question
) -> Verdict | None:
    """The first verdict "duplicate". A strategy that fails has no say."""
    given: Document = {
        "title": title,
        "post_type": question.post_type,
        "lookback_days": question.lookback,
        "source_url": question.source_url,
        "flow_id": question.flow_id,
        "flow_step_id": question.flow_step_id,
        "context": question.context,
    }
    for name, callback in strategies:
        try:
            said = callback(given)
        except queue.LeaseLost:
            raise
        except SidecarError as error:
            log.warning("A duplicate strategy failed", {"strategy": name, "error": error.message})
            continue
        except Exception as error:
            logger.exception("the duplicate strategy %s failed", name)
            log.warning("A duplicate strategy failed", {"strategy": name, "error": str(error)})
            continue
        if isinstance(said, Mapping) and said.get("verdict") == "duplicate":
            return Verdict(
                True,
                str(said.get("source") or name),
                said.get("match"),
                str(said.get("reason") or "There is one like it."),
                str(said.get("strategy") or name),
            )
    return None


def _among(posts: Sequence[_Post], title: str) -> Verdict | None:
    asked = _title(title)
    for post in posts:
        if asked.same(post.title):
            match: Document = {"post_id": post.post_id} | ({"title": post.shown} if post.shown else {})
            named = f': "{post.shown}"' if post.shown else ""
            return Verdict(
                True,
                "published_post",
                match,
                f"Post {post.post_id} has this title{named}.",
                "published_title",
            )
    return None
