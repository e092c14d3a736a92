"""What a worker writes between two doorbells: the end of one, the start of the next, claims that go back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sidecar import queue
from sidecar.host import context as host_context
from sidecar.queue.worker import Worker
from tests.integration.queue.lab import TIMING, Lab, RecordingHosts, RecordingUnit, handlers
from tests.integration.queue.test_worker import ring


class Late(RecordingUnit):
    """Hears that doorbells end, and nothing else."""

    def call(self, operation: str, params: Any, *, timeout: float | None = None) -> Any:
        if operation == "hook.listeners":
            return {hook: {"php": int(hook.endswith("completed_action"))} for hook in params["hooks"]}
        return super().call(operation, params, timeout=timeout)


class LateHosts(RecordingHosts):
    """Units of that kind."""

    @contextmanager
    def unit(self, **_: Any) -> Iterator[Any]:
        self.units.append(Late(self))
        with host_context.bind(self.units[-1]):  # type: ignore[arg-type]
            yield self.units[-1]


def test_whoever_hears_only_of_the_end_hears_of_it(lab: Lab) -> None:
    """In a process that opens when the job's lease was given back already."""
    hosts = LateHosts()
    runtime = lab.runtime(hosts=hosts)
    runtime.queue_handlers["lab_host"] = lambda args, run: None
    actions = [ring(lab, "lab_host", {"job_id": job, "flow_step_id": "x"}) for job in (7, 8, 9)]
    Worker(runtime, once=True, timing=TIMING, pace=0.01).work()  # type: ignore[arg-type]
    told = [params for unit in hosts.units for operation, params in unit.calls if operation == "queue.notify"]
    assert [one["action_id"] for one in told if one["event"] == "completed_action"] == actions


#: A doorbell of no job is acknowledged at once; the end of a job's waits for the next commit of its worker.
EITHER = pytest.mark.parametrize("args", [{"n": 1}, {"job_id": 8, "flow_step_id": "x"}])


@EITHER
def test_a_job_s_doorbell_that_was_cancelled_after_the_claim_is_not_begun(
    lab: Lab, args: dict[str, object]
) -> None:
    first = ring(lab, "lab_cancel", args)
    second = ring(lab, "lab_step", {"job_id": 9, "flow_step_id": "1"})
    runtime = lab.runtime()
    runtime.queue_handlers.update(handlers(runtime))

    @queue.traits(host=False)
    def cancel(args: object, run: queue.Run) -> None:
        lab.sql(f"UPDATE wp_actionscheduler_actions SET status = 'canceled' WHERE action_id = {second}")

    runtime.queue_handlers["lab_cancel"] = cancel
    Worker(runtime, once=True, timing=TIMING, pace=0.01).work()  # type: ignore[arg-type]
    assert lab.sql(f"SELECT status, attempts FROM wp_actionscheduler_actions WHERE action_id = {second}") == [
        ["canceled", "0"]
    ]
    assert lab.sql("SELECT lease_key FROM wp_datamachine_bridge_leases WHERE job_id = 9") == []
    assert lab.sql(f"SELECT status FROM wp_actionscheduler_actions WHERE action_id = {first}") == [
        ["complete"]
    ]
    messages = lab.sql(f"SELECT message FROM wp_actionscheduler_logs WHERE action_id = {second}")
    assert messages == [["action created"], ["action ignored via Data Machine Worker"]]


def test_a_step_that_was_served_since_does_not_undo_the_end_before_it(lab: Lab) -> None:
    first = ring(lab, "lab_serve", {"job_id": 8, "flow_step_id": "x"})
    second = ring(lab, "lab_step", {"job_id": 9, "flow_step_id": "1"})
    runtime = lab.runtime()
    runtime.queue_handlers.update(handlers(runtime))

    @queue.traits(host=False)
    def serve(args: object, run: queue.Run) -> None:
        lab.sql(
            "INSERT INTO wp_datamachine_bridge_leases"
            " (lease_key, state, job_id, step, created_at, updated_at)"
            " VALUES ('job:9', 'done', 9, '', NOW(6), NOW(6))"
        )
        lab.sql(
            "INSERT INTO wp_datamachine_bridge_effects"
            " (job_id, step, call_key, status, created_at) VALUES (9, '1', 'doorbell:1', 'done', NOW(6))"
        )

    runtime.queue_handlers["lab_serve"] = serve
    Worker(runtime, once=True, timing=TIMING, pace=0.01).work()  # type: ignore[arg-type]
    for action, last in ((first, "complete"), (second, "ignored")):
        messages = lab.sql(
            f"SELECT message FROM wp_actionscheduler_logs WHERE action_id = {action} ORDER BY log_id"
        )
        assert messages[-1] == [f"action {last} via Data Machine Worker"]
    assert lab.sql("SELECT status, claim_id FROM wp_actionscheduler_actions") == [["complete", "0"]] * 2
    assert lab.number("SELECT COUNT(*) FROM done") == 0


def test_one_doorbell_s_end_and_the_next_one_s_start_are_one_commit(lab: Lab) -> None:
    seen: list[list[str]] = []
    runtime = lab.runtime()

    @queue.traits(host=False)
    def look(args: object, run: queue.Run) -> None:
        seen.append(
            [row[0] for row in lab.sql("SELECT status FROM wp_actionscheduler_actions ORDER BY action_id")]
        )

    def commits() -> int:
        return int(lab.sql("SHOW GLOBAL STATUS LIKE 'Com_commit'")[0][1])

    runtime.queue_handlers["lab_look"] = look
    many = 20
    for job in range(1, many + 1):
        ring(lab, "lab_look", {"job_id": job, "flow_step_id": "x"})
    before = commits()
    Worker(runtime, once=True, timing=TIMING, pace=0.01).work()  # type: ignore[arg-type]
    # One each, and those of the worker's and the claim's beginning and end.
    assert commits() - before < many + many // 2
    assert seen == [["complete"] * at + ["in-progress"] + ["pending"] * (many - at - 1) for at in range(many)]
    assert lab.sql("SELECT DISTINCT status, claim_id FROM wp_actionscheduler_actions") == [["complete", "0"]]
    assert lab.sql("SELECT DISTINCT state FROM wp_datamachine_bridge_leases") == [["done"]]


@EITHER
def test_a_switch_between_two_claims_leaves_none_behind(lab: Lab, way: str, args: dict[str, object]) -> None:
    ring(lab, "lab_switch", args)
    ring(lab, "lab_note", {"n": 2})
    runtime = lab.runtime()
    runtime.queue_handlers.update(handlers(runtime))

    @queue.traits(host=False)
    def switch(args: object, run: queue.Run) -> None:
        lab.switch("standalone")

    runtime.queue_handlers["lab_switch"] = switch
    # One doorbell a claim: the second claim meets another epoch, with the first not yet given back.
    Worker(runtime, once=True, timing=TIMING, largest_claim=1).work()  # type: ignore[arg-type]
    assert lab.sql("SELECT status, claim_id FROM wp_actionscheduler_actions") == [["complete", "0"]] * 2
    assert lab.number("SELECT COUNT(*) FROM wp_actionscheduler_claims") == 0
    assert lab.number("SELECT COUNT(*) FROM wp_datamachine_bridge_leases WHERE state = 'running'") == 0
