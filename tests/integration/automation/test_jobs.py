"""Jobs that fail, are retried, cancelled, stuck, undone and deleted, on a real site."""

from __future__ import annotations

import json
import shutil
import threading
from contextvars import Context
from io import StringIO
from pathlib import Path

import pytest

from dev import paths
from dev.instance import Instance
from dev.processes import wait_until
from sidecar import runtime, settings
from sidecar.automation import FlowsService, JobsService, PipelinesService, setup
from sidecar.automation.engine.workflows import Workflows
from sidecar.automation.jobs import status as statuses
from sidecar.automation.jobs.abilities import JobRoom
from sidecar.automation.jobs.cancel import JobCancel, JobEnded, NotProcessing
from sidecar.automation.jobs.retry import AlreadyRetried, ItemTaken, NotRetryable, StillRunning
from sidecar.automation.jobs.undo import NothingToUndo
from sidecar.automation.parts import Parts
from sidecar.automation.queues.service import QueuesService
from sidecar.automation.repositories import flow_reports
from sidecar.automation.setup import Part
from sidecar.automation.values import NewPipelineStep, StepConfig
from sidecar.commands import native, parsing
from sidecar.commands.invocation import Invocation
from sidecar.commands.output import Printer
from sidecar.commands.run import run
from sidecar.db import php_json
from sidecar.errors import Forbidden, NotFound
from sidecar.hooks import manifest
from sidecar.identity import Answers, Principal
from sidecar.queue.worker import Worker

CLI = Principal.command_line()
stranger = Principal.user(941, answers=Answers(actions=frozenset({"manage_flows"})))


class Workshop:
    """A site with moody steps, and a runtime that works its queue."""

    def __init__(self, instance, folder, built):
        self.instance, self.folder, self.built = instance, folder, built
        self.room = built.get(JobRoom)
        self._items = 0

    def mood(self, text):
        (self.folder / "mood").write_text(text)

    def noted(self, file, job_id):
        lines = (self.folder / file).read_text().splitlines()
        return [line.split(" ", 1)[1] for line in lines if line.split(" ", 1)[0] == str(job_id)]

    def flow(self, *, retry=None, item=None):
        self._items += 1
        config = {"item": item or f"item-{self._items}"}
        parts = [
            Part(NewPipelineStep("fetch"), StepConfig("moody_source", config)),
            Part(NewPipelineStep("moody")),
        ]
        with self.built.hosts.unit(context="cron"):
            flow = setup.create(
                self.built.get(PipelinesService), self.built.get(FlowsService), CLI, "moody", parts
            )
        if retry is not None:
            self.sql(
                "UPDATE wp_datamachine_flows SET scheduling_config = :config WHERE flow_id = :flow",
                config=json.dumps({"interval": "manual", "retry_policy": retry}),
                flow=flow.flow_id,
            )
        return flow

    def start(self, flow):
        return self.built.get(FlowsService).run(CLI, flow.flow_id).job_id

    def work(self):
        Context().run(Worker(self.built, once=True).work)

    def run(self, mood, **about):
        """A job of a flow of its own, worked off; its id."""
        self.mood(mood)
        job_id = self.start(self.flow(**about))
        self.work()
        return job_id

    def job(self, job_id):
        return self.built.get(JobsService).get(CLI, job_id)

    def data(self, job_id):
        return php_json.loads(self.job(job_id).engine_data)

    def sql(self, statement, **params):
        with self.built.db.session() as session:
            return session.execute(statement, params).all()

    def bells(self, job_id):
        rows = self.sql(
            "SELECT status FROM wp_actionscheduler_actions WHERE args LIKE :job ORDER BY action_id",
            job=f'{{"job_id":{job_id},%',
        )
        return [row["status"] for row in rows]

    def folders(self, job_id):
        job = self.job(job_id)
        base = self.instance.path / "wp-content" / "uploads" / "datamachine-files"
        return base / f"pipeline-{job.pipeline_id}" / f"flow-{job.flow_id}"

    def at_work(self):
        """A worker that works beside the test."""
        thread = threading.Thread(target=Context().run, args=(Worker(self.built, once=True).work,))
        thread.start()
        return thread


