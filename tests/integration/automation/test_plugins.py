"""Steps and handlers that others wrote, in PHP for Data Machine and in Python, run by our engine."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from dev import paths
from dev.instance import Instance
from dev.processes import wait_until
from sidecar import runtime, settings
from sidecar.automation import FlowsService, JobsService, PipelinesService, setup
from sidecar.automation.repositories.logs import LogsRepository
from sidecar.automation.setup import Part
from sidecar.automation.values import NewPipelineStep, StepConfig
from sidecar.hooks import manifest
from sidecar.identity import Principal
from sidecar.queue.worker import Worker

CLI = Principal.command_line()
HERE = Path(__file__).parent
EXAMPLES = paths.ROOT / "examples"
PHP_EXAMPLES = ("comment-source", "notice-publisher", "glossary-upsert")


class Engine:
    """A site with the plugins in it, and a worker's runtime."""

    def __init__(self, instance, built, texts):
        self.texts = texts
        self.instance = instance
        self.built = built

    def flow(self, *parts):
        found = [
            Part(
                NewPipelineStep(kind),
                StepConfig(slug, config or {}) if slug else StepConfig(user_message="Go."),
            )
            for kind, slug, config in parts
        ]
        services = self.built.get(PipelinesService), self.built.get(FlowsService)
        with self.built.hosts.unit(context="cron"):
            return setup.create(*services, CLI, "Plugins", found)

    def run(self, flow):
        started = self.built.get(FlowsService).run(CLI, flow.flow_id)
        Worker(self.built, once=True).work()
        return self.built.get(JobsService).get(CLI, started.job_id)

    def log(self, job):
        return [line.message for line in self.built.get(LogsRepository).newest(100, job_id=job.job_id)]

    def everything_logged(self):
        return [line.message for line in self.built.get(LogsRepository).newest(100)]

    def all(self, sql, **params):
        with self.built.db.session() as session:
            return session.all(sql, params)

    def items(self, job):
        return self.all(
            "SELECT item_identifier, status FROM wp_datamachine_processed_items WHERE job_id = :job",
            job=job.job_id,
        )

    def meta(self, post_id):
        found = self.all("SELECT meta_key, meta_value FROM wp_postmeta WHERE post_id = :post", post=post_id)
        return {row["meta_key"]: row["meta_value"] for row in found}

    def board(self, job):
        """What the job's flow has pinned to the test's board."""
        return self.all(
            "SELECT p.* FROM wp_posts p JOIN wp_postmeta m ON m.post_id = p.ID AND m.meta_key ="
            " '_datamachine_post_flow_id' WHERE m.meta_value = :flow",
            flow=str(job.flow_id),
        )

    def notes(self):
        return self.all("SELECT ID FROM wp_posts WHERE post_title = 'Given note' AND post_status = 'draft'")

    def work(self, **environment):
        """A worker's process, until nothing is due."""
        return subprocess.run(
            [str(paths.VENV / "bin" / "datamachine"), "work", "--once"],
            env=self.instance.environment(
                DATAMACHINE_QUEUE_LEASE="3",
                DATAMACHINE_QUEUE_HEARTBEAT="1",
                TEXT_FOLDER=str(self.texts),
                **environment,
            ),
            capture_output=True,
            timeout=120,
            check=False,
        )

    def finish(self, job):
        """Let workers go on with a job until it has ended: what a dead one left comes back after a while."""

        def ended():
            assert self.work().returncode == 0
            return self.job(job.job_id).status not in ("pending", "processing")

        wait_until(ended, what="The end of the job")
        return self.job(job.job_id)

    def job(self, job_id):
        return self.built.get(JobsService).get(CLI, job_id)

    def php(self, code):
        """What the expression ``$answer`` of some PHP is, in a unit of the system."""
        return json.loads(self.instance.wp("eval", f"{code}; echo wp_json_encode( $answer );").stdout)


