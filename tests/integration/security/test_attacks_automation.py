"""Attempts on somebody else's pipelines, flows, queues and jobs, by ids in requests of one's own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.integration.security.lab import Lab, ability
from tests.matrix import doors

pytestmark = pytest.mark.usefixtures("unharmed", "no_failures")

#: Stands in no text that anybody but the attacker wrote.
PLANTED = "planted by mallory"


def refused(answer: doors.Answer) -> bool:
    """Refused, and not by falling over: 4xx, or an ability that says that it did not."""
    assert "rest_no_route" not in answer.result, answer
    assert "internal" not in answer.result, answer
    return answer.result.startswith(("4", "200 false"))


def pipeline_step(step: str) -> str:
    return step.rpartition("_")[0]


def rows_of(lab: Lab, agent: Any) -> dict[str, Any]:
    """Pipeline and flow of an agent, without the times of their rows."""
    found = {
        place: lab.rows(f"SELECT * FROM {{{place}}} WHERE agent_id = :agent", agent=agent.agent_id)
        for place in ("datamachine_pipelines", "datamachine_flows")
    }
    for rows in found.values():
        for row in rows:
            row.pop("updated_at", None)
    return found


# Ids that lead elsewhere


def wrong_steps(lab: Lab) -> list[str]:
    """Ids of flow steps that name no step of mallory's flow."""
    mine, their = lab.mine, lab.theirs
    return [
        their.step,
        f"{pipeline_step(mine.step)}_{their.flow_id}",
        f"{pipeline_step(their.step)}_{mine.flow_id}",
        f"{mine.step}_{their.flow_id}",
        f"{mine.step}_0",
        f"x{mine.step}",
        "memory_files",
        "0",
        "a" * 5000,
    ]


def test_a_step_of_another_flow_is_no_step_of_ones_own(lab: Lab) -> None:
    before = rows_of(lab, lab.mine)
    places = [(lab.mine.flow_id, step) for step in wrong_steps(lab)]
    places.append((lab.theirs.flow_id, lab.theirs.writer))
    for flow, step in places:
        given = {"flow_step_id": step}
        requests: list[tuple[str, str, dict[str, Any]]] = [
            ("GET", f"/flows/{flow}/queue?flow_step_id={step}", {}),
            ("POST", f"/flows/{flow}/queue", given | {"prompt": PLANTED}),
            ("POST", f"/flows/{flow}/queue", given | {"prompts": [PLANTED]}),
            ("DELETE", f"/flows/{flow}/queue", given),
            ("PUT", f"/flows/{flow}/queue/0", given | {"prompt": PLANTED}),
            ("DELETE", f"/flows/{flow}/queue/0", given),
            ("PUT", f"/flows/{flow}/queue/mode", given | {"mode": "drain"}),
            ("PATCH", f"/flows/steps/{step}/config", {"handler_config": {"search": PLANTED}}),
            ("PATCH", f"/flows/steps/{step}/user-message", {"user_message": PLANTED}),
            (
                "PUT",
                f"/flows/steps/{step}/handler",
                {"handler_slug": "rss", "pipeline_id": lab.mine.pipeline_id, "step_type": "fetch"},
            ),
        ]
        for method, path, body in requests:
            for door, answer in lab.rest("mallory", method, path, body):
                assert refused(answer), (door, method, path[:80], body, answer)
                assert lab.theirs.secret not in answer.text
    assert rows_of(lab, lab.mine) == before


def test_abilities_take_no_step_of_another_flow(lab: Lab, php: doors.AbilitiesPhp) -> None:
    mine = lab.mine
    before = rows_of(lab, mine)
    places = [(mine.flow_id, step) for step in wrong_steps(lab)]
    for flow, step in [*places, (lab.theirs.flow_id, lab.theirs.writer)]:
        at = {"flow_id": flow, "flow_step_id": step}
        for name, given in {
            "queue-add": at | {"prompt": PLANTED, "skip_validation": True},
            "queue-list": at,
            "queue-clear": at,
            "queue-remove": at | {"index": 0},
            "queue-update": at | {"index": 0, "prompt": PLANTED},
            "queue-move": at | {"from_index": 0, "to_index": 1},
            "queue-mode": at | {"mode": "loop"},
            "config-patch-add": at | {"patch": {"search": PLANTED}},
            "config-patch-list": at,
            "config-patch-clear": at,
            "config-patch-update": at | {"index": 0, "patch": {"search": PLANTED}},
            "update-flow-step": {"flow_step_id": step, "handler_config": {"search": PLANTED}},
        }.items():
            answer = ability(php, "mallory", name, **given)
            assert refused(answer), (name, step[:80], answer)
            assert lab.theirs.secret not in answer.text, name
    assert rows_of(lab, mine) == before


