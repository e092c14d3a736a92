"""A job is worked on as its agent, with the rights its owner has at that moment."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sidecar import queue
from sidecar.automation import FlowsService, JobsService, PipelinesService, setup
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.repositories.logs import LogsRepository
from sidecar.automation.setup import Part
from sidecar.automation.values import NewPipelineStep, StepConfig
from sidecar.errors import Forbidden, NotFound
from sidecar.identity import AgentsRepository, AgentsService, Principal
from sidecar.queue.worker import Worker
from tests.trace import record

CLI = Principal.command_line()


@pytest.fixture(scope="module")
def engine(site_for_traces):
    """The site, a runtime, and PHP that says as whom it runs."""
    recording, built = site_for_traces
    plugins = recording.instance.path / "wp-content" / "mu-plugins"
    shutil.copy(Path(__file__).with_name("php_acting.php"), plugins / "php_acting.php")
    built.hosts.close()
    return recording, built


@pytest.fixture
def person(engine):
    """Makes users: ``person(role, *capabilities)`` gives an id."""
    recording, _ = engine
    made = []

    def make(role, *capabilities):
        login = f"acting{len(made)}-{role}-{record_id()}"
        wp = recording.instance.wp
        user = wp("user", "create", login, f"{login}@example.org", f"--role={role}", "--porcelain").stdout
        for capability in capabilities:
            wp("user", "add-cap", login, capability)
        made.append(int(user))
        return made[-1]

    return make


_counter = iter(range(10_000))


def record_id():
    return next(_counter)


def agent_of(built, owner):
    """A new agent of a user."""
    with built.hosts.unit(context="cron"):
        return built.get(AgentsService).create(CLI, f"acting-{record_id()}", owner_id=owner).agent


def flow_of(built, agent_id, *, status="draft", author=None):
    """fetch -> ai -> publish."""
    publish = {**record.publish_config(dedup=False), "post_status": status}
    if author is not None:
        publish["post_author"] = author
    parts = [
        Part(NewPipelineStep("fetch"), StepConfig("wordpress_posts", record.FETCH)),
        Part(NewPipelineStep("ai"), StepConfig(user_message="Go.")),
        Part(NewPipelineStep("publish"), StepConfig("wordpress_publish", publish)),
    ]
    with built.hosts.unit(context="cron"):
        return setup.create(
            built.get(PipelinesService), built.get(FlowsService), CLI, "Acting", parts, agent_id=agent_id
        )


def start(built, flow):
    return built.get(FlowsService).run(CLI, flow.flow_id).job_id


def work(built, job_id):
    """A worker does everything; the job."""
    Worker(built, once=True).work()
    return built.get(JobsService).get(CLI, job_id)


def notes(recording):
    """Who PHP code ran as, by place; and forget it."""
    text = recording.instance.wp("option", "get", "dm_acting_notes", "--format=json", check=False).stdout
    recording.instance.wp("option", "delete", "dm_acting_notes", check=False)
    return json.loads(text or "[]")


PLACES = {
    "datamachine_execute_step",
    "ability",
    "datamachine_pre_ai_step_check",
    "datamachine_timeframe_limit",
    "tool",
    "runner",
    "complete",
}


def test_the_whole_step_is_the_owners(engine, person):
    recording, built = engine
    owner = person("editor", "datamachine_manage_flows")
    agent = agent_of(built, owner)
    job_id = start(built, flow_of(built, agent.agent_id, author=owner))
    notes(recording)
    job = work(built, job_id)
    assert job.status == "completed"
    seen = notes(recording)
    assert {note["where"] for note in seen} == PLACES
    for note in seen:
        about = {key: note[key] for key in ("user", "agent", "acting", "flows", "options")}
        assert about == {
            "user": owner,
            "agent": agent.agent_id,
            "acting": owner,
            "flows": True,
            "options": False,
        }, note["where"]


def test_nobodys_job_is_the_systems(engine):
    recording, built = engine
    job_id = start(built, flow_of(built, None))
    notes(recording)
    job = work(built, job_id)
    assert job.status == "completed"
    seen = notes(recording)
    assert {note["where"] for note in seen} == PLACES
    assert {(note["user"], note["agent"]) for note in seen} == {(0, None)}
    assert all(note["flows"] for note in seen)


def test_lines_of_a_conversation_are_the_agents(engine, person):
    _, built = engine
    owner = person("editor", "datamachine_manage_flows")
    agent = agent_of(built, owner)
    job = work(built, start(built, flow_of(built, agent.agent_id, author=owner)))
    assert job.status == "completed"
    lines = {line.message: line for line in built.get(LogsRepository).newest(20)}
    assert lines["Pipeline execution completed successfully"].agent_id is None
    work_line = next(line for message, line in lines.items() if message.startswith("Found "))
    assert work_line.agent_id == agent.agent_id, "the line names its agent"


@pytest.mark.parametrize("steps_before", [0, 1])
def test_an_owner_who_lost_the_right_ends_the_job(engine, person, steps_before):
    recording, built = engine
    owner = person("editor", "datamachine_manage_flows")
    agent = agent_of(built, owner)
    job_id = start(built, flow_of(built, agent.agent_id, author=owner))
    for _ in range(steps_before):
        Worker(built, max_jobs=1, once=True).work()
    assert built.get(JobsService).get(CLI, job_id).status == "processing"
    recording.instance.wp("user", "remove-cap", str(owner), "datamachine_manage_flows")
    notes(recording)
    job = work(built, job_id)
    assert job.status == "failed - agent_owner_forbidden"
    about = json.loads(job.engine_data)
    assert about["error_reason"] == "agent_owner_forbidden"
    assert f"user {owner}, may not manage flows" in about["error_message"]
    assert {note["where"] for note in notes(recording)} == {"complete"}, "nothing of the step ran"
    shown = recording.instance.datamachine("jobs", "show", str(job_id)).stdout
    assert "Status: failed - agent_owner_forbidden" in shown
    assert "Error Reason: agent_owner_forbidden" in shown


def test_an_owner_who_is_gone_ends_the_job(engine, person):
    recording, built = engine
    owner = person("administrator")
    agent = agent_of(built, owner)
    job_id = start(built, flow_of(built, agent.agent_id))
    recording.instance.wp("user", "delete", str(owner), "--yes", "--reassign=1")
    job = work(built, job_id)
    assert job.status == "failed - agent_owner_missing"
    assert json.loads(job.engine_data)["error_reason"] == "agent_owner_missing"


def test_an_agent_that_is_gone_ends_the_job(engine, person):
    _, built = engine
    agent = agent_of(built, person("administrator"))
    job_id = start(built, flow_of(built, agent.agent_id))
    built.get(AgentsRepository).delete(agent.agent_id, agent.agent_slug)
    job = work(built, job_id)
    assert job.status == "failed - agent_not_found"


def test_deleting_an_agent_ends_its_unfinished_jobs(engine, person):
    recording, built = engine
    agent, other = agent_of(built, person("administrator")), agent_of(built, person("administrator"))
    flow = flow_of(built, agent.agent_id)
    waiting, running, done = (start(built, flow) for _ in range(3))
    elses = start(built, flow_of(built, other.agent_id))
    with built.db.session() as session:
        session.execute(
            "UPDATE wp_datamachine_jobs SET status = 'completed' WHERE job_id = :job", {"job": done}
        )
        session.execute(
            "INSERT INTO wp_datamachine_bridge_leases (lease_key, state, job_id, created_at, updated_at)"
            " VALUES (:key, 'running', :job, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
            {"key": f"test:{running}", "job": running},
        )
    with built.hosts.unit(context="cron"):
        built.get(AgentsService).delete(CLI, agent.agent_id)
    jobs = built.get(JobsService)
    status = {job: jobs.get(CLI, job).status for job in (waiting, running, done, elses)}
    assert status == {
        waiting: "failed - agent_deleted",
        running: "processing",
        done: "completed",
        elses: "processing",
    }
    assert agent.agent_slug in json.loads(jobs.get(CLI, waiting).engine_data)["error_message"]
    recording.instance.db.sql(
        f"DELETE FROM wordpress.wp_datamachine_bridge_leases WHERE lease_key = 'test:{running}'"
    )
    Worker(built, once=True).work()
    assert jobs.get(CLI, running).status == "failed - agent_not_found", "its next step finds no agent"
    assert jobs.get(CLI, waiting).status == "failed - agent_deleted"
    with pytest.raises(NotFound, match=f"Agent {agent.agent_id} no longer exists") as refused:
        start(built, flow)
    assert refused.value.code == "agent_not_found"


def doorbell(built, flow):
    """A schedule rings for a flow."""
    with built.db.transaction() as session:
        queue.enqueue(session, "datamachine_run_flow_now", [flow.flow_id, None], built.clock.now())
    Worker(built, once=True).work()
    return built.get(JobsService).find(CLI, flow_id=str(flow.flow_id))[1]


def test_a_scheduled_flow_starts_as_its_agent(engine, person):
    recording, built = engine
    owner = person("editor", "datamachine_manage_flows")
    agent = agent_of(built, owner)
    flow = flow_of(built, agent.agent_id, author=owner)
    notes(recording)
    assert doorbell(built, flow) == 1
    heard = [note for note in notes(recording) if note["where"] == "datamachine_run_flow_now"]
    assert [(note["user"], note["agent"]) for note in heard] == [(owner, agent.agent_id)]


def test_a_scheduled_flow_of_an_agent_that_cannot_act_does_not_start(engine, person):
    _, built = engine
    gone = agent_of(built, person("administrator"))
    flow = flow_of(built, gone.agent_id)
    built.get(AgentsRepository).delete(gone.agent_id, gone.agent_slug)
    assert doorbell(built, flow) == 0
    line = next(
        line for line in built.get(LogsRepository).newest(10) if line.message.startswith("Flow not started")
    )
    assert (line.level, line.context["reason"], line.context["flow_id"]) == (
        "error",
        "agent_not_found",
        flow.flow_id,
    )
    powerless = agent_of(built, person("subscriber"))
    assert doorbell(built, flow_of(built, powerless.agent_id)) == 0
    newest = next(
        line for line in built.get(LogsRepository).newest(10) if line.message.startswith("Flow not started")
    )
    assert newest.context["reason"] == "agent_owner_forbidden"


@pytest.mark.parametrize(("role", "status"), [("contributor", "publish"), ("author", "publish")])
def test_a_post_needs_the_owners_right_to_make_it(engine, person, role, status):
    recording, built = engine
    owner = person(role, "datamachine_manage_flows")
    flow = flow_of(built, agent_of(built, owner).agent_id, status=status, author=owner)
    job = work(built, start(built, flow))
    posts = recording.all(
        "SELECT post_status, post_author FROM wp_posts WHERE post_title = :title",
        title=f"Acting: {job.job_id}",
    )
    if role == "author":
        assert job.status == "completed"
        assert posts == [{"post_status": "publish", "post_author": owner}]
        return
    assert job.status == "failed - publish_forbidden"
    assert posts == []
    about = json.loads(job.engine_data)
    assert about["error_reason"] == "publish_forbidden"
    assert "publish_posts" in about["error_message"]


@pytest.fixture
def bridge(engine):
    """The sidecar's process that answers pages and commands."""
    recording, _ = engine
    recording.instance.start_sidecar("bridge", name="acting-bridge")
    yield recording.instance
    recording.instance.servers["acting-bridge"].stop()


