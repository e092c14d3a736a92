"""``AgentMemory`` in PHP: sections and events come from the sidecar, typed as PHP expects."""

from __future__ import annotations

from hashlib import sha1
from pathlib import Path

import pytest

from dev.instance import Instance
from tests.integration.memory.conftest import WordPress

SCOPE_CLASS = "AgentsAPI\\Core\\FilesRepository\\AgentMemoryScope"


def ask(php: WordPress, method: str, *args: object, filename: str = "FACADE.md", user_id: int = 1) -> dict:
    return php.ask("facade", method=method, args=args, filename=filename, user_id=user_id)


def test_a_section_is_added_changed_and_read(php: WordPress) -> None:
    assert ask(php, "get_all") == {"success": False, "message": "File FACADE.md does not exist."}
    assert ask(php, "set_section", "State", "one") == {
        "success": True,
        "message": 'Section "State" updated.',
        "file_size": 26,
    }
    assert ask(php, "append_to_section", "State", "two")["message"] == 'Content appended to section "State".'
    assert ask(php, "get_section", "State") == {"success": True, "section": "State", "content": "one\ntwo"}
    assert ask(php, "get_sections") == {"success": True, "file": "FACADE.md", "sections": ["State"]}
    assert ask(php, "get_section", "Nope") == {
        "success": False,
        "message": 'Section "Nope" not found.',
        "available_sections": ["State"],
    }
    assert ask(php, "get_all")["content"] == "# FACADE.md\n\n## State\none\ntwo\n\n"
    found = ask(php, "search", "TWO")
    assert (found["match_count"], found["matches"][0]["section"], found["matches"][0]["line"]) == (
        1,
        "State",
        5,
    )


@pytest.mark.parametrize("user_id", [1, 4711])
def test_a_change_fires_one_event_with_the_scope_object(php: WordPress, user_id: int) -> None:
    content = "# Events\n"
    ask(php, "replace_all", content, filename="EVENTS.md", user_id=user_id)
    key = f"agent:{user_id}:0:EVENTS.md"
    meta = {
        "layer": "agent",
        "user_id": user_id,
        "agent_id": 0,
        "filename": "EVENTS.md",
        "key": key,
        "hash": sha1(content.encode()).hexdigest(),
        "bytes": len(content),
    }
    assert php.events == [["datamachine_agent_memory_updated", [[SCOPE_CLASS, key], content, meta]]]

    ask(php, "delete", filename="EVENTS.md", user_id=user_id)
    assert php.events == [["datamachine_agent_memory_deleted", [[SCOPE_CLASS, key]]]]


def test_what_is_refused_fires_nothing(php: WordPress) -> None:
    assert ask(php, "replace_all", "<?php", filename="RUN.php") == {
        "success": False,
        "message": "Failed to write RUN.php (capability).",
    }
    assert php.events == []
    assert ask(php, "replace_all", "x", filename="../../../../wp-config.php")["success"] is False
    assert php.events == []


def test_a_large_file_is_written_with_a_warning(php: WordPress) -> None:
    written = ask(php, "replace_all", "x" * 9000, filename="LARGE.md")
    assert (written["success"], written["file_size"]) == (True, 9000)
    assert "9 KB" in written["warning"]


def test_a_plugins_store_is_asked_once_for_each_operation(php: WordPress) -> None:
    ask(php, "replace_all", "x", filename="ONCE.md", user_id=4711)
    before = php.asked
    assert before is not None
    ask(php, "set_section", "S", "y", filename="ONCE.md", user_id=4711)
    assert php.asked == before + 1


def test_memory_on_disk_is_where_php_says(php: WordPress, site: Instance) -> None:
    ask(php, "replace_all", "here", filename="PLACE.md")
    path = Path(ask(php, "get_file_path", filename="PLACE.md"))  # type: ignore[arg-type]
    assert path == site.path / "wp-content/uploads/datamachine-files/agents/admin/PLACE.md"
    assert path.read_text() == "here"
    path.write_text("changed by an editor")
    assert ask(php, "get_all", filename="PLACE.md")["content"] == "changed by an editor"


def test_memory_is_not_served(php: WordPress, site: Instance) -> None:
    ask(php, "replace_all", "private", filename="PRIVATE.md")
    folder = site.path / "wp-content/uploads/datamachine-files/agents"
    assert "denied" in (folder / ".htaccess").read_text()
    assert (folder / "admin/index.php").exists()
