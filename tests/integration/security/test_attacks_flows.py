"""Attempts to see the secrets of flows, and requests that are odd, large, or mean something elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sidecar.db import php_json
from tests.integration.security.lab import Lab, ability
from tests.integration.security.test_attacks_automation import pipeline_step, refused, rows_of
from tests.integration.security.test_attacks_engine import started
from tests.matrix import doors

pytestmark = pytest.mark.usefixtures("unharmed", "no_failures")

# Secrets

SECRETS = {
    "webhook_token": "5ec" + "a1" * 29 + "f",
    "secret_value": "shh-value-of-a-secret",
    "verifier": "shh-of-the-verifier",
    "password": "shh-password",
    "api_key": "shh-api-key",
    "patch": "shh-of-a-patch",
}


@pytest.fixture
def confident(lab: Lab) -> Iterator[Any]:
    """An agent of mallory's whose flow knows secrets."""
    agent = lab.add_agent("confident", "mallory", {"reader": "viewer"})
    row = lab.rows("SELECT * FROM {datamachine_flows} WHERE flow_id = :id", id=agent.flow_id)[0]
    config = json.loads(row["flow_config"])
    config[agent.step]["handler_config"] |= {
        "imap_password": SECRETS["password"],
        "nested": {"apiKey": SECRETS["api_key"]},
    }
    config[agent.step]["config_patch_queue"].append({"patch": {"access_token": SECRETS["patch"]}})
    schedule = {
        "interval": "manual",
        "webhook_enabled": True,
        "webhook_auth_mode": "bearer",
        "webhook_token": SECRETS["webhook_token"],
        "webhook_secrets": [{"id": "current", "value": SECRETS["secret_value"]}],
        "webhook_auth": {"mode": "hmac", "secrets": [{"id": "a", "value": SECRETS["verifier"]}]},
    }
    with lab.runtime.db.session() as session:
        session.update(
            lab.runtime.db.tables().flows,
            {"flow_config": php_json.dumps(config), "scheduling_config": php_json.dumps(schedule)},
            {"flow_id": agent.flow_id},
        )
    yield agent
    made = lab.rows("SELECT flow_id FROM {datamachine_flows} WHERE agent_id = :id", id=agent.agent_id)
    assert made


def test_no_answer_tells_secrets(lab: Lab, php: doors.AbilitiesPhp, confident: Any) -> None:
    flow, pipeline, step = confident.flow_id, confident.pipeline_id, confident.step
    run = ability(php, "mallory", "run-flow", flow_id=flow)
    job = started(run)
    answers: list[tuple[Any, doors.Answer]] = [("run-flow", run)]
    for who in ("mallory", "reader"):
        for path in (
            "/flows?per_page=100",
            f"/flows?pipeline_id={pipeline}",
            f"/flows/{flow}",
            f"/flows/{flow}/config",
            f"/flows/steps/{step}/config",
            f"/flows/{flow}/queue?flow_step_id={confident.writer}",
            f"/pipelines/{pipeline}",
            f"/pipelines?pipeline_id={pipeline}",
            "/pipelines?per_page=100&include_flows=1",
            f"/pipelines/{pipeline}/flows",
            f"/jobs/{job}",
            f"/jobs?flow_id={flow}",
            "/flows/problems?threshold=1",
        ):
            answers += [((who, path, door), said) for door, said in lab.rest(who, "GET", path)]
        for name, given in (
            ("get-flows", {"flow_id": flow}),
            ("get-flows", {"pipeline_id": pipeline, "output_mode": "full"}),
            ("get-flows", {"pipeline_id": pipeline, "output_mode": "list"}),
            ("get-flow-steps", {"flow_id": flow}),
            ("get-pipelines", {"pipeline_id": pipeline}),
            ("get-jobs", {"job_id": job}),
            ("get-jobs", {"flow_id": flow}),
            ("export-pipelines", {"pipeline_ids": [pipeline]}),
            ("config-patch-list", {"flow_id": flow, "flow_step_id": step}),
            ("get-flow-health", {"flow_id": flow}),
        ):
            answers.append(((who, name, given), ability(php, who, name, **given)))
        for line in (
            ("flows", "get", str(flow), "--format=json"),
            ("flows", "list", f"--id={flow}", "--format=json"),
            ("flows", "queue", "list", str(flow), f"--step={step}", "--format=json"),
            ("flows", "list-handlers", str(flow), "--format=json"),
            ("pipelines", "get", str(pipeline), "--format=json"),
            ("jobs", "show", str(job), "--format=json"),
            ("jobs", "list", f"--flow={flow}", "--format=json"),
        ):
            answers.append(((who, *line), lab.command(who, *line)))
        csv = lab.answer(who, "GET", f"/wp-json/datamachine/v1/pipelines?format=csv&ids={pipeline}")
        answers.append(((who, "csv"), doors.Answer(str(csv.status), csv.text)))
    # What answers to changes.
    for method, path, given in (
        ("PATCH", f"/flows/{flow}", {"flow_name": "Another"}),
        ("POST", f"/flows/{flow}/pause", {}),
        ("POST", f"/flows/{flow}/resume", {}),
        ("PATCH", f"/flows/steps/{step}/config", {"handler_config": {"max_items": 2}}),
        ("POST", f"/flows/{flow}/duplicate", {}),
    ):
        answers += [((method, path, door), said) for door, said in lab.rest("mallory", method, path, given)]
    for asked, said in answers:
        assert said.result.startswith(("200", "0")), (asked, said)
        told = [name for name, secret in SECRETS.items() if secret in said.text]
        assert not told, (asked, told, said.text[:2000])
    logged = lab.rows("SELECT message, context FROM {datamachine_logs} ORDER BY id DESC LIMIT 400")
    assert [name for name, secret in SECRETS.items() if secret in str(logged)] == []


