"""Random programs of a site's owner, whose workers die at any statement, against a model of the engine.

The program runs in one process on a real site. ``DATAMACHINE_SEED`` draws other programs,
``DATAMACHINE_PROGRAMS`` more of them.
"""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_programs

from sidecar.automation.errors import FlowPaused
from sidecar.automation.flows.pausing import Scope
from sidecar.automation.jobs import status as statuses
from sidecar.automation.jobs.cancel import JobEnded, NotProcessing
from sidecar.automation.jobs.retry import AlreadyRetried, ItemTaken, NotRetryable, StillRunning
from sidecar.automation.values import Flow
from sidecar.db import DatabaseUnavailable
from sidecar.queue.reconciler import Reconciler
from sidecar.queue.worker import Worker
from tests.integration.engine_faults.instants import Fault, Killed, Script, Stage, Stop
from tests.integration.engine_faults.rig import CLI, Rig, Undying

SEED = os.environ.get("DATAMACHINE_SEED", "")
PROGRAMS = int(os.environ.get("DATAMACHINE_PROGRAMS", "20"))
STEPS = 30
#: How a job may end whose item has such a name, when nobody interferes.
ENDS = {
    "ok": {"completed"},
    "fail": {"failed"},
    "flaky": {"completed", "failed"},
    "late": {"failed"},
    "skip": {"agent_skipped"},
    # The fetch step found nothing new.
    "": {"completed_no_items"},
}
FATES = ["ok", "ok", "ok", "fail", "flaky", "late", "skip"]
serial = itertools.count(1)


def names(fates: list[str]) -> str:
    return ",".join(f"{fate}-{next(serial)}" for fate in fates)


