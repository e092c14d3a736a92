"""Every hook of pipelines, flows and jobs in ``hooks/``: it fires with its arguments, or answers."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from dev import paths
from sidecar import hooks
from sidecar.automation import FlowsService, JobsService, PipelinesService, setup
from sidecar.automation.handlers.service import HandlersService
from sidecar.automation.queues.service import QueuesService
from sidecar.automation.setup import Part
from sidecar.automation.values import NewPipelineStep, StepConfig
from sidecar.identity import Principal
from sidecar.queue.worker import Worker
from tests.trace import record

CLI = Principal.command_line()
#: Where the catalogue says that hooks of this area fire.
PLACES = (
    "abilities/flow-files",
    "admin/flow-formatter",
    "bundles/auth-ref",
    "content/",
    "engine/",
    "fetch/",
    "logging",
    "registry/",
)
#: Not to be seen here, and why.
ELSEWHERE = {
    "datamachine_auth_ref_resolvers": "fires where references are resolved, and no provider of ours has one",
    "datamachine_resolve_auth_ref": "as datamachine_auth_ref_resolvers",
    "datamachine_recurring_schedules": "there are no recurring tasks yet",
    "datamachine_recurring_{task_type}": "there are no recurring tasks yet",
    "datamachine_task_process_batch": "there are no system tasks yet",
    "datamachine_task_retry": "there are no system tasks yet",
    "datamachine_tasks": "there are no system tasks yet",
    "datamachine_webhook_gate_timeout": "there are no gates yet",
}
#: Others fire or apply these, and we answer: PHP that says what comes of it, and what that is.
ASKED: dict[str, tuple[str, Any]] = {
    "datamachine_generate_flow_step_id": (
        "apply_filters( 'datamachine_generate_flow_step_id', '', '7_ab-cd', 9 )",
        "7_ab-cd_9",
    ),
    "datamachine_split_flow_step_id": (
        "apply_filters( 'datamachine_split_flow_step_id', null, '7_ab-cd_9' )",
        {"pipeline_step_id": "7_ab-cd", "flow_id": 9},
    ),
    "datamachine_split_pipeline_step_id": (
        "apply_filters( 'datamachine_split_pipeline_step_id', null, '7_ab-cd' )",
        {"pipeline_id": "7", "uuid": "ab-cd"},
    ),
    "datamachine_timeframe_limit": (
        "array_keys( apply_filters( 'datamachine_timeframe_limit', array(), null ) )",
        ["all_time", "24_hours", "72_hours", "7_days", "30_days"],
    ),
    "datamachine_keyword_search_match": (
        "array( apply_filters( 'datamachine_keyword_search_match', false, 'An Apple a day', 'pear, apple' ),"
        " apply_filters( 'datamachine_keyword_search_match', false, 'An Apple a day', 'pear' ) )",
        [True, False],
    ),
    "datamachine_get_flow_id_from_step": (
        "apply_filters( 'datamachine_get_flow_id_from_step', null, $step ) === $flow",
        True,
    ),
    "datamachine_get_flow_config": (
        "array_keys( apply_filters( 'datamachine_get_flow_config', array(), $flow ) )[0] === $step",
        True,
    ),
    "datamachine_get_flow_step_config": (
        "apply_filters( 'datamachine_get_flow_step_config', array(), $step )['step_type']",
        "fetch",
    ),
    "datamachine_get_handler_settings_display": (
        "array_column( apply_filters( 'datamachine_get_handler_settings_display', array(), $step, 'fetch' ),"
        " 'value', 'key' )['search']",
        "Source",
    ),
    "datamachine_scheduler_intervals": (
        "apply_filters( 'datamachine_scheduler_intervals', array() )['qtrdaily']['seconds']",
        21600,
    ),
    "datamachine_run_flow_later": (
        "array( do_action( 'datamachine_run_flow_later', $flow, 'daily' ),"
        " (bool) as_next_scheduled_action( 'datamachine_run_flow_now', array( $flow ), 'data-machine' ) )[1]",
        True,
    ),
    "datamachine_export": ("do_action( 'datamachine_export', 'pipelines', array( $pipeline ) )", None),
    "datamachine_export_result": (
        "str_contains( apply_filters( 'datamachine_export_result', null ), 'Walk' )",
        True,
    ),
    "datamachine_import": (
        "do_action( 'datamachine_import', 'pipelines',"
        " (string) apply_filters( 'datamachine_export_result', null ) )",
        None,
    ),
    "datamachine_import_result": (
        "count( apply_filters( 'datamachine_import_result', null )['imported'] )",
        1,
    ),
    "datamachine_importer": ("is_object( apply_filters( 'datamachine_importer', null ) )", True),
}
_BEGIN = (
    "error_reporting( E_ERROR ); ini_set( 'display_errors', 'stderr' ); wp_set_current_user( 1 );"
    ' $flow = %d; $step = "%s"; $pipeline = %d; $answer = array();'
)


def area() -> dict[str, dict[str, Any]]:
    """The catalogue's entries of this area by name."""
    found = {}
    for name in ("product.json", "adapter.json"):
        entries = json.loads((paths.ROOT / "hooks" / name).read_text())["hooks"]
        found |= {hook: entry for hook, entry in entries.items() if entry["fires"].startswith(PLACES)}
    return found


