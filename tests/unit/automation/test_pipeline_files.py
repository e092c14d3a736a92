"""The file that pipelines travel in."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.automation.pipelines import csv_format, exporting, names, portable, reading
from sidecar.automation.pipelines.csv_format import Row, dump, guarded, parse, plain
from sidecar.automation.values import Flow, Pipeline
from sidecar.errors import InvalidInput, TooLarge

STEP = "4_aaaa"
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)
#: As names are once they were cleaned.
NAME = TEXT.map(lambda text: " ".join(text.split())).filter(bool)


def pipeline(config: dict[str, Any], name: str = "Feed", slug: str | None = "feed") -> Pipeline:
    return Pipeline(4, 1, None, name, slug, config, "2026-01-01 00:00:00", "2026-01-01 00:00:00")


def flow(config: dict[str, Any], schedule: dict[str, Any] | None = None) -> Flow:
    return Flow(8, 4, 1, None, "Daily", "daily", config, schedule or {"interval": "manual"})


@given(TEXT)
def test_no_cell_is_a_formula_and_each_is_read_as_it_was(text: str) -> None:
    cell = guarded(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert plain(cell) == text


@given(NAME, NAME, TEXT, st.dictionaries(st.sampled_from(["a", "b"]), TEXT, max_size=2))
def test_a_file_is_read_as_it_was_written(
    name: str, flow_name: str, slug: str, settings: dict[str, str]
) -> None:
    rows = [
        Row("4", name, 0, "fetch", {"label": name}, pipeline_slug=slug, extra={"memory_files": ["a.md"]}),
        Row("4", name, 0, "fetch", {"label": name}, "8", flow_name, "rss", settings, slug, flow_slug=slug),
    ]
    text = dump(rows)
    found = parse(text)
    assert found[0].line < found[1].line
    assert [cells(each) for each in found] == [cells(each) for each in rows]


def cells(row: Row) -> list[Any]:
    return [getattr(row, name) for name in csv_format.COLUMNS]


def test_the_first_columns_are_the_ones_everybody_knows() -> None:
    header, row = list(csv.reader(io.StringIO(dump([Row("4", "=1+1", 0, "fetch", {"a": "b/c"})]))))
    assert header[:9] == [
        "pipeline_id", "pipeline_name", "step_position", "step_type", "step_config",
        "flow_id", "flow_name", "handler", "settings",
    ]  # fmt: skip
    assert row[:6] == ["4", "'=1+1", "0", "fetch", '{"a":"b\\/c"}', ""]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("a,b\n1,2\n", "Line 1: the column pipeline_name is missing"),
        ("pipeline_name,step_position,step_type,step_config\n,0,fetch,\n", "Line 2: pipeline_name is empty"),
        ("pipeline_name,step_position,step_type,step_config\nA,x,fetch,\n", "step_position x is no number"),
        ("pipeline_name,step_position,step_type,step_config\nA,0,fetch,nope\n", "step_config is no JSON"),
        ("pipeline_name,step_position,step_type,step_config\nA,0,fetch,[1]\n", "no JSON object"),
        ('pipeline_name,step_position,step_type,step_config\nA,0,fetch,"{\n', "Line 2"),
        ("pipeline_name,step_position,step_type,step_config\nA,0,\ud800,\n", "UTF-8"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        parse(text)


def test_a_file_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_format, "MOST", 10)
    with pytest.raises(TooLarge):
        parse("x" * 11)


def test_what_is_written_holds_no_secret_and_no_id_of_a_step() -> None:
    config = {
        STEP: {
            "pipeline_step_id": STEP, "step_type": "fetch", "execution_order": 0, "label": "Fetch",
            "provider": "openai", "model": "x",
        },
        "memory_files": ["a.md"],
    }  # fmt: skip
    own = {
        f"{STEP}_8": {
            "flow_step_id": f"{STEP}_8", "pipeline_step_id": STEP, "step_type": "fetch", "execution_order": 0,
            "handler_slug": "rss", "handler_config": {"feed_url": "http://x/", "api_key": "geheim"},
            "config_patch_queue": [{"patch": {"password": "geheim", "a": 1}, "added_at": "x"}],
            "queue_mode": "drain", "_queue_consume_revision": 3, "enabled": True,
        }
    }  # fmt: skip
    schedule = {"interval": "hourly", "interval_seconds": 3600, "webhook_token": "geheim", "first_run": "x"}
    rows = list(exporting.rows(pipeline(config), [flow(own, schedule)]))
    assert "geheim" not in dump(rows)
    assert STEP not in dump(rows)
    [structure, settings] = rows
    assert structure.step_config == {"label": "Fetch"}
    assert structure.extra == {"memory_files": ["a.md"]}
    assert settings.handler == "rss"
    assert settings.settings == {
        "handler_slug": "rss",
        "handler_config": {"feed_url": "http://x/"},
        "enabled": True,
        "queue_mode": "drain",
        "config_patch_queue": [{"patch": {"a": 1}, "added_at": "x"}],
    }
    assert settings.scheduling == {"interval": "hourly", "interval_seconds": 3600}


def test_a_flow_without_settings_and_a_pipeline_without_steps_travel_too() -> None:
    [only] = list(exporting.rows(pipeline({}), []))
    assert (only.step_position, only.flow_id) == (-1, "")
    [one] = reading.pipelines(parse(dump([only])))
    assert (one.name, one.slug, one.source_id, one.steps, one.flows) == ("Feed", "feed", 4, {}, {})
    config = {STEP: {"pipeline_step_id": STEP, "step_type": "ai", "execution_order": 0}}
    [read] = reading.pipelines(parse(dump(exporting.rows(pipeline(config), [flow({})]))))
    assert [each.name for each in read.flows.values()] == ["Daily"]
    assert read.flows["8"].steps == {}


def test_a_file_of_data_machine_is_read() -> None:
    text = (
        "pipeline_id,pipeline_name,step_position,step_type,step_config,flow_id,flow_name,handler,settings\n"
        '2,B,0,fetch,"{""pipeline_step_id"":""2_x"",""step_type"":""fetch"",""label"":""Fetch""}",,,,\n'
        '2,B,0,fetch,"{}",5,F,rss,"{""handler_config"":{""feed_url"":""http:\\/\\/x\\/""}}"\n'
        '2,B,1,ai,"{""system_prompt"":""Hi""}",,,,\n'
    )
    [one] = reading.pipelines(parse(text))
    assert [one.steps[at].step_type for at in sorted(one.steps)] == ["fetch", "ai"]
    assert one.steps[0].config == {"label": "Fetch"}
    settings = {"handler_config": {"feed_url": "http://x/"}, "handler_slug": "rss"}
    assert one.flows["5"].steps == {0: settings}


@pytest.mark.parametrize(
    ("positions", "types", "message"),
    [((0, 2), ("ai", "ai"), "not numbered from 0"), ((0, 0), ("ai", "fetch"), "is a ai step elsewhere")],
)
def test_lines_that_contradict_each_other_are_refused(
    positions: tuple[int, int], types: tuple[str, str], message: str
) -> None:
    rows = [Row("1", "A", at, kind) for at, kind in zip(positions, types, strict=True)]
    with pytest.raises(InvalidInput, match=message):
        reading.pipelines(rows)


def test_a_step_that_is_there_keeps_its_secrets_and_its_queue() -> None:
    entry = {
        "handler_slug": "rss", "handler_config": {"feed_url": "http://old/", "token": "s"},
        "config_patch_queue": [1], "queue_mode": "static",
    }  # fmt: skip
    told = {
        "handler_slug": "rss", "handler_config": {"feed_url": "http://new/"},
        "config_patch_queue": [], "queue_mode": "loop",
    }  # fmt: skip
    found = portable.configured(entry, told, fresh=False)
    assert found["handler_config"] == {"feed_url": "http://new/", "token": "s"}
    assert (found["config_patch_queue"], found["queue_mode"]) == ([1], "loop")
    assert portable.configured(entry, told, fresh=True)["config_patch_queue"] == []
    other = portable.configured(entry, {"handler_slug": "files", "handler_config": {}}, fresh=False)
    assert other["handler_config"] == {}
    many = portable.configured(
        {"handler_slugs": ["a"], "handler_configs": {"a": {"key": "s", "x": 1}}},
        {"handler_slugs": ["a", "b"], "handler_configs": {"a": {"x": 2}, "b": {}}},
        fresh=False,
    )
    assert many["handler_configs"] == {"a": {"key": "s", "x": 2}, "b": {}}


def test_what_is_no_step_takes_no_step_s_place() -> None:
    step = {"step_type": "ai"}
    found = portable.joined({STEP: step, "memory_files": ["a.md"]}, {STEP: 1, "memory_files": [], "x": 2})
    assert found == {STEP: step, "memory_files": [], "x": 2}


def test_names_are_cleaned_and_slugs_free() -> None:
    assert names.clean(" A\t<b>bold</b>\n 1 < 2 ") == "A bold 1 < 2"
    for bad in ("", " \n", "<br>", "x" * 256):
        with pytest.raises(InvalidInput):
            names.clean(bad)
    assert names.slug("Élan & 1.0 / x") == "elan-1-0-x"
    assert names.slug("日本") == "pipeline"
    assert len(names.slug("x" * 300)) == names.LONGEST_SLUG
    assert names.free("a", {"a", "a-2"}) == "a-3"
