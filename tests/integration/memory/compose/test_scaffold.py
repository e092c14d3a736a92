"""What memory files begin with: written where they are missing, over nothing, by nobody's read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev.instance import Instance
from sidecar import runtime as runtime_module
from sidecar import settings
from sidecar.abilities import Registry
from sidecar.errors import Forbidden
from sidecar.identity import Principal
from sidecar.memory.abilities_scaffold import NAME

SLUG = "scaffold-c"


@pytest.fixture(scope="module")
def home(site: Instance) -> Iterator[Path]:
    """The folder of an agent of the test's own."""
    site.wp("datamachine", "agents", "create", SLUG, "--name=Scaffold C", "--owner=1")
    yield site.path / f"wp-content/uploads/datamachine-files/agents/{SLUG}"
    site.wp("datamachine", "agents", "delete", SLUG, "--delete-files", "--yes")


def scaffold(site: Instance, given: dict[str, Any]) -> Any:
    code = (
        "$ability = wp_get_ability( 'datamachine/scaffold-memory-file' );"
        f"$out = $ability->execute( json_decode( '{json.dumps(given)}', true ) );"
        "echo '<<', wp_json_encode( is_wp_error( $out ) ? $out->get_error_code() : $out ), '>>';"
    )
    answer = site.wp("eval", code, "--user=admin")
    return json.loads(answer.stdout.split("<<", 1)[1].rsplit(">>", 1)[0])


def test_one_file_a_layer_and_a_day(site: Instance, home: Path) -> None:
    soul, memory = home / "SOUL.md", home / "MEMORY.md"
    assert "You are **Scaffold C**" in soul.read_text()
    memory.write_text("mine\n")
    soul.unlink()
    made = scaffold(site, {"filename": "SOUL.md", "agent_slug": SLUG})
    assert made == {
        "success": True,
        "message": "Scaffolded SOUL.md.",
        "filename": "SOUL.md",
        "filepath": str(soul),
        "created": True,
    }
    assert soul.read_text().startswith("# Agent Soul — ")
    assert scaffold(site, {"filename": "SOUL.md", "agent_slug": SLUG})["created"] is False

    soul.unlink()
    layer = scaffold(site, {"layer": "agent", "agent_slug": SLUG})
    assert (layer["message"], layer["created"], layer["total"]) == (
        "Scaffolded 1 of 2 agent-layer file(s).",
        1,
        2,
    )
    assert memory.read_text() == "mine\n"

    day = scaffold(site, {"date": "2026-02-03", "agent_slug": SLUG})
    assert day["filename"] == "daily/2026/02/03.md"
    assert (home / "daily/2026/02/03.md").read_text() == "# 2026-02-03\n"


@pytest.mark.parametrize(
    "given",
    [
        {"filename": "NOBODY-C.md"},
        {"layer": "attic"},
        {},
        {"filename": "SOUL.md", "filepath": "/tmp/SOUL.md"},
        {"filename": "../SOUL.md"},
        {"date": "2026-02-30"},
        {"filename": "NETWORK.md"},
    ],
)
def test_what_is_nobodys_file_is_an_error(site: Instance, home: Path, given: dict[str, Any]) -> None:
    answer = scaffold(site, {**given, "agent_slug": SLUG})
    assert answer["success"] is False
    assert answer["error"]
    assert not Path("/tmp/SOUL.md").exists()


def test_only_who_may_write_the_layer(site: Instance, home: Path) -> None:
    answer = site.wp("user", "create", "scaffoldc", "scaffoldc@example.org", "--role=editor", "--porcelain")
    editor = Principal.user(int(answer.stdout))
    runtime = runtime_module.build(settings.load(site.config).site(), "cli")
    abilities = runtime.get(Registry)
    try:
        soul = home / "SOUL.md"
        soul.unlink()
        for slug in (SLUG, "nobody-c"):
            with pytest.raises(Forbidden):
                abilities.execute(editor, NAME, {"filename": "SOUL.md", "agent_slug": slug})
        for name in ("RULES.md", "USER.md"):
            with pytest.raises(Forbidden):
                abilities.execute(editor, NAME, {"filename": name, "user_id": 1})
        assert not soul.exists()
        # Composing what exists is everybody's who may read it; making it in WordPress's root is not.
        agents = site.path / "AGENTS.md"
        agents.unlink(missing_ok=True)
        assert abilities.execute(editor, NAME, {"filename": "AGENTS.md"})["success"] is False
        assert not agents.exists()

        own = abilities.execute(editor, NAME, {"filename": "USER.md"})
        text = Path(own["filepath"]).read_text()
        assert "- **Username:** scaffoldc\n- **Role:** Editor\n" in text
        assert text.startswith("# User Profile\n\n## About\n")
    finally:
        runtime.close()
        site.wp("user", "delete", "scaffoldc", "--yes", "--reassign=1")


def test_a_section_in_a_missing_file_begins_with_its_own_words(site: Instance, home: Path) -> None:
    soul = home / "SOUL.md"
    soul.unlink(missing_ok=True)
    site.wp("datamachine", "memory", "read", "SOUL.md", f"--agent={SLUG}", check=False)
    assert not soul.exists()
    site.wp("datamachine", "memory", "write", "SOUL.md", "Voice & Tone", "Short.", f"--agent={SLUG}")
    text = soul.read_text()
    assert "You are **Scaffold C**" in text
    assert text.endswith("## Voice & Tone\nShort.\n")