class Programs(RuleBasedStateMachine):
    """``rig`` and ``stage`` are the module's; every program has its own flows."""

    rig: Rig
    stage: Stage
    #: What happened over all programs, to be printed, and to see that everything did.
    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.flows: dict[int, Flow] = {}
        self.deleted: set[int] = set()
        self.statuses: dict[int, str] = {}
        self.paused: set[int] = set()
        #: Jobs that the owner ended, by the word they end with; their children with them where cancelled.
        self.ended: dict[int, str] = {}
        #: Children whose parent's cancelling was interrupted.
        self.might: set[int] = set()
        #: Jobs whose starter died, perhaps before their first step was due.
        self.unbegun: set[int] = set()
        self.prompts: dict[int, set[str]] = {}
        #: Faults may tell an end again.
        self.faults = 0

    # The owner

    @initialize(
        alone=st.sampled_from(FATES),
        several=st.lists(st.sampled_from(FATES), min_size=2, max_size=4),
        mode=st.sampled_from(["static", "drain", "drain", "loop"]),
        prompts=st.integers(1, 5),
    )
    def begin(self, alone: str, several: list[str], mode: str, prompts: int) -> None:
        """Two flows, one with a queue, and a run of each is under way."""
        for fates in ([alone], several):
            self._flow(fates, None)
        self.set_mode(1, mode)
        self.add_prompts(1, prompts)
        for flow in list(self.flows.values()):
            self.rig.start(flow)

    @rule(fates=st.lists(st.sampled_from(FATES), min_size=1, max_size=4), tries=st.sampled_from([0, 0, 2]))
    @precondition(lambda self: len(self.flows) < 3)
    def create(self, fates: list[str], tries: int) -> None:
        self._flow(fates, {"max_attempts": tries, "backoff": 60, "factor": 2} if tries else None)

    def _flow(self, fates: list[str], retry: dict[str, Any] | None) -> Flow:
        flow = self.rig.flow(names(fates), retry=retry)
        self.flows[flow.flow_id] = flow
        self.prompts[flow.flow_id] = set()
        return flow

    @rule(which=st.integers(0, 2), fates=st.lists(st.sampled_from(FATES), min_size=0, max_size=4))
    @precondition(lambda self: self._there())
    def edit(self, which: int, fates: list[str]) -> None:
        """Other items; what runs keeps its own."""
        flow = self._one(which)
        step = next(step for step in flow.steps() if step["step_type"] == "fetch")
        self.rig.change_items(str(step["flow_step_id"]), names(fates))

    @rule(which=st.integers(0, 2))
    @precondition(lambda self: self._there())
    def run(self, which: int) -> None:
        flow = self._one(which)
        try:
            self.rig.start(flow)
        except FlowPaused:
            assert flow.flow_id in self.paused
        else:
            assert flow.flow_id not in self.paused

    @rule(which=st.integers(0, 2), on=st.booleans())
    @precondition(lambda self: self._there())
    def pause_or_resume(self, which: int, on: bool) -> None:
        flow_id = self._one(which).flow_id
        pausing = self.rig.flows.pausing
        (change,) = (pausing.resume if on else pausing.pause)(CLI, Scope(flow_id=flow_id))
        was = flow_id in self.paused
        assert change.status == (
            ("resumed" if was else "not_paused") if on else ("already_paused" if was else "paused")
        )
        (self.paused.discard if on else self.paused.add)(flow_id)

    @rule(which=st.integers(0, 2), count=st.integers(1, 3))
    @precondition(lambda self: self._there())
    def add_prompts(self, which: int, count: int) -> None:
        flow = self._one(which)
        texts = [f"prompt {next(serial)}" for _ in range(count)]
        self.rig.queues.add(CLI, flow.flow_id, self.rig.work_step(flow), texts, validate=False)
        self.prompts[flow.flow_id].update(texts)

    @rule(which=st.integers(0, 2), mode=st.sampled_from(["static", "drain", "drain", "loop"]))
    @precondition(lambda self: self._there())
    def set_mode(self, which: int, mode: str) -> None:
        flow = self._one(which)
        self.rig.queues.set_mode(CLI, flow.flow_id, self.rig.work_step(flow), mode)

    @rule(which=st.integers(0, 2))
    @precondition(lambda self: len(self._there()) > 1)
    def delete(self, which: int) -> None:
        flow = self._one(which)
        running = [job for job in self._jobs([flow.flow_id]).values() if not _final(job["status"])]
        self.rig.flows.deletion.delete(CLI, flow.flow_id)
        self.deleted.add(flow.flow_id)
        for job in running:
            self._was_ended(int(job["job_id"]), "cancelled")
        self.seen["flows deleted"] += 1

    @rule(which=st.integers(0, 40))
    @precondition(lambda self: self.statuses)
    def cancel(self, which: int) -> None:
        job_id = self._job(which)
        children = [int(job["job_id"]) for job in self._jobs().values() if job["parent_job_id"] == job_id]
        alive = [child for child in children if not _final(self.statuses[child])]
        try:
            self.rig.room.endings.cancel(CLI, job_id, "random")
        except JobEnded:
            assert _final(self.statuses[job_id])
        else:
            self._was_ended(job_id, "cancelled")
            for child in alive:
                self._was_ended(child, "cancelled")
            self.seen["cancelled"] += 1

    @rule(which=st.integers(0, 40))
    @precondition(lambda self: self.statuses)
    def fail(self, which: int) -> None:
        job_id = self._job(which)
        try:
            self.rig.room.endings.fail(CLI, job_id, "random")
        except NotProcessing:
            assert self.statuses[job_id] != "processing"
        else:
            self._was_ended(job_id, "failed")
            self.seen["failed by hand"] += 1

    @rule(which=st.integers(0, 40), at=st.integers(5, 60), word=st.sampled_from(["cancelled", "failed"]))
    @precondition(lambda self: self.statuses)
    def end_and_die(self, which: int, at: int, word: str) -> None:
        """The owner's own process dies while it ends a job: what it has begun is done by others."""
        job_id = self._job(which)
        below = [int(job["job_id"]) for job in self._jobs().values() if job["parent_job_id"] == job_id]
        alive = [child for child in below if not _final(self.statuses[child])]
        end = self.rig.room.endings.cancel if word == "cancelled" else self.rig.room.endings.fail
        script = Script("killed", at)
        try:
            with self.stage.playing(script):
                end(CLI, job_id, "random")
        except (JobEnded, NotProcessing):
            return
        except Killed:
            self.faults += 1
            self.seen["owner killed"] += 1
        if _final(self.rig.jobs_row(job_id)["status"]):
            self._was_ended(job_id, word)
            # The others may be faster than what is left of the cancelling.
            self.might.update(alive if word == "cancelled" else [])

    @rule(which=st.integers(0, 40), at=st.integers(1, 60), again=st.booleans())
    @precondition(lambda self: self._there() and self.statuses)
    def begin_and_die(self, which: int, at: int, again: bool) -> None:
        """The owner's own process dies while it starts a flow, or retries a job."""
        job_id, before = self._job(which), self._jobs()
        alive = not _final(before[job_id]["status"])
        try:
            with self.stage.playing(Script("killed", at)):
                if again:
                    self.rig.room.retrying.retry(CLI, job_id)
                else:
                    self.rig.start(self._one(which))
        except (AlreadyRetried, FlowPaused, ItemTaken, NotRetryable, StillRunning):
            return
        except Killed:
            self.faults += 1
            self.seen["owner killed"] += 1
        self.unbegun.update(self._jobs().keys() - before.keys())
        if again and alive and _final(self.rig.jobs_row(job_id)["status"]):
            self._was_ended(job_id, "failed")

    @rule(which=st.integers(0, 40))
    @precondition(lambda self: self.statuses)
    def retry(self, which: int) -> None:
        job_id = self._job(which)
        before = self.statuses[job_id]
        try:
            done = self.rig.room.retrying.retry(CLI, job_id)
        except (AlreadyRetried, ItemTaken, NotRetryable, StillRunning) as refusal:
            self.seen[f"retry refused: {refusal.code}"] += 1
            return
        # Of a fan-out that ended well, those children are retried that did not.
        whole = not self.rig.jobs_row(job_id)["data"].get("batch")
        assert not whole or statuses.base(before) in ("failed", "cancelled", "processing"), before
        if not _final(before):
            self._was_ended(job_id, "failed")
        assert all(self.rig.jobs_row(new)["data"]["retry_of"] for new in done.new_job_ids)
        self.seen["retried"] += 1

    @rule()
    @precondition(lambda self: self.statuses)
    def recover_stuck(self) -> None:
        """Everything is old by now; nothing is ended that anybody goes on with."""
        self.rig.do(
            "UPDATE wp_datamachine_jobs SET created_at = created_at - INTERVAL 5 HOUR"
            " WHERE status = 'processing'"
        )
        found = self.rig.room.recovery.recover(CLI)
        assert {job["job_id"] for job in found["jobs"] if job["outcome"] == "timed_out"} <= self.unbegun
        self.seen["looked for stuck jobs"] += 1

    # Workers and time

    @rule(doorbells=st.integers(1, 4))
    def work(self, doorbells: int) -> None:
        self.rig.work(doorbells)

    @rule(at=st.integers(5, 60), doorbells=st.integers(1, 2))
    def work_and_die(self, at: int, doorbells: int) -> None:
        self._with("killed", at, doorbells)

    @rule(at=st.integers(5, 50))
    def work_and_fall_asleep(self, at: int) -> None:
        self._with("asleep", at, 1)

    @rule(at=st.integers(1, 12))
    def work_and_never_hear(self, at: int) -> None:
        self._with("unanswered", at, 1)

    @rule()
    def let_time_pass(self) -> None:
        self.rig.let_time_pass()

    def _with(self, fault: Fault, at: int, doorbells: int) -> None:
        script = Script(fault, at, self._another)
        kind = Undying if fault == "killed" else Worker
        try:
            self.rig.work_under(self.stage, script, doorbells, kind)
        except (Killed, DatabaseUnavailable):
            assert script.happened
        if script.happened:
            self.faults += 1
            self.seen[fault] += 1

    def _another(self) -> None:
        """Everybody else believes that the sleeper is dead, and does its work."""
        self.rig.let_time_pass()
        self.rig.work_elsewhere()

    # What is always true

    @invariant()
    def ends_stay(self) -> None:
        found = {job_id: str(job["status"]) for job_id, job in self._jobs().items()}
        for job_id, before in self.statuses.items():
            now = found[job_id]
            assert now == before or not _final(before), f"job {job_id} ended as {before}, is now {now}"
            assert now != "pending" or before == "pending", f"job {job_id} was {before}, is pending"
        self.statuses = found
        for job_id, word in found.items():
            told = self.rig.told.get(job_id, [])
            assert set(told) <= {word}, f"job {job_id} is {word}, and was told to end as {told}"
            assert len(told) <= 1 or self.faults, f"the end of job {job_id} was told {len(told)} times"

    def teardown(self) -> None:
        self.rig.settle(lambda: self.rig.under_way(list(self.flows)))
        self.ends_stay()
        jobs = self._jobs()
        for job_id, job in jobs.items():
            assert self.rig.told.get(job_id), f"nobody heard the end of job {job_id}"
            if job["data"].get("batch"):
                self._parent(job, [one for one in jobs.values() if one["parent_job_id"] == job_id])
            else:
                self._leaf(job)
        self._items()
        for flow_id in self._there():
            self._queue(self.flows[flow_id], jobs)
        self.seen["programs"] += 1
        self.seen["jobs"] += len(jobs)
        for flow_id in self._there():
            self.rig.flows.deletion.delete(CLI, flow_id)

    def _leaf(self, job: dict[str, Any]) -> None:
        job_id, word = int(job["job_id"]), statuses.base(job["status"])
        done = Counter(str(row["step"]) for row in self.rig.done(job_id))
        assert not done or max(done.values()) == 1, f"a step of job {job_id} was done twice: {done}"
        if job_id in self.ended:
            assert word == self.ended[job_id], (job_id, job["status"])
            return
        item = str(job["data"].get("item_identifier") or "")
        possible = set(ENDS[item.partition("-")[0]])
        if item and self.prompts_matter(job):
            possible.add("completed_no_items")
        if job_id in self.might:
            possible.add("cancelled")
        if job_id in self.unbegun:
            possible.add("failed")
        assert word in possible, f"job {job_id} with {item!r} ended as {job['status']}: {job['data']}"
        if word == "completed":
            steps = 2 - len([step for step in done if not step])
            # A job that goes on for another has only its own steps.
            assert len(done) == steps or job["data"].get("retry_of"), (job_id, done)

    @staticmethod
    def prompts_matter(job: dict[str, Any]) -> bool:
        """Whether the job's own copy of the flow has a queue that can be empty."""
        return any(
            step.get("queue_mode") in ("drain", "loop") for step in job["data"]["flow_config"].values()
        )

    def _parent(self, job: dict[str, Any], children: list[dict[str, Any]]) -> None:
        job_id = int(job["job_id"])
        if job_id in self.ended:
            assert statuses.base(job["status"]) == self.ended[job_id]
            return
        assert len(children) == job["data"]["batch_total"], job
        words = Counter(statuses.base(child["status"]) for child in children)
        if words["completed"]:
            expected = "completed"
        elif words["failed"] == len(children):
            expected = "failed"
        elif words["cancelled"] == len(children):
            expected = "cancelled"
        else:
            expected = "completed_no_items"
        assert statuses.base(job["status"]) == expected, (job["status"], words)

    def _items(self) -> None:
        """No claim outlives its job, and nothing that was finished is begun again."""
        claimed = self.rig.rows("SELECT * FROM wp_datamachine_processed_items WHERE status = 'claimed'")
        assert list(claimed) == []
        twice = self.rig.rows(
            "SELECT r.item FROM rig r JOIN wp_datamachine_jobs j ON j.job_id = r.job_id"
            " WHERE r.word = 'done' AND j.status = 'completed' GROUP BY r.item, r.step HAVING COUNT(*) > 1"
        )
        assert list(twice) == []

    def _queue(self, flow: Flow, jobs: dict[int, dict[str, Any]]) -> None:
        """Every prompt waits once, or went once into a job that did not fail."""
        waiting = Counter(self.rig.queue(flow))
        kept: Counter[str] = Counter()
        for job in jobs.values():
            backup = job["data"].get("queued_prompt_backup") or {}
            if (
                str(job["flow_id"]) == str(flow.flow_id)
                and backup.get("mode") == "drain"
                and statuses.base(job["status"]) not in ("failed", "cancelled")
            ):
                kept[str(backup["prompt"])] += 1
        expected = Counter(dict.fromkeys(self.prompts[flow.flow_id], 1))
        assert waiting + kept == expected, {"waits": waiting, "kept": kept, "added": expected}

    # Parts

    def _there(self) -> list[int]:
        return [flow_id for flow_id in self.flows if flow_id not in self.deleted]

    def _one(self, which: int) -> Flow:
        there = self._there()
        return self.flows[there[which % len(there)]]

    def _jobs(self, flow_ids: list[int] | None = None) -> dict[int, dict[str, Any]]:
        return self.rig.jobs(list(self.flows) if flow_ids is None else flow_ids)

    def _job(self, which: int) -> int:
        return sorted(self.statuses)[which % len(self.statuses)]

    def _was_ended(self, job_id: int, word: str) -> None:
        self.ended.setdefault(job_id, word)