def test_lines_that_php_writes_are_those_of_who_acts_there(engine, person, bridge):
    _, built = engine
    owner = person("author")
    first, second = agent_of(built, owner), agent_of(built, owner)
    code = f"""
        use DataMachine\\Abilities\\PermissionHelper;
        do_action( 'datamachine_log', 'error', 'php: nobody', array() );
        wp_set_current_user( {owner} );
        do_action( 'datamachine_log', 'error', 'php: user', array() );
        PermissionHelper::set_agent_context( {second.agent_id}, {owner} );
        wp_set_current_user( 0 );
        do_action( 'datamachine_log', 'error', 'php: agent', array() );
        do_action( 'datamachine_log', 'error', 'php: named', array( 'agent_id' => 77, 'user_id' => 78 ) );
    """
    bridge.wp("eval", code)
    lines = {
        line.message: (line.agent_id, line.user_id)
        for line in built.get(LogsRepository).newest(10)
        if line.message.startswith("php: ")
    }
    assert lines == {
        "php: nobody": (None, None),
        "php: user": (first.agent_id, owner),
        "php: agent": (second.agent_id, owner),
        "php: named": (77, 78),
    }


def test_an_agent_deleted_on_a_page_ends_its_jobs_a_moment_later(engine, person, bridge):
    _, built = engine
    agent = agent_of(built, person("administrator"))
    job_id = start(built, flow_of(built, agent.agent_id))
    with built.db.session() as session:
        session.execute(
            "DELETE FROM wp_actionscheduler_actions WHERE args LIKE :job", {"job": f"%:{job_id},%"}
        )
    built.get(AgentsRepository).delete(agent.agent_id, agent.agent_slug)
    bridge.wp("eval", f"do_action( 'datamachine_agent_deleted', {agent.agent_id}, '{agent.agent_slug}' );")
    assert work(built, job_id).status == "failed - agent_deleted"


