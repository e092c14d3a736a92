"""Whole files by name: where they are looked for, who may change them, what the list says."""

from __future__ import annotations

import pytest

from sidecar.errors import Forbidden, InvalidInput
from sidecar.memory.access import ReadOnly
from sidecar.memory.names import BadName
from sidecar.memory.service import FileMissing, MemoryConflict, MemoryRefused
from sidecar.memory.values import digest
from tests.unit.memory.desk import AGENT, Desk


@pytest.fixture
def desk(alone: None) -> Desk:
    found = Desk()
    found.put("SITE.md", "# SITE\n", "shared")
    found.put("SOUL.md", "soul <b>& more\n")
    found.put("USER.md", "user", "user")
    found.put("notes.md", "shared notes", "shared")
    found.put("notes.md", "agent notes")
    found.put("a-plan.md", "plan")
    return found


def test_the_list_shows_registered_files_first_then_the_others_once(desk: Desk) -> None:
    desk.put("daily/2026/02/01.md", "x")
    desk.put("daily/2026/01/31.md", "x")
    entries = desk.files.list(AGENT)
    assert [(each["filename"], each.get("layer")) for each in entries] == [
        ("SITE.md", "shared"),
        ("SOUL.md", "agent"),
        ("USER.md", "user"),
        ("notes.md", "shared"),
        ("a-plan.md", "agent"),
        ("daily", None),
    ]
    site, soul = entries[0], entries[1]
    assert {key: site[key] for key in ("size", "type", "protected", "editable", "registered", "label")} == {
        "size": 7,
        "type": "core",
        "protected": True,
        "editable": False,
        "registered": True,
        "label": "Site",
    }
    assert (soul["editable"], soul["modes"]) == (True, ["chat"])
    assert soul["modified"].endswith("+00:00")
    assert (entries[4]["label"], entries[4]["registered"], entries[4]["protected"]) == (
        "A Plan",
        False,
        False,
    )
    assert entries[5] == {
        "filename": "daily",
        "type": "daily_summary",
        "month_count": 2,
        "day_count": 2,
        "months": {"2026/02": ["01"], "2026/01": ["31"]},
    }


def test_the_list_leaves_out_what_somebody_may_not_read(desk: Desk) -> None:
    desk.hidden = {"user"}
    assert "USER.md" not in [each["filename"] for each in desk.files.list(AGENT)]
    desk.hidden = {"agent"}
    with pytest.raises(Forbidden):
        desk.files.list(AGENT)


def test_a_file_is_found_at_home_first_then_with_the_agent(desk: Desk) -> None:
    found = desk.files.get(AGENT, "SOUL.md")
    assert (found.layer, found.content, found.hash) == (
        "agent",
        b"soul <b>& more\n",
        digest(b"soul <b>& more\n"),
    )
    assert desk.files.get(AGENT, "notes.md").content == b"agent notes"
    desk.files.delete(AGENT, "notes.md")
    assert desk.files.get(AGENT, "notes.md").layer == "shared"
    with pytest.raises(FileMissing, match="not found"):
        desk.files.get(AGENT, "nope.md")
    desk.hidden = {"user"}
    with pytest.raises(Forbidden):
        desk.files.get(AGENT, "USER.md")
    with pytest.raises(FileMissing):
        desk.files.get(AGENT, "nope.md")


def test_a_file_goes_where_it_is_registered_unless_a_layer_is_named(desk: Desk) -> None:
    assert desk.files.put(AGENT, "new.md", "x").layer == "agent"
    assert desk.files.put(AGENT, "USER.md", "x").layer == "user"
    saved = desk.files.put(AGENT, "new.md", "y", layer="shared")
    assert (saved.layer, saved.hash, saved.size) == ("shared", digest(b"y"), 1)
    assert desk.text("new.md") == "x"
    with pytest.raises(InvalidInput, match="layer"):
        desk.files.put(AGENT, "new.md", "y", layer="network")


def test_what_nobody_may_edit_is_refused(desk: Desk) -> None:
    for name in ("SITE.md", "RULES.md"):
        with pytest.raises(ReadOnly):
            desk.files.put(AGENT, name, "x")
    # Not with another layer's name either.
    with pytest.raises(ReadOnly):
        desk.files.put(AGENT, "SITE.md", "x", layer="agent")
    with pytest.raises(InvalidInput) as empty:
        desk.files.put(AGENT, "SOUL.md", " \n")
    assert empty.value.code == "agent_file_empty"
    with pytest.raises(Forbidden) as kept:
        desk.files.delete(AGENT, "SOUL.md")
    assert kept.value.code == "agent_file_protected"
    desk.locked = {"agent"}
    with pytest.raises(Forbidden):
        desk.files.put(AGENT, "new.md", "x")
    with pytest.raises(Forbidden):
        desk.files.delete(AGENT, "a-plan.md")
    assert desk.text("a-plan.md") == "plan"


def test_writes_compare(desk: Desk) -> None:
    with pytest.raises(MemoryConflict):
        desk.files.put(AGENT, "a-plan.md", "x", only_new=True)
    with pytest.raises(MemoryConflict) as refused:
        desk.files.put(AGENT, "a-plan.md", "x", if_match="0" * 40)
    assert refused.value.data["hash"] == digest(b"plan")
    with pytest.raises(MemoryConflict):
        desk.files.delete(AGENT, "a-plan.md", if_match="0" * 40)
    desk.files.put(AGENT, "a-plan.md", "x", if_match=digest(b"plan"))
    desk.files.put(AGENT, "b.md", "x", only_new=True)


def test_names_and_texts_that_cannot_be_files(desk: Desk) -> None:
    for name in ("../x.md", "", ".."):
        with pytest.raises(BadName):
            desk.files.get(AGENT, name)
    with pytest.raises(MemoryRefused):
        desk.files.put(AGENT, "x.php", "x")
    with pytest.raises(InvalidInput, match="Unicode"):
        desk.files.put(AGENT, "x.md", "\ud800")
