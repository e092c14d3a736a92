"""The engine in a real WordPress, where the trace does not go."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sidecar.automation import FlowsService, JobsService, PipelinesService, setup
from sidecar.automation.errors import FlowNotFound
from sidecar.automation.repositories.logs import LogsRepository
from sidecar.automation.setup import Part
from sidecar.automation.values import NewPipelineStep, StepConfig
from sidecar.conversation.pending_actions import PendingActions
from sidecar.errors import Conflict
from sidecar.identity import Principal
from sidecar.identity.agents import AgentsRepository
from sidecar.queue.reconciler import Reconciler
from sidecar.queue.worker import Worker
from tests.trace import record

CLI = Principal.command_line()

FETCH = record.FETCH


@pytest.fixture(scope="module")
def engine(site_for_traces):
    """The site with its PHP listeners in place, and a runtime."""
    recording, built = site_for_traces
    plugins = recording.instance.path / "wp-content" / "mu-plugins"
    shutil.copy(Path(__file__).with_name("php_runner.php"), plugins / "php_runner.php")
    built.hosts.close()
    return recording, built


@pytest.fixture
def mode(engine):
    """Tell the PHP listeners what to do, for one test."""
    recording, _ = engine

    def choose(name):
        recording.instance.wp("option", "update", "dm_test_mode", name)

    yield choose
    choose("-")


def create(built, *, fetch=None, handler="wordpress_posts", agent=None, ai=True, publish=True):
    settings = {**(FETCH if handler == "wordpress_posts" else {}), **(fetch or {})}
    parts = [Part(NewPipelineStep("fetch"), StepConfig(handler, settings))]
    if ai:
        parts.append(Part(NewPipelineStep("ai"), StepConfig(user_message="Go.")))
    if publish:
        settings = StepConfig("wordpress_publish", record.publish_config(dedup=False))
        parts.append(Part(NewPipelineStep("publish"), settings))
    with built.hosts.unit(context="cron"):
        return setup.create(
            built.get(PipelinesService), built.get(FlowsService), CLI, "Test", parts, agent_id=agent
        )


def finish(built, flow, initial_data=None):
    """Run a flow and let a worker do everything; the job."""
    started = built.get(FlowsService).run(CLI, flow.flow_id, initial_data=initial_data)
    Worker(built, once=True).work()
    return built.get(JobsService).get(CLI, started.job_id)


def lines(built, job):
    """The log of a job, oldest first."""
    found = built.get(LogsRepository).newest(100, job_id=job.job_id)
    return [line.message for line in reversed(found)]


def option(recording, name, value=None):
    """An option's text; written first when there is a value."""
    if value is not None:
        recording.instance.wp("option", "update", name, value)
    return recording.instance.wp("option", "get", name, check=False).stdout.strip()


def drafts(recording, title):
    return recording.all("SELECT * FROM wp_posts WHERE post_title LIKE :title", title=f"{title}%")


def test_a_runner_written_in_php(engine, mode):
    recording, built = engine
    mode("php_runner")
    agent = built.get(AgentsRepository).all()[0]
    flow = create(built, agent=agent.agent_id)
    job = finish(built, flow)
    assert job.status == "completed", lines(built, job)
    (post,) = drafts(recording, "PHP: ")
    assert post["post_title"] == f"PHP: {recording.posts[0]} DataMachine\\Core\\EngineData 25"
    assert json.loads(job.engine_data)["post_id"] == post["ID"]


