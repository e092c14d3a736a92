"""Two at one job: whoever ends or retries it meets its worker between any two of their statements."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any

import pytest

from sidecar.automation import FlowsService, PipelinesService, setup
from sidecar.automation.engine.batch_items import BatchItems
from sidecar.automation.files.job_files import JobFiles
from sidecar.automation.jobs.endings import Endings
from sidecar.automation.jobs.retry import NotRetryable, StillRunning
from sidecar.automation.parts import Parts
from sidecar.automation.queues.entries import PATCHES
from sidecar.automation.setup import Part
from sidecar.automation.values import Flow, NewPipelineStep, StepConfig
from sidecar.queue.reconciler import Reconciler
from tests.integration.engine_faults.instants import Killed, Stage, Stop
from tests.integration.engine_faults.rig import CLI, Rig, Source, Undying

serial = itertools.count(1)


def named(*fates: str) -> str:
    return ",".join(f"{fate}-two{next(serial)}" for fate in fates)


def elsewhere(what: Callable[[], Any]) -> None:
    """In a thread of its own, as another process would."""
    failed: list[BaseException] = []

    def act() -> None:
        try:
            what()
        except BaseException as error:  # told where the test looks  # noqa: BLE001
            failed.append(error)

    thread = threading.Thread(target=act)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def works(flow: Flow) -> list[str]:
    """The ids of its working steps, in order."""
    steps = sorted(flow.steps(), key=lambda step: int(step["execution_order"]))
    return [str(step["flow_step_id"]) for step in steps if step["step_type"] == "rig_work"]


def settle(rig: Rig, flow: Flow) -> dict[int, str]:
    """How everything of a flow ended."""
    rig.settle(lambda: rig.under_way([flow.flow_id]))
    return {job_id: str(job["status"]) for job_id, job in rig.jobs([flow.flow_id]).items()}


def claims(rig: Rig) -> list[dict[str, Any]]:
    return list(rig.rows("SELECT * FROM wp_datamachine_processed_items WHERE status = 'claimed'"))


def place(rig: Rig, job_id: int) -> tuple[Any, ...]:
    return rig.built.get(Parts).store.load(job_id).place


def before_it_adopts(
    monkeypatch: pytest.MonkeyPatch, step: str, what: Callable[[], Any], *, method: str = "adopt"
) -> None:
    """Once, between a worker's ringing for ``step`` and its packets getting there."""
    real, done = getattr(JobFiles, method), threading.Event()

    def call(files: JobFiles, *args: Any) -> Any:
        if args[3] == step and not done.is_set():
            done.set()
            what()
        return real(files, *args)

    monkeypatch.setattr(JobFiles, method, call)


# Retrying


def before_it_ends_the_job(monkeypatch: pytest.MonkeyPatch, what: Callable[[], Any]) -> None:
    """After a retry has looked at its job."""
    real = Endings.fail

    def fail(endings: Endings, *args: Any, **named_: Any) -> Any:
        what()
        return real(endings, *args, **named_)

    monkeypatch.setattr(Endings, "fail", fail)


def test_a_retry_that_was_too_slow_does_nothing_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = rig.flow(named("ok"), steps=1)
    job_id = rig.start(flow)
    rig.work(1)
    before_it_ends_the_job(monkeypatch, rig.work_elsewhere)
    with pytest.raises(NotRetryable):
        rig.room.retrying.retry(CLI, job_id)
    assert settle(rig, flow) == {job_id: "completed"}
    assert len(rig.done(job_id)) == 1


