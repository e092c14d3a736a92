"""A machine whose clock is wrong, and jumps: what is due, claimed and dead is decided by the database's."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sidecar.automation import FlowsService
from sidecar.automation.values import Flow
from sidecar.clock import SystemClock
from tests.integration.engine_faults.instants import Script, Stage
from tests.integration.engine_faults.rig import CLI, Rig

HOURS = (2, -2)


class Clock:
    """The clock of this machine, so many hours ahead."""

    hours = 0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(hours=self.hours)

    def jumping(self) -> Any:
        """Forward and back, each time it is called."""
        turns = itertools.cycle((2, 0, -2, 0, 2, -2))

        def jump() -> None:
            self.hours = next(turns)

        return jump


@pytest.fixture
def clock(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    moved = Clock()
    monkeypatch.setattr(SystemClock, "now", lambda _clock: moved.now())
    yield moved
    rig.during = lambda: None


def left(rig: Rig, where: str, **params: Any) -> list[int]:
    """Seconds until pending doorbells ring, by the database's clock."""
    rows = rig.rows(
        "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), scheduled_date_gmt) AS seconds"
        f" FROM wp_actionscheduler_actions WHERE status = 'pending' AND {where} ORDER BY action_id",
        **params,
    )
    return [int(row["seconds"]) for row in rows]


def ends(rig: Rig, flow: Flow) -> list[str]:
    """How the jobs of a flow ended; each end was told once."""
    jobs = rig.jobs([flow.flow_id])
    for job_id, job in jobs.items():
        assert rig.told[job_id] == [job["status"]]
    return [str(job["status"]) for job in jobs.values()]


def test_a_clock_that_jumps_between_and_during_steps_delays_and_repeats_nothing(
    rig: Rig, clock: Clock
) -> None:
    flow = rig.flow("ok-c1,ok-c2,ok-c3")
    jump = clock.jumping()
    rig.during = jump
    rig.start(flow)
    for _ in range(12):
        jump()
        rig.work(1)
    assert ends(rig, flow) == ["completed"] * 4
    done = rig.rows("SELECT job_id, step FROM rig WHERE item LIKE 'ok-c%'")
    assert len({(row["job_id"], row["step"]) for row in done}) == len(done) == 6
    assert rig.rows("SELECT * FROM wp_datamachine_processed_items WHERE status = 'claimed'") == []


@pytest.mark.parametrize("hours", HOURS)
def test_a_claim_lasts_its_hour(rig: Rig, clock: Clock, hours: int) -> None:
    flow = rig.flow(f"ok-claimed{hours}")
    rig.start(flow)
    rig.work(1)
    clock.hours = hours
    rig.start(flow)
    # Whoever comes second finds the item taken, whatever its clock says.
    rig.do(
        "UPDATE wp_actionscheduler_actions SET priority = 0 WHERE status = 'pending' AND args LIKE :last",
        last=f'{{"job_id":{max(rig.jobs([flow.flow_id]))},%',
    )
    rig.work(1)
    clock.hours = -hours
    rig.work()
    assert sorted(ends(rig, flow)) == ["completed", "completed_no_items"]


@pytest.mark.parametrize("hours", HOURS)
def test_a_retry_waits_as_long_as_its_policy_says(rig: Rig, clock: Clock, hours: int) -> None:
    flow = rig.flow(f"flaky-{hours}", retry={"max_attempts": 2, "backoff": 60, "factor": 1})
    job = rig.start(flow)
    clock.hours = hours
    rig.work()
    (seconds,) = left(rig, "args LIKE :job", job=f'{{"job_id":{job},%')
    assert 30 < seconds <= 61
    clock.hours = -hours
    rig.work()
    assert ends_not(rig, flow)
    rig.let_time_pass()
    rig.work()
    assert ends(rig, flow) == ["completed"]


def ends_not(rig: Rig, flow: Flow) -> bool:
    """No job of the flow has ended."""
    return all(job["completed_at"] is None for job in rig.jobs([flow.flow_id]).values())


@pytest.mark.parametrize("hours", HOURS)
@pytest.mark.parametrize("interval", ["hourly", "{minute} * * * *"])
def test_a_schedule_rings_once_and_again_in_time(rig: Rig, clock: Clock, hours: int, interval: str) -> None:
    flow = rig.flow("", steps=1)
    # Half an hour away, so that it does not ring again while the test looks.
    minute = (clock.now().minute + 30) % 60
    rig.built.get(FlowsService).update(
        CLI, flow.flow_id, scheduling={"interval": interval.format(minute=minute)}
    )
    args = f"[{flow.flow_id}]"
    rig.do(
        "UPDATE wp_actionscheduler_actions SET scheduled_date_gmt = UTC_TIMESTAMP()"
        " WHERE status = 'pending' AND args = :args",
        args=args,
    )
    clock.hours = hours
    rig.work()
    (seconds,) = left(rig, "args = :args", args=args)
    assert 0 < seconds <= 3600
    assert ends(rig, flow) == ["completed_no_items"]
    rig.flows.deletion.delete(CLI, flow.flow_id)


@pytest.mark.parametrize("hours", HOURS)
def test_nobody_is_dead_because_another_s_clock_is_wrong(
    rig: Rig, clock: Clock, stage: Stage, hours: int
) -> None:
    flow = rig.flow(f"ok-alive{hours}")
    job = rig.start(flow)
    before = rig.rows("SELECT COUNT(*) AS n FROM wp_actionscheduler_logs WHERE message = 'action reset'")

    def meanwhile() -> None:
        clock.hours = hours
        rig.work_elsewhere()
        clock.hours = -hours

    with stage.playing(Script("asleep", 30, meanwhile)) as script:
        rig.work(1)
    assert script.happened
    rig.work()
    after = rig.rows("SELECT COUNT(*) AS n FROM wp_actionscheduler_logs WHERE message = 'action reset'")
    assert after == before
    assert ends(rig, flow) == ["completed"]
    assert len(rig.done(job)) == 2