@pytest.mark.parametrize("builders", [False, True])
def test_a_tool_that_needs_an_approval_runs_when_somebody_gives_it(engine, mode, builders):
    recording, built = engine
    mode("approval")
    option(recording, "dm_test_builders", "1" if builders else "")
    agent = built.get(AgentsRepository).all()[0]
    job = finish(built, create(built, agent=agent.agent_id, publish=False))
    assert job.status == "completed", lines(built, job)
    (waiting,) = recording.all("SELECT * FROM wp_options WHERE option_name LIKE '_transient_dm_pa_%'")
    pending = built.get(PendingActions)
    action = pending.get(waiting["option_name"].removeprefix("_transient_dm_pa_"))
    told = json.loads(option(recording, "dm_test_answer"))
    assert (told["success"], told["action_policy"], told["staged"]) == (True, "preview", True)
    assert told["action_id"] == action["action_id"]
    assert action["kind"] == "t_greeting"
    assert action["summary"] == (
        "Greets with Good <b>day</b> as t_greeting" if builders else "T Greet: Good day"
    )
    assert action["context"] == {"mode": "pipeline", "tool_name": "t_greet", "job_id": job.job_id}
    assert (action["agent_id"], action["apply_input"]["key"]) == (agent.agent_id, "hidden")
    shown = action["preview_data"]
    assert shown == {"greeting": "Good <b>day</b>"} if builders else "key" not in shown
    assert option(recording, "dm_test_greeted") == ""
    itself = Principal("agent", user_id=agent.owner_id, agent_id=agent.agent_id)
    refused = pending.resolve(itself, action["action_id"], "accepted")
    assert not refused["success"]
    answer = pending.resolve(CLI, action["action_id"], "accepted")
    assert answer["result"] == {"success": True, "said": "Good <b>day</b>"}
    assert option(recording, "dm_test_greeted") == "Good <b>day</b>"
    recording.instance.wp("option", "delete", "dm_test_greeted")


@pytest.mark.parametrize(
    "rules", [{"tools": {"t_greet": "forbidden"}}, {"categories": {"site": "forbidden"}}]
)
def test_an_agent_may_be_forbidden_a_tool(engine, mode, rules):
    recording, built = engine
    mode("approval")
    agents = built.get(AgentsRepository)
    agent = agents.all()[0]
    agents.change_config(agent.agent_id, lambda config: {**config, "action_policy": rules})
    try:
        job = finish(built, create(built, agent=agent.agent_id, publish=False))
    finally:
        agents.change_config(
            agent.agent_id, lambda config: {k: v for k, v in config.items() if k != "action_policy"}
        )
    assert not recording.all("SELECT * FROM wp_options WHERE option_name LIKE '_transient_dm_pa_%'")
    assert option(recording, "dm_test_greeted") == ""
    assert job.completed_at is not None
    assert json.loads(option(recording, "dm_test_answer"))["action_policy"] == "forbidden"


def test_an_item_the_model_skips(engine, mode):
    recording, built = engine
    mode("skip_item")
    job = finish(built, create(built))
    assert job.status == "agent_skipped - not relevant"
    items = recording.all(
        "SELECT status FROM wp_datamachine_processed_items WHERE job_id = :job", job=job.job_id
    )
    assert {item["status"] for item in items} == {"processed"}


def test_a_post_of_the_site_is_changed_by_an_upsert_step(engine, mode):
    """The model names no post: it is the one the job took."""
    recording, built = engine
    mode("update")
    settings = {"allow_title_updates": False, "taxonomy_post_tag_selection": "ai_decides"}
    parts = [
        Part(NewPipelineStep("fetch"), StepConfig("wordpress_posts", dict(FETCH))),
        Part(NewPipelineStep("ai"), StepConfig(user_message="Go.")),
        Part(NewPipelineStep("upsert"), StepConfig("wordpress_update", settings)),
    ]
    with built.hosts.unit(context="cron"):
        flow = setup.create(built.get(PipelinesService), built.get(FlowsService), CLI, "Update", parts)
    job = finish(built, flow)
    assert job.status == "completed", lines(built, job)
    told = json.loads(job.engine_data)
    wp = recording.instance.wp
    text = wp("post", "get", str(told["item_identifier"]), "--field=post_content").stdout
    assert text.startswith('<!-- wp:heading -->\n<h2 class="wp-block-heading">Changed</h2>')
    tags = wp("post", "term", "list", str(told["item_identifier"]), "post_tag", "--field=name").stdout
    assert tags.split("\n")[0] == "pipeline tag"
    assert told["effects"][0]["type"] == "post_content_modified"
    # Other tests take the same post.
    wp("post", "update", str(told["item_identifier"]), "--post_content=Body again")


def test_a_model_that_only_talks_fails_the_publish_step(engine, mode):
    _, built = engine
    mode("text_only")
    job = finish(built, create(built))
    assert job.status == "failed - empty_data_packet_returned"
    assert "AI did not execute handler tool" in [
        line.message for line in built.get(LogsRepository).newest(20)
    ]


def test_a_malformed_answer_fails_the_job_once(engine, mode):
    _, built = engine
    mode("malformed")
    job = finish(built, create(built))
    assert job.status == "failed - ai_processing_failed"
    assert "invalid_agent_conversation_result" in json.loads(job.engine_data)["error_message"]
    assert lines(built, job).count("Job marked as failed") == 1


