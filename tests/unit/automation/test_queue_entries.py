"""Editing a queue inside a step."""

from __future__ import annotations

import pytest

from sidecar.automation.engine.engine_data import EngineData
from sidecar.automation.queues import backups, entries
from sidecar.automation.queues.entries import PATCHES, PROMPTS
from sidecar.automation.queues.patches import patch_of
from sidecar.errors import InvalidInput


@pytest.fixture
def step():
    held = [{"prompt": name, "added_at": f"2026-01-0{at}"} for at, name in enumerate("abcd", start=1)]
    return {"step_type": "ai", "queue_mode": "drain", PROMPTS: held}


def held(step):
    return "".join(one["prompt"] for one in step[PROMPTS])


def test_entries_are_added_at_the_end(step):
    entries.add(step, PROMPTS, [entries.entry(PROMPTS, "e", "now")])
    assert held(step) == "abcde"
    assert step[PROMPTS][-1] == {"prompt": "e", "added_at": "now"}
    fetch = {}
    entries.add(fetch, PATCHES, [entries.entry(PATCHES, {"x": 1}, "now")])
    assert fetch == {PATCHES: [{"patch": {"x": 1}, "added_at": "now"}]}


def test_a_queue_has_an_end(step, monkeypatch):
    monkeypatch.setattr(entries, "MOST", 4)
    with pytest.raises(InvalidInput, match="at most 4 items"):
        entries.add(step, PROMPTS, [entries.entry(PROMPTS, "e", "now")])
    assert held(step) == "abcd"


@pytest.mark.parametrize(
    ("start", "end", "after"),
    [(0, 1, "bacd"), (0, 3, "bcda"), (3, 0, "dabc"), (2, 2, "abcd"), (1, 2, "acbd")],
)
def test_an_entry_moves_to_the_index_it_has_afterwards(step, start, end, after):
    entries.move(step, PROMPTS, start, end)
    assert held(step) == after


def test_the_entry_of_an_index_is_taken_out(step):
    assert entries.remove(step, PROMPTS, 1)["prompt"] == "b"
    assert held(step) == "acd"
    assert entries.clear(step, PROMPTS) == 3
    assert step[PROMPTS] == []
    assert entries.clear(step, PROMPTS) == 0


@pytest.mark.parametrize(
    "work",
    [
        lambda step: entries.remove(step, PROMPTS, 77),
        lambda step: entries.update(step, PROMPTS, 77, "x", "now"),
        lambda step: entries.move(step, PROMPTS, 0, 77),
        lambda step: entries.move(step, PROMPTS, 77, 0),
    ],
)
def test_an_index_that_is_not_there_changes_nothing(step, work):
    with pytest.raises(InvalidInput, match=r"^Index 77 is out of range\. Queue has 4 item\(s\)\.$"):
        work(step)
    assert held(step) == "abcd"
    with pytest.raises(InvalidInput, match="Index -1"):
        entries.remove(step, PROMPTS, -1)


def test_an_entry_keeps_its_time_and_whatever_else_it_holds(step):
    step[PROMPTS][1]["by"] = "somebody"
    assert entries.update(step, PROMPTS, 1, "x", "now")
    assert step[PROMPTS][1] == {"prompt": "x", "added_at": "2026-01-02", "by": "somebody"}
    with pytest.raises(InvalidInput, match="remove it instead"):
        entries.update(step, PROMPTS, 1, "", "now")


def test_index_0_of_an_empty_queue_makes_an_entry():
    step = {"step_type": "ai", PROMPTS: []}
    assert not entries.update(step, PROMPTS, 0, "", "now")
    assert step[PROMPTS] == []
    assert entries.update(step, PROMPTS, 0, "x", "now")
    assert step[PROMPTS] == [{"prompt": "x", "added_at": "now"}]
    with pytest.raises(InvalidInput, match=r"Queue has 0 item\(s\)"):
        entries.update({PROMPTS: []}, PROMPTS, 1, "x", "now")


def test_modes(step):
    assert entries.mode(step) == "drain"
    assert entries.mode({}) == entries.mode({"queue_mode": "bogus"}) == "static"
    entries.set_mode(step, "loop")
    assert step["queue_mode"] == "loop"
    with pytest.raises(InvalidInput, match="one of: drain, loop, static"):
        entries.set_mode(step, "bogus")


def test_a_standing_prompt_is_the_only_one_and_stays(step):
    entries.stand(step, "Always this.", "now")
    assert (step[PROMPTS], step["queue_mode"]) == ([{"prompt": "Always this.", "added_at": "now"}], "static")
    entries.stand(step, "", "now")
    assert step[PROMPTS] == []


def test_entries_of_older_and_of_broken_forms():
    step = {PROMPTS: ["bare", {"prompt": "x"}, 7, None, ["y"]], PATCHES: ["text", {"patch": {}}]}
    assert entries.entries(step, PROMPTS) == [{"prompt": "bare", "added_at": ""}, {"prompt": "x"}]
    assert entries.entries(step, PATCHES) == [{"patch": {}}]
    assert entries.entries({PROMPTS: "text"}, PROMPTS) == []


def test_a_patch_is_a_map_or_json_of_one():
    assert patch_of('{"a":{"b":1}}') == {"a": {"b": 1}}
    assert patch_of({"a": 1}) == {"a": 1}
    assert patch_of([]) == {}
    for wrong in ("{", "[1]", [1], 5, None):
        with pytest.raises(InvalidInput):
            patch_of(wrong)


def test_a_job_knows_what_it_took_for_good() -> None:
    prompt = {
        "slot": "prompt_queue",
        "mode": "drain",
        "prompt": "Sow",
        "flow_step_id": "a",
        "added_at": "2026",
    }
    patch = {"slot": "config_patch_queue", "mode": "drain", "patch": {"search": "x"}, "flow_step_id": "f"}

    def removed(**data: object) -> list[tuple[str, str, object]]:
        return [tuple(one) for one in backups.removed(EngineData(data, 1))]

    sown = ("prompt_queue", "a", {"prompt": "Sow", "added_at": "2026"})
    found = ("config_patch_queue", "f", {"patch": {"search": "x"}, "added_at": ""})
    # The AI step has written over what the fetch step wrote in the place they share.
    assert removed(queued_prompt_backup={**patch, **prompt}, queued_patch_backup=patch) == [sown, found]
    # As Data Machine leaves it.
    assert removed(queued_prompt_backup=patch) == [found]
    assert removed(queued_prompt_backup=prompt | {"mode": "loop"}) == []
    assert removed(queued_prompt_backup=prompt | {"prompt": ["odd"]}, queued_patch_backup="odd") == []
    assert removed() == []
