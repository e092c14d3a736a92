"""Renaming: row and files change together, also when the process is killed in the middle."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev import paths, processes
from sidecar.errors import Conflict, Internal, InvalidInput, NotFound
from sidecar.identity import AgentsRepository, AgentsService
from sidecar.identity.renaming import Renaming
from sidecar.memory import MemoryService
from sidecar.runtime import Runtime
from tests.integration.identity.conftest import OPERATOR, Site, administrator

SCRIPT = Path(__file__).with_name("rename.py")
STEPS = ("locked", "written", "moving", "moved", "changed")


@pytest.fixture(autouse=True)
def clean(agents: Site) -> Iterator[None]:
    yield
    agents.sql("DELETE FROM wp_datamachine_agents WHERE agent_slug <> 'admin'")
    agents.sql("DELETE FROM wp_datamachine_agent_access WHERE agent_id <> 1")
    agents.without("datamachine_removed_agents")


@contextlib.contextmanager
def stopped_at(site: Site, step: str, old: str, new: str) -> Iterator[subprocess.Popen[str]]:
    """A process that renames and has reached a step; it is dead afterwards."""
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(site.instance.config), step, old, new],
        stdout=subprocess.PIPE,
        text=True,
        cwd=paths.ROOT,
        env=site.instance.environment(),
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "reached\n"
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            # Its host process has WordPress loaded and dies with it.
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def make(service: AgentsService, site: Site, slug: str) -> int:
    made = service.create(administrator(), slug)
    (site.files(slug) / "MEMORY.md").write_text(f"the memory of {slug}\n")
    (site.files(slug) / "daily").mkdir(exist_ok=True)
    (site.files(slug) / "daily" / "01.md").write_text("a day\n")
    return made.agent.agent_id


def assert_whole(site: Site, agent_id: int, slug: str, other: str) -> None:
    """The agent has one slug, its files are there and nowhere else, and nothing is left to be done."""
    assert [slug_ for slug_, row in site.agents().items() if row[0] == str(agent_id)] == [slug]
    assert site.files(slug).joinpath("MEMORY.md").read_text() in {
        f"the memory of {slug}\n",
        f"the memory of {other}\n",
    }
    assert site.files(slug).joinpath("daily/01.md").read_text() == "a day\n"
    assert not site.files(other).exists()
    assert site.sql("SELECT COUNT(*) FROM wp_datamachine_bridge_renames") == [["0"]]


def test_a_rename_moves_row_and_files_and_fires_nothing(service: AgentsService, agents: Site) -> None:
    agent_id = make(service, agents, "before")
    dry = service.rename(administrator(), "before", "Äfter All", dry_run=True)
    assert (dry.moved, dry.old_path, dry.new_path) == (
        True,
        str(agents.files("before")),
        str(agents.files("after-all")),
    )
    assert agents.files("before").exists()
    agents.without("test_notes")

    done = service.rename(administrator(), "before", "Äfter All")
    assert (done.old_slug, done.new_slug, done.moved) == ("before", "after-all", True)
    assert (done.agent.agent_id, done.agent.agent_slug) == (agent_id, "after-all")
    assert_whole(agents, agent_id, "after-all", "before")
    for what in ("created", "updated", "deleted", "reconciled"):
        assert agents.notes(what) == []


def test_an_agent_without_files_is_renamed_too(
    service: AgentsService, runtime: Runtime, agents: Site
) -> None:
    runtime.get(AgentsRepository).insert("bare", "Bare", 1, {})
    assert service.rename(OPERATOR, "bare", "still-bare").moved is False
    assert agents.agents()["still-bare"][1] == "Bare"


def test_what_cannot_be_renamed_is_refused_in_this_order(service: AgentsService, agents: Site) -> None:
    make(service, agents, "here")
    make(service, agents, "there")
    agents.files("occupied").mkdir()
    for old, new, error, message in (
        ("nobody", "Nobody", InvalidInput, "Old and new slugs are identical."),
        ("nobody", "!!!", InvalidInput, "New slug cannot be empty."),
        ("nobody", "there", NotFound, 'Agent with slug "nobody" not found.'),
        ("here", "There", Conflict, 'An agent with slug "there" already exists.'),
        ("here", "occupied", Conflict, f'Target directory "{agents.files("occupied")}" already exists.'),
    ):
        for dry_run in (True, False):
            with pytest.raises(error) as raised:
                service.rename(OPERATOR, old, new, dry_run=dry_run)
            assert raised.value.message == message  # type: ignore[attr-defined]
    with pytest.raises(InvalidInput, match="at most 200 characters"):
        service.rename(OPERATOR, "here", "x" * 201)
    agents.files("occupied").rmdir()
    assert {"here", "there"} <= set(agents.agents())


def test_a_directory_that_is_a_link_stays_where_it_is(service: AgentsService, agents: Site) -> None:
    make(service, agents, "linked")
    agents.files("linked").rename(agents.files("kept-aside"))
    agents.files("linked").symlink_to(agents.files("kept-aside"))
    with pytest.raises(Exception, match="Failed to move directory from"):
        service.rename(OPERATOR, "linked", "unlinked")
    assert "linked" in agents.agents()
    assert agents.sql("SELECT COUNT(*) FROM wp_datamachine_bridge_renames") == [["0"]]
    agents.files("linked").unlink()


def test_a_slug_taken_behind_our_back_leaves_everything_as_it_was(
    service: AgentsService, runtime: Runtime, agents: Site
) -> None:
    agent_id = make(service, agents, "patient")
    renaming = runtime.get(Renaming)

    def intrude(step: str) -> None:
        # As PHP code that knows nothing of our locks does.
        if step == "moved":
            agents.sql(f"INSERT INTO {row}")

    columns = "agent_slug, agent_name, owner_id"
    values = "'wanted', 'Intruder', 7"
    if agents.sql("SHOW COLUMNS FROM wp_datamachine_agents LIKE 'instance_key'"):
        columns, values = f"{columns}, instance_key, instance_key_hash", f"{values}, 'x', SHA2('x', 256)"
    row = f"wp_datamachine_agents ({columns}) VALUES ({values})"
    before, renaming.reached = renaming.reached, intrude
    try:
        with pytest.raises(Internal, match=r"Database update failed\. Directory change reverted\."):
            service.rename(OPERATOR, "patient", "wanted")
    finally:
        renaming.reached = before
    assert_whole(agents, agent_id, "patient", "wanted")


def test_a_renamed_declared_agent_is_not_made_again_under_its_old_slug(
    service: AgentsService, agents: Site
) -> None:
    agents.declare(declared={})
    agents.page()
    agent_id = agents.agents()["declared"][0]
    service.rename(administrator(), "declared", "called-otherwise")
    agents.page()
    agents.page()
    assert "declared" not in agents.agents()
    assert agents.agents()["called-otherwise"][0] == agent_id
    # Back again, and nothing remembers that it was ever away.
    service.rename(administrator(), "called-otherwise", "declared")
    assert agents.stored("datamachine_removed_agents") == []
    agents.page()
    assert agents.agents()["declared"][0] == agent_id


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_rename_is_finished_by_the_next_operation(
    service: AgentsService, runtime: Runtime, agents: Site, step: str
) -> None:
    agent_id = make(service, agents, "dying")
    with stopped_at(agents, step, "dying", "risen"):
        # While its process lives nobody finishes it.
        assert runtime.get(Renaming).recover() == 0
    noted = step in {"written", "moving", "moved"}
    processes.wait_until(lambda: lock_is_free(runtime, agents), what="The dead process's lock")
    service.create(administrator(), f"next-{step}")
    assert agents.sql("SELECT COUNT(*) FROM wp_datamachine_bridge_renames") == [["0"]]
    if noted or step == "changed":
        assert_whole(agents, agent_id, "risen", "dying")
    else:
        assert_whole(agents, agent_id, "dying", "risen")
    service.delete(administrator(), str(agent_id), delete_files=True)
    service.delete(administrator(), f"next-{step}", delete_files=True)


def lock_is_free(runtime: Runtime, site: Site) -> bool:
    """The server notices a dead client when its socket closes, not a moment earlier."""
    from sidecar.identity.locks import NamedLocks, of_slug

    with NamedLocks(runtime.db).try_hold(of_slug("dying"), of_slug("risen")) as session:
        return session is not None


def test_a_killed_rename_is_finished_when_a_bridge_starts(
    service: AgentsService, runtime: Runtime, agents: Site
) -> None:
    agent_id = make(service, agents, "dying")
    with stopped_at(agents, "moved", "dying", "risen"):
        pass
    agents.instance.servers["bridge"].stop()
    agents.instance.start_sidecar("bridge", name="bridge")
    processes.wait_until(lambda: "risen" in agents.agents(), what="The rename")
    assert_whole(agents, agent_id, "risen", "dying")
    service.delete(administrator(), str(agent_id), delete_files=True)


def test_a_killed_rename_is_finished_when_a_worker_starts(service: AgentsService, agents: Site) -> None:
    agent_id = make(service, agents, "dying")
    with stopped_at(agents, "written", "dying", "risen"):
        pass
    agents.instance.datamachine("work", "--once")
    assert_whole(agents, agent_id, "risen", "dying")
    service.delete(administrator(), str(agent_id), delete_files=True)


def test_what_was_written_meanwhile_joins_and_nothing_is_overwritten(
    service: AgentsService, runtime: Runtime, agents: Site
) -> None:
    agent_id = make(service, agents, "dying")
    with stopped_at(agents, "moved", "dying", "risen"):
        pass
    # The row still says the old slug: somebody writes there before anybody finishes.
    with runtime.get(MemoryService).open(agent_id=agent_id, user_id=1, filename="MEMORY.md") as file:
        file.replace_all("written after the crash\n")
    with runtime.get(MemoryService).open(agent_id=agent_id, user_id=1, filename="NEW.md") as file:
        file.replace_all("new\n")
    processes.wait_until(lambda: lock_is_free(runtime, agents), what="The dead process's lock")
    assert runtime.get(Renaming).recover() == 1
    assert_whole(agents, agent_id, "risen", "dying")
    assert agents.files("risen").joinpath("MEMORY.from-dying.md").read_text() == "written after the crash\n"
    assert agents.files("risen").joinpath("NEW.md").read_text() == "new\n"
    service.delete(administrator(), str(agent_id), delete_files=True)


def test_nobody_takes_a_slug_that_a_rename_is_about_to_have(
    service: AgentsService, runtime: Runtime, agents: Site
) -> None:
    agent_id = make(service, agents, "dying")
    with stopped_at(agents, "written", "dying", "risen"):
        pass
    processes.wait_until(lambda: lock_is_free(runtime, agents), what="The dead process's lock")
    with pytest.raises(Conflict, match='"risen" already exists'):
        service.create(administrator(), "risen")
    assert_whole(agents, agent_id, "risen", "dying")
    service.delete(administrator(), str(agent_id), delete_files=True)