@pytest.fixture(scope="module")
def engine(instances, tmp_path_factory):
    texts = tmp_path_factory.mktemp("texts")
    patch = pytest.MonkeyPatch()
    patch.setenv("TEXT_FOLDER", str(texts))
    instance = Instance(paths.numbered(instances))
    built = None
    try:
        instance.install()
        content = instance.path / "wp-content"
        shutil.copy(HERE / "plugins.php", content / "mu-plugins" / "plugins.php")
        for name in PHP_EXAMPLES:
            shutil.copytree(EXAMPLES / "php" / name, content / "plugins" / name)
        instance.wp("plugin", "activate", *PHP_EXAMPLES)
        choice = json.dumps({"default_provider": "plugins", "default_model": "all"})
        instance.wp("option", "update", "datamachine_settings", choice, "--format=json")
        shutil.copy(EXAMPLES / "python" / "text_folder.py", instance.python_plugins / "text_folder.py")
        shutil.copy(HERE / "crasher.py", instance.python_plugins / "crasher.py")
        built = runtime.build(settings.load(instance.config).site(), "work")
        with built.hosts.unit(context="cron") as unit:
            manifest.publish(unit, built.get(manifest.Manifest))
        built.hosts.close()
        Worker(built, once=True).work()
        yield Engine(instance, built, texts)
    finally:
        patch.undo()
        if built is not None:
            built.close()
        instance.destroy()


@pytest.fixture
def mode(engine):
    """Tell the classes in PHP how to behave, for one test."""

    def choose(name):
        with engine.built.db.transaction() as session:
            session.execute(
                "REPLACE INTO wp_options (option_name, option_value, autoload)"
                " VALUES ('dm_plugin_mode', :mode, 'off')",
                {"mode": name},
            )

    yield choose
    choose("-")


def test_unmodified_plugins_fetch_and_publish(engine):
    wp = engine.instance.wp
    for number in (1, 2):
        wp(
            "comment",
            "create",
            "--comment_post_ID=1",
            f"--comment_content=Remark {number}",
            "--comment_author=Ada",
        )
    flow = engine.flow(
        ("fetch", "comment_source", {"search": "remark", "max_items": 1}),
        ("ai", None, None),
        ("publish", "notice_publish", {"taxonomy_topic_selection": "ai_decides", "post_status": "publish"}),
    )
    jobs = [engine.run(flow) for _ in range(3)]
    assert [job.status for job in jobs] == ["completed", "completed", "completed_no_items"], engine.log(
        jobs[0]
    )
    posts = engine.all("SELECT * FROM wp_posts WHERE post_type = 'notice' ORDER BY ID")
    assert [post["post_title"] for post in posts] == ["Given title", "Given title"]
    assert {post["post_status"] for post in posts} == {"publish"}
    data = json.loads(jobs[0].engine_data)
    assert engine.meta(posts[0]["ID"])["_datamachine_post_flow_id"] == str(flow.flow_id)
    assert data["source_type"] == "comment_source"
    (item,) = engine.items(jobs[0])
    assert item == {"item_identifier": data["item_identifier"], "status": "processed"}
    code = f"$answer = wp_get_post_terms( {posts[0]['ID']}, 'topic', array( 'fields' => 'names' ) )"
    assert sorted(engine.php(code)) == ["Another", "Given topic"]


def test_an_unmodified_plugin_upserts(engine):
    flow = engine.flow(
        ("fetch", "comment_source", {"max_items": 1}), ("ai", None, None), ("upsert", "glossary_upsert", {})
    )
    for _ in range(2):
        job = engine.run(flow)
        assert job.status == "completed", engine.log(job)
    entries = engine.all("SELECT post_title FROM wp_posts WHERE post_type = 'glossary_entry'")
    assert [entry["post_title"] for entry in entries] == ["Given word"]


def test_a_step_type_of_a_plugin_runs_mid_pipeline(engine):
    flow = engine.flow(
        ("fetch", "dm_test_service", {"place": "Here"}),
        ("tally", None, None),
        ("ai", None, None),
        ("publish", "dm_test_board", {"corner": "left"}),
    )
    job = engine.run(flow)
    assert job.status == "completed", engine.log(job)
    data = json.loads(job.engine_data)
    assert data["tally"] == {"count": 1}
    assert data["seen"] == {"mode": "flow", "provider": "DM_Test_Provider"}
    assert "Tally kept" in engine.log(job)
    (post,) = engine.board(job)
    assert post["post_content"].startswith("EngineData ")
    assert '"corner":"left"' in post["post_content"]


