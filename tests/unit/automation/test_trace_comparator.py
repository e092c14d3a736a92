"""The comparator of traces sees every event that is missing, added, moved or changed."""

from __future__ import annotations

import copy

import pytest

from tests.trace import pattern
from tests.trace.sample import Filler

FLOWS = ("success", "failure")


def recorded(name: str) -> tuple[dict, dict]:
    expected = pattern.load(name)
    return expected, Filler().fill(copy.deepcopy(expected))


@pytest.mark.parametrize("name", FLOWS)
def test_a_faithful_recording_passes(name):
    expected, found = recorded(name)
    pattern.match_run(expected, found, pattern.Names())


def test_each_event_left_out_is_noticed():
    left_out = 0
    for name in FLOWS:
        expected, found = recorded(name)
        for stage in range(len(expected["stages"])):
            for index in range(len(expected["stages"][stage]["events"])):
                shorter = copy.deepcopy(found)
                gone = shorter["stages"][stage]["events"].pop(index)
                with pytest.raises(pattern.Mismatch):
                    pattern.match_run(expected, shorter, pattern.Names())
                assert gone
                left_out += 1
    assert left_out > 120


def test_each_expected_event_deleted_is_noticed():
    for name in FLOWS:
        expected, found = recorded(name)
        for stage in range(len(expected["stages"])):
            for index in range(len(expected["stages"][stage]["events"])):
                shorter = copy.deepcopy(expected)
                del shorter["stages"][stage]["events"][index]
                with pytest.raises(pattern.Mismatch):
                    pattern.match_run(shorter, found, pattern.Names())


@pytest.mark.parametrize("table", list(pattern.load("success")["rows"]))
def test_a_changed_row_is_noticed(table):
    expected, found = recorded("success")
    rows = found["rows"][table]
    row = rows[-1] if isinstance(rows, list) else rows
    for column, value in row.items():
        row[column] = "something else" if value is None else None
        with pytest.raises(pattern.Mismatch):
            pattern.match_run(expected, found, pattern.Names())
        row[column] = value


def test_an_id_must_stay_the_same():
    expected, found = recorded("success")
    logged = next(one for one in found["stages"][0]["events"] if one["hook"] == "datamachine_log")
    logged["args"][2]["job_id"] += 1
    with pytest.raises(pattern.Mismatch, match="job"):
        pattern.match_run(expected, found, pattern.Names())


def test_engine_data_is_compared_as_text():
    expected, found = recorded("failure")
    stage = found["stages"][1]
    stage["engine_data"] = stage["engine_data"].replace(":", ": ", 1)
    with pytest.raises(pattern.Mismatch, match="engine_data"):
        pattern.match_run(expected, found, pattern.Names())
