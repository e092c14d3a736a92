"""Whoever lost a lease can write nothing for it, in any place where a worker writes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sidecar import queue
from sidecar.clock import SYSTEM
from sidecar.queue import acknowledgement, fence, leases, processes, reconciler, units
from sidecar.queue.claims import Claim, Claimer
from sidecar.queue.heartbeat import Heartbeat
from sidecar.queue.recovery import Recovery
from sidecar.queue.run import Run
from tests.integration.queue.lab import TIMING, Lab, Runtime, handlers


@dataclass
class Holder:
    """A worker in the middle of a step, as the database sees it."""

    runtime: Runtime
    worker: leases.Lease
    claimer: Claimer
    claim: Claim
    run: Run


def begin(lab: Lab, runtime: Runtime) -> Holder:
    owner = processes.owner_name()
    with runtime.db.session() as session:
        current = fence.read(session)
    worker = runtime.db.run(lambda session: leases.register(session, owner, current.epoch, TIMING))
    claimer = Claimer(runtime.db, worker, current)
    claim = claimer.take(5)
    assert claim is not None
    due = claim.actions[0]
    lease = acknowledgement.take(
        runtime.db,
        leases.subject(due.hook, due.arguments()),
        due,
        claim,
        owner=owner,
        epoch=current.epoch,
        timing=TIMING,
    )
    assert isinstance(lease, leases.Lease)
    run = Run(runtime.db, lease, action_id=due.action_id, hook=due.hook)
    acknowledgement.started(runtime.db, run, due, claim)
    return Holder(runtime, worker, claimer, claim, run)


def take_over(lab: Lab, runtime: Runtime) -> None:
    """Another worker finds the holder's lease expired."""
    lab.sql("UPDATE wp_datamachine_bridge_leases SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND")
    owner = processes.owner_name()
    other = runtime.db.run(lambda session: leases.register(session, owner, 1, TIMING))
    assert Recovery(runtime.db, other, owner, TIMING).sweep() == 1
    runtime.db.run(lambda session: leases.retire(session, other))


@pytest.fixture
def holder(lab: Lab) -> Iterator[Holder]:
    runtime = lab.runtime()
    with runtime.db.transaction() as session:
        queue.enqueue(session, "lab_step", {"job_id": 5, "flow_step_id": "1"}, SYSTEM.now())
    yield begin(lab, runtime)
    runtime.db.close()


def test_a_stale_token_cannot_open_a_transaction(lab: Lab, holder: Holder) -> None:
    take_over(lab, holder.runtime)
    with pytest.raises(queue.LeaseLost), holder.run.transaction() as session:
        session.insert("done", {"what": "late", "worker": 0})
    assert lab.number("SELECT COUNT(*) FROM done") == 0


def test_a_stale_token_cannot_finish(lab: Lab, holder: Holder) -> None:
    take_over(lab, holder.runtime)
    due = holder.claim.actions[0]
    with pytest.raises(queue.LeaseLost):
        acknowledgement.completed(holder.runtime.db, holder.run, due, holder.claim)
    with pytest.raises(queue.LeaseLost):
        acknowledgement.failed(holder.runtime.db, holder.run.lease, due, holder.claim, "late")
    with pytest.raises(queue.LeaseLost):
        holder.claimer.release(holder.claim)
    with pytest.raises(queue.LeaseLost):
        holder.claimer.take(5)
    assert lab.sql("SELECT status, claim_id, attempts FROM wp_actionscheduler_actions") == [
        ["pending", "0", "1"]
    ]
    assert lab.sql("SELECT message FROM wp_actionscheduler_logs ORDER BY log_id") == [
        ["action started via Data Machine Worker"],
        ["action reset"],
    ]


def test_a_stale_token_cannot_note_an_effect(lab: Lab, holder: Holder) -> None:
    def late() -> dict[str, int]:
        take_over(lab, holder.runtime)
        return {"post_id": 9}

    with pytest.raises(queue.LeaseLost):
        holder.run.effects.once("post", late)
    assert lab.sql("SELECT status, result FROM wp_datamachine_bridge_effects") == [["begun", "NULL"]]


