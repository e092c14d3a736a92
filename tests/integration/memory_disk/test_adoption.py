"""A folder that Data Machine made is taken over as it is: nothing in it changes until somebody writes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest

from dev.instance import Instance
from dev.processes import wait_until
from sidecar import runtime as runtime_module
from sidecar import settings
from sidecar.identity import AgentsRepository
from sidecar.memory import MemoryService, Scope
from sidecar.memory.directories import scoped
from sidecar.runtime import Runtime
from tests.integration.memory.conftest import WordPress, WordPressStore

#: A moment before this product was thought of.
LONG_AGO = 1_700_000_000
GUARD = "<?php\n// Silence is golden.\n"
#: What Data Machine 0.102.8 leaves on a site with one agent and one flow that ran.
MADE = {
    "shared/index.php": GUARD,
    "shared/SITE.md": "# SITE\n\n## Identity\n- **name:** Old\n",
    "shared/RULES.md": "# Site Rules\n\n## General\n- Be kind.\n",
    "agents/admin/index.php": GUARD,
    "agents/admin/SOUL.md": "# Agent Soul — Old\r\n\r\n## Identity\r\nI am **admin**.\r\n",
    "agents/admin/MEMORY.md": "# Agent Memory\n\n## State\n- <b>\\as it was</b> & more\n\n## Lessons\n",
    "agents/admin/daily/2026/04/17.md": "# 2026-04-17\n\n- did things",
    "agents/admin/notes/own.txt": "an agent's own folder\n",
    "agents/admin/logo.png": "not text",
    "users/1/index.php": GUARD,
    "users/1/USER.md": "# User Profile\n\n## About\n- **Name:** admin\n",
    "network/NETWORK.md": "# Network\n",
    "agent/1/MEMORY.md": "from before agents had names\n",
    "pipeline-3/flow-5/flow-5-files/report.csv": "a,b\n",
    "pipeline-3/flow-5/jobs/job-9/data.json": '[{"type":"fetch"}]',
    "pipeline-3/context/brief.md": "context\n",
}
#: What this product may add beside them.
GUARDS = {"index.php", ".htaccess", "web.config"}


class Entry(NamedTuple):
    digest: str
    modified: int
    mode: int
    owner: int


def snapshot(base: Path) -> dict[str, Entry]:
    """Every file below, and what would change if somebody touched it."""
    found = {}
    for path in sorted(base.rglob("*")):
        status = path.lstat()
        if path.is_file():
            digest = sha256(path.read_bytes()).hexdigest()
            found[str(path.relative_to(base))] = Entry(
                digest, status.st_mtime_ns, status.st_mode, status.st_uid
            )
    return found


@pytest.fixture(scope="module")
def adopted(instances: Path) -> Iterator[Instance]:
    """A site whose folder was there before this product was installed."""
    instance = Instance(instances / "adopted")
    try:
        instance.install_wordpress()
        base = instance.path / "wp-content/uploads/datamachine-files"
        for name, content in MADE.items():
            path = base / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode())
            path.chmod(0o664)
        owner = (instance.path / "wp-config.php").stat()
        for path in (*base.rglob("*"), base, base.parent):
            os.chown(path, owner.st_uid, owner.st_gid)
            os.utime(path, (LONG_AGO, LONG_AGO))
        instance.install_product()
        yield instance
    finally:
        instance.destroy()


@pytest.fixture(scope="module")
def base(adopted: Instance) -> Path:
    return adopted.path / "wp-content/uploads/datamachine-files"


@pytest.fixture(scope="module")
def running(adopted: Instance, base: Path) -> Instance:
    adopted.start_web()
    adopted.start_sidecar()
    return adopted


def changed(base: Path) -> set[str]:
    """Files of before that are not as they were."""
    now = snapshot(base)
    return {
        name
        for name, content in MADE.items()
        if name not in now
        or now[name].digest != sha256(content.encode()).hexdigest()
        or now[name].modified != LONG_AGO * 1_000_000_000
        or now[name].mode & 0o777 != 0o664
    }


def test_nothing_changes_while_everybody_only_looks(running: Instance, base: Path) -> None:
    before = snapshot(base)
    for page in ("/", "/wp-login.php", "/?rest_route=/datamachine/v1"):
        running.get(page)
    listed = running.wp("datamachine", "agents", "list", "--format=json").stdout
    assert '"agent_slug":"admin"' in listed
    assert '"has_files":"Yes"' in listed
    shown = json.loads(running.wp("datamachine", "agents", "show", "admin", "--format=json").stdout)
    assert (shown["agent_dir"], shown["has_files"]) == (str(base / "agents/admin"), True)
    paths = json.loads(running.wp("datamachine", "memory", "paths", "--format=json").stdout)
    uploads = "wp-content/uploads/datamachine-files"
    for each in ("shared/SITE.md", "shared/RULES.md", "agents/admin/SOUL.md", "users/1/USER.md"):
        assert f"{uploads}/{each}" in paths["relative_files"]
    read = running.wp("datamachine", "memory", "read", "SOUL.md")
    assert "I am **admin**." in read.stdout
    assert running.datamachine("memory", "sections").stdout
    running.wp("datamachine", "memory", "search", "was")

    php = WordPress(running)
    try:
        store = WordPressStore(php)
        for name in ("SOUL.md", "MEMORY.md", "daily/2026/04/17.md", "notes/own.txt"):
            assert store.read(Scope("agent", 1, 0, name)).content.decode() == MADE[f"agents/admin/{name}"]
        listing = [entry.filename for entry in store.list_layer(Scope("agent", 1, 0, ""))]
        assert listing == ["MEMORY.md", "SOUL.md", "logo.png"]
        assert store.list_subtree(Scope("agent", 1, 0, ""), "daily")[0].filename == "daily/2026/04/17.md"
        assert php.ask("facade", method="get_all", user_id=1)["content"] == MADE["agents/admin/MEMORY.md"]
    finally:
        php.close()

    assert changed(base) == set()
    after = snapshot(base)
    assert {name: after.get(name) for name in before} == before
    assert {Path(name).name for name in set(after) - set(MADE)} <= GUARDS


def test_the_first_write_changes_that_file_alone(running: Instance, base: Path) -> None:
    before = snapshot(base)
    running.wp("datamachine", "memory", "write", "State", "now ours", "--user=1")
    assert changed(base) == {"agents/admin/MEMORY.md"}
    after = snapshot(base)
    assert {name for name in after if after[name] != before.get(name)} == {"agents/admin/MEMORY.md"}
    text = (base / "agents/admin/MEMORY.md").read_text()
    assert text == "# Agent Memory\n\n## State\nnow ours\n\n## Lessons\n"
    assert (after["agents/admin/MEMORY.md"].mode & 0o777, after["agents/admin/MEMORY.md"].owner) == (
        0o664,
        before["agents/admin/MEMORY.md"].owner,
    )


@pytest.fixture
def later_tables(running: Instance) -> Iterator[tuple[Runtime, WordPress]]:
    """The agents' table as version 0.175.11 has it, with a slug that two owners' agents share."""
    table = "wp_datamachine_agents"
    default = sha256(b"default").hexdigest()
    for statement in (
        f"ALTER TABLE {table} ADD instance_key longtext NULL, ADD instance_key_hash char(64) NULL, "
        "ADD provisioned_at datetime NULL",
        f"UPDATE {table} SET instance_key = 'default', instance_key_hash = '{default}'",
        f"ALTER TABLE {table} DROP INDEX agent_slug, MODIFY instance_key longtext NOT NULL, "
        "MODIFY instance_key_hash char(64) NOT NULL, "
        "ADD UNIQUE agent_identity_scope_hash (agent_slug, owner_id, instance_key_hash)",
        f"INSERT INTO {table} (agent_slug, agent_name, owner_id, instance_key, instance_key_hash) VALUES "
        f"('twin', 'One', 1, 'default', '{default}'), ('twin', 'Two', 77, 'default', '{default}'), "
        f"('alone', 'Alone', 1, 'default', '{default}'), "
        f"('branch', 'Branch', 1, 'shop/2', '{sha256(b'shop/2').hexdigest()}')",
    ):
        running.wp("db", "query", statement)
    # The other product was at work while this one was not.
    running.servers["sidecar"].stop()
    running.start_sidecar()
    # The sockets of before were there already.
    wait_until(
        lambda: running.wp("datamachine", "agents", "list", check=False).returncode == 0,
        what="The sidecar",
        server=running.servers["sidecar"],
    )
    runtime = runtime_module.build(settings.load(running.config).site(), "work")
    php = WordPress(running)
    yield runtime, php
    php.close()
    runtime.close()


def test_later_versions_name_some_folders_by_more_than_the_slug(
    running: Instance, later_tables: tuple[Runtime, WordPress], base: Path
) -> None:
    runtime, php = later_tables
    agents, service = runtime.get(AgentsRepository), runtime.get(MemoryService)
    expected = {
        ("twin", 1): scoped("twin", 1, "default"),
        ("twin", 77): scoped("twin", 77, "default"),
        ("branch", 1): scoped("branch", 1, "shop/2"),
        ("alone", 1): "alone",
        ("admin", 1): "admin",
    }
    found = {(agent.agent_slug, agent.owner_id): agent for agent in agents.all()}
    assert expected[("twin", 1)] == "twin--" + sha256(b"twin:1:default").hexdigest()[:16]

    def folder(agent_id: int) -> str:
        """Where PHP and Python look, which is the same."""
        path = php.ask("path", layer="agent", user_id=1, agent_id=agent_id, filename="PLACE.md")
        service.write("here\n", agent_id=agent_id, filename="PLACE.md")
        assert Path(path).read_text() == "here\n"
        return Path(path).parent.name

    for key, name in expected.items():
        assert folder(found[key].agent_id) == name
    # Nobody's memory is lost from sight when the one who shared its slug goes.
    with runtime.db.session() as session:
        session.delete(runtime.db.tables().agents, {"agent_id": found["twin", 77].agent_id})
    assert folder(found["twin", 1].agent_id) == expected["twin", 1]
    assert (base / "agents" / expected["twin", 77] / "PLACE.md").exists()
    # What is named after the slug alone would be looked for elsewhere afterwards.
    refused = running.wp("datamachine", "agents", "rename", "branch", "bough", check=False)
    assert refused.returncode == 1
    assert "cannot be renamed" in refused.stderr
    running.wp("datamachine", "agents", "delete", "branch", "--delete-files", "--yes")
    assert not (base / "agents" / expected["branch", 1]).exists()
    assert (base / "agents/alone/PLACE.md").exists()
