"""Every surface on every store: what is written is in that store, in no other, and is read from there.

One site; before each class of tests the seam is turned: to files on disk, to a PHP plugin's table, to a
Python plugin's SQLite.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from sidecar.automation.files.memory_files import AttachedMemory
from sidecar.identity import Agent, AgentsRepository, Principal, TokensService
from sidecar.memory import MemoryService
from sidecar.runtime import Runtime as Services
from tests.integration.doors.runtimes import Runtime
from tests.integration.memory.conftest import WordPress
from tests.integration.memory.seam.conftest import HERE, Seam

STORES = ("disk", "php", "python")
#: Guards that keep a web server from serving memory; not memory.
GUARDS = {"index.php", ".htaccess", "web.config"}
#: Layer, whose, file name.
Place = tuple[str, str, str]
TODAY = "2026-11-23"


@dataclass
class World:
    """One agent of the administrator's on the site, while one store keeps memory."""

    seam: Seam
    kept: str
    agent: Agent
    token: str
    php: WordPress
    services: Services

    def wp(self, *words: str, **options: Any) -> str:
        return self.seam.site.wp("datamachine", *words, **options).stdout

    def native(self, *words: str, **options: Any) -> str:
        return self.seam.site.datamachine(*words, **options).stdout

    def memory(self, *words: str, **options: Any) -> str:
        return self.wp("memory", *words, f"--agent={self.agent.agent_slug}", **options)

    def facade(self, method: str, *args: object, filename: str) -> dict[str, Any]:
        found: dict[str, Any] = self.php.ask(
            "facade",
            method=method,
            args=args,
            filename=filename,
            user_id=1,
            agent_id=self.agent.agent_id,
        )
        return found

    def abilities(self, *calls: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
        asked = [[name, {"agent_id": self.agent.agent_id, **given}] for name, given in calls]
        words = base64.b64encode(json.dumps(asked).encode()).decode()
        found: list[dict[str, Any]] = json.loads(
            self.seam.site.wp("eval-file", str(HERE / "abilities.php"), words).stdout
        )
        return found

    def door(self, name: str) -> Runtime:
        return Runtime(self.seam.site, name, self.token)

    def stored(self, store: str) -> dict[Place, bytes]:
        """Everything a store holds."""
        return {"disk": self._disk, "php": self._table, "python": self._sqlite}[store]()

    @contextmanager
    def only_here(self, *expected: Place) -> Iterator[None]:
        """What changes inside changes in the store that keeps memory; ``expected`` does."""
        before = {store: self.stored(store) for store in STORES}
        yield
        for store in STORES:
            after = self.stored(store)
            changed = {
                place
                for place in before[store].keys() | after.keys()
                if before[store].get(place) != after.get(place)
            }
            if store == self.kept:
                assert set(expected) <= changed
            else:
                assert changed == set(), f"{store} changed while {self.kept} keeps memory"

    def row(self, kind: str) -> int:
        """A pipeline or flow of the agent's."""
        more = {"pipeline": "", "flow": ", pipeline_id = 1, scheduling_config = '{}'"}[kind]
        found = self.seam.site.db.sql(
            f"INSERT INTO wp_datamachine_{kind}s SET {kind}_name = '{self.kept}', {kind}_config = '{{}}', "
            f"agent_id = {self.agent.agent_id}, user_id = 1{more}; SELECT LAST_INSERT_ID();",
            database="wordpress",
        )
        return int(found.split()[-1])

    def own(self, filename: str) -> Place:
        """The place of a file of the agent's."""
        if self.kept == "disk":
            return ("agent", self.agent.agent_slug, filename)
        return ("agent", str(self.agent.agent_id), filename)

    def shared(self, filename: str) -> Place:
        return ("shared", "", filename)

    def _disk(self) -> dict[Place, bytes]:
        found: dict[Place, bytes] = {}
        for path in self.seam.files.rglob("*"):
            if path.is_file() and path.name not in GUARDS:
                folder, *rest = path.relative_to(self.seam.files).parts
                layer = {"agents": "agent", "users": "user"}.get(folder, folder)
                owner = rest.pop(0) if folder in {"agents", "users"} else ""
                found[layer, owner, "/".join(rest)] = path.read_bytes()
        for path in self.seam.site.path.glob("*.md"):
            found["shared", "", path.name] = path.read_bytes()
        return found

    def _table(self) -> dict[Place, bytes]:
        rows = self.seam.site.db.sql(
            "SELECT CONCAT_WS('\\t', scope, filename, TO_BASE64(content)) FROM wp_memory_in_a_table",
            database="wordpress",
        )
        found: dict[Place, bytes] = {}
        for row in rows.splitlines():
            scope, filename, content = row.replace("\\t", "\t").replace("\\n", "").split("\t")
            layer, user_id, agent_id, _ = scope.split(":")
            found[_place(layer, user_id, agent_id, filename)] = base64.b64decode(content)
        return found

    def _sqlite(self) -> dict[Place, bytes]:
        if not self.seam.sqlite.exists():
            return {}
        with closing(sqlite3.connect(self.seam.sqlite)) as database:
            rows = database.execute("SELECT layer, user_id, agent_id, filename, content FROM memory")
            return {_place(layer, str(user), str(agent), name): content
                    for layer, user, agent, name, content in rows}  # fmt: skip


def _place(layer: str, user_id: str, agent_id: str, filename: str) -> Place:
    """A file has one address, whoever asks for it: an agent's with its owner, what is shared with user 1."""
    assert (user_id, agent_id) in {"shared": {("1", "0")}, "network": {("0", "0")}}.get(
        layer, {(user_id, "0" if layer == "user" else agent_id)}
    )
    return (layer, {"agent": agent_id, "user": user_id}.get(layer, ""), filename)


@pytest.fixture(scope="class", params=STORES)
def world(
    request: pytest.FixtureRequest, seam: Seam, seam_php: WordPress, seam_services: Services
) -> Iterator[World]:
    """An agent made while that store keeps memory."""
    seam.turn(request.param)
    slug = f"seam-{request.param}"
    nobody = Agent(0, slug, slug, 1, None, {}, "", "")
    made = World(seam, request.param, nobody, "", seam_php, seam_services)
    before = {store: made.stored(store) for store in STORES}
    made.wp("agents", "create", slug, f"--name={slug}", "--owner=1")
    agent = seam_services.get(AgentsRepository).by_slug(slug)
    assert agent is not None
    made.agent = agent
    made.token = seam_services.get(TokensService).create(Principal.command_line(), agent.agent_id).raw
    made.beginning = before  # type: ignore[attr-defined]
    yield made
    seam.turn("disk")


@pytest.fixture(scope="package")
def seam_services(seam_runtime: Services) -> Services:
    return seam_runtime


class TestSurfaces:
    """In order: later tests read what earlier ones wrote."""

    def test_scaffolding(self, world: World) -> None:
        after = {store: world.stored(store) for store in STORES}
        before: dict[str, dict[Place, bytes]] = world.beginning  # type: ignore[attr-defined]
        new = after[world.kept].keys() - before[world.kept].keys()
        assert {world.own("SOUL.md"), world.own("MEMORY.md")} <= new
        for store in set(STORES) - {world.kept}:
            assert after[store] == before[store]
        with world.only_here(world.shared("RULES.md")) if world.kept != "disk" else world.only_here():
            (answer,) = world.abilities(("scaffold-memory-file", {"layer": "shared"}))
        assert answer["success"] is True

    def test_commands(self, world: World) -> None:
        with world.only_here(world.own("MEMORY.md")):
            world.memory("write", "Seam", f"kept in {world.kept}")
        assert world.memory("read", "Seam") == f"kept in {world.kept}\n"
        assert "1 match" in world.memory("search", f"kept in {world.kept}")
        assert "Seam" in world.memory("sections", "--format=csv")
        listed = world.memory("files", "list", "--format=csv")
        assert "MEMORY.md" in listed
        slug = f"--agent={world.agent.agent_slug}"
        with world.only_here(world.own("MEMORY.md")):
            world.native("memory", "write", "Native", "-", slug, stdin="## heading\n")
        assert world.native("memory", "read", "Native", slug) == "## heading\n"
        with world.only_here(world.own("MEMORY.md")):
            world.memory("delete", "Native")
        assert world.wp("memory", "read", slug) == world.native("memory", "read", slug)

    def test_facade(self, world: World) -> None:
        with world.only_here(world.own("FACADE.md")):
            assert world.facade("set_section", "A", "## x\none", filename="FACADE.md")["success"]
            assert world.facade("append_to_section", "B", "two", filename="FACADE.md")["success"]
        assert world.facade("get_section", "A", filename="FACADE.md")["content"] == "## x\none"
        assert world.facade("get_sections", filename="FACADE.md")["sections"] == ["A", "B"]
        assert world.facade("search", "ONE", filename="FACADE.md")["match_count"] == 1
        assert world.facade("exists", filename="FACADE.md") is True
        with world.only_here(world.own("FACADE.md")):
            assert world.facade("delete_section", "B", filename="FACADE.md")["success"]
        with world.only_here(world.own("FACADE.md")):
            assert world.facade("delete", filename="FACADE.md")["success"]

    def test_one_file_has_one_address(self, world: World) -> None:
        """A user's agent and the user's first agent are the same; what is shared is everybody's."""
        first = world.services.get(AgentsRepository).first_of(1)
        assert first is not None
        memory = world.services.get(MemoryService)
        ask = {"method": "replace_all", "filename": "ONE.md", "user_id": 1, "args": [world.kept]}
        assert world.php.ask("facade", **ask)["success"]
        assert memory.read(agent_id=first.agent_id, filename="ONE.md").content == world.kept.encode()
        memory.write(f"for all in {world.kept}", user_id=1, agent_id=first.agent_id, filename="RULES.md")
        shared = {"method": "get_all", "filename": "RULES.md", "user_id": 4711}
        assert world.php.ask("facade", **shared)["content"] == f"for all in {world.kept}"
        assert memory.read(agent_id=world.agent.agent_id, filename="RULES.md").exists

    def test_abilities(self, world: World) -> None:
        with world.only_here(world.own("ABLE.md")):
            written, updated, read, found, listed = world.abilities(
                ("write-agent-file", {"filename": "ABLE.md", "content": "<b>able</b> \\ é"}),
                ("update-agent-memory", {"section": "Able", "content": "yes", "mode": "set"}),
                ("get-agent-file", {"filename": "ABLE.md"}),
                ("search-agent-memory", {"query": "yes", "section": "Able"}),
                ("list-agent-files", {}),
            )
        assert written.get("success"), written
        assert updated.get("success"), updated
        assert read["file"]["content"] == "<b>able</b> \\ é"
        assert found["match_count"] == 1
        assert {"ABLE.md", "MEMORY.md", "SOUL.md"} <= {each["filename"] for each in listed["files"]}
        with world.only_here(world.own("ABLE.md")):
            (gone,) = world.abilities(("delete-agent-file", {"filename": "ABLE.md"}))
        assert gone.get("success"), gone

    def test_daily_memory(self, world: World) -> None:
        world.seam.site.wp("eval", "update_option( 'datamachine_settings', "
                           "array( 'daily_memory_enabled' => true ) );")  # fmt: skip
        day = world.own(f"daily/{TODAY.replace('-', '/')}.md")
        with world.only_here(day):
            world.memory("daily", "write", TODAY, "from a command")
            (appended,) = world.abilities(("daily-memory-write", {"date": TODAY, "content": "able"}))
        assert appended.get("success"), appended
        assert world.memory("daily", "read", TODAY) == "from a command\nable\n\n"
        assert TODAY in world.memory("daily", "list", "--format=csv")
        assert "1 match" in world.memory("daily", "search", "from a command")
        with world.only_here(day):
            world.memory("daily", "delete", TODAY)

    def test_composed_files(self, world: World) -> None:
        for name in ("SITE.md", "AGENTS.md"):
            # A worker may refresh it before the command does.
            world.services.get(MemoryService).write("stale", user_id=1, filename=name)
            with world.only_here():
                world.wp("memory", "compose", name)
            assert world.stored(world.kept)[world.shared(name)] not in {b"", b"stale"}
        assert world.stored(world.kept)[world.shared("SITE.md")].startswith(b"# SITE")
        with world.only_here():
            world.wp("memory", "compose", "AGENTS.md")

    def test_files_of_pipelines_and_flows(self, world: World) -> None:
        with world.only_here(world.own("brief.md")):
            world.door("wordpress").ask("PUT", "/files/agent/brief.md", f"brief in {world.kept}".encode())
        ids = {kind: world.row(kind) for kind in ("pipeline", "flow")}
        with world.only_here():
            world.wp("pipelines", "memory-files", str(ids["pipeline"]), "--add=brief.md")
            world.wp("flows", "memory-files", str(ids["flow"]), "--add=brief.md")
        attached = world.services.get(AttachedMemory)
        expected = [("brief.md", f"brief in {world.kept}")]
        assert attached.for_pipeline(ids["pipeline"], world.agent) == expected
        assert attached.for_flow(ids["flow"], world.agent) == expected

    @pytest.mark.parametrize("door", ["wordpress", "sidecar"])
    def test_runtimes(self, world: World, door: str) -> None:
        runtime = world.door(door)
        name = f"{door}.md"
        with world.only_here(world.own(name)):
            put = runtime.ask("PUT", f"/memory/files/{name}", b"# R\r\n\\ & <i>\r\n")
            assert put.status == 200, put.body
        read = runtime.ask("GET", f"/memory/files/{name}", accept="text/markdown")
        assert read.body == b"# R\r\n\\ & <i>\r\n"
        stale = runtime.ask("PUT", f"/memory/files/{name}", b"x", if_match='"0000"')
        assert stale.refusal == (409, "memory_conflict")
        with world.only_here(world.own(name)):
            appended = runtime.ask(
                "POST", "/memory/append", json_body={"file": name, "section": "S", "content": "more"}
            )
            assert appended.status == 200, appended.body
        assert world.stored(world.kept)[world.own(name)] == b"# R\r\n\\ & <i>\r\n\r\n## S\r\nmore\r\n"
        listed = runtime.ask("GET", "/memory").json
        assert name in json.dumps(listed)
        found = runtime.ask("GET", "/memory/search?query=kept%20in")
        assert f"kept in {world.kept}" in found.body.decode()
        context = runtime.ask("GET", f"/agents/{world.agent.agent_id}/context?mode=chat")
        assert f"kept in {world.kept}" in context.body.decode()
        with world.only_here(world.own(name)):
            assert runtime.ask("DELETE", f"/memory/files/{name}").status == 200
        assert runtime.ask("GET", f"/memory/files/{name}").status == 404

    def test_whoever_waits_for_changes_is_told(self, world: World) -> None:
        runtime = world.door("sidecar")
        start = runtime.ask("GET", "/memory/changes").data
        assert runtime.ask("GET", f"/memory/changes?cursor={start['cursor']}&wait=0").data == start
        world.memory("write", "Seam", f"kept in {world.kept}, and changed")
        told = runtime.ask("GET", f"/memory/changes?cursor={start['cursor']}&wait=25").data
        assert {"filename": "MEMORY.md", "layer": "agent"} in told["files"]

    def test_rest(self, world: World) -> None:
        runtime = world.door("wordpress")
        with world.only_here(world.own("REST.md")):
            assert runtime.ask("PUT", "/files/agent/REST.md", b"<b>&amp;</b>").status == 200
        assert runtime.ask("GET", "/files/agent/REST.md").json["data"]["content"] == "<b>&amp;</b>"
        with world.only_here(world.own("daily/2026/01/02.md")):
            put = runtime.ask("PUT", "/files/agent/daily/2026/01/02", b"a day")
            assert put.status == 200, put.body
        assert runtime.ask("GET", "/files/agent/daily").json["data"] == {"2026/01": ["02"]}
        with world.only_here(world.own("REST.md")):
            assert runtime.ask("DELETE", "/files/agent/REST.md").status == 200
