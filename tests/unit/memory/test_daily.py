"""Notes of a day: real days, texts that do not run together, searches in order."""

from __future__ import annotations

import pytest

from sidecar.memory import dates
from sidecar.memory.daily import DailyMemoryDisabled, NoDailyMemory
from sidecar.memory.daily_host import HostDaily
from sidecar.memory.service import MemoryConflict, MemoryWriteFailed
from sidecar.memory.values import digest
from tests.unit.memory.desk import AGENT, Desk


@pytest.fixture
def desk(alone: None) -> Desk:
    return Desk()


@pytest.mark.parametrize(
    "text",
    [
        "2026-13-45",
        "2026-02-29",
        "26-01-01",
        "2026-1-01",
        "2026-01-01\n",
        "../../etc",
        "٢٠٢٦-٠١-٠١",
        "0000-01-01",
    ],
)
def test_only_days_of_the_calendar_are_days(text: str) -> None:
    with pytest.raises(dates.InvalidDate, match="Use YYYY-MM-DD"):
        dates.parse(text)


def test_a_file_is_of_a_day_or_of_none() -> None:
    assert dates.of_filename(dates.filename("2024-02-29")) == "2024-02-29"
    for name in (
        "daily/2026/02/30.md",
        "daily/2026/2/03.md",
        "daily/2026/02/03.txt",
        "x/daily/2026/02/03.md",
    ):
        assert dates.of_filename(name) is None


def test_appended_texts_never_run_together(desk: Desk) -> None:
    assert desk.daily.append(AGENT, None, "first") == (
        "2026-03-01",
        "Content appended to daily memory for 2026-03-01.",
    )
    assert desk.text("daily/2026/03/01.md") == "# Daily Memory: 2026-03-01\n\nfirst\n"
    desk.daily.write(AGENT, "2026-03-01", "## S")
    desk.daily.append(AGENT, "2026-03-01", "- more")
    assert desk.daily.read(AGENT, "2026-03-01") == ("2026-03-01", "## S\n- more\n")


def test_a_day_without_notes_is_said(desk: Desk) -> None:
    with pytest.raises(NoDailyMemory, match=r"^No daily memory for 2026-02-01\.$"):
        desk.daily.read(AGENT, "2026-02-01")
    with pytest.raises(NoDailyMemory, match=r"^No daily memory for 2026-02-01 to delete\.$"):
        desk.daily.delete(AGENT, "2026-02-01")
    desk.daily.write(AGENT, "2026-02-01", "x")
    assert desk.daily.delete(AGENT, "2026-02-01") == ("2026-02-01", "Daily memory for 2026-02-01 deleted.")
    assert desk.text("daily/2026/02/01.md") is None


def test_days_are_listed_by_month_and_searched_in_that_order(desk: Desk) -> None:
    for day in ("2026-01-02", "2026-02-03", "2026-02-01", "2025-12-31"):
        desk.daily.write(AGENT, day, f"Needle of {day}\nnext\n")
    desk.put("daily/2026/02/31.md", "needle")
    desk.put("daily/notes.md", "needle")
    assert desk.daily.list_all(AGENT) == {"2026/02": ["01", "03"], "2026/01": ["02"], "2025/12": ["31"]}
    assert list(desk.daily.list_all(AGENT)) == ["2026/02", "2026/01", "2025/12"]
    found = desk.daily.search(AGENT, "NEEDLE")
    assert [each.date for each in found.matches] == ["2026-02-01", "2026-02-03", "2026-01-02", "2025-12-31"]
    assert (found.matches[0].line, found.matches[0].context) == (1, "Needle of 2026-02-01\nnext\n")
    within = desk.daily.search(AGENT, "needle", since="2026-01-02", until="2026-02-01")
    assert [each.date for each in within.matches] == ["2026-02-01", "2026-01-02"]
    with pytest.raises(dates.InvalidDate):
        desk.daily.search(AGENT, "needle", since="yesterday")


def test_a_search_stops_after_the_file_that_fills_it(desk: Desk) -> None:
    desk.daily.write(AGENT, "2026-02-01", "x\n" * 60)
    desk.daily.write(AGENT, "2026-01-01", "x\n")
    found = desk.daily.search(AGENT, "x")
    assert (found.match_count, len(found.matches), found.matches[-1].date) == (60, 50, "2026-02-01")


def test_a_write_can_compare_first(desk: Desk) -> None:
    desk.daily.write(AGENT, "2026-02-01", "one", if_match="")
    for given in ("", digest(b"two")):
        with pytest.raises(MemoryConflict) as refused:
            desk.daily.write(AGENT, "2026-02-01", "two", if_match=given)
        assert refused.value.data["hash"] == digest(b"one")
    desk.daily.write(AGENT, "2026-02-01", "two", if_match=digest(b"one"))
    with pytest.raises(MemoryConflict):
        desk.daily.delete(AGENT, "2026-02-01", if_match=digest(b"one"))
    assert desk.text("daily/2026/02/01.md") == "two"


def test_the_setting_is_asked_by_those_who_write(desk: Desk) -> None:
    desk.daily.require_enabled()
    desk.daily_enabled = False
    with pytest.raises(DailyMemoryDisabled):
        desk.daily.require_enabled()


class Plugin:
    """The PHP side of a plugin's storage: answers as its arrays are."""

    def __init__(self) -> None:
        self.days: dict[str, str] = {}

    def call(self, operation: str, params: dict) -> dict:
        assert operation == "memory.daily_call"
        method, args = params["method"], params["args"]
        if method == "list_all":
            return {"success": True, "months": {"2026/02": {1: "01", 3: "03"}}}
        if method == "search":
            assert args == ["q", None, "2026-02-03", 2]
            return {
                "success": True,
                "matches": [{"date": "2026-02-01", "line": 3, "content": "a q", "context": "c"}],
            }
        day = "-".join(args[:3])
        if method == "write":
            self.days[day] = args[3]
            return {"success": args[3] != "full", "message": "Kept elsewhere."}
        if method == "append":
            return {"success": False}
        if day not in self.days:
            return {"success": False, "message": "Nothing kept."}
        return {"success": True, "content": self.days[day]}


def test_a_plugins_arrays_are_answers_and_errors_as_ours_are() -> None:
    host = Plugin()
    storage = HostDaily(host, None)  # type: ignore[arg-type]
    with pytest.raises(NoDailyMemory, match="Nothing kept"):
        storage.read("2026-02-01")
    assert storage.write("2026-02-01", "notes") == "Kept elsewhere."
    assert storage.read("2026-02-01") == "notes"
    with pytest.raises(MemoryWriteFailed, match="Kept elsewhere"):
        storage.write("2026-02-01", "full")
    with pytest.raises(MemoryWriteFailed, match="Failed to append"):
        storage.append("2026-02-01", "x")
    with pytest.raises(MemoryConflict):
        storage.delete("2026-02-01", if_match=digest(b"other"))
    assert storage.list_all() == {"2026/02": ["01", "03"]}
    found = storage.search("q", until="2026-02-03")
    assert (found.match_count, found.matches[0].line) == (1, 3)
