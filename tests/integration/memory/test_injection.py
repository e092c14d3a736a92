"""An agent's memory as a prompt begins with it: on a real site, with plugins that change it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from dev import processes
from dev.instance import Instance

SLUG = "inject-bot"
PLUGIN = """<?php
add_filter( 'datamachine_memory_file_content', static function ( $content, $filename, $meta ) {
	return str_contains( $content, 'INJECT-MARK' ) ? "$content [{$meta['label']}]" : $content;
}, 10, 3 );
add_filter( 'datamachine_resolved_memory_files', static function ( $files, $mode, $args ) {
	if ( 'inject-plugin' === $mode ) {
		$files['INJECT.md'] = array( 'filename' => 'INJECT.md', 'layer' => 'agent' );
		unset( $files['RULES.md'], $files['SITE.md'], $files['AGENTS.md'] );
	}
	return $files;
}, 10, 3 );
"""


@pytest.fixture(scope="module")
def agent(site: Instance) -> Iterator[str]:
    """An agent with a policy, recent notes and a plugin that has an opinion."""
    plugin = site.path / "wp-content/mu-plugins/inject.php"
    plugin.write_text(PLUGIN)
    config = {
        "memory_policy": {"mode": "deny", "deny": ["SITE.md", "RULES.md", "USER.md", "AGENTS.md"]},
        "daily_memory": {"enabled": True},
    }
    site.datamachine(
        "agents", "create", SLUG, "--name=Injected", "--owner=1", f"--config={json.dumps(config)}"
    )
    write(site, "SOUL.md", "Identity", "INJECT-MARK soul")
    write(site, "MEMORY.md", "State", "x" * 9000)
    write(site, "INJECT.md", "Extra", "from a plugin")
    site.datamachine("memory", "daily", "append", "Counted the boats.", f"--agent={SLUG}")
    yield SLUG
    plugin.unlink()
    site.datamachine("agents", "delete", SLUG, "--delete-files", "--yes")


def write(site: Instance, *words: str) -> None:
    site.datamachine("memory", "write", *words, f"--agent={SLUG}")


def inject(site: Instance, mode: str, *more: str) -> list[dict]:
    said = site.datamachine("memory", "inject", f"--mode={mode}", f"--agent={SLUG}", "--format=json", *more)
    return json.loads(said.stdout)


def test_policy_order_and_plugins(site: Instance, agent: str) -> None:
    # The host looks once a second whether plugins changed.
    processes.wait_until(lambda: "[Soul]" in str(inject(site, "chat")), what="The plugin")
    parts = inject(site, "chat")
    names = [(part["source"], part["filename"].split("/")[0]) for part in parts]
    assert names == [("core", "SOUL.md"), ("core", "MEMORY.md"), ("daily", "daily")]
    assert "INJECT-MARK soul\n" in parts[0]["content"]
    assert parts[0]["content"].endswith(" [Soul]")
    assert (parts[0]["warning"], "9 KB" in parts[1]["warning"]) == (None, True)
    assert parts[2]["content"].startswith("## Daily Memory: ")
    assert parts[2]["content"].endswith("Counted the boats.")
    assert [part["filename"] for part in inject(site, "system")] == []
    assert "INJECT.md" in [part["filename"] for part in inject(site, "inject-plugin")]


def test_both_command_lines_print_the_same_text(site: Instance, agent: str) -> None:
    words = ("memory", "inject", "--mode=pipeline", f"--agent={agent}")
    native = site.datamachine(*words)
    proxied = site.wp("datamachine", *words)
    assert (native.stdout, native.stderr) == (proxied.stdout, proxied.stderr)
    assert native.stdout.count("# Agent Soul") == 1
    assert "Warning: MEMORY.md has 9 KB" in native.stderr


def test_nothing_is_made_by_looking(site: Instance, agent: str) -> None:
    folder = site.path / "wp-content/uploads/datamachine-files"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    inject(site, "chat")
    inject(site, "editor")
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
