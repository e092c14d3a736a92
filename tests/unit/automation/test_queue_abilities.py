"""The abilities on queues: what is taken for a position."""

from __future__ import annotations

import pytest

from sidecar.automation.queues import ability_declarations as names
from sidecar.automation.queues import duplicates
from sidecar.automation.queues.abilities import callbacks
from sidecar.automation.queues.duplicates import Question
from sidecar.automation.queues.entries import PROMPTS, Queue
from sidecar.errors import Unavailable
from sidecar.identity import Principal
from sidecar.queue import LeaseLost

WHO = Principal.command_line()


class Service:
    """Remembers which positions it was asked for."""

    def __init__(self):
        self.asked = []

    def remove(self, _principal, flow_id, step_id, index, _slot):
        self.asked.append(index)
        return Queue(flow_id, step_id, PROMPTS, "static", []), "gone"

    def move(self, _principal, flow_id, step_id, start, end, _slot):
        self.asked += [start, end]
        return Queue(flow_id, step_id, PROMPTS, "static", [])


@pytest.mark.parametrize("index", [-1, "-1", 1.0, "1.5", "+1", "first", None, True, [1]])
def test_what_is_no_position_is_not_the_first(index):
    service = Service()
    abilities = callbacks(service, None)
    place = {"flow_id": 1, "flow_step_id": "1_a_1"}
    for name, given in (
        (names.REMOVE, {"index": index}),
        (names.UPDATE, {"index": index, "prompt": "x"}),
        (names.MOVE, {"from_index": 0, "to_index": index}),
        (names.PATCH_REMOVE, {"index": index}),
        (names.PATCH_UPDATE, {"index": index, "patch": {"a": 1}}),
    ):
        assert abilities[name](WHO, place | given)["success"] is False
    assert service.asked == []


def test_positions_come_as_numbers_or_as_text():
    service = Service()
    abilities = callbacks(service, None)
    place = {"flow_id": 1, "flow_step_id": "1_a_1"}
    assert abilities[names.REMOVE](WHO, place | {"index": "2"})["success"]
    assert abilities[names.MOVE](WHO, place | {"from_index": 3, "to_index": 0})["success"]
    assert service.asked == [2, 3, 0]


def raises(error):
    def strategy(_given):
        raise error

    return strategy


@pytest.mark.parametrize("error", [KeyError("post"), Unavailable("Its own service is away.")])
def test_a_strategy_that_fails_has_no_say(error):
    found = [("broken", raises(error)), ("second", lambda _given: {"verdict": "duplicate", "match": 7})]
    verdict = duplicates._asked(found, "A title", Question())
    assert verdict is not None
    assert (verdict.strategy, verdict.match) == ("second", 7)


def test_a_worker_that_lost_its_job_asks_nobody_else():
    with pytest.raises(LeaseLost):
        duplicates._asked([("one", raises(LeaseLost("Taken over.")))], "A title", Question())