@pytest.fixture(scope="module")
def shop(instances):
    instance = Instance(paths.numbered(instances))
    folder = paths.numbered(instances)
    built = None
    patch = pytest.MonkeyPatch()
    patch.setenv("DATAMACHINE_MOODY", str(folder))
    try:
        for name in ("mood", "work", "ends"):
            (folder / name).touch()
        instance.install()
        shutil.copy(Path(__file__).with_name("moody.py"), instance.python_plugins / "moody.py")
        built = runtime.build(settings.load(instance.config).site(), "work")
        with built.hosts.unit(context="cron") as unit:
            manifest.publish(unit, built.get(manifest.Manifest))
        Context().run(Worker(built, once=True).work)
        yield Workshop(instance, folder, built)
    finally:
        if built is not None:
            built.close()
        instance.destroy()
        patch.undo()


def test_a_failed_job_goes_on_as_another_one(shop):
    old = shop.run("fail")
    failed = shop.job(old)
    assert failed.status == "failed - step_exception"
    assert shop.noted("ends", old) == ["failed - step_exception"]
    assert not (shop.folders(old) / "jobs" / f"job-{old}").exists()
    kept = json.loads((shop.folders(old) / "failed" / f"job-{old}.json").read_text())
    assert [one["type"] for one in kept] == ["fetch"]

    shop.mood("ok")
    done = shop.room.retrying.retry(CLI, old)
    assert (done.job_id, done.previous_status) == (old, "failed - step_exception")
    new = done.new_job_id
    assert shop.job(new).status == "processing"
    taken = shop.sql("SELECT job_id, status FROM wp_datamachine_processed_items WHERE job_id = :job", job=new)
    assert [row["status"] for row in taken] == ["claimed"]
    shop.work()
    assert shop.job(new).status == "completed"
    # The fetch step did not run again, and the step had what it had had before.
    assert shop.noted("work", old) == shop.noted("work", new)
    assert shop.bells(new) == ["complete"]
    items = shop.sql("SELECT status FROM wp_datamachine_processed_items WHERE job_id = :job", job=new)
    assert [row["status"] for row in items] == ["processed"]

    row, data = shop.job(new), shop.data(new)
    assert (row.label, row.source, row.parent_job_id) == (failed.label, failed.source, None)
    assert data["retry_of"] == old
    assert data["job"]["job_id"] == new
    assert not {"error_reason", "error_message", "job_status", "retried_as"} & set(data)
    before = shop.job(old)
    assert (before.status, before.completed_at) == (failed.status, failed.completed_at)
    assert shop.data(old)["retried_as"] == new
    assert "retrying_since" not in shop.data(old)

    with pytest.raises(AlreadyRetried):
        shop.room.retrying.retry(CLI, old)
    # Its item is processed now: nobody may do it a second time, forced or not.
    with pytest.raises(ItemTaken):
        shop.room.retrying.retry(CLI, old, force=True)
    assert "retrying_since" not in shop.data(old)
    with pytest.raises(NotRetryable):
        shop.room.retrying.retry(CLI, new)


def test_a_retry_whose_item_another_job_has_taken_is_refused(shop):
    old = shop.run("fail", item="wanted-by-two")
    count = len(shop.sql("SELECT job_id FROM wp_datamachine_jobs"))
    flow = shop.job(old).flow_id
    shop.sql(
        "INSERT INTO wp_datamachine_processed_items (flow_step_id, source_type, item_identifier, job_id,"
        " status, claim_expires_at) SELECT :step, 'moody_source', 'wanted-by-two', 999999, 'claimed',"
        " UTC_TIMESTAMP() + INTERVAL 1 HOUR",
        step=next(key for key, step in shop.data(old)["flow_config"].items() if step["step_type"] == "fetch"),
    )
    with pytest.raises(ItemTaken) as refused:
        shop.room.retrying.retry(CLI, old)
    assert (refused.value.code, refused.value.status) == ("item_taken", 409)
    assert len(shop.sql("SELECT job_id FROM wp_datamachine_jobs")) == count
    assert shop.built.get(JobsService).find(CLI, flow_id=flow)[1] == 1


