"""What visitors are told is said once in a while, not to each of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sidecar.api.introductions import KEPT, MOST, Introductions


class Clock:
    def __init__(self) -> None:
        self.seconds = 1.0

    def now(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.seconds


def test_an_answer_is_made_once_in_a_while_for_each_key() -> None:
    clock = Clock()
    kept, made = Introductions(clock), list[Any]()

    def ask(key: tuple[Any, ...]) -> Any:
        def make() -> dict[str, Any]:
            made.append(key)
            return {"made": len(made)}

        return kept.get(key, make)["made"]

    assert [ask((1, None)), ask((1, "a")), ask((1, None)), ask((1, "a"))] == [1, 2, 1, 2]
    clock.seconds += KEPT - 0.1
    assert ask((1, None)) == 1
    clock.seconds += 0.1
    assert ask((1, None)) == 3
    for number in range(MOST):
        ask((2, number))
    assert ask((1, None)) == len(made) == MOST + 4


def test_a_failure_is_not_kept() -> None:
    kept = Introductions(Clock())

    def fail() -> dict[str, Any]:
        raise ZeroDivisionError

    for _ in range(2):
        try:
            kept.get((1,), fail)
        except ZeroDivisionError:
            continue
        raise AssertionError("a failure became an answer")
    assert kept.get((1,), lambda: {"fine": True}) == {"fine": True}