def test_what_is_sent_back_masked_is_unchanged(lab: Lab, confident: Any) -> None:
    """A client reads a flow, changes its name and schedule, and sends everything back."""
    flow, step = confident.flow_id, confident.step
    path = f"/flows/{flow}"
    for _, answer in lab.rest("mallory", "GET", path):
        read = json.loads(answer.text)["data"]
        given = {
            "flow_name": "Sent back",
            "scheduling_config": {**read["scheduling_config"], "interval": "daily"},
        }
        for door, said in lab.rest("mallory", "PATCH", path, given):
            assert said.result == "200", (door, said)
        config = read["flow_config"][step]["handler_config"]
        for door, said in lab.rest(
            "mallory",
            "PATCH",
            f"/flows/steps/{step}/config",
            {"handler_config": {"feed_url": config["feed_url"]}},
        ):
            assert said.result == "200", (door, said)
    row = lab.rows("SELECT * FROM {datamachine_flows} WHERE flow_id = :id", id=flow)[0]
    for name, secret in SECRETS.items():
        assert secret in row["flow_config"] + row["scheduling_config"], name


# Texts that mean something elsewhere


def test_wildcards_find_nothing(lab: Lab, php: doors.AbilitiesPhp) -> None:
    for search in ("%", "_", "%%", "\\", "' OR '1'='1", "\\%"):
        for name, given in (("get-pipelines", {"search": search}), ("get-jobs", {"status": search})):
            answer = ability(php, "mallory", name, **given)
            assert lab.mine.secret not in answer.text, (name, search)
            assert lab.theirs.secret not in answer.text, (name, search)
    for path in ("/jobs?status=%25", "/pipelines?search=%25", "/jobs?status=p_ocessing"):
        for door, answer in lab.rest("mallory", "GET", path):
            assert lab.mine.secret not in answer.text, (door, path)


def test_items_of_a_flow_are_not_those_of_another_that_ends_like_it(
    lab: Lab, php: doors.AbilitiesPhp
) -> None:
    """``_`` is any character to LIKE: flow 1 is no flow 11, and ``x1`` is none of flow 1."""
    flow = lab.mine.flow_id
    others = [f"{pipeline_step(lab.mine.step)}_1{flow}", f"{pipeline_step(lab.mine.step)}x{flow}"]
    with lab.runtime.db.session() as session:
        for step in (lab.mine.step, *others):
            item = {"flow_step_id": step, "source_type": "wild", "item_identifier": "one", "job_id": 0}
            session.insert(lab.runtime.db.tables().name("datamachine_processed_items"), item)
    answer = ability(php, "mallory", "clear-processed-items", clear_type="flow", target_id=flow)
    assert answer.result == "200", answer
    left = lab.rows("SELECT flow_step_id FROM {datamachine_processed_items} WHERE source_type = 'wild'")
    assert sorted(row["flow_step_id"] for row in left) == sorted(others)
    lab.rows_deleted("datamachine_processed_items", source_type="wild")


def test_an_export_is_no_formula(lab: Lab, php: doors.AbilitiesPhp) -> None:
    for name in ("=1+cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"):
        made = ability(php, "mallory", "create-pipeline", pipeline_name=name)
        pipeline = json.loads(made.text)["pipeline_id"]
        said = json.loads(ability(php, "mallory", "export-pipelines", pipeline_ids=[pipeline]).text)
        text = said["data"]
        for cell in text.replace("\r", "\n").replace("\n", ",").split(","):
            assert not cell.strip('" \t').startswith(("=", "+", "-", "@")), (name, cell)
        ability(php, "mallory", "delete-pipeline", pipeline_id=pipeline)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "php://filter/resource=/etc/passwd",
        "gopher://127.0.0.1:25/",
        "data:text/xml,<rss/>",
        "ftp://127.0.0.1/etc/passwd",
        "/etc/passwd",
        "http:///etc/passwd",
        "jar:file:///etc/passwd",
    ],
)
def test_no_handler_reads_the_servers_files(lab: Lab, php: doors.AbilitiesPhp, address: str) -> None:
    for slug, config in (
        ("rss", {"feed_url": address}),
        ("wordpress_api", {"endpoint_url": address}),
        ("wordpress_posts", {"source_url": address}),
        ("files", {"uploaded_files": [{"original_name": "x.txt", "persistent_path": "/etc/passwd"}]}),
    ):
        answer = ability(php, "mallory", "test-handler", handler_slug=slug, config=config, limit=1)
        assert "root:" not in answer.text, (slug, address)
        assert not answer.result.startswith("5"), (slug, address, answer)


