"""One job in a real WordPress, done by a real worker, compared with what Data Machine was seen to do."""

from __future__ import annotations

import copy
import json

import pytest

from sidecar.identity.agents import AgentsRepository
from tests.trace import pattern, record

RUNS = ("failure", "success", "fanout", "ephemeral")


@pytest.fixture(scope="module")
def recordings(site_for_traces):
    """Every run once, in the order of the oracle."""
    recording, built = site_for_traces
    agent = built.get(AgentsRepository).all()[0]
    known = {f"item_{n}": str(post) for n, post in enumerate(recording.posts, 1)}
    known |= {"home": recording.home, "home_json": recording.home.replace("/", "\\/")}
    known |= {"site_name": "Data Machine", "provider": "mock", "model": "mock-1"}
    known |= {"owner": str(agent.owner_id), "agent": str(agent.agent_id)}

    def named(flow):
        names = pattern.Names({**known, "flow": str(flow.flow_id), "pipeline": str(flow.pipeline_id)})
        for step in flow.steps():
            names.bound[step["step_type"]] = step["flow_step_id"]
            names.bound[f"{step['step_type']}_step"] = step["pipeline_step_id"]
        return names

    # The failure first: it gives its item back, so that the success meets the same five posts.
    failing, flow = record.failure_flow(built), record.success_flow(built, agent.agent_id)
    found = {
        "failure": (recording.record(built, failing, 2), named(failing)),
        "success": (recording.record(built, flow, 3), named(flow)),
    }
    record.take_three(built, flow)
    found["fanout"] = recording.record(built, flow, 8), named(flow)
    found["ephemeral"] = recording.record_workflow(built, record.workflow(), 3), pattern.Names(known)
    return found


@pytest.mark.parametrize("name", RUNS)
def test_the_job_does_what_data_machine_does(recordings, name):
    recorded, names = recordings[name]
    pattern.match_run(pattern.load(name), recorded, copy.deepcopy(names))


@pytest.mark.parametrize("name", RUNS)
def test_no_event_can_be_left_out(recordings, name):
    recorded, names = recordings[name]
    for stage in range(len(recorded["stages"])):
        events = pattern.collapse(recorded["stages"][stage]["events"])
        for index in range(len(events)):
            shorter = copy.deepcopy(recorded)
            shorter["stages"][stage]["events"] = events[:index] + events[index + 1 :]
            with pytest.raises(pattern.Mismatch):
                pattern.match_run(pattern.load(name), shorter, copy.deepcopy(names))


def test_each_new_job_is_told_of_and_its_snapshot_offered(recordings):
    later = [
        (name, event["hook"], event["args"][0] if event["kind"] == "action" else event["args"][1])
        for name in ("success", "fanout")
        for stage in recordings[name][0]["stages"]
        for event in stage["events"]
        if event["hook"] in pattern.LATER
    ]
    jobs = {
        name: [row["job_id"] for row in recordings[name][0]["rows"]["jobs"]] for name in ("success", "fanout")
    }
    assert later == [(name, hook, job) for name, ids in jobs.items() for job in ids for hook in pattern.LATER]


def test_children_carry_what_their_packet_says_and_their_parents_flow(recordings):
    parent, *children = recordings["fanout"][0]["rows"]["jobs"]
    document = json.loads(parent["engine_data"])
    assert document["batch_results"] == {"completed": 1, "failed": 1, "skipped": 1, "total": 3}
    assert "batch_state" not in document
    for child in children:
        carried = json.loads(child["engine_data"])
        assert not [key for key in carried if key.startswith("batch")]
        assert carried["flow_config"] == document["flow_config"]
        assert carried["job"]["parent_job_id"] == parent["job_id"]