@pytest.fixture(scope="module")
def walk(site_for_traces):
    """What fired, by name: the kinds of the arguments of each time; and what PHP was answered."""
    recording, built = site_for_traces
    content = recording.instance.path / "wp-content"
    (content / "walk.json").write_text(json.dumps(sorted(set(area()) - set(ELSEWHERE))))
    heard = content / "walk.jsonl"
    heard.touch()
    heard.chmod(0o666)
    shutil.copy(Path(__file__).with_name("php_walk.php"), content / "mu-plugins" / "walk.php")
    built.hosts.close()
    flow = _work(built)
    _read(built, flow)
    answers = _ask(recording.instance, flow)
    found: dict[str, list[list[str]]] = {}
    for line in heard.read_text().splitlines():
        hook, kinds = json.loads(line)
        found.setdefault(hook, []).append(kinds)
    return found, answers


def _work(built: Any) -> Any:
    """A flow that fans out and publishes, and one that fails; the first."""
    fetch = {**record.FETCH, "search": "Source", "timeframe_limit": "all_time", "max_items": 2}
    whole = [
        Part(NewPipelineStep("fetch"), StepConfig("wordpress_posts", fetch)),
        Part(NewPipelineStep("ai"), StepConfig(user_message="Go.")),
        Part(NewPipelineStep("publish"), StepConfig("wordpress_publish", record.publish_config(dedup=True))),
    ]
    flows = [
        _flow(built, "Walk", whole),
        # Nothing calls the tool of the publish step.
        _flow(built, "Walk that fails", [whole[0], whole[2]]),
    ]
    for flow in flows:
        with built.hosts.unit(context="cron"):
            hooks.do_action("datamachine_run_flow_now", flow.flow_id)
    Worker(built, once=True).work()
    jobs = [job for flow in flows for job in built.get(JobsService).find(CLI, flow_id=str(flow.flow_id))[0]]
    states = {job.status.partition(" ")[0] for job in jobs}
    assert states == {"completed", "failed"}, [(job.status, job.engine_data) for job in jobs]
    return flows[0]


def _read(built: Any, flow: Any) -> None:
    """What is asked outside of runs: settings of others' handlers and types, and whether a prompt is new."""
    handlers, writer = built.get(HandlersService), flow.steps()[1]["flow_step_id"]
    with built.hosts.unit(context="cron"):
        assert "depth" in handlers.fields(CLI, "walker")
        assert handlers.step_type(CLI, "walk")[1] == {"label": "Walk"}
        built.get(QueuesService).add(CLI, flow.flow_id, writer, ["A prompt nobody has had"])


def _flow(built: Any, name: str, parts: list[Part]) -> Any:
    with built.hosts.unit(context="cron"):
        return setup.create(built.get(PipelinesService), built.get(FlowsService), CLI, name, parts)


def _ask(instance: Any, flow: Any) -> dict[str, Any]:
    """Each expression of :data:`ASKED`, in one PHP process."""
    step = flow.steps()[0]["flow_step_id"]
    asked = "".join(
        f"try {{ $answer[{name!r}] = {expression}; }}"
        f" catch ( Throwable $e ) {{ $answer[{name!r}] = $e->getMessage(); }}"
        for name, (expression, _) in ASKED.items()
    )
    instance.start_sidecar("bridge", name="walk")
    try:
        code = f"{_BEGIN % (flow.flow_id, step, flow.pipeline_id)}{asked} echo wp_json_encode( $answer );"
        return dict(json.loads(instance.wp("eval", code).stdout))
    finally:
        instance.servers.pop("walk").stop()


@pytest.mark.parametrize("name", sorted(set(area()) - set(ASKED) - set(ELSEWHERE)))
def test_it_fires_with_its_arguments(walk: Any, name: str) -> None:
    heard = walk[0].get(name, [])
    assert heard, f"{name} never fired"
    args = list(area()[name]["args"].values())
    for kinds in heard:
        assert all(map(_is, kinds, args)), (name, kinds, args)
        assert len(kinds) <= len(args), (name, kinds)
        missing = args[len(kinds) :]
        assert all("null" in each.split("|") for each in missing), (name, kinds, missing)


@pytest.mark.parametrize("name", sorted(ASKED))
def test_it_is_answered(walk: Any, name: str) -> None:
    assert walk[1][name] == ASKED[name][1]
    assert name in area(), "the catalogue does not know it"
    for kinds in walk[0][name]:
        assert all(map(_is, kinds, area()[name]["args"].values())), (name, kinds)


def test_what_is_not_seen_has_a_reason() -> None:
    assert set(ELSEWHERE) <= set(area())
    assert not set(ELSEWHERE) & set(ASKED)


def _is(kind: str, announced: str) -> bool:
    """Whether PHP's word for a value is what the catalogue announces: ``array<string,array>|null``."""
    plain = re.sub(r"<[^|]*>|\{[^|]*\}", "", announced)
    words = {"array" if each.endswith("[]") else each for each in plain.split("|")}
    return kind in words or "mixed" in words or (("object" in words or kind in announced) and "\\" in kind)


def test_kinds_are_compared() -> None:
    assert _is("null", "array<string,array>|null")
    assert _is("array", "array{flow_step_id,source_type}")
    assert not _is("string", "int|null")
    assert not _is("null", "string")