@pytest.mark.parametrize(
    ("failure", "status", "message"),
    [
        ("exception", "failed - step_exception", "The step gave up."),
        ("error", "failed - throwable_exception_in_step_execution", "The step is broken."),
        ("fatal", "failed - throwable_exception_in_step_execution", "Allowed memory size"),
        ("exit", "failed - throwable_exception_in_step_execution", "exit()"),
    ],
)
def test_what_goes_wrong_in_a_step_fails_its_job(engine, mode, failure, status, message):
    flow = engine.flow(("tally", None, None))
    mode(failure)
    job = engine.run(flow)
    assert (job.status, engine.items(job)) == (status, [])
    assert message in json.loads(job.engine_data)["error_message"]
    mode("-")
    assert engine.run(flow).status == "completed"


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        ("exception", "failed - step_exception"),
        ("error", "failed - throwable_exception_in_step_execution"),
        ("exit", "failed - throwable_exception_in_step_execution"),
        ("nothing", "completed_no_items"),
    ],
)
def test_what_goes_wrong_in_a_source_leaves_no_claim(engine, mode, failure, status):
    flow = engine.flow(("fetch", "dm_test_service", {"place": "Here"}))
    mode(failure)
    job = engine.run(flow)
    assert (job.status, engine.items(job)) == (status, [])
    mode("-")
    assert engine.run(flow).status == "completed"


def test_handlers_and_steps_in_python(engine):
    inbox = engine.texts / "inbox"
    inbox.mkdir()
    (inbox / "a-note.txt").write_text("One two three four five")
    flow = engine.flow(
        ("fetch", "text_source", {"folder": "inbox"}),
        ("shorten", None, None),
        ("ai", None, None),
        ("publish", "text_file", {"folder": "outbox"}),
    )
    job = engine.run(flow)
    assert job.status == "completed", engine.log(job)
    assert [path.name for path in (engine.texts / "outbox").iterdir()] == ["given-title.txt"]
    assert [item["status"] for item in engine.items(job)] == ["processed"]
    assert engine.run(flow).status == "completed_no_items"


def test_credentials_stand_in_for_a_reference(engine):
    account = "( new DM_Test_Provider() )->save_account( array( 'access_token' => 's3cret' ) )"
    stored = engine.php(f"{account}; $answer = get_site_option( 'datamachine_auth_data' )")
    assert "s3cret" not in json.dumps(stored)
    assert stored["dm_test_service"]["account"]["access_token"].startswith("dm:enc:v1:")
    config = {"place": "Here", "auth_ref": "dm_test_service:main"}
    flow = engine.flow(("fetch", "dm_test_service", config), ("tally", None, None))
    flow_id = flow.flow_id
    job = engine.run(flow)
    assert job.status == "completed", engine.log(job)
    bad = engine.flow(("fetch", "dm_test_service", {**config, "auth_ref": "dm_test_service:other"}))
    job = engine.run(bad)
    assert job.status == "failed - step_exception"
    assert json.loads(job.engine_data)["error_message"] == "There is no account other."
    assert "s3cret" not in json.dumps(engine.all("SELECT engine_data FROM wp_datamachine_jobs"))
    assert flow_id != bad.flow_id


def test_a_tool_that_refuses_and_one_that_breaks(engine, mode):
    flow = engine.flow(
        ("fetch", "dm_test_service", {"place": "Here"}), ("ai", None, None), ("publish", "dm_test_board", {})
    )
    mode("refuse")
    job = engine.run(flow)
    assert job.status == "failed - empty_data_packet_returned"
    mode("fall")
    job = engine.run(flow)
    assert job.status == "failed - empty_data_packet_returned"
    assert "Tool board_post failed: RuntimeException: The board fell." in engine.everything_logged()
    assert engine.board(job) == []
    mode("-")
    assert engine.run(flow).status == "completed"
    assert len(engine.board(job)) == 1


def test_a_process_that_dies_behind_its_post_does_not_post_again(engine, mode):
    flow = engine.flow(
        ("fetch", "dm_test_service", {"place": "Here"}), ("ai", None, None), ("publish", "dm_test_board", {})
    )
    before = len(engine.notes())
    mode("killed")
    job = engine.run(flow)
    assert len(engine.notes()) == before + 1
    mode("-")
    job = engine.finish(job)
    assert job.status == "completed", engine.log(job)
    assert len(engine.notes()) == before + 1
    assert len(engine.board(job)) == 1


