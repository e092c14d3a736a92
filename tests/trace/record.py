"""Run a flow in a real WordPress, stage by stage, and collect what the expectation speaks of."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dev.instance import Instance
from sidecar import hooks, runtime, settings
from sidecar.automation import FlowsService, PipelinesService, setup
from sidecar.automation.engine.workflows import Workflows
from sidecar.automation.parts import Parts
from sidecar.automation.setup import Part
from sidecar.automation.values import Flow, NewPipelineStep, StepConfig
from sidecar.db import php_serialize
from sidecar.hooks import dispatch, manifest
from sidecar.identity import Principal
from sidecar.queue.worker import Worker

HERE = Path(__file__).parent
POSTS = 5
#: In one process; prints the posts, the newest first.
_PREPARED = f"""
wp_update_post( array( 'ID' => 1, 'post_title' => 'Hello world!', 'post_author' => 0 ) );
$posts = array( 1 );
for ( $number = 1; $number < {POSTS}; $number++ ) {{
	$body = "<p>Body of source $number with some text.</p>";
	$post = array( 'post_title' => "Source $number", 'post_content' => $body );
	$post += array( 'post_status' => 'publish', 'post_author' => 0 );
	array_unshift( $posts, wp_insert_post( $post ) );
}}
update_option( 'datamachine_settings', array( 'default_provider' => 'mock', 'default_model' => 'mock-1' ) );
update_option( 'datamachine_log_level', 'debug' );
update_option( 'permalink_structure', '' );
echo implode( ' ', $posts );
"""
FETCH = {
    "timeframe_limit": "all_time",
    "search": "",
    "exclude_keywords": "",
    "max_items": 1,
    "source_url": "",
    "post_type": "post",
    "post_status": "publish",
    "taxonomy_category_filter": "0",
    "taxonomy_post_tag_filter": "0",
    "randomize_selection": False,
}


def publish_config(dedup: bool) -> dict[str, Any]:
    return {
        "link_handling": "append",
        "include_images": False,
        "dedup_enabled": dedup,
        "dedup_lookback_days": 14,
        "post_type": "post",
        "post_status": "draft",
        "post_author": 1,
        "taxonomy_category_selection": "skip",
        "taxonomy_post_tag_selection": "skip",
    }


class Recording:
    """One site with the recorder in it."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._file = instance.path / "wp-content" / "trace.jsonl"
        self.posts: list[int] = []

    def prepare(self) -> None:
        """The posts of the oracle, its settings, the recorder and the runner."""
        self.posts = [int(number) for number in self.instance.wp("eval", _PREPARED).stdout.split()]
        # All were made within a second or two: which was changed last must not depend on it.
        for age, post in enumerate(self.posts):
            stamp = f"2026-11-23 00:0{9 - age}:02"
            self.instance.db.sql(
                f"UPDATE wordpress.wp_posts SET post_modified='{stamp}', post_modified_gmt='{stamp}'"
                f" WHERE ID={post}"
            )
        plugins = self.instance.path / "wp-content" / "mu-plugins"
        shutil.copy(HERE / "recorder.php", plugins / "recorder.php")
        shutil.copy(HERE / "runner_plugin.py", self.instance.python_plugins / "trace_runner.py")

    def runtime(self) -> runtime.Runtime:
        """A worker's runtime whose plugins WordPress knows."""
        site = settings.load(self.instance.config).site()
        built = runtime.build(site, "work")
        with built.hosts.unit(context="cron") as unit:
            manifest.publish(unit, built.get(manifest.Manifest))
        return built

    def record(self, built: runtime.Runtime, flow: Flow, steps: int) -> dict[str, Any]:
        """Start the flow and let a worker take one doorbell at a time."""

        def start() -> None:
            with built.hosts.unit(context="cron"):
                hooks.do_action("datamachine_run_flow_now", flow.flow_id)

        return self.record_run(built, start, steps, flow)

    def record_workflow(self, built: runtime.Runtime, workflow: dict[str, Any], steps: int) -> dict[str, Any]:
        """As :meth:`record`, for an ephemeral workflow that was started before."""
        started = built.get(Workflows).execute(
            Principal.command_line(), workflow, initial_data={"foo": "bar"}
        )
        return self.record_run(built, lambda: None, steps, started["job_id"])

    def record_run(
        self, built: runtime.Runtime, start: Callable[[], Any], steps: int, of: Flow | int
    ) -> dict[str, Any]:
        """Whatever ``start`` starts, and the rows of a flow's jobs or of one job."""
        last_job = int(self._scalar("SELECT COALESCE(MAX(job_id), 0) FROM wp_datamachine_jobs"))
        last_post = int(self._scalar("SELECT MAX(ID) FROM wp_posts"))
        last_log = int(self._scalar("SELECT COALESCE(MAX(id), 0) FROM wp_datamachine_logs"))
        self._file.touch()
        self._file.chmod(0o666)
        # A host that loaded WordPress before the file existed does not record, and nobody listened then.
        built.hosts.close()
        dispatch.listeners.under(object())
        try:
            start()
            for _ in range(steps):
                Worker(built, max_jobs=1, once=True).work()
            return {"stages": self._stages(), "rows": self._rows(of, last_job, last_post, last_log)}
        finally:
            self._file.unlink()
            built.hosts.close()
            dispatch.listeners.under(object())

    def _stages(self) -> list[dict[str, Any]]:
        stages: list[dict[str, Any]] = []
        events: list[dict[str, Any]] = []
        for line in self._file.read_text().splitlines():
            found = json.loads(line)
            if found.pop("stage", False):
                stages.append({"events": events, **found})
                events = []
            else:
                events.append(found)
        if events:
            stages.append({"events": events, "engine_data": None, "data_json": None})
        return stages

    def _rows(self, of: Flow | int, last_job: int, last_post: int, last_log: int) -> dict[str, Any]:
        flow_id = 0 if isinstance(of, int) else of.flow_id
        job = self.all(
            "SELECT * FROM wp_datamachine_jobs WHERE (flow_id = :flow OR job_id = :job) AND job_id > :last"
            " ORDER BY job_id",
            flow=str(flow_id) if flow_id else "-",
            job=of if isinstance(of, int) else 0,
            last=last_job if flow_id else 0,
        )
        ids = [row["job_id"] for row in job]
        actions = self.all(
            "SELECT a.*, g.slug AS `group` FROM wp_actionscheduler_actions a"
            " JOIN wp_actionscheduler_groups g ON g.group_id = a.group_id"
            " WHERE a.args REGEXP :ours ORDER BY action_id",
            ours=f'"(parent_)?job_id":({"|".join(map(str, ids))})[,}}]',
        )
        health = self._scalar(
            "SELECT option_value FROM wp_options WHERE option_name = :name",
            name=f"_transient_datamachine_flow_health_{flow_id}",
        )
        items = self.all(
            "SELECT * FROM wp_datamachine_processed_items WHERE job_id IN :jobs ORDER BY id", jobs=ids
        )
        action_logs = self.all(
            "SELECT * FROM wp_actionscheduler_logs WHERE action_id IN :ids ORDER BY action_id, log_id",
            ids=[row["action_id"] for row in actions],
        )
        terms = self.all("SELECT * FROM wp_term_relationships WHERE object_id > :last", last=last_post)
        return {
            "jobs": job,
            "processed_items": _without(items, "id"),
            "logs": self.all(
                "SELECT level, message, agent_id, user_id, context, created_at FROM wp_datamachine_logs"
                " WHERE id > :last ORDER BY id",
                last=last_log,
            ),
            "posts": self.all(
                "SELECT ID, post_author, post_title, post_content, post_excerpt, post_status, post_type,"
                " post_name, guid FROM wp_posts WHERE ID > :last",
                last=last_post,
            ),
            "postmeta": self.all(
                "SELECT * FROM wp_postmeta WHERE post_id > :last ORDER BY meta_id", last=last_post
            ),
            "term_relationships": _without(terms, "term_order"),
            "actions": _without(actions, "group_id"),
            "action_logs": _without(action_logs, "log_id"),
            "flow_health": php_serialize.loads(health) if health else None,
        }

    def job(self, job_id: int) -> dict[str, Any]:
        return self.all("SELECT * FROM wp_datamachine_jobs WHERE job_id = :job", job=job_id)[0]

    def use(self, built: runtime.Runtime) -> None:
        """Read rows through this runtime's database."""
        self._db = built.db

    def all(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        with self._db.session() as session:
            return session.all(sql, params)

    def _scalar(self, sql: str, **params: Any) -> Any:
        with self._db.session() as session:
            return session.scalar(sql, params)


def success_flow(built: runtime.Runtime, agent_id: int) -> Flow:
    """fetch -> ai -> publish, for an agent."""
    publish = StepConfig("wordpress_publish", publish_config(dedup=False))
    parts = [
        Part(NewPipelineStep("fetch", "Fetch"), StepConfig("wordpress_posts", FETCH)),
        Part(NewPipelineStep("ai", "Writer"), StepConfig(user_message="Rewrite this.")),
        Part(NewPipelineStep("publish", "Publish"), publish),
    ]
    return _create(built, "B pipe", "B flow", parts, agent_id)


def take_three(built: runtime.Runtime, flow: Flow) -> None:
    """Let the flow fetch three items at once: one is published, one skipped, of one only talked."""

    def three(config: dict[str, Any]) -> dict[str, Any]:
        for step in config.values():
            if step["step_type"] == "fetch":
                step["handler_config"]["max_items"] = 3
        return config

    built.get(Parts).flows.change(flow.flow_id, three)


def workflow() -> dict[str, Any]:
    """fetch -> ai -> publish without a stored flow."""
    return {
        "steps": [
            {
                "type": "fetch",
                "handler_slug": "wordpress_posts",
                "handler_config": {"post_type": "post", "max_items": 1},
            },
            {"type": "ai", "user_message": "UM"},
            {
                "type": "publish",
                "handler_slug": "wordpress_publish",
                "handler_config": {"post_type": "post", "post_status": "draft"},
            },
        ]
    }


def failure_flow(built: runtime.Runtime) -> Flow:
    """fetch -> publish: nothing ever calls the publish tool."""
    publish = StepConfig("wordpress_publish", publish_config(dedup=True))
    parts = [
        Part(NewPipelineStep("fetch", "Fetch"), StepConfig("wordpress_posts", FETCH)),
        Part(NewPipelineStep("publish", "Publish"), publish),
    ]
    return _create(built, "Trace pipeline", "Trace flow A", parts, None)


def _create(
    built: runtime.Runtime, pipeline: str, name: str, parts: list[Part], agent_id: int | None
) -> Flow:
    services = built.get(PipelinesService), built.get(FlowsService)
    with built.hosts.unit(context="cron"):
        return setup.create(
            *services, Principal.command_line(), pipeline, parts, flow_name=name, agent_id=agent_id
        )


def _without(rows: list[dict[str, Any]], column: str) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key != column} for row in rows]