def test_a_retry_meets_a_worker_that_has_just_come(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = rig.flow(named("ok"), steps=1)
    job_id = rig.start(flow)
    rig.work(1)
    arrived, leave = threading.Event(), threading.Event()
    monkeypatch.setattr(rig, "during", lambda: (arrived.set(), leave.wait(60)))
    worker = threading.Thread(target=rig.work)

    def come() -> None:
        worker.start()
        assert arrived.wait(60)

    before_it_ends_the_job(monkeypatch, come)
    try:
        with pytest.raises(StillRunning):
            rig.room.retrying.retry(CLI, job_id)
    finally:
        leave.set()
        worker.join()
    assert settle(rig, flow) == {job_id: "completed"}
    assert len(rig.done(job_id)) == 1


@pytest.mark.parametrize("how", ["cancel", "fail", "retry"])
def test_a_job_that_is_ended_where_a_step_was_committed_goes_on_behind_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    flow = rig.flow(named("ok"))
    first, second = works(flow)
    job_id = rig.start(flow)
    rig.work(1)
    made: list[int] = []

    def end() -> None:
        if how == "retry":
            made.append(rig.room.retrying.retry(CLI, job_id, force=True).new_job_id)
        else:
            getattr(rig.room.endings, how)(CLI, job_id, "by hand")

    before_it_adopts(monkeypatch, second, lambda: elsewhere(end))
    rig.work(1)
    monkeypatch.undo()
    assert rig.jobs_row(job_id)["data"]["error_step_id"] == second
    if not made:
        made.append(rig.room.retrying.retry(CLI, job_id).new_job_id)
    assert settle(rig, flow)[made[0]] == "completed"
    assert [row["step"] for row in rig.done(job_id)] == [first]
    assert [row["step"] for row in rig.done(made[0])] == [second]
    rig.flows.deletion.delete(CLI, flow.flow_id)


def test_packets_that_never_reached_their_step_are_there_for_a_retry(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = rig.flow(named("ok"))
    _, second = works(flow)
    job_id = rig.start(flow)
    rig.work(1)

    def die() -> None:
        raise Killed

    before_it_adopts(monkeypatch, second, die)
    with pytest.raises(Killed):
        rig.work(1, kind=Undying)
    monkeypatch.undo()
    rig.room.endings.cancel(CLI, job_id, "by hand")
    kept = rig.built.get(Parts).files.aside(*place(rig, job_id))
    assert [one["type"] for one in kept] == ["rig", "fetch"]
    new = rig.room.retrying.retry(CLI, job_id).new_job_id
    assert settle(rig, flow)[new] == "completed"
    assert [row["step"] for row in rig.done(new)] == [second]
    rig.flows.deletion.delete(CLI, flow.flow_id)


def test_a_child_that_nobody_works_on_is_retried(rig: Rig) -> None:
    """Its item is claimed by its parent."""
    flow = rig.flow(named("ok", "ok"))
    parent = rig.start(flow)
    rig.work(3)
    (child,) = [
        job_id
        for job_id, job in rig.jobs([flow.flow_id]).items()
        if job["parent_job_id"] == parent and job["status"] == "processing"
    ]
    new = rig.room.retrying.retry(CLI, child).new_job_id
    ended = settle(rig, flow)
    assert (ended[child], ended[new], ended[parent]) == ("failed - manual_retry", "completed", "completed")
    assert claims(rig) == []


def test_children_of_children_are_retried(rig: Rig) -> None:
    """Two items, and two more for the first of them, which fail."""
    parts = [
        Part(NewPipelineStep("fetch"), StepConfig("rig_source", {"items": items, "max_items": 0}))
        for items in (named("ok", "ok"), named("late", "late"))
    ]
    flow = setup.create(
        rig.built.get(PipelinesService),
        rig.built.get(FlowsService),
        CLI,
        "rig",
        [*parts, Part(NewPipelineStep("rig_work"))],
    )
    parent = rig.start(flow)
    settle(rig, flow)
    jobs = rig.jobs([flow.flow_id])
    (child,) = [one for one, job in jobs.items() if job["data"].get("batch") and one != parent]
    assert (jobs[child]["status"], jobs[parent]["status"]) == (
        "failed - All 2 child jobs failed",
        "completed",
    )
    done = rig.room.retrying.retry(CLI, parent)
    assert len(done.new_job_ids) == 2
    ended = settle(rig, flow)
    assert [ended[new].split(" ")[0] for new in done.new_job_ids] == ["failed", "failed"]
    # The one that had nothing more to fetch.
    (kept,) = rig.rows(
        "SELECT * FROM wp_datamachine_processed_items WHERE flow_step_id LIKE :flow",
        flow=f"%\\_{flow.flow_id}",
    )
    assert kept["status"] == "processed"
    rig.flows.deletion.delete(CLI, flow.flow_id)


def test_what_each_of_several_steps_fetched_is_processed_under_it(rig: Rig) -> None:
    first, second = named("ok", "ok"), named("ok", "ok", "ok")
    parts = [
        Part(NewPipelineStep("fetch"), StepConfig("rig_source", {"items": items, "max_items": 0}))
        for items in (first, second)
    ]
    flow = setup.create(
        rig.built.get(PipelinesService),
        rig.built.get(FlowsService),
        CLI,
        "rig",
        [*parts, Part(NewPipelineStep("rig_work"))],
    )
    rig.start(flow)
    assert set(settle(rig, flow).values()) == {"completed"}
    fetches = [str(step["flow_step_id"]) for step in flow.steps() if step["step_type"] == "fetch"]
    known = {
        (str(row["flow_step_id"]), str(row["item_identifier"]), str(row["status"]))
        for row in rig.rows(
            "SELECT * FROM wp_datamachine_processed_items WHERE flow_step_id IN :steps", steps=fetches
        )
    }
    assert known == {
        (step, item, "processed")
        for step, items in zip(fetches, (first, second), strict=True)
        for item in items.split(",")
    }
    rig.flows.deletion.delete(CLI, flow.flow_id)


def test_a_step_that_was_given_up_is_the_one_to_retry(rig: Rig) -> None:
    flow = rig.flow(named("ok"))
    first, second = works(flow)
    job_id = rig.start(flow)
    rig.work(2)
    bell = {"job": f'{{"job_id":{job_id},%'}
    rig.do(
        "UPDATE wp_actionscheduler_actions SET status = 'complete'"
        " WHERE status = 'pending' AND args LIKE :job",
        **bell,
    )
    rig.do(
        "UPDATE wp_datamachine_bridge_leases SET state = 'failed', last_error = :error WHERE job_id = :job",
        job=job_id,
        error="ü" * 400,
    )
    rig.let_time_pass()
    assert rig.built.get(Reconciler).reconcile() >= 1
    # Ended by hand it would ring no more: it is found by its job.
    assert rig.rows(
        "SELECT 1 FROM wp_actionscheduler_actions WHERE status = 'pending' AND args LIKE :job", **bell
    )
    assert settle(rig, flow) == {job_id: "failed - step_given_up"}
    assert rig.jobs_row(job_id)["data"]["error_step_id"] == second
    new = rig.room.retrying.retry(CLI, job_id).new_job_id
    assert settle(rig, flow)[new] == "completed"
    assert [row["step"] for row in rig.done(new)] == [second]
    assert [row["step"] for row in rig.done(job_id)] == [first]


def test_what_a_job_did_is_neither_its_retrys_nor_its_childrens(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = rig.flow(named("ok", "fail"), steps=1)
    parent = rig.start(flow)
    parts = rig.built.get(Parts)
    did = {"effects": [{"type": "post_meta_set", "target": {"post_id": 1, "meta_key": "x"}}]}
    parts.store.merge(parent, {**did, "token_usage": {"total_tokens": 7}})
    settle(rig, flow)
    jobs = rig.jobs([flow.flow_id])
    (failed,) = [job_id for job_id, job in jobs.items() if str(job["status"]).startswith("failed")]
    assert "effects" not in jobs[failed]["data"]
    # What it cost stays its own.
    assert jobs[parent]["data"]["token_usage"] == {"total_tokens": 7}
    assert jobs[parent]["data"]["effects"] == did["effects"]
    parts.store.merge(failed, {**did, "undone_at": "2026-11-23 00:00:00"})
    new = rig.room.retrying.retry(CLI, failed).new_job_id
    assert not {"effects", "undone_at"} & rig.jobs_row(new)["data"].keys()
    settle(rig, flow)
    rig.flows.deletion.delete(CLI, flow.flow_id)


# Ending


def test_a_parent_that_is_cancelled_while_a_chunk_is_written_gets_no_children(rig: Rig, stage: Stage) -> None:
    flow = rig.flow(named("ok", "ok", "ok"))
    parent = rig.start(flow)
    rig.work(1)
    cancelled = Stop(
        r"SELECT engine_data FROM \S+ WHERE job_id = :id$",
        lambda: elsewhere(lambda: rig.room.endings.cancel(CLI, parent, "by hand")),
    )
    with stage.playing(cancelled):
        rig.work(1)
    assert cancelled.happened
    assert settle(rig, flow) == {parent: "cancelled - by hand"}
    assert claims(rig) == []


@pytest.mark.parametrize("when", ["prepare", "adopt"])
def test_whoever_is_cut_off_leaves_no_folder(rig: Rig, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    flow = rig.flow(named("ok"))
    _, second = works(flow)
    job_id = rig.start(flow)
    rig.work(1)

    def fail() -> None:
        """As a plugin's page does: nothing is taken from the worker."""
        rig.built.get(Parts).completion.fail(job_id, "plugin", {})

    def cancel() -> None:
        rig.room.endings.cancel(CLI, job_id, "by hand")

    before_it_adopts(
        monkeypatch, second, lambda: elsewhere(cancel if when == "prepare" else fail), method="prepare"
    )
    rig.work()
    monkeypatch.undo()
    settle(rig, flow)
    assert not rig.built.get(Parts).files.exists(*place(rig, job_id))
    assert rig.built.get(Parts).files.aside(*place(rig, job_id))
    assert claims(rig) == []
    rig.flows.deletion.delete(CLI, flow.flow_id)


def test_a_fan_out_of_a_job_that_somebody_has_failed_leaves_no_folder(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = rig.flow(named("ok", "ok", "ok"))
    job_id = rig.start(flow)
    real = BatchItems.keep

    def keep(kept: BatchItems, *args: Any) -> Any:
        elsewhere(lambda: rig.built.get(Parts).completion.fail(job_id, "plugin", {}))
        return real(kept, *args)

    monkeypatch.setattr(BatchItems, "keep", keep)
    rig.work()
    assert settle(rig, flow) == {job_id: "failed - plugin"}
    assert not rig.built.get(Parts).files.exists(*place(rig, job_id))


def test_what_a_step_takes_after_somebody_has_failed_its_job_goes_back(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = rig.flow(named("ok", "ok"))
    job_id = rig.start(flow)
    real = Source.fetch

    def fetch(source: Source, *args: Any) -> Any:
        elsewhere(lambda: rig.built.get(Parts).completion.fail(job_id, "plugin", {}))
        return real(source, *args)

    monkeypatch.setattr(Source, "fetch", fetch)
    rig.work()
    assert settle(rig, flow) == {job_id: "failed - plugin"}
    assert claims(rig) == []


def test_a_patch_that_is_taken_while_its_job_is_cancelled_goes_back(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = rig.flow("", steps=1)
    fetch = next(str(step["flow_step_id"]) for step in flow.steps() if step["step_type"] == "fetch")
    queues = rig.built.get(Parts).queues
    rig.queues.add_patch(CLI, flow.flow_id, fetch, {"items": named("ok")})
    rig.queues.set_mode(CLI, flow.flow_id, fetch, "drain")
    job_id = rig.start(flow)
    real = type(queues).take

    def take(self: Any, *args: Any, **named_: Any) -> Any:
        found = real(self, *args, **named_)
        elsewhere(lambda: rig.room.endings.cancel(CLI, job_id, "by hand"))
        return found

    monkeypatch.setattr(type(queues), "take", take)
    rig.work()
    monkeypatch.undo()
    assert settle(rig, flow) == {job_id: "cancelled - by hand"}
    assert len(rig.queues.show(CLI, flow.flow_id, fetch, PATCHES).entries) == 1
    rig.flows.deletion.delete(CLI, flow.flow_id)


def test_a_step_that_failed_its_job_hands_nothing_on(rig: Rig) -> None:
    """It keeps the packets it was given: its item is not processed for that."""
    flow = setup.create(
        rig.built.get(PipelinesService),
        rig.built.get(FlowsService),
        CLI,
        "rig",
        [
            Part(NewPipelineStep("fetch"), StepConfig("rig_source", {"items": named("ok")})),
            Part(NewPipelineStep("ai")),
        ],
    )
    job_id = rig.start(flow)
    assert settle(rig, flow) == {job_id: "failed - ai_provider_missing"}
    fetch = next(str(step["flow_step_id"]) for step in flow.steps() if step["step_type"] == "fetch")
    assert (
        list(rig.rows("SELECT * FROM wp_datamachine_processed_items WHERE flow_step_id = :step", step=fetch))
        == []
    )


def test_a_child_that_cannot_begin_fails_alone(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = rig.flow(named("ok", "ok", "ok"), steps=1)
    parent = rig.start(flow)
    rig.work(1)

    def full() -> None:
        raise OSError(28, "No space left on device")

    before_it_adopts(monkeypatch, works(flow)[0], full, method="prepare")
    rig.work()
    monkeypatch.undo()
    ended = settle(rig, flow)
    assert ended.pop(parent) == "completed"
    assert sorted(ended.values()) == ["completed", "completed", "failed - child_not_begun"]
    assert claims(rig) == []


def test_deleting_a_failed_parent_leaves_its_childrens_claims(rig: Rig) -> None:
    flow = rig.flow(named("ok", "ok"))
    parent = rig.start(flow)
    rig.work(3)
    rig.room.endings.fail(CLI, parent, "by hand")
    held = len(claims(rig))
    assert held == 2
    rig.room.deletion.delete(CLI, "failed")
    assert len(claims(rig)) == held
    assert list(settle(rig, flow).values()) == ["completed", "completed"]
    assert claims(rig) == []


def test_a_young_job_is_not_stuck_for_what_its_data_say(rig: Rig) -> None:
    flow = rig.flow(named("ok"))
    job_id = rig.start(flow)
    rig.built.get(Parts).store.merge(job_id, {"job_status": None})
    bell = {"job": f'{{"job_id":{job_id},%'}
    rig.do("UPDATE wp_actionscheduler_actions SET status = 'x' WHERE args LIKE :job", **bell)
    assert job_id not in {job["job_id"] for job in rig.room.recovery.recover(CLI)["jobs"]}
    rig.do("UPDATE wp_actionscheduler_actions SET status = 'pending' WHERE args LIKE :job", **bell)
    assert settle(rig, flow) == {job_id: "completed"}