def test_the_next_attempt_asks_before_it_repeats(lab: Lab, holder: Holder) -> None:
    with pytest.raises(RuntimeError):
        holder.run.effects.once("post", lambda: (_ for _ in ()).throw(RuntimeError("died")))
    take_over(lab, holder.runtime)
    again = begin(lab, holder.runtime).run
    assert again.attempt == 2
    assert again.token == holder.run.token + 2
    with pytest.raises(queue.OutcomeUnknown):
        again.effects.once("post", lambda: {"post_id": 1})
    assert again.effects.once("post", lambda: {"post_id": 1}, lambda: {"post_id": 4}) == {"post_id": 4}
    assert again.effects.once("post", lambda: {"post_id": 1}) == {"post_id": 4}
    assert lab.sql("SELECT status, post_id, attempt FROM wp_datamachine_bridge_effects") == [
        ["done", "4", "2"]
    ]


def test_a_committed_step_is_only_acknowledged(lab: Lab, holder: Holder) -> None:
    """Killed between the commit that rang for the next step and the acknowledgement of this one."""
    with holder.run.transaction() as session:
        queue.enqueue(session, "lab_step", {"job_id": 5, "flow_step_id": "2"}, SYSTEM.now())
        holder.run.advance(session, "2")
    take_over(lab, holder.runtime)
    holder.runtime.queue_handlers.update(handlers(holder.runtime))
    holder.runtime.work(once=True)
    assert lab.sql("SELECT what FROM done ORDER BY id") == [["5.2"], ["5.3"]]
    assert lab.sql("SELECT status, COUNT(*) FROM wp_actionscheduler_actions GROUP BY status") == [
        ["complete", "3"]
    ]
    assert lab.sql("SELECT state, step FROM wp_datamachine_bridge_leases") == [["done", ""]]


@pytest.mark.parametrize("found", ["before the first claim", "after it"])
def test_what_the_heartbeat_is_giving_back_is_due(
    lab: Lab, holder: Holder, monkeypatch: pytest.MonkeyPatch, found: str
) -> None:
    """A worker that only came for what is due does not leave while its own heartbeat finds a dead one."""
    seen, at_hand = threading.Event(), threading.Event()
    beat, fenced, end, take = Heartbeat.beat, Recovery._fence, units.end, Claimer.take

    def beat_second(heartbeat: Heartbeat) -> None:
        seen.wait(10)
        beat(heartbeat)

    def fence_second(*args: Any) -> Any:
        if threading.current_thread() is threading.main_thread():
            seen.set()
            at_hand.wait(1)
        return fenced(*args)

    def end_slowly(*args: Any, **named: Any) -> None:
        at_hand.set()
        time.sleep(0.5)
        end(*args, **named)

    def take_and_wait(*args: Any, **named: Any) -> Claim | None:
        claim = take(*args, **named)
        if not at_hand.is_set():
            lab.sql(
                "UPDATE wp_datamachine_bridge_leases SET lease_until = NOW() - INTERVAL 1 DAY"
                f" WHERE lease_id = {holder.worker.lease_id}"
            )
            at_hand.wait(10)
        return claim

    monkeypatch.setattr(units, "end", end_slowly)
    if found == "before the first claim":
        lab.sql("UPDATE wp_datamachine_bridge_leases SET lease_until = NOW() - INTERVAL 1 DAY")
        monkeypatch.setattr(Heartbeat, "beat", beat_second)
        monkeypatch.setattr(Recovery, "_fence", fence_second)
    else:
        monkeypatch.setattr(Claimer, "take", take_and_wait)
    holder.runtime.queue_handlers.update(handlers(holder.runtime))
    holder.runtime.work(once=True)
    assert lab.sql("SELECT what FROM done ORDER BY id") == [["5.1"], ["5.2"], ["5.3"]]