def test_of_two_retries_at_once_one_is_made(shop):
    old = shop.run("fail")
    shop.mood("ok")
    outcomes, gate = [], threading.Barrier(2)

    def retry():
        gate.wait()
        try:
            outcomes.append(shop.room.retrying.retry(CLI, old).new_job_id)
        except AlreadyRetried as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=Context().run, args=(retry,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(map(str, outcomes)) == sorted([str(shop.data(old)["retried_as"]), "already_retried"])
    assert shop.built.get(JobsService).find(CLI, flow_id=shop.job(old).flow_id)[1] == 2
    shop.work()


def test_a_policy_tries_a_step_again_in_the_same_job(shop):
    job_id = shop.run("fail:2", retry={"max_attempts": 3, "backoff": 0})
    shop.work()
    shop.work()
    assert shop.job(job_id).status == "completed"
    assert len(shop.noted("work", job_id)) == 3
    assert len(set(shop.noted("work", job_id))) == 1
    assert shop.noted("ends", job_id) == ["completed"]
    items = shop.sql("SELECT status FROM wp_datamachine_processed_items WHERE job_id = :job", job=job_id)
    assert [row["status"] for row in items] == ["processed"]


def test_a_policy_ends_with_its_last_attempt_and_says_where_it_stands(shop):
    job_id = shop.run("fail", retry={"max_attempts": 2, "backoff": 3600})
    assert shop.job(job_id).status == "processing"
    state = shop.data(job_id)["retry"]
    assert (state["attempt"], state["max_attempts"]) == (2, 2)
    assert "not in the mood" in state["last_error"]
    report = shop.room.stuck.report(CLI, minutes=0, everything=True, flow_id=int(shop.job(job_id).flow_id))
    assert [(job["job_id"], job["cause"]) for job in report["jobs"]] == [(job_id, "retry")]
    assert "Attempt 2 of 2 begins in" in report["jobs"][0]["why"]
    # It goes on by itself: nothing for a report of stuck jobs.
    assert not shop.room.stuck.report(CLI, minutes=0, flow_id=int(shop.job(job_id).flow_id))["jobs"]
    shop.sql(
        "UPDATE wp_actionscheduler_actions SET scheduled_date_gmt = UTC_TIMESTAMP() WHERE args LIKE :job"
        " AND status = 'pending'",
        job=f'{{"job_id":{job_id},%',
    )
    shop.work()
    assert shop.job(job_id).status == "failed - step_exception"
    assert shop.noted("ends", job_id) == ["failed - step_exception"]


def test_a_job_that_waits_in_the_queue_is_cancelled(shop):
    shop.mood("ok")
    job_id = shop.start(shop.flow())
    done = shop.room.endings.cancel(CLI, job_id, "not  wanted\nany more")
    assert done.status == "cancelled - not wanted any more"
    assert shop.bells(job_id) == ["canceled"]
    shop.work()
    assert shop.job(job_id).status == "cancelled - not wanted any more"
    assert shop.job(job_id).completed_at
    assert not shop.noted("work", job_id)
    assert shop.noted("ends", job_id) == ["cancelled - not wanted any more"]
    with pytest.raises(JobEnded):
        shop.room.endings.cancel(CLI, job_id)
    # And goes on where it stood, as another one.
    done = shop.room.retrying.retry(CLI, job_id)
    shop.work()
    assert shop.job(done.new_job_id).status == "completed"


def test_a_running_step_is_cut_off_and_its_later_writes_fail(shop):
    shop.mood("hang")
    job_id = shop.start(shop.flow())
    thread = shop.at_work()
    try:
        wait_until(lambda: shop.noted("work", job_id), what="The step")
        with pytest.raises(StillRunning):
            shop.room.retrying.retry(CLI, job_id)
        shop.room.endings.cancel(CLI, job_id)
    finally:
        shop.mood("ok")
        thread.join(60)
    assert not thread.is_alive()
    shop.work()
    assert shop.job(job_id).status == "cancelled"
    assert shop.noted("ends", job_id) == ["cancelled"]
    assert "pending" not in shop.bells(job_id)
    assert not shop.sql("SELECT * FROM wp_datamachine_processed_items WHERE job_id = :job", job=job_id)
    leases = shop.sql("SELECT state FROM wp_datamachine_bridge_leases WHERE job_id = :job", job=job_id)
    assert [row["state"] for row in leases] == ["done"]


def test_a_job_that_is_processing_fails_before_it_is_retried(shop):
    """Without force where nobody works on it; with it the worker is cut off, and only the new job goes on."""
    shop.mood("ok")
    idle = shop.start(shop.flow())
    done = shop.room.retrying.retry(CLI, idle)
    assert (done.previous_status, shop.job(idle).status) == ("processing", "failed - manual_retry")
    assert shop.bells(idle) == ["canceled"]
    assert shop.noted("ends", idle) == ["failed - manual_retry"]
    shop.work()
    assert shop.job(done.new_job_id).status == "completed"
    assert not shop.noted("work", idle)

    shop.mood("hang")
    busy = shop.start(shop.flow())
    thread = shop.at_work()
    try:
        wait_until(lambda: shop.noted("work", busy), what="The step")
        done = shop.room.retrying.retry(CLI, busy, force=True)
    finally:
        shop.mood("ok")
        thread.join(60)
    assert not thread.is_alive()
    shop.work()
    assert shop.job(busy).status == "failed - manual_retry"
    assert shop.noted("ends", busy) == ["failed - manual_retry"]
    assert shop.job(done.new_job_id).status == "completed"
    assert shop.noted("ends", done.new_job_id) == ["completed"]


def test_a_retry_of_an_ephemeral_job_below_the_same_limit(shop):
    shop.mood("fail")
    steps = [
        {"type": "fetch", "handler_slug": "moody_source", "handler_config": {"item": "once"}},
        {"type": "moody"},
    ]
    old = shop.built.get(Workflows).execute(CLI, {"steps": steps})["job_id"]
    shop.built.get(Parts).jobs.limit(old, frozenset({"datamachine_manage_flows"}))
    shop.work()
    assert shop.job(old).status == "failed - step_exception"
    shop.mood("ok")
    new = shop.room.retrying.retry(CLI, old).new_job_id
    shop.work()
    assert shop.job(new).status == "completed"
    assert shop.noted("work", new) == shop.noted("work", old)
    assert shop.built.get(Parts).jobs.belonging(new).limit == {"datamachine_manage_flows"}
    row, job = shop.job(new), shop.data(new)["job"]
    assert (row.flow_id, row.source, row.label) == ("direct", "chat", shop.job(old).label)
    assert job["job_id"] == new


def test_failing_by_hand(shop):
    shop.mood("ok")
    job_id = shop.start(shop.flow())
    done = shop.room.endings.fail(CLI, job_id, "enough")
    assert (done.status, shop.job(job_id).status) == ("failed - enough", "failed - enough")
    assert shop.noted("ends", job_id) == ["failed - enough"]
    with pytest.raises(NotProcessing) as refused:
        shop.room.endings.fail(CLI, job_id)
    assert refused.value.message == (
        f'Job {job_id} has status "failed - enough" — only processing jobs can be failed.'
    )


def test_a_cancelled_parent_takes_its_children_along(shop):
    shop.mood("ok")
    parent, child, done = (shop.start(shop.flow()) for _ in range(3))
    shop.sql(
        "UPDATE wp_datamachine_jobs SET parent_job_id = :parent WHERE job_id IN :jobs",
        parent=parent,
        jobs=[child, done],
    )
    shop.sql("UPDATE wp_datamachine_jobs SET status = 'completed' WHERE job_id = :job", job=done)
    shop.sql(
        "UPDATE wp_datamachine_jobs SET engine_data = JSON_SET(engine_data, '$.batch', TRUE,"
        " '$.batch_total', 2) WHERE job_id = :job",
        job=parent,
    )
    assert [batch.job.job_id for batch in shop.room.batches.find(CLI)] == [parent]
    about = shop.room.batches.get(CLI, parent)
    assert (about["total"], about["children"]) == (2, {"completed": 1, "processing": 1})
    with pytest.raises(NotRetryable, match="still run"):
        shop.room.retrying.retry(CLI, parent)
    assert shop.room.endings.cancel(CLI, parent).children == 1
    assert shop.job(child).status == "cancelled"
    assert shop.job(done).status == "completed"
    with pytest.raises(NotFound):
        shop.room.batches.get(CLI, child)
    # Of a fan-out, the children that did not end well are retried.
    retried = shop.room.retrying.retry(CLI, parent)
    assert retried.new_job_ids == [shop.data(child)["retried_as"]]
    with pytest.raises(NotRetryable, match="no child"):
        shop.room.retrying.retry(CLI, parent)
    shop.work()
    assert shop.job(retried.new_job_id).status == "completed"


def test_deleting_flows_cancels_their_jobs(shop):
    shop.mood("ok")
    flow, other = shop.flow(), shop.flow()
    mine, theirs = shop.start(flow), shop.start(other)
    assert shop.built.get(JobCancel).of_flows([flow.flow_id], "flow_deleted") == 1
    shop.work()
    assert (shop.job(mine).status, shop.job(theirs).status) == ("cancelled - flow_deleted", "completed")


def test_jobs_that_nothing_goes_on_with(shop):
    """Found with their reason, and recovered; what lives is left alone."""
    shop.mood("ok")
    lost, late, said, alive, announced = (shop.start(shop.flow()) for _ in range(5))
    ids = [lost, late, said, alive, announced]
    shop.sql(
        "UPDATE wp_datamachine_jobs SET created_at = UTC_TIMESTAMP() - INTERVAL 3 HOUR WHERE job_id IN :jobs",
        jobs=ids,
    )
    for job_id in (lost, said, announced):
        shop.sql("DELETE FROM wp_actionscheduler_actions WHERE args LIKE :job", job=f'{{"job_id":{job_id},%')
    # A page rang for it, and nobody has handed that on.
    shop.sql(
        "INSERT INTO wp_datamachine_bridge_events (hook, args, available_at, created_at)"
        " VALUES ('datamachine_schedule_next_step', :args, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
        args=json.dumps({"priority": 10, "mode": "durable", "values": [announced, "step", []]}),
    )
    shop.sql(
        "UPDATE wp_datamachine_jobs SET engine_data = JSON_SET(engine_data, '$.job_status', 'completed')"
        " WHERE job_id = :job",
        job=said,
    )
    shop.sql(
        "UPDATE wp_actionscheduler_actions SET scheduled_date_gmt = UTC_TIMESTAMP() - INTERVAL 1 HOUR"
        " WHERE args LIKE :job",
        job=f'{{"job_id":{late},%',
    )
    report = shop.room.stuck.report(CLI)
    causes = {job["job_id"]: job["cause"] for job in report["jobs"] if job["job_id"] in ids}
    assert causes == {
        lost: "no_doorbell",
        said: "no_doorbell",
        late: "no_worker",
        alive: "no_worker",
        announced: "no_worker",
    }
    assert report["queue"]["due"] >= 2

    planned = shop.room.recovery.recover(CLI, dry_run=True)
    assert shop.job(lost).status == "processing"
    found = shop.room.recovery.recover(CLI)
    assert (found["recovered"], found["timed_out"]) == (planned["recovered"], planned["timed_out"]) == (1, 1)
    assert {job["job_id"]: job["status"] for job in found["jobs"]} == {lost: "failed", said: "completed"}
    assert shop.job(lost).status == "failed"
    assert shop.data(lost)["error_reason"] == "stuck"
    assert shop.job(said).status == "completed"
    assert shop.job(announced).status == "processing"
    shop.sql("DELETE FROM wp_datamachine_bridge_events WHERE args LIKE :args", args=f"%[{announced},%")
    assert [job["job_id"] for job in shop.room.recovery.recover(CLI)["jobs"]] == [announced]
    shop.work()
    assert shop.job(late).status == shop.job(alive).status == "completed"


def test_health_and_problem_flows(shop, monkeypatch):
    flow = shop.flow()
    for mood in ("ok", "fail", "fail", "fail"):
        shop.mood(mood)
        shop.sql("DELETE FROM wp_datamachine_processed_items")
        shop.start(flow)
        shop.work()
    health = shop.room.health.of(CLI, flow.flow_id)
    assert (health["consecutive_failures"], health["consecutive_no_items"]) == (3, 0)
    assert health["latest_job"]["status"] == "failed - step_exception"
    assert "engine_data" not in health["latest_job"]
    problems = shop.room.health.problems(CLI)
    assert problems["threshold"] == 3
    assert [
        each["consecutive_failures"] for each in problems["failing"] if each["flow_id"] == flow.flow_id
    ] == [3]
    assert not [
        each
        for each in shop.room.health.problems(CLI, threshold=4)["failing"]
        if each["flow_id"] == flow.flow_id
    ]
    # On a site of many flows those that are well are sorted out first.
    monkeypatch.setattr(flow_reports, "MANY", 1)
    shop.flow()
    assert shop.room.health.problems(CLI) == problems
    shop.mood("ok")
    shop.sql("DELETE FROM wp_datamachine_processed_items")
    shop.start(flow)
    shop.work()
    assert flow.flow_id not in {each["flow_id"] for each in shop.room.health.problems(CLI)["failing"]}
    kept = shop.instance.wp("transient", "get", f"datamachine_flow_health_{flow.flow_id}", "--format=json")
    assert json.loads(kept.stdout)["consecutive_failures"] == 0


def test_undo(shop):
    """Each of the five kinds of effect is taken back, the last one first; once."""
    wp = shop.instance.wp
    post = int(wp("post", "create", "--porcelain", "--post_title=Before", "--post_content=first").stdout)
    revision = int(wp("eval", f"echo _wp_put_post_revision( get_post( {post} ) );").stdout)
    wp("post", "update", str(post), "--post_content=second")
    wp("post", "update", str(post), "--post_title=After")
    image = int(
        wp(
            "eval",
            "echo wp_insert_attachment( array( 'post_title' => 'i', 'post_mime_type' => 'image/png' ) );",
        ).stdout
    )
    wp("post", "meta", "update", str(post), "colour", "red")
    target = {"post_id": post}
    effects = [
        {"type": "post_content_modified", "target": target, "revision_id": revision},
        {"type": "post_meta_set", "target": {**target, "meta_key": "colour"}, "previous_value": "blue"},
        {
            "type": "post_meta_set",
            "target": {**target, "meta_key": "_wp_attached_file"},
            "previous_value": "x",
        },
        {
            "type": "post_field_set",
            "target": {**target, "field": "post_title"},
            "previous_value": "Before<script>",
        },
        {"type": "featured_image_set", "target": target, "previous_value": None},
        {"type": "attachment_created", "target": {"attachment_id": image}},
        {"type": "attachment_created", "target": {"attachment_id": 99999999}},
    ]
    job_id = shop.run("ok")
    shop.sql(
        "UPDATE wp_datamachine_jobs SET engine_data = JSON_SET(engine_data, '$.effects',"
        " JSON_EXTRACT(:effects, '$')), task_type = 'moody_task' WHERE job_id = :job",
        effects=json.dumps(effects),
        job=job_id,
    )
    planned = shop.room.undo.undo(CLI, job_id, dry_run=True)
    assert [each.type for each in planned] == [each["type"] for each in reversed(effects)]
    found = shop.room.undo.undo(CLI, job_id)
    assert [each.status for each in found] == [
        "skipped", "reverted", "reverted", "reverted", "failed", "reverted", "reverted",
    ]  # fmt: skip
    fields = "ID,post_title,post_content"
    now = json.loads(wp("post", "get", str(post), f"--fields={fields}", "--format=json").stdout)
    assert now["post_content"] == "first"
    assert "<script" not in now["post_title"]
    assert wp("post", "meta", "get", str(post), "colour").stdout.strip() == "blue"
    assert not shop.sql("SELECT ID FROM wp_posts WHERE ID = :id", id=image)
    with pytest.raises(NothingToUndo):
        shop.room.undo.undo(CLI, job_id)
    assert shop.room.undo.undo(CLI, job_id, force=True)
    assert shop.room.undo.undo_task(CLI, "moody_task") == []
    assert len(shop.room.undo.undo_task(CLI, "moody_task", force=True)) == len(effects)


def commanded(shop, *words):
    """What a command says, and its exit code."""
    line = parsing.split(words)
    command, _ = native.resolve(line.args)
    line = parsing.split(words, command)
    checked = parsing.check(command, line.args[2:], line.assoc, "datamachine", " ".join(words[:2]))
    assert not checked.refused, checked.events
    call = Invocation(shop.built, command, native.ShellTerminal(), checked.args, checked.assoc)
    out = StringIO()
    code = Printer(out=out, err=out).run(run(call))
    return out.getvalue(), code


def test_the_commands(shop):
    """Watching ends with the job and says how; the others say what they did."""
    failed = shop.run("fail")
    text, code = commanded(shop, "jobs", "watch", str(failed))
    assert code == 1
    assert "failed - step_exception  1/2 steps done  moody failed" in text
    shop.mood("ok")
    text, code = commanded(shop, "jobs", "retry", str(failed))
    assert (f"Success: Job {failed} goes on as job " in text, code) == (True, 0)
    new = str(shop.data(failed)["retried_as"])
    text, code = commanded(shop, "jobs", "watch", new, "--timeout=1")
    assert (code, "goes on: It has been due for" in text) == (2, True)
    assert new in commanded(shop, "jobs", "stuck", "--minutes=0", "--all", "--format=ids")[0].split()
    shop.work()
    ended = shop.instance.datamachine("jobs", "watch", new)
    assert "completed  2/2 steps done" in ended.stdout
    assert f"Success: Job {new}: completed." in ended.stdout
    assert {"completed", "failed"} <= set(commanded(shop, "jobs", "summary", "--format=ids")[0].split())
    text, code = commanded(shop, "jobs", "fail", new)
    assert (f'Job {new} has status "completed" — only processing jobs can be failed.' in text, code) == (
        True,
        1,
    )
    assert commanded(shop, "jobs", "cancel", new) == (
        f'Error: Job {new} has already ended: "completed".\n',
        1,
    )
    assert commanded(shop, "jobs", "transcript", new) == (f"Error: Job {new} has no transcript.\n", 1)
    assert commanded(shop, "jobs", "recover-stuck") == ("Success: No stuck jobs found.\n", 0)
    cleaned = 'Success: No "failed" jobs older than 30d found. Nothing to clean up.\n'
    assert commanded(shop, "jobs", "cleanup") == (cleaned, 0)
    assert "id,source,flow,status" in commanded(shop, "jobs", "list", "--format=csv", "--hide-children")[0]
    assert commanded(shop, "batch", "list", "--status=waiting") == ("Warning: No batches found.\n", 0)
    assert commanded(shop, "jobs", "undo") == ("Error: Name a job, or a task with --task-type=<type>.\n", 1)


def test_who_may(shop):
    """A stranger's jobs are the strangers': nothing is ended, repeated or deleted for somebody else."""
    shop.mood("ok")
    job_id = shop.start(shop.flow())
    shop.sql("UPDATE wp_datamachine_jobs SET user_id = 1 WHERE job_id = :job", job=job_id)
    room = shop.room
    for refused in (
        lambda: room.endings.cancel(stranger, job_id),
        lambda: room.endings.fail(stranger, job_id),
        lambda: room.retrying.retry(stranger, job_id),
        lambda: room.undo.undo(stranger, job_id),
        lambda: room.watching.look(stranger, job_id),
        lambda: room.transcripts.of(stranger, job_id),
    ):
        with pytest.raises(Forbidden):
            refused()
    before = len(shop.sql("SELECT job_id FROM wp_datamachine_jobs WHERE user_id = 1"))
    room.deletion.delete(stranger, "all")
    assert len(shop.sql("SELECT job_id FROM wp_datamachine_jobs WHERE user_id = 1")) == before
    room.endings.cancel(CLI, job_id)


def test_deleting_jobs(shop):
    """The last test: it deletes everything. Unfinished ones are cancelled, folders and claims go."""
    failed = shop.run("fail")
    kept = shop.folders(failed) / "failed" / f"job-{failed}.json"
    assert kept.exists()
    shop.mood("ok")
    done, running = shop.run("ok"), shop.start(shop.flow())
    shop.sql(
        "UPDATE wp_datamachine_jobs SET created_at = UTC_TIMESTAMP() - INTERVAL 40 DAY WHERE job_id = :job",
        job=failed,
    )
    assert shop.room.deletion.old(CLI, "failed", 30 * 86_400) == 1
    assert shop.room.deletion.delete_old(CLI, "failed", 30 * 86_400).jobs == 1
    assert shop.job(failed) is None
    assert not kept.exists()
    items = "SELECT * FROM wp_datamachine_processed_items WHERE job_id = :job"
    assert shop.sql(items, job=done)
    count = shop.room.deletion.how_many(CLI, "all")
    told = []
    gone = shop.room.deletion.delete(CLI, "all", cleanup_processed=True, progress=told.append)
    assert gone.jobs == count == told[-1]
    assert gone.processed_items >= 1
    assert not shop.sql("SELECT job_id FROM wp_datamachine_jobs")
    assert not shop.sql(items, job=done)
    assert shop.bells(running) == ["canceled"]
    assert shop.noted("ends", running) == ["cancelled - deleted"]
    assert statuses.is_final("cancelled - deleted")


def test_each_run_takes_its_own_entry_of_a_queue_and_a_second_attempt_the_same(shop):
    queues = shop.built.get(QueuesService)
    flow = shop.flow(retry={"max_attempts": 2, "backoff": 0})
    fetch = flow.steps()[0]["flow_step_id"]
    for name in ("queued-1", "queued-2"):
        queues.add_patch(CLI, flow.flow_id, fetch, {"item": name})
    queues.set_mode(CLI, flow.flow_id, fetch, "drain")
    shop.mood("ok")
    (shop.folder / "stumble").touch()
    jobs = [shop.start(flow) for _ in range(3)]
    shop.work()
    assert not (shop.folder / "stumble").exists()
    found = {job: (shop.job(job).status, shop.noted("work", job)) for job in jobs}
    assert sorted(status for status, _ in found.values()) == ["completed", "completed", "completed_no_items"]
    worked = sorted(line for _, lines in found.values() for line in lines)
    assert worked == ["1 Title of queued-1", "1 Title of queued-2"]
    [stumbled] = [job for job in jobs if "retry" in shop.data(job)]
    backup = shop.data(stumbled)["queued_prompt_backup"]
    assert f"1 Title of {backup['patch']['item']}" in found[stumbled][1]
    left = shop.built.get(FlowsService).get(CLI, flow.flow_id).flow.flow_config[fetch]
    assert (left["config_patch_queue"], left["_queue_consume_revision"]) == ([], 2)

    # A job that fails behind it puts the patch back, as it puts back a prompt.
    queues.add_patch(CLI, flow.flow_id, fetch, {"item": "queued-3"})
    shop.mood("fail")
    failing = shop.start(flow)
    shop.work()
    assert shop.job(failing).status.startswith("failed")
    (waiting,) = queues.show(CLI, flow.flow_id, fetch, "config_patch_queue").entries
    assert waiting["patch"] == {"item": "queued-3"}
    shop.mood("ok")
