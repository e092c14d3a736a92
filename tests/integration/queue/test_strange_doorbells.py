"""Anybody who writes a row can ring: no doorbell, and no failure of one, stops the workers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sidecar import queue
from sidecar.clock import SYSTEM
from tests.integration.queue.lab import Lab, handlers
from tests.integration.queue.test_worker import ring

BEFORE_NOW = SYSTEM.now() - timedelta(hours=1)
#: What PHP's library stores of a moment in milliseconds; the date does not fit its column and is due at once.
MILLISECONDS = 1_700_000_000_000


@pytest.mark.parametrize(
    "args",
    [
        {"job_id": "²", "flow_step_id": "1"},
        {"job_id": 10**30, "flow_step_id": "1"},
        {"job_id": "9" * 19, "flow_step_id": "1"},
        {"job_id": 5, "flow_step_id": "x" * 300},
        {"job_id": 5, "flow_step_id": ["x" * 300]},
    ],
    ids=["no digits", "no number", "too large", "long step", "list for a step"],
)
def test_arguments_that_name_no_step(lab: Lab, args: dict[str, object]) -> None:
    strange = ring(lab, "lab_nothing", args)
    ring(lab, "lab_note", {"n": 1})
    work(lab)
    assert lab.sql("SELECT what FROM done ORDER BY id") == [["begin 1"], ["end 1"]]
    assert lab.sql(f"SELECT status FROM wp_actionscheduler_actions WHERE action_id = {strange}") == [
        ["complete"]
    ]


@pytest.mark.parametrize(
    "schedule",
    [
        queue.Single(BEFORE_NOW),
        queue.Interval(BEFORE_NOW, 3600),
        queue.Cron(BEFORE_NOW, "*/15 * * * *"),
    ],
    ids=["single", "interval", "cron"],
)
def test_moments_beyond_the_calendar(lab: Lab, schedule: queue.Single) -> None:
    stored = str(int(BEFORE_NOW.timestamp()))
    strange = store(lab, schedule, stored, str(MILLISECONDS))
    ring(lab, "lab_note", {"n": 1})
    work(lab)
    assert lab.sql("SELECT what FROM done ORDER BY id") == [["begin 1"], ["end 1"]]
    assert lab.sql("SELECT action_id, status FROM wp_actionscheduler_actions ORDER BY action_id LIMIT 1") == [
        [str(strange), "complete"]
    ]


@pytest.mark.parametrize(
    ("schedule", "text", "instead"),
    [
        (queue.Interval(BEFORE_NOW, 3600), "i:3600;", f"i:{MILLISECONDS};"),
        (queue.Cron(BEFORE_NOW, "0 0 31 1 *"), 's:2:"31";i:3;s:1:"1";', 's:2:"31";i:3;s:1:"2";'),
    ],
    ids=["interval", "cron"],
)
def test_what_never_comes_again_ends(lab: Lab, schedule: queue.Single, text: str, instead: str) -> None:
    store(lab, schedule, text, instead)
    ring(lab, "lab_note", {"n": 1})
    work(lab)
    assert lab.sql("SELECT DISTINCT status FROM wp_actionscheduler_actions") == [["complete"]]
    assert lab.number("SELECT COUNT(*) FROM wp_actionscheduler_actions") == 2


@pytest.mark.parametrize(
    ("args", "text"),
    [([], "é" * 70_000), ({"job_id": 5, "flow_step_id": "1"}, "x" * 70_000), ([], "\udcff.txt")],
    ids=["long", "long, of a job", "a file's name"],
)
def test_messages_that_no_log_can_hold(lab: Lab, args: object, text: str) -> None:
    @queue.traits(host=False)
    def fail(args: object, run: queue.Run) -> None:
        raise RuntimeError(text)

    failing = ring(lab, "lab_fails", args)
    ring(lab, "lab_note", {"n": 1})
    work(lab, lab_fails=fail)
    assert lab.sql("SELECT what FROM done ORDER BY id") == [["begin 1"], ["end 1"]]
    assert lab.sql(f"SELECT status FROM wp_actionscheduler_actions WHERE action_id = {failing}") == [
        ["failed"]
    ]
    (message,) = lab.sql(
        f"SELECT LEFT(message, 60) FROM wp_actionscheduler_logs WHERE action_id = {failing}"
        " ORDER BY log_id DESC LIMIT 1"
    )[0]
    assert message.startswith("action failed via Data Machine Worker: RuntimeError: ")


def store(lab: Lab, schedule: queue.Single, text: str, instead: str) -> int:
    """A row with another schedule than the functions would write."""
    runtime = lab.runtime()
    with runtime.db.transaction() as session:
        action = queue.enqueue(session, "lab_nothing", {"n": 0}, schedule)
        written = str(session.scalar("SELECT schedule FROM wp_actionscheduler_actions"))
        assert text in written
        session.update(
            "wp_actionscheduler_actions",
            {"schedule": written.replace(text, instead)},
            {"action_id": action},
        )
    runtime.db.close()
    return action


def work(lab: Lab, **more: object) -> None:
    runtime = lab.runtime()
    runtime.queue_handlers.update(handlers(runtime))
    runtime.queue_handlers.update(more)  # type: ignore[arg-type]
    try:
        assert runtime.work(once=True) == 0
    finally:
        runtime.db.close()
