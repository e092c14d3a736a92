"""The matrix's own site: web server, bridge and host, but no worker: what is queued stays queued."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dev import paths, processes
from dev.instance import Instance
from sidecar import runtime as runtimes
from sidecar import settings
from tests.matrix import data
from tests.matrix.doors import Columns
from tests.matrix.world import World

#: Notes of days are written through every door.
SETTINGS = '{"daily_memory_enabled": true}'
OWNERS = ("site", "own", "own-")


@pytest.fixture(scope="module")
def matrix() -> data.Matrix:
    return data.load()


@pytest.fixture(scope="module")
def world(instances: Path, matrix: data.Matrix) -> Iterator[World]:
    """Accounts, agents and what is theirs, as the file describes them."""
    instance = Instance(paths.numbered(instances))
    try:
        instance.install()
        instance.wp("option", "update", "datamachine_settings", SETTINGS, "--format=json")
        instance.start_web()
        instance.start_sidecar("bridge", name="bridge")
        server = instance.start_sidecar("host", name="host")
        # WordPress hears once what Python listens to, and agents get their files by it.
        told = instance.run_dir / "dm" / "manifest.json"
        processes.wait_until(told.exists, what="The manifest", server=server)
        runtime = runtimes.build(settings.load(str(instance.config)).site(None), "cli")
        try:
            yield _furnish(World(instance, runtime), matrix)
        finally:
            runtime.close()
    finally:
        instance.destroy()


def _furnish(world: World, matrix: data.Matrix) -> World:
    world.sign_in(matrix.accounts)
    # The default agent and its files are there, so that no later request makes them.
    processes.wait_until(
        lambda: world.instance.get("/").status == 200 and (world.files / "admin" / "MEMORY.md").exists(),
        what="The default agent",
    )
    guest = {"guest": "viewer"}
    roles = {each["account"]: each["role"] for each in matrix.columns.values() if "role" in each}
    for owner in OWNERS:
        world.add_agent(owner, owner, guest)
    world.add_agent("granted", "lord", guest | roles)
    world.add_agent("foreign", "lord", guest)
    world.add_agent("second", "own", guest)
    for name, each in matrix.columns.items():
        if each.get("kind") == "token":
            world.add_token(name, each["agent"], each.get("capabilities"), each.get("expires_at"))
    world.add_unscoped("unscoped", 0)
    world.add_unscoped("private", world.accounts["lord"].user_id)
    world.remember()
    return world


@pytest.fixture(scope="module")
def columns(world: World, matrix: data.Matrix) -> Columns:
    return Columns(world, matrix.columns)
