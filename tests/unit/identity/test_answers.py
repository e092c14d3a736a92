"""What WordPress said of a user: how long it is kept, who asks, and what no answer means."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from sidecar import blog
from sidecar.bridge import RemoteError
from sidecar.errors import Cancelled, Internal
from sidecar.host import HostBusy, lazily
from sidecar.host import context as host_context
from sidecar.identity.answers import KEPT, OPERATION, TRUSTED, UnitAnswers
from sidecar.identity.principal import Answers

MANAGER = {"actions": ["manage_flows", "no_such_action"], "administrator": False, "network": 0, "known": True}
FLOWS = Answers(actions=frozenset({"manage_flows"}), known=True)


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.seconds


class Epochs:
    """A database with one row."""

    def __init__(self) -> None:
        self.epoch: str | None = None

    def tables(self, _blog: int) -> Any:
        return type("Tables", (), {"options": "wp_options"})

    @contextmanager
    def session(self) -> Iterator[Epochs]:
        yield self

    def scalar(self, _sql: str, _params: Mapping[str, Any]) -> str | None:
        return self.epoch


class Process:
    """A WordPress process."""

    def __init__(self, kind: str, said: Callable[[int], Any]) -> None:
        self.kind = kind
        self.said = said
        self.asked: list[Mapping[str, Any]] = []

    def call(self, operation: str, params: Mapping[str, Any], *, timeout: float | None = None) -> Any:
        assert operation == OPERATION
        self.asked.append(params)
        return self.said(params["user_id"])


class Pool:
    """Opens units and remembers for which blogs."""

    def __init__(self, said: Callable[[int], Any]) -> None:
        self.said = said
        self.opened: list[int] = []

    @contextmanager
    def unit(self, context: str, *, blog_id: int, wait: float) -> Iterator[Process]:
        self.opened.append(blog_id)
        yield Process("unit", self.said)


class Lab:
    """The answers of one process, and everything it asks."""

    def __init__(self, said: Callable[[int], Any] = lambda _user: MANAGER) -> None:
        self.clock, self.db, self.pool = Clock(), Epochs(), Pool(said)
        self.answers = UnitAnswers(cast(Any, self.db), cast(Any, self.pool), self.clock)

    @property
    def units(self) -> int:
        return len(self.pool.opened)


def test_nobody_may_nothing_and_nobody_is_asked() -> None:
    lab = Lab()
    assert lab.answers.of(0, 1) == lab.answers.of(-3, 1) == Answers()
    assert lab.units == 0


def test_an_answer_serves_thirty_seconds() -> None:
    lab = Lab()
    assert [lab.answers.of(5, 1) for _ in range(3)] == [FLOWS] * 3
    lab.clock.seconds += TRUSTED - 0.001
    assert lab.answers.of(5, 1) == FLOWS
    assert lab.units == 1
    lab.clock.seconds += 0.001
    assert lab.answers.of(5, 1) == FLOWS
    assert lab.units == 2


def test_a_new_epoch_drops_it_at_once() -> None:
    lab = Lab()
    lab.answers.of(5, 1)
    lab.db.epoch = "fresh"
    lab.pool.said = lambda _user: {"actions": []}
    assert lab.answers.of(5, 1) == Answers()
    assert lab.units == 2
    assert lab.answers.of(5, 1) == Answers()
    assert lab.units == 2


def test_what_was_asked_before_a_change_is_not_kept_for_after_it() -> None:
    lab = Lab()

    def while_it_changes(_user: int) -> Any:
        lab.db.epoch = "fresh"
        lab.pool.said = lambda _user: {"actions": []}
        return MANAGER

    lab.pool.said = while_it_changes
    lab.answers.of(5, 1)
    assert lab.answers.of(5, 1) == Answers()


def test_users_and_blogs_are_kept_apart() -> None:
    lab = Lab(lambda user: {"actions": ["chat"] if user == 5 else []})
    assert lab.answers.of(5, 1).actions == {"chat"}
    assert lab.answers.of(6, 1).actions == frozenset()
    assert lab.answers.of(5, 2).actions == {"chat"}
    assert lab.pool.opened == [1, 1, 2]


def test_administrators_and_super_admins_are_told_apart() -> None:
    lab = Lab(lambda _user: {"actions": [], "administrator": True, "network": 1})
    assert lab.answers.of(5, 1) == Answers(administrator=True, network=False)


@pytest.mark.parametrize("failure", [HostBusy("no place"), Internal("it broke")])
def test_no_answer_is_no_rights_for_a_second_and_is_logged_once(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_user: int) -> Any:
        raise failure

    lab = Lab(refuse)
    with caplog.at_level(logging.WARNING):
        for user in (5, 5, 6):
            assert lab.answers.of(user, 1) == Answers()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert lab.units == 2
    lab.pool.said = lambda _user: MANAGER
    lab.clock.seconds += 1.0
    assert lab.answers.of(5, 1) == FLOWS


@pytest.mark.parametrize("said", [None, [], {"actions": "manage_flows"}, {"administrator": True}])
def test_an_answer_of_another_shape_is_none(said: Any) -> None:
    assert Lab(lambda _user: said).answers.of(5, 1) == Answers()


def test_an_abandoned_call_leaves_no_answer_behind() -> None:
    def away(_user: int) -> Any:
        raise Cancelled("the caller went away")

    lab = Lab(away)
    with pytest.raises(Cancelled):
        lab.answers.of(5, 1)
    lab.pool.said = lambda _user: MANAGER
    assert lab.answers.of(5, 1) == FLOWS


def test_twenty_threads_open_one_unit() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(_user: int) -> Any:
        begun.set()
        assert go_on.wait(20)
        return MANAGER

    lab = Lab(slowly)
    found: list[Answers] = []
    threads = [threading.Thread(target=lambda: found.append(lab.answers.of(5, 1))) for _ in range(20)]
    threads[0].start()
    assert begun.wait(20)
    for thread in threads[1:]:
        thread.start()
    # Another user is not kept waiting.
    lab.pool.said = lambda _user: {"actions": ["chat"]}
    assert lab.answers.of(6, 1).actions == {"chat"}
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert found == [FLOWS] * 20
    assert lab.units == 2


def test_who_waited_asks_again_when_the_first_was_called_away() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def away(_user: int) -> Any:
        lab.pool.said = lambda _user: MANAGER
        begun.set()
        assert go_on.wait(20)
        raise Cancelled("the caller went away")

    lab = Lab(away)
    found: list[Answers] = []

    def first() -> None:
        with pytest.raises(Cancelled):
            lab.answers.of(5, 1)

    one = threading.Thread(target=first)
    other = threading.Thread(target=lambda: found.append(lab.answers.of(5, 1)))
    one.start()
    assert begun.wait(20)
    other.start()
    go_on.set()
    one.join(20)
    other.join(20)
    assert found == [FLOWS]


def test_a_unit_that_cannot_work_as_a_user_who_is_gone_has_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lab = Lab()

    @contextmanager
    def opener() -> Iterator[Any]:
        raise RemoteError("user_not_found", "There is no user 5.")
        yield

    with lazily(opener, "rest"), caplog.at_level(logging.WARNING):
        assert lab.answers.of(5, 1) == Answers()
    lab.clock.seconds += TRUSTED - 1
    assert lab.answers.of(5, 1) == Answers()
    assert (lab.units, caplog.records) == (0, [])


def test_only_so_many_users_are_kept() -> None:
    lab = Lab()
    for user in range(1, KEPT + 2):
        lab.answers.of(user, 1)
    lab.answers.of(KEPT + 1, 1)
    assert lab.units == KEPT + 1
    lab.answers.of(1, 1)
    assert lab.units == KEPT + 2


@pytest.mark.parametrize(("kind", "fresh"), [("request", False), ("unit", True)])
def test_a_process_at_hand_is_asked_and_its_answer_is_its_own(kind: str, fresh: bool) -> None:
    lab = Lab(lambda _user: {"actions": []})
    process = Process(kind, lambda _user: MANAGER)
    with host_context.bind(cast(Any, process)):
        assert lab.answers.of(5, 1) == lab.answers.of(5, 1) == FLOWS
    assert process.asked == [{"user_id": 5, "fresh": fresh}] * 2
    assert lab.answers.of(5, 1) == Answers()
    assert lab.units == 1


def test_the_process_at_hand_is_not_asked_about_another_blog() -> None:
    lab = Lab()
    process = Process("request", lambda _user: {"actions": []})
    with blog.on(1), host_context.bind(cast(Any, process)):
        assert lab.answers.of(5, 2) == FLOWS
    assert (process.asked, lab.pool.opened) == ([], [2])


def test_the_unit_of_a_request_answers_for_everybody_while_it_is_new() -> None:
    lab = Lab()

    @contextmanager
    def opener() -> Iterator[Any]:
        yield Process("unit", lambda user: MANAGER if user == 5 else {"actions": []})

    with lazily(opener, "rest") as unit:
        assert lab.answers.of(5, 1) == FLOWS
        assert unit.opened
        # It has worked since: what it says now is for this request.
        assert lab.answers.of(6, 1) == Answers()
    assert lab.units == 0
    assert lab.answers.of(5, 1) == FLOWS
    assert lab.units == 0
    assert lab.answers.of(6, 1) == FLOWS
    assert lab.units == 1
