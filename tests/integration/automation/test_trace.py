"""One job in a real WordPress, done by a real worker, compared with what Data Machine was seen to do."""

from __future__ import annotations

import copy

import pytest

from sidecar.identity.agents import AgentsRepository
from tests.trace import pattern, record


@pytest.fixture(scope="module")
def recordings(site_for_traces):
    """Both flows, recorded once."""
    recording, built = site_for_traces
    agent = built.get(AgentsRepository).all()[0]
    known = {f"item_{n}": str(post) for n, post in enumerate(recording.posts, 1)}
    known |= {"home": recording.home, "home_json": recording.home.replace("/", "\\/")}
    known |= {"site_name": "Data Machine", "provider": "mock", "model": "mock-1"}
    known |= {"owner": str(agent.owner_id), "agent": str(agent.agent_id)}
    found = {}
    # The failure first: it gives its item back, so that the success meets the same five posts.
    for name, flow, steps in (
        ("failure", record.failure_flow(built), 2),
        ("success", record.success_flow(built, agent.agent_id), 3),
    ):
        names = pattern.Names({**known, "flow": str(flow.flow_id), "pipeline": str(flow.pipeline_id)})
        for step in flow.steps():
            names.bound[step["step_type"]] = step["flow_step_id"]
            names.bound[f"{step['step_type']}_step"] = step["pipeline_step_id"]
        found[name] = (recording.record(built, flow, steps), names)
    return found


@pytest.mark.parametrize("name", ["success", "failure"])
def test_the_job_does_what_data_machine_does(recordings, name):
    recorded, names = recordings[name]
    pattern.match_run(pattern.load(name), recorded, copy.deepcopy(names))


@pytest.mark.parametrize("name", ["success", "failure"])
def test_no_event_can_be_left_out(recordings, name):
    recorded, names = recordings[name]
    for stage in range(len(recorded["stages"])):
        events = pattern.collapse(recorded["stages"][stage]["events"])
        for index in range(len(events)):
            shorter = copy.deepcopy(recorded)
            shorter["stages"][stage]["events"] = events[:index] + events[index + 1 :]
            with pytest.raises(pattern.Mismatch):
                pattern.match_run(pattern.load(name), shorter, copy.deepcopy(names))