def test_the_check_before_the_model_sees_the_engine_and_may_skip(engine, mode):
    recording, built = engine
    mode("pre_check")
    job = finish(built, create(built))
    assert job.status == "completed_no_items"
    assert recording.instance.wp("option", "get", "dm_test_saw").stdout.strip() == "1"


def test_listeners_at_the_end_find_a_final_row_a_marked_item_and_the_files(engine, mode):
    recording, built = engine
    mode("at_the_end")
    agent = built.get(AgentsRepository).all()[0]
    job = finish(built, create(built, agent=agent.agent_id))
    assert job.status == "completed"
    seen = json.loads(recording.instance.wp("option", "get", "dm_test_end", "--format=json").stdout)
    assert seen == {
        "status": "completed",
        "argument": "completed",
        "directory": True,
        "processed": "processed",
    }


def test_nothing_new_is_no_failure(engine, mode):
    _, built = engine
    mode("skip_all")
    job = finish(built, create(built))
    assert job.status == "completed_no_items"
    assert "Flow completed with no new items to process" in lines(built, job)


def test_the_second_run_takes_the_next_post(engine):
    recording, built = engine
    flow = create(built, ai=False, publish=False)
    taken = [json.loads(finish(built, flow).engine_data) for _ in range(2)]
    assert all("item_identifier" not in data for data in taken)
    items = recording.all(
        "SELECT item_identifier, status FROM wp_datamachine_processed_items WHERE flow_step_id = :step",
        step=flow.steps()[0]["flow_step_id"],
    )
    assert [item["status"] for item in items] == ["processed", "processed"]
    assert len({item["item_identifier"] for item in items}) == 2


def test_a_listener_may_start_other_runs(engine, mode):
    recording, built = engine
    mode("starts_others")
    other = create(built)
    recording.instance.wp("option", "update", "dm_test_start", str(other.flow_id))
    first = finish(built, create(built))
    Worker(built, once=True).work()
    assert first.status == "completed_no_items"
    started, total = built.get(JobsService).find(CLI, flow_id=str(other.flow_id))
    assert total == 2, "two runs were asked for"
    assert {job.status for job in started} == {"completed_no_items"}


def test_the_sites_own_feed(engine):
    recording, built = engine
    recording.instance.start_web()
    agent = built.get(AgentsRepository).all()[0]
    url = f"{recording.instance.url}/?feed=rss2"
    flow = create(built, handler="rss", fetch={"feed_url": url}, agent=agent.agent_id)
    job = finish(built, flow)
    assert job.status == "completed", lines(built, job)
    data = json.loads(job.engine_data)
    assert data["source_type"] == "rss"
    assert data["item_identifier"].startswith(recording.instance.url)


def test_a_workspace_stays_as_it_was_given(engine, mode):
    _, built = engine
    mode("skip_all")
    workspace = {"handle": "demo@branch", "nested": {"a": [1]}}
    job = finish(built, create(built), initial_data={"active_workspace": workspace, "flow": "loses"})
    data = json.loads(job.engine_data)
    assert data["active_workspace"] == workspace
    assert data["flow"]["name"] == "Test"


def test_an_old_doorbell_of_a_finished_job_does_nothing(engine, mode):
    recording, built = engine
    mode("skip_all")
    flow = create(built)
    job = finish(built, flow)
    step = flow.steps()[0]["flow_step_id"]
    recording.instance.wp(
        "eval",
        f"do_action( 'datamachine_schedule_next_step', {job.job_id}, '{step}', array() );",
        check=False,
    )
    Worker(built, once=True).work()
    again = built.get(JobsService).get(CLI, job.job_id)
    assert (again.status, again.completed_at) == (job.status, job.completed_at)


def test_a_flow_that_cannot_run_says_so(engine):
    recording, built = engine
    with pytest.raises(FlowNotFound, match="Flow 99999 not found"):
        built.get(FlowsService).run(CLI, 99999)
    flow = create(built)
    recording.instance.db.sql(
        "UPDATE wordpress.wp_datamachine_flows SET scheduling_config ="
        f' \'{{"interval":"manual","enabled":false}}\' WHERE flow_id = {flow.flow_id}'
    )
    with pytest.raises(Conflict, match="is paused"):
        built.get(FlowsService).run(CLI, flow.flow_id)