def test_a_pipelines_step_of_somebody_else_is_not_reached_through_ones_own(
    lab: Lab, php: doors.AbilitiesPhp
) -> None:
    mine, their = lab.mine, lab.theirs
    theirs, own = pipeline_step(their.step), pipeline_step(mine.step)
    before = rows_of(lab, mine)
    order = [{"pipeline_step_id": theirs, "execution_order": 0}, {"pipeline_step_id": own}]
    forged = f"{mine.pipeline_id}_{theirs.partition('_')[2]}"
    requests = [
        ("DELETE", f"/pipelines/{mine.pipeline_id}/steps/{theirs}", {}),
        ("DELETE", f"/pipelines/{mine.pipeline_id}/steps/{forged}", {}),
        ("PUT", f"/pipelines/{mine.pipeline_id}/steps/reorder", {"step_order": order}),
        ("PATCH", f"/pipelines/steps/{theirs}/system-prompt", {"system_prompt": PLANTED}),
        ("PATCH", f"/pipelines/steps/{forged}/system-prompt", {"system_prompt": PLANTED}),
        (
            "PUT",
            f"/pipelines/steps/{theirs}/config",
            {"step_type": "ai", "pipeline_id": mine.pipeline_id, "system_prompt": PLANTED},
        ),
        (
            "PATCH",
            f"/pipelines/steps/{own}/config",
            {"step_type": "ai", "pipeline_id": their.pipeline_id, "system_prompt": PLANTED},
        ),
    ]
    for method, path, body in requests:
        for door, answer in lab.rest("mallory", method, path, body):
            assert refused(answer), (door, method, path, answer)
    for name, given in {
        "delete-pipeline-step": {"pipeline_id": mine.pipeline_id, "pipeline_step_id": theirs},
        "reorder-pipeline-steps": {"pipeline_id": mine.pipeline_id, "step_order": order},
        "update-pipeline-step": {"pipeline_step_id": theirs, "system_prompt": PLANTED},
        "get-pipeline-steps": {"pipeline_step_id": theirs},
    }.items():
        answer = ability(php, "mallory", name, **given)
        assert refused(answer), (name, answer)
        assert their.secret not in answer.text
    assert rows_of(lab, mine) == before


def test_nothing_is_put_into_what_is_somebody_elses(lab: Lab, php: doors.AbilitiesPhp) -> None:
    """Nor is theirs copied into what is one's own, and of several at once none is done."""
    mine, their = lab.mine, lab.theirs
    both = [
        {"pipeline_id": mine.pipeline_id, "flow_name": PLANTED},
        {"pipeline_id": their.pipeline_id, "flow_name": PLANTED},
    ]
    attempts = {
        "create-flow": [
            {"pipeline_id": their.pipeline_id, "flow_name": PLANTED},
            {"pipeline_id": mine.pipeline_id, "agent_id": their.agent_id, "flow_name": PLANTED},
        ],
        "duplicate-flow": [
            {"source_flow_id": their.flow_id, "target_pipeline_id": mine.pipeline_id},
            {"source_flow_id": mine.flow_id, "target_pipeline_id": their.pipeline_id},
            {"source_flow_id": their.flow_id},
        ],
        "create-pipeline": [{"pipeline_name": PLANTED, "agent_id": their.agent_id}],
        "duplicate-pipeline": [
            {"pipeline_id": their.pipeline_id},
            {"pipeline_id": mine.pipeline_id, "agent_id": their.agent_id},
        ],
        "import-pipelines": [{"data": "pipeline_name\nx", "agent_id": their.agent_id}],
        "pause-flow": [{"flow_id": their.flow_id}],
        "schedule-flow": [{"flow_id": their.flow_id, "interval_or_timestamp": "hourly"}],
        "update-flow": [{"flow_id": their.flow_id, "scheduling_config": {"interval": "hourly"}}],
        "configure-flow-steps": [
            {"pipeline_id": their.pipeline_id, "handler_config": {"search": PLANTED}},
            {"updates": [{"flow_id": their.flow_id, "step_configs": {"fetch": {"handler_slug": "rss"}}}]},
            {
                "pipeline_id": mine.pipeline_id,
                "flow_configs": [{"flow_id": their.flow_id, "handler_config": {"search": PLANTED}}],
            },
        ],
        "export-pipelines": [{"pipeline_ids": [their.pipeline_id]}],
        "retry-job": [{"job_id": their.failed_id}, {"job_id": their.failed_id, "force": True}],
        "cancel-job": [{"job_id": their.job_id}],
        "fail-job": [{"job_id": their.job_id}],
        "undo-job": [{"job_id": their.job_id, "force": True}],
        "clear-processed-items": [
            {"clear_type": "flow", "target_id": their.flow_id},
            {"clear_type": "pipeline", "target_id": their.pipeline_id},
        ],
        "processed-items-find-stale": [
            {
                "flow_step_id": their.step,
                "source_type": "rss",
                "candidate_identifiers": [their.secret],
                "max_age_days": 1,
            }
        ],
    }
    before = rows_of(lab, mine)
    for who in ("mallory", "reader"):
        for name, given in attempts.items():
            for each in given:
                answer = ability(php, who, name, **each)
                seen = who == "reader" and name in {"export-pipelines", "processed-items-find-stale"}
                assert refused(answer) or seen, (who, name, each, answer)
                assert seen or their.secret not in answer.text.replace(str(each), ""), (who, name)
    answer = ability(php, "mallory", "create-flow", flows=both)
    assert their.secret not in answer.text
    assert not lab.rows(
        "SELECT * FROM {datamachine_flows} WHERE pipeline_id = :id AND flow_name = :name",
        id=their.pipeline_id,
        name=PLANTED,
    )
    lab.rows_deleted("datamachine_flows", flow_name=PLANTED)
    assert rows_of(lab, mine) == before