def test_who_wakes_up_while_it_is_declared_dead_loses_the_claim_it_has_then(
    lab: Lab, holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease has expired, and it takes the next claim between another one's look and its fence."""
    fenced = Recovery._fence

    def fence_later(*args: Any) -> Any:
        due = holder.claim.actions[0]
        with holder.run.transaction() as session:
            queue.enqueue(session, "lab_step", {"job_id": 5, "flow_step_id": "2"}, SYSTEM.now())
            holder.run.advance(session, "2")
        acknowledgement.completed(holder.runtime.db, holder.run, due, holder.claim)
        assert holder.claimer.take(5, holder.claim) is not None
        return fenced(*args)

    with monkeypatch.context() as patch:
        patch.setattr(Recovery, "_fence", fence_later)
        take_over(lab, holder.runtime)
    holder.runtime.queue_handlers.update(handlers(holder.runtime))
    holder.runtime.work(once=True)
    assert lab.sql("SELECT what FROM done ORDER BY id") == [["5.2"], ["5.3"]]
    assert lab.sql("SELECT COUNT(*) FROM wp_actionscheduler_claims") == [["0"]]


def test_a_switch_of_modes_stops_the_workers_of_before(lab: Lab, holder: Holder) -> None:
    lab.switch("standalone")
    with pytest.raises(fence.Fenced):
        holder.claimer.take(5)


def test_a_copy_of_the_site_does_no_work(lab: Lab, holder: Holder) -> None:
    lab.sql("UPDATE wp_datamachine_bridge_sites SET home_url = 'https://original.example'")
    try:
        with holder.runtime.db.session() as session:
            assert fence.read(session).groups == ()
    finally:
        lab.switch("standalone")


def test_lost_doorbells_are_rung_again(lab: Lab, holder: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    # As many as are looked at in one round wait for a doorbell that is there.
    monkeypatch.setattr(reconciler, "LEASES", 1)
    with holder.runtime.db.session() as session:
        queue.enqueue(session, "lab_step", {"job_id": 4, "flow_step_id": "1"}, SYSTEM.now())
    lab.sql(
        "INSERT INTO wp_datamachine_bridge_leases"
        " (lease_key, state, job_id, hook, step, created_at, updated_at)"
        " VALUES ('job:4', 'ready', 4, 'lab_step', '1', NOW(6), NOW(6))"
    )
    with holder.run.transaction() as session:
        lost = queue.enqueue(session, "lab_step", {"job_id": 5, "flow_step_id": "2"}, SYSTEM.now())
        holder.run.advance(session, "2")
    acknowledgement.completed(holder.runtime.db, holder.run, holder.claim.actions[0], holder.claim)
    holder.claimer.release(holder.claim)
    assert holder.runtime.reconciler.reconcile() == 0
    lab.sql(f"DELETE FROM wp_actionscheduler_actions WHERE action_id = {lost}")
    lab.sql(
        "UPDATE wp_datamachine_bridge_leases SET updated_at = updated_at - INTERVAL 2 MINUTE;"
        "UPDATE wp_datamachine_bridge_leases SET lease_id = lease_id + 1000 WHERE lease_key = 'job:5'"
    )
    assert [holder.runtime.reconciler.reconcile() for _ in range(4)] == [0, 1, 0, 0]
    assert lab.sql(
        "SELECT hook, args FROM wp_actionscheduler_actions WHERE status = 'pending' ORDER BY action_id"
    ) == [
        ["lab_step", '{"job_id":4,"flow_step_id":"1"}'],
        ["lab_step", '{"job_id":5,"flow_step_id":"2"}'],
    ]


def test_what_ended_long_ago_is_forgotten(lab: Lab, holder: Holder) -> None:
    for age in (30, 32):
        lab.sql(
            "INSERT INTO wp_datamachine_bridge_leases (lease_key, state, job_id, created_at, updated_at)"
            f" VALUES ('job:{age}', 'done', {age}, NOW(6), UTC_TIMESTAMP(6) - INTERVAL {age} DAY);"
            "INSERT INTO wp_datamachine_bridge_effects (job_id, step, call_key, status, created_at)"
            f" VALUES ({age}, 's', 'c', 'done', UTC_TIMESTAMP(6) - INTERVAL {age} DAY)"
        )
    holder.runtime.reconciler.reconcile()
    assert lab.sql("SELECT lease_key FROM wp_datamachine_bridge_leases WHERE state = 'done'") == [["job:30"]]
    assert lab.sql("SELECT job_id FROM wp_datamachine_bridge_effects") == [["30"]]