# Odd requests

PATHS = (
    "/pipelines/0",
    "/pipelines/99999999999999999999",
    "/pipelines/1e3",
    "/pipelines/-1",
    "/pipelines/..%2f..%2fwp-config",
    "/pipelines/1%00",
    "/flows/0",
    "/flows/18446744073709551616",
    "/flows/steps/%2e%2e/config",
    "/flows/steps/..%2f..%2f1_2/config",
    "/flows/steps/1/config",
    "/flows/steps/_/config",
    "/flows/steps/1_2_3_4_5/config",
    "/jobs/0",
    "/jobs/99999999999999999999",
    "/jobs?per_page=99999999",
    "/jobs?offset=-1",
    "/jobs?orderby=engine_data;DROP",
    "/jobs?order=sideways",
    "/pipelines?fields=engine_data,pipeline_name;--",
    "/pipelines?ids=1,2,x,%27",
    "/handlers/..%2frss",
    "/handlers/nobody",
    "/step-types/nobody",
)


def test_odd_addresses_are_refused_and_not_stumbled_over(lab: Lab) -> None:
    for path in PATHS:
        for door, answer in lab.rest("mallory", "GET", path):
            assert not answer.result.startswith("5"), (door, path, answer)
            assert "SQL" not in answer.text, (door, path)


def bodies(lab: Lab) -> Iterator[tuple[str, str, Any]]:
    """Requests on what is mallory's that are too large, too deep or of the wrong kind."""
    flow, step, pipeline = lab.mine.flow_id, lab.mine.writer, lab.mine.pipeline_id
    deep: Any = "x"
    for _ in range(400):
        deep = {"a": deep}
    large = "x" * 200_000
    yield "POST", "/pipelines", {"pipeline_name": large}
    yield "POST", "/pipelines", {"pipeline_name": ["a"]}
    yield "POST", "/pipelines", {"pipeline_name": "deep", "steps": [{"step_type": {"a": 1}}]}
    yield "POST", "/pipelines", {"pipeline_name": "odd", "steps": "[{]"}
    yield "PATCH", f"/pipelines/{pipeline}", {"pipeline_name": large}
    yield "POST", "/flows", {"pipeline_id": pipeline, "flow_name": large}
    yield "PATCH", f"/flows/{flow}", {"flow_name": large}
    yield "PATCH", f"/flows/{flow}", {"scheduling_config": {"interval": {"a": 1}}}
    yield (
        "PATCH",
        f"/flows/{flow}",
        {"scheduling_config": {"interval": "cron", "cron_expression": "* " * 9000}},
    )
    yield "PATCH", f"/flows/{flow}", {"scheduling_config": {"interval": "one_time", "timestamp": 10**30}}
    yield "POST", f"/flows/{flow}/queue", {"flow_step_id": step, "prompts": [{"a": 1}, None, 5]}
    yield "PUT", f"/flows/{flow}/queue/99999999", {"flow_step_id": step, "prompt": "x"}
    yield "PATCH", f"/flows/steps/{lab.mine.step}/config", {"handler_config": deep}
    yield "PATCH", f"/flows/steps/{lab.mine.step}/config", {"handler_slug": large}
    yield "POST", "/execute", {}
    yield "POST", "/execute", {"workflow": {"steps": []}}
    yield "POST", "/execute", {"workflow": {"steps": [{"type": large}]}}
    yield "POST", "/execute", {"flow_id": flow, "workflow": {"steps": [{"type": "ai"}]}}
    yield "POST", "/execute", {"flow_id": flow, "count": 10**9}
    yield "POST", "/execute", {"flow_id": flow, "timestamp": 10**30}
    yield "DELETE", "/jobs", {"type": "everything"}
    yield "DELETE", "/processed-items", {"clear_type": "all", "target_id": 0}


def test_large_and_odd_bodies_are_refused(lab: Lab) -> None:
    before = rows_of(lab, lab.mine)
    for method, path, given in bodies(lab):
        for door, answer in lab.rest("mallory", method, path, given):
            assert refused(answer), (door, method, path, str(given)[:100], answer.result, answer.text[:300])
    assert rows_of(lab, lab.mine) == before
