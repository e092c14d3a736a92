"""Pipelines, flows, queues and logs over a real database."""

from __future__ import annotations

import json

import pytest

from sidecar.automation import FlowsService, JobsService, PipelinesService, log
from sidecar.automation.errors import FlowNotFound, PipelineNotFound
from sidecar.automation.queues.prompt_queues import PATCHES, PROMPTS, PromptQueues
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.logs import LogsRepository
from sidecar.automation.repositories.processed_items import ProcessedItemsRepository
from sidecar.automation.settings import Settings
from sidecar.automation.values import NewPipelineStep, StepConfig
from sidecar.errors import InvalidInput, SidecarError
from sidecar.host import context as hosts
from sidecar.identity import Principal

CLI = Principal.command_line()


@pytest.fixture(scope="module")
def built(site_for_traces):
    return site_for_traces[1]


@pytest.fixture
def unit(built):
    """A unit, bound: registries are read in WordPress."""
    with built.hosts.unit(context="cron") as host:
        yield host


@pytest.fixture
def pipeline(built, unit):
    steps = [NewPipelineStep("fetch"), NewPipelineStep("ai", "Writer", "Be brief.", ["web_fetch"])]
    return built.get(PipelinesService).create(CLI, "Services é", steps)


def test_a_pipeline_holds_its_steps_in_order(built, pipeline):
    first, second = pipeline.steps()
    assert (first["step_type"], first["execution_order"], first["label"]) == ("fetch", 0, "Fetch")
    assert second["system_prompt"] == "Be brief."
    assert second["disabled_tools"] == ["web_fetch"]
    found, total = built.get(PipelinesService).find(CLI, search="services É")
    assert total == 1
    assert found[0].pipeline == pipeline
    with pytest.raises(PipelineNotFound):
        built.get(PipelinesService).get(CLI, 99_999)


def test_a_step_type_nobody_registered_is_refused(built, unit):
    with pytest.raises(InvalidInput, match=r"Step 1 has invalid type: bogus\. Valid types: fetch"):
        built.get(PipelinesService).create(CLI, "X", [NewPipelineStep("fetch"), NewPipelineStep("bogus")])


def test_a_flow_gets_a_step_for_each_of_its_pipelines(built, pipeline):
    service = built.get(FlowsService)
    configs = {
        "fetch": StepConfig("rss", {"feed_url": "http://x/ü"}),
        pipeline.steps()[1]["pipeline_step_id"]: StepConfig(user_message="Write."),
    }
    flow = service.create(CLI, pipeline.pipeline_id, "Flow é", step_configs=configs)
    fetch, ai = flow.steps()
    assert list(fetch) == [
        "flow_step_id",
        "step_type",
        "pipeline_step_id",
        "pipeline_id",
        "flow_id",
        "execution_order",
        "disabled_tools",
        "queue_mode",
        "config_patch_queue",
        "handler_slug",
        "handler_config",
        "enabled",
    ]
    assert ai["prompt_queue"][0]["prompt"] == "Write."
    assert ai["disabled_tools"] == ["web_fetch"]
    with built.db.session() as session:
        text = session.scalar(
            "SELECT flow_config FROM wp_datamachine_flows WHERE flow_id = :flow", {"flow": flow.flow_id}
        )
    assert "http:\\/\\/x\\/\\u00fc" in text
    assert service.get(CLI, flow.flow_id).latest is None
    assert [one.flow.flow_id for one in service.find(CLI, handler_slug="rss")[0]] == [flow.flow_id]


@pytest.mark.parametrize(
    ("configs", "scheduling", "message"),
    [
        ({"publish": StepConfig("wordpress_publish")}, None, 'no step "publish"'),
        ({"fetch": StepConfig("nope")}, None, 'no fetch handler "nope"'),
        ({"ai": StepConfig("rss")}, None, "takes no handler"),
        ({}, {"interval": "sometimes"}, "Invalid interval .sometimes."),
    ],
)
def test_a_flow_that_cannot_be_is_refused(built, pipeline, configs, scheduling, message):
    service = built.get(FlowsService)
    before = service.find(CLI, pipeline_id=pipeline.pipeline_id)[1]
    with pytest.raises(SidecarError, match=message):
        service.create(CLI, pipeline.pipeline_id, step_configs=configs, scheduling=scheduling)
    assert service.find(CLI, pipeline_id=pipeline.pipeline_id)[1] == before


def test_flows_of_nothing(built):
    with pytest.raises(PipelineNotFound, match="Pipeline not found"):
        built.get(FlowsService).create(CLI, 99_999)
    with pytest.raises(FlowNotFound):
        built.get(FlowsService).get(CLI, 99_999)
    assert built.get(JobsService).get(CLI, 99_999) is None


