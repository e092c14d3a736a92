"""The vocabulary: complete, decided, and the same in PHP."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sidecar.hooks.catalogue import CatalogueError, catalogue, load
from tools import generate, generate_hooks

ROOT = Path(__file__).resolve().parents[3]


def write(folder: Path, hooks: dict[str, Any], removed: dict[str, Any] | None = None) -> Path:
    folder.joinpath("x.json").write_text(
        json.dumps({"bucket": "x", "about": "test", "hooks": hooks, "removed": removed or {}})
    )
    return folder


def filter_entry(**changes: Any) -> dict[str, Any]:
    entry = {
        "kind": "filter",
        "args": {"value": "string"},
        "returns": "string",
        "fires": "test",
        "on_failure": "pass",
        "cost": "live",
        "why": "It only decorates.",
    }
    return {key: value for key, value in {**entry, **changes}.items() if value is not None}


def test_every_hook_has_a_policy_with_a_reason() -> None:
    known = catalogue()
    assert len(known.hooks) > 150
    for name, entry in known.hooks.items():
        assert entry.on_failure, name
        assert len(entry.why) > 20, name


@pytest.mark.parametrize(
    "changes",
    [
        {"on_failure": None},
        {"why": " "},
        {"cost": "cheap"},
        {"on_failure": "deny"},
        {"denied": False},
        {"on_failure": "enqueue"},
        {"kind": "action"},
        {"returns": None},
        {"unexpected": 1},
    ],
    ids=lambda changes: ", ".join(f"{key}={value!r}" for key, value in changes.items()),
)
def test_a_hook_without_a_sound_policy_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    load(write(tmp_path, {"datamachine_x": filter_entry()}))
    with pytest.raises(CatalogueError):
        load(write(tmp_path, {"datamachine_x": filter_entry(**changes)}))


def test_a_name_cannot_be_known_and_removed(tmp_path: Path) -> None:
    removed = {"datamachine_x": {"replaced_by": None, "why": "gone"}}
    with pytest.raises(CatalogueError, match="removed"):
        load(write(tmp_path, {"datamachine_x": filter_entry()}, removed))


def test_dynamic_names_find_their_entry() -> None:
    known = catalogue()
    entry = known.entry("datamachine_agent_mode_chat")
    assert entry is not None
    assert entry is known.hooks["datamachine_agent_mode_{mode}"]
    assert known.policy("datamachine_recurring_retention_logs", "action") == "enqueue"
    assert known.policy("the_title", "filter") == "pass"
    assert known.policy("save_post", "action") == "skip"


def test_authorization_never_passes() -> None:
    known = catalogue()
    for name in (
        "datamachine_can_access_agent",
        "datamachine_cli_bypass_permissions",
        "datamachine_oauth_can_handle_callback",
        "datamachine_self_memory_allow_cross_agent_write",
    ):
        assert known.hooks[name].denied is False, name


def test_no_removed_name_is_fired_or_subscribed_anywhere() -> None:
    pattern = re.compile("|".join(rf"['\"]{re.escape(name)}['\"]" for name in catalogue().removed))
    folders = ("sidecar", "wp-plugin", "examples")
    files = [
        path
        for folder in folders
        for suffix in ("py", "php")
        for path in (ROOT / folder).rglob(f"*.{suffix}")
    ]
    assert len(files) > 50
    generated = ROOT / generate_hooks.HOOKS_FILE
    found = [
        str(path) for path in files if path != generated and pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_generated_files_are_what_their_sources_say() -> None:
    assert generate.stale() == []


def test_php_reads_the_same_vocabulary() -> None:
    code = f"define( 'ABSPATH', '/' ); echo json_encode( require '{ROOT / generate_hooks.HOOKS_FILE}' );"
    answer = subprocess.run(["php", "-n", "-r", code], capture_output=True, text=True, check=True)
    # An empty PHP array is a list to JSON, whatever it was.
    same = json.dumps(generate_hooks.hooks(load())).replace("{}", "[]")
    assert json.loads(answer.stdout) == json.loads(same)


def test_a_changed_source_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = generate_hooks.generate()
    known = load()
    first = next(iter(known.hooks))
    object.__setattr__(known, "hooks", {name: entry for name, entry in known.hooks.items() if name != first})
    monkeypatch.setattr(generate_hooks, "load", lambda: known)
    assert generate_hooks.generate() != before
    assert generate_hooks.HOOKS_FILE in generate.stale()