def _final(status: Any) -> bool:
    return statuses.is_final(str(status))


@pytest.mark.timeout(300)
def test_every_program_ends_as_the_model_says(rig: Rig, stage: Stage, report: Callable[..., Any]) -> None:
    Programs.rig, Programs.stage, Programs.seen = rig, stage, Counter()
    machine: Any = hypothesis.seed(int(SEED))(Programs) if SEED else Programs
    begun = time.monotonic()
    run_programs(
        machine,
        settings=hypothesis.settings(
            derandomize=not SEED,
            max_examples=PROGRAMS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            # A program takes seconds: it is shown as it was drawn.
            phases=[Phase.generate],
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    seen = Programs.seen
    report(
        f"engine: random programs (seed {SEED or 'derandomized'}) in {time.monotonic() - begun:.0f} s: "
        + ", ".join(f"{count} {what}" for what, count in sorted(seen.items()))
    )
    assert seen["killed"] + seen["asleep"] + seen["unanswered"] > PROGRAMS
    assert seen["jobs"] > 2 * PROGRAMS


def test_a_job_whose_starter_died_fails(rig: Rig, stage: Stage) -> None:
    flow = rig.flow(names(["ok"]))
    ring = Stop(r"INSERT INTO \S+actionscheduler_actions", _die)
    with pytest.raises(Killed), stage.playing(ring):
        rig.start(flow)
    (job_id,) = rig.jobs([flow.flow_id])
    rig.let_time_pass()
    rig.built.get(Reconciler).reconcile()
    rig.settle(lambda: rig.under_way([flow.flow_id]))
    assert rig.jobs_row(job_id)["status"] == "failed - never_begun"
    assert rig.told[job_id] == ["failed - never_begun"]
    rig.start(flow)
    rig.settle(lambda: rig.under_way([flow.flow_id]))
    assert sorted(job["status"] for job in rig.jobs([flow.flow_id]).values()) == [
        "completed",
        "failed - never_begun",
    ]
    rig.flows.deletion.delete(CLI, flow.flow_id)


def _die() -> None:
    raise Killed


@pytest.mark.parametrize("how", ["cancelled", "failed", "last child"])
def test_an_end_whose_teller_died_is_told_by_a_worker(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Killed between the commit of an end and the first listener: once it is told, all is given back."""
    flow = rig.flow(names(["ok", "ok"]))
    rig.queues.add(CLI, flow.flow_id, rig.work_step(flow), [f"{how} one", f"{how} two"], validate=False)
    rig.queues.set_mode(CLI, flow.flow_id, rig.work_step(flow), "drain")
    job_id = rig.start(flow)
    dying = {"cancelled": 0, "failed": 1, "last child": 0}[how]

    def die(ending: int) -> None:
        if ending == victim:
            raise Killed

    # The parent has fanned out, and its children have taken their prompts.
    rig.work(4)
    children = [int(job["job_id"]) for job in rig.jobs([flow.flow_id]).values() if job["parent_job_id"]]
    victim = [job_id, *children][dying]
    monkeypatch.setattr(rig, "telling", die)
    if how == "last child":
        with pytest.raises(Killed):
            rig.work(kind=Undying)
    else:
        end = rig.room.endings.cancel if how == "cancelled" else rig.room.endings.fail
        with pytest.raises(Killed):
            end(CLI, victim, "by hand")
    assert _final(rig.jobs_row(victim)["status"])
    assert not rig.told.get(victim)
    monkeypatch.undo()
    rig.let_time_pass()
    rig.built.get(Reconciler).reconcile()
    rig.settle(lambda: rig.under_way([flow.flow_id]))
    words = {each: str(job["status"]) for each, job in rig.jobs([flow.flow_id]).items()}
    assert {each: rig.told[each] for each in words} == {each: [word] for each, word in words.items()}
    assert words[victim].startswith("completed" if how == "last child" else how)
    took = [job for job in rig.jobs([flow.flow_id]).values() if "queued_prompt_backup" in job["data"]]
    ended = [job for job in took if not str(job["status"]).startswith("completed")]
    assert len(rig.queue(flow)) == 2 - len(took) + len(ended)
    rig.flows.deletion.delete(CLI, flow.flow_id)