def test_a_step_that_an_administrator_has_run_is_its_agents_all_the_same(engine, person, bridge):
    recording, built = engine
    owner = person("editor", "datamachine_manage_flows")
    agent = agent_of(built, owner)
    flow = flow_of(built, agent.agent_id, author=owner)
    job_id, first = start(built, flow), flow.steps()[0]["flow_step_id"]
    notes(recording)
    code = f"""
        $result = wp_get_ability( 'datamachine/execute-step' )->execute(
            array( 'job_id' => {job_id}, 'flow_step_id' => '{first}' ) );
        echo wp_json_encode( array( $result['success'] ?? $result, get_current_user_id(),
            DataMachine\\Abilities\\PermissionHelper::get_acting_agent_id() ) );
    """
    said = json.loads(bridge.wp("eval", code, "--user=1").stdout)
    assert said == [True, 1, None], "whoever asked is who they were"
    inside = [note for note in notes(recording) if note["where"] == "datamachine_timeframe_limit"]
    assert [(note["user"], note["agent"], note["options"]) for note in inside] == [
        (owner, agent.agent_id, False)
    ]


def sql(built, statement):
    with built.db.session() as session:
        return [tuple(row.values()) for row in session.all(statement)]


class TestLimits:
    """A job that a limited token started does not do more than the token could."""

    #: What the steps of flow_of() need in WordPress.
    ENOUGH = frozenset(
        {"datamachine_manage_flows", "edit_posts", "edit_published_posts", "publish_posts", "read"}
    )

    @pytest.fixture
    def agent(self, engine, person):
        _, built = engine
        return agent_of(built, person("editor", "datamachine_manage_flows"))

    def limited(self, agent, ceiling):
        return Principal("agent", agent.owner_id, agent.agent_id, ceiling=frozenset(ceiling), blog_id=1)

    def start(self, built, agent, ceiling, *, status="publish"):
        flow = flow_of(built, agent.agent_id, status=status, author=agent.owner_id)
        return built.get(FlowsService).run(self.limited(agent, ceiling), flow.flow_id).job_id

    def test_its_steps_work_below_them(self, engine, agent):
        recording, built = engine
        Worker(built, once=True).work()  # What other tests left to do.
        job_id = self.start(built, agent, {"datamachine_manage_flows"})
        notes(recording)
        job = work(built, job_id)
        assert job.status.startswith("failed"), "nothing was published"
        assert "publish_forbidden" in job.engine_data
        seen = notes(recording)
        assert {note["user"] for note in seen} == {agent.owner_id}
        assert all(note["flows"] for note in seen)

    def test_they_leave_what_they_name(self, engine, agent):
        _, built = engine
        assert work(built, self.start(built, agent, self.ENOUGH)).status == "completed"

    def test_a_token_without_a_limit_leaves_the_job_without_one(self, engine, agent):
        _, built = engine
        flow = flow_of(built, agent.agent_id, author=agent.owner_id)
        principal = Principal("agent", agent.owner_id, agent.agent_id, blog_id=1)
        job_id = built.get(FlowsService).run(principal, flow.flow_id).job_id
        assert sql(built, f"SELECT COUNT(*) FROM wp_datamachine_bridge_limits WHERE job_id = {job_id}") == [
            (0,)
        ]

    def test_a_second_limit_only_narrows(self, engine, agent):
        _, built = engine
        jobs = JobsRepository(built.db)
        job_id = self.start(built, agent, self.ENOUGH)
        jobs.limit(job_id, frozenset({"datamachine_manage_flows", "delete_users"}))
        assert jobs.belonging(job_id).limit == {"datamachine_manage_flows"}
        work(built, job_id)

    def test_limits_of_jobs_that_are_gone_are_removed(self, engine, agent):
        _, built = engine
        gone = self.start(built, agent, self.ENOUGH)
        work(built, gone)
        young = self.start(built, agent, self.ENOUGH)
        work(built, young)
        with built.db.session() as session:
            for job_id in (gone, young):
                session.delete(built.db.tables().jobs, {"job_id": job_id})
            long_ago = {"created_at": "2020-01-01 00:00:00"}
            session.update(built.db.tables().bridge_limits, long_ago, {"job_id": gone})
        kept = self.start(built, agent, self.ENOUGH)
        found = sql(built, "SELECT job_id FROM wp_datamachine_bridge_limits")
        assert (kept,) in found
        assert (young,) in found, "another session may be about to make its job"
        assert (gone,) not in found
        work(built, kept)

    def test_what_belongs_to_nobody_is_not_run_with_a_limited_token(self, engine, agent):
        _, built = engine
        flow = flow_of(built, None)
        with pytest.raises(Forbidden):
            built.get(FlowsService).run(self.limited(agent, self.ENOUGH), flow.flow_id)