@pytest.fixture
def stuck(lab: Lab) -> Iterator[None]:
    """The victim's job has not moved for years."""
    job = lab.state()["datamachine_jobs"][str(lab.theirs.job_id)]
    tables = lab.runtime.db.tables()

    def since(moment: Any) -> None:
        with lab.runtime.db.session() as session:
            session.update(tables.jobs, {"created_at": moment}, {"job_id": job["job_id"]})

    since("2020-01-01 00:00:00")
    yield
    since(job["created_at"])


@pytest.mark.usefixtures("stuck")
def test_all_flows_means_all_of_ones_own(lab: Lab, php: doors.AbilitiesPhp) -> None:
    """Bulk settings, pausing and resuming by agent and pipeline, recovering, and reports."""
    their = lab.theirs
    before = lab.belongings(their)
    shared = {"step_type": "fetch", "handler_slug": "rss", "handler_config": {"search": PLANTED}}
    for given in ({"all_flows": True}, {"global_scope": True}):
        ability(php, "mallory", "configure-flow-steps", **given, **shared)
    for scope in ({"agent_id": their.agent_id}, {"pipeline_id": their.pipeline_id}):
        for verb in ("pause", "resume"):
            for door, answer in lab.rest("mallory", "POST", f"/flows/{verb}", scope):
                assert refused(answer), (door, verb, scope, answer)
    answers = [
        ability(php, "mallory", "recover-stuck-jobs", timeout_hours=1),
        ability(php, "mallory", "recover-stuck-jobs", flow_id=their.flow_id, timeout_hours=1),
        lab.command("mallory", "jobs", "recover-stuck", "--timeout=1"),
        ability(php, "mallory", "report-stuck-jobs", minutes=1),
        ability(php, "mallory", "get-problem-flows", threshold=1),
        ability(php, "mallory", "get-flow-health", flow_id=their.flow_id),
        ability(php, "mallory", "reconcile-flow-schedules"),
        lab.command("mallory", "jobs", "stuck", "--minutes=1", "--all", "--format=json"),
        lab.command("mallory", "batch", "list", "--format=json"),
        lab.command("mallory", "processed-items", "cleanup-orphans", "--yes"),
        lab.command("mallory", "processed-items", "audit", "--format=json"),
    ]
    for path in ("/jobs/stuck?minutes=1&all=1", "/flows/problems?threshold=1"):
        answers += [answer for _, answer in lab.rest("mallory", "GET", path)]
    for answer in answers:
        assert "internal" not in answer.result, answer
        assert their.secret not in answer.text, answer
        assert f'"{their.job_id}"' not in answer.text, answer
        assert f'"job_id":{their.job_id},' not in answer.text.replace(" ", ""), answer
    assert lab.belongings(their) == before


def test_counts_are_of_what_one_may_see(lab: Lab, php: doors.AbilitiesPhp) -> None:
    def counted() -> list[Any]:
        said = [json.loads(ability(php, "mallory", "get-jobs-summary").text)]
        for path in ("/jobs/summary", "/jobs?per_page=1", "/pipelines?per_page=1", "/flows?per_page=1"):
            said += [
                (path, totals(json.loads(answer.text))) for _, answer in lab.rest("mallory", "GET", path)
            ]
        return said

    before = counted()
    with lab.runtime.db.session() as session:
        job = {"agent_id": lab.theirs.agent_id, "status": "completed", "label": "uncounted"}
        session.insert(lab.runtime.db.tables().jobs, {**job, "pipeline_id": None, "flow_id": None})
    try:
        assert counted() == before
    finally:
        lab.rows_deleted("datamachine_jobs", label="uncounted")


def totals(answer: Mapping[str, Any]) -> Any:
    return answer.get("total", answer.get("data") if "summary" in str(answer) else None)