def test_php_reads_and_writes_engine_data_and_runs_abilities(engine):
    recording, built = engine
    flow = create(built)
    recording.instance.start_sidecar("bridge", name="engine-bridge")
    try:
        code = f"""
            wp_set_current_user( 1 );
            $run  = wp_get_ability( 'datamachine/run-flow' )->execute( array( 'flow_id' => {flow.flow_id} ) );
            is_wp_error( $run ) && WP_CLI::error( $run->get_error_code() . ': ' . $run->get_error_message() );
            $id   = $run['job_id'];
            $more = array( 'mine' => array( 'a' => 1 ), 'flow' => array( 'more' => 'é' ) );
            datamachine_merge_engine_data( $id, $more );
            $types = wp_get_ability( 'datamachine/get-step-types' )->execute();
            do_action( 'datamachine_log', 'error', 'from PHP', array( 'job_id' => $id ) );
            echo wp_json_encode( array( $run, datamachine_get_engine_data( $id ), $types['count'] ) );
        """
        run, data, count = json.loads(recording.instance.wp("eval", code).stdout)
    finally:
        recording.instance.servers["engine-bridge"].stop()
    assert run["success"] is True
    assert data["mine"] == {"a": 1}
    assert data["flow"]["more"] == "é"
    assert data["flow"]["name"] == "Test"
    assert count == 6
    job = built.get(JobsService).get(CLI, run["job_id"])
    assert "from PHP" in lines(built, job)
    assert job.status == "processing"
    recording.instance.db.sql("DELETE FROM wordpress.wp_actionscheduler_actions WHERE status = 'pending'")


def test_a_job_whose_step_was_given_up_ends(engine, mode):
    recording, built = engine
    mode("skip_all")
    flow = create(built)
    started = built.get(FlowsService).run(CLI, flow.flow_id)
    # What the queue leaves behind when a step has killed its process at every attempt.
    with built.db.session() as session:
        session.execute("UPDATE wp_actionscheduler_actions SET status = 'failed' WHERE status = 'pending'")
        session.execute(
            "INSERT INTO wp_datamachine_bridge_leases (lease_key, state, hook, job_id, step, last_error,"
            " created_at, updated_at) VALUES (:key, 'failed', 'datamachine_execute_step', :job, 'x',"
            " 'it died 10 times', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) - INTERVAL 2 MINUTE)",
            {"key": f"job:{started.job_id}", "job": started.job_id},
        )
    # Whatever else of this site has waited for a minute rings as well.
    assert built.get(Reconciler).reconcile() >= 1
    Worker(built, once=True).work()
    job = built.get(JobsService).get(CLI, started.job_id)
    assert job.status == "failed - step_given_up"
    assert json.loads(job.engine_data)["error_message"] == "it died 10 times"
    built.get(Reconciler).reconcile()
    assert not recording.all(
        "SELECT 1 FROM wp_actionscheduler_actions WHERE status = 'pending' AND args LIKE :job",
        job=f'%"job_id":{started.job_id},%',
    )


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        ("exit", "throwable_exception_in_step_execution"),
        ("die", "throwable_exception_in_step_execution"),
        ("memory", "throwable_exception_in_step_execution"),
        ("throw", "step_exception"),
    ],
)
def test_what_a_listener_does_to_php_ends_the_job_and_nothing_else(engine, mode, ending, reason):
    recording, built = engine
    mode(ending)
    flow = create(built)
    job = finish(built, flow)
    assert job.status == f"failed - {reason}", lines(built, job)
    assert job.completed_at is not None
    assert lines(built, job).count("Job marked as failed") == 1
    assert not recording.all(
        "SELECT 1 FROM wp_datamachine_processed_items WHERE job_id = :job", job=job.job_id
    )
    # The worker and the site go on.
    mode("skip_all")
    assert finish(built, create(built)).status == "completed_no_items"


def test_a_unit_whose_connection_was_killed_is_a_dead_worker(engine, mode):
    recording, built = engine
    mode("database")
    job = finish(built, create(built))
    assert job.status == "processing"
    mode("skip_all")
    # It is put back for some seconds.
    recording.instance.db.sql(
        "UPDATE wordpress.wp_actionscheduler_actions SET scheduled_date_gmt = UTC_TIMESTAMP()"
        " WHERE status = 'pending'"
    )
    Worker(built, once=True).work()
    assert built.get(JobsService).get(CLI, job.job_id).status == "completed", lines(built, job)