@pytest.mark.parametrize(
    ("mode", "taken", "left"),
    [
        ("static", ["a", "a", "a"], ["a", "b"]),
        ("loop", ["a", "b", "a"], ["b", "a"]),
        ("drain", ["a", "b", None], []),
    ],
)
def test_queues(built, pipeline, mode, taken, left):
    flow = built.get(FlowsService).create(CLI, pipeline.pipeline_id)
    step = flow.steps()[1]
    repository = FlowsRepository(built.db)
    config = repository.config(flow.flow_id)
    config[step["flow_step_id"]][PROMPTS] = [{"prompt": "a"}, {"prompt": "b"}]
    repository.change(flow.flow_id, lambda _: config)
    queues = PromptQueues(built.db)
    entries = [queues.take(flow.flow_id, {**step, "queue_mode": mode}, PROMPTS) for _ in range(3)]
    assert [one.entry and one.entry["prompt"] for one in entries] == taken
    assert entries[-1].exhausted == (mode == "drain")
    stored = repository.config(flow.flow_id)[step["flow_step_id"]]
    assert [one["prompt"] for one in stored[PROMPTS]] == left
    assert stored.get("_queue_consume_revision", 0) == (
        0 if mode == "static" else len([t for t in taken if t])
    )
    # A job gives back once, however often its end is told.
    job_id = 900_000_000 + flow.flow_id
    told = [
        queues.give_back(job_id, flow.flow_id, step["flow_step_id"], PROMPTS, {"prompt": "c"}) for _ in "12"
    ]
    stored = repository.config(flow.flow_id)[step["flow_step_id"]]
    assert (told, [one["prompt"] for one in stored[PROMPTS]]) == ([True, False], [*left, "c"])
    assert queues.take(flow.flow_id, step, PATCHES).entry is None


def test_claims_belong_to_one_job(built):
    items = ProcessedItemsRepository(built.db)
    assert items.claim("s_1", "x", "é", 1)
    assert items.claim("s_1", "x", "é", 1), "the same job may begin again"
    assert not items.claim("s_1", "x", "é", 2)
    assert items.state("s_1", "x", ["é", "y"])["é"].claimed_by == 1
    with built.db.session() as session:
        session.execute(
            "UPDATE wp_datamachine_processed_items SET claim_expires_at = '2020-01-01'"
            " WHERE flow_step_id = 's_1'"
        )
    assert items.state("s_1", "x", ["é"])["é"].claimed_by == 0
    assert items.drop_expired_claims() == 1
    assert items.claim("s_1", "x", "é", 2)
    items.mark("s_1", "x", "é", 2)
    assert items.state("s_1", "x", ["é"])["é"].processed
    assert not items.claim("s_1", "x", "é", 2)
    assert items.release("s_1", "x", "é") == 0
    items.mark("s_1", "x", "new", 3)
    assert items.delete_of_job(2) == 1
    assert items.delete_of_job(3) == 1


def test_lines_below_the_level_are_not_kept(built, unit, site_for_traces):
    wp = site_for_traces[0].instance.wp
    wp("option", "update", "datamachine_log_level", "warning")
    built.get(Settings)._known.clear()
    log.info("too quiet", {"n": 1})
    log.warning("kept é/", {"n": 1, "agent_id": 3, "user_id": 4})
    log.write("bogus", "no level", {})
    newest = built.get(LogsRepository).newest(3)
    assert newest[0].message == "kept é/"
    assert (newest[0].agent_id, newest[0].user_id) == (3, 4)
    assert "too quiet" not in [line.message for line in newest]
    with built.db.session() as session:
        text = session.scalar("SELECT context FROM wp_datamachine_logs ORDER BY id DESC LIMIT 1")
    assert json.loads(text) == {"n": 1, "agent_id": 3, "user_id": 4}


def test_the_identifier_filters_answer_php(built, unit):
    assert hosts.current() is unit
    step = "2_4ab4d7f8-7fcc-4dd0-ad72-d18ae1bb331b"
    assert unit.apply_filters("datamachine_generate_flow_step_id", "", step, 5) == f"{step}_5"
    assert unit.apply_filters("datamachine_split_flow_step_id", None, f"{step}_5") == {
        "pipeline_step_id": step,
        "flow_id": 5,
    }
    assert unit.apply_filters("datamachine_split_flow_step_id", None, "x") is None
    assert unit.apply_filters("datamachine_split_pipeline_step_id", None, step) == {
        "pipeline_id": "2",
        "uuid": step[2:],
    }