def test_a_worker_that_dies_behind_its_post_does_not_post_again(engine, tmp_path):
    flow = engine.flow(
        ("fetch", "dm_test_service", {"place": "Here"}), ("ai", None, None), ("publish", "dm_test_board", {})
    )
    before = len(engine.notes())
    job = engine.built.get(FlowsService).run(CLI, flow.flow_id)
    (tmp_path / "count").touch()
    crash = {"DATAMACHINE_CRASH_AT": "wp_insert_post:1", "DATAMACHINE_CRASH_COUNT": str(tmp_path / "count")}
    assert engine.work(**crash).returncode == -signal.SIGKILL

    job = engine.finish(job)
    assert job.status == "completed", engine.log(job)
    assert len(engine.notes()) == before + 1
    assert len(engine.board(job)) == 1


def test_registries_speak_of_all_of_them(engine):
    code = """
        $handlers = new DataMachine\\Abilities\\HandlerAbilities();
        $auth     = new DataMachine\\Abilities\\AuthAbilities();
        $types    = apply_filters( 'datamachine_step_types', array() );
        $tools    = apply_filters( 'datamachine_tools', array() )['__handler_tools_notice_publish'];
        $raw      = array( 'folder' => ' a ', 'max_items' => '-500' );
        $answer   = array(
            'types'   => array( $types['tally']['class'], $types['shorten']['label'] ),
            'fetch'   => array_keys( $handlers->getAllHandlers( 'fetch' ) ),
            'fields'  => array_keys( $handlers->getConfigFields( 'text_source' ) ),
            'notice'  => array_keys( $handlers->getConfigFields( 'notice_publish' ) ),
            'cleaned' => $handlers->getSettingsClass( 'text_source' )->sanitize( $raw ),
            'filled'  => $handlers->applyDefaults( 'dm_test_service', array( 'place' => 'x' ) ),
            'tools'   => array_keys( $tools['_handler_callable']( 'notice_publish', array(), array() ) ),
            'auth'    => array(
                $auth->getProviderForHandler( 'dm_test_service' )->get_provider_slug(),
                $auth->isHandlerAuthenticated( 'comment_source' ),
            ),
        )"""
    found = engine.php(code)
    assert found["types"] == ["DM_Test_Tally", "Shorten"]
    assert {"rss", "comment_source", "dm_test_service", "text_source"} <= set(found["fetch"])
    assert "notice_publish" not in found["fetch"]
    assert found["fields"] == ["folder", "max_items"]
    assert {"post_status", "taxonomy_topic_selection", "link_handling"} <= set(found["notice"])
    assert found["cleaned"] == {"folder": "a", "max_items": 100}
    assert found["filled"] == {"place": "x", "size": 3}
    assert found["tools"] == ["notice_publish"]
    assert found["auth"] == ["dm_test_service", True]


def test_rows_are_read_and_written_under_their_names(engine):
    flow = engine.flow(("tally", None, None))
    with engine.built.hosts.unit(context="cron") as unit:
        found = unit.apply_filters("dm_test_rows", {}, flow.flow_id, flow.pipeline_id)
    step = next(iter(flow.flow_config))
    assert found["swap"] == [True, False, "changed"]
    assert found["memory"] == [True, ["NOTES.md"], True]
    assert found["flow"][:2] == [str(flow.flow_id), 1]
    assert {int(key): value for key, value in found["flow"][2].items()} == {flow.pipeline_id: 1, 999999: 0}
    assert found["pipeline"] == ["Plugins", 1]
    assert found["job"] == [
        "pending",
        {"list": [1, 2], "gone": 1},
        True,
        True,
        False,
        False,
        "failed - by PHP",
        "By PHP",
        1,
        ["failed - by PHP"],
    ]
    assert found["mixed"] is False
    assert found["engine"] == [[9, 2], True, {"only": "this"}]
    assert "<!-- wp:paragraph -->" in found["blocks"][0]
    assert "<em>word</em>" in found["blocks"][0]
    assert found["blocks"][1] == "datamachine_content_format_bfb_missing"
    fields, max_items = found["settings"]
    assert {"feed_url", "timeframe_limit", "max_items"} <= set(fields)
    assert max_items == 7
    assert found["file_context"] == {"pipeline_id": flow.pipeline_id, "flow_id": flow.flow_id}
    assert engine.run(flow).status == "completed", step
