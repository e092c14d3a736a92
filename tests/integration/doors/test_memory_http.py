"""``/memory``: what a runtime does with its agent's memory, at WordPress's door and at a real gunicorn."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dev import processes
from dev.instance import Instance
from sidecar import settings
from sidecar.identity import AccessService, AgentsRepository, AgentsService, Principal, TokensService
from sidecar.runtime import Runtime as Services
from tests.integration.doors.runtimes import BOTH, Reply, Runtime, quoted

CLI = Principal.command_line()
SLUG, OTHER, FILE = "http-memory", "http-other", "http-notes.md"


@pytest.fixture(scope="module")
def owner(site: Instance) -> int:
    """Somebody without any role; no administrator."""
    made = site.wp("user", "create", "http-memory-owner", "http-memory@example.org", "--role=subscriber",
                   "--porcelain")  # fmt: skip
    return int(made.stdout)


@pytest.fixture(scope="module")
def agents(site: Instance, runtime: Services, stock: object, owner: int) -> Iterator[dict[str, int]]:
    """One agent of the owner's, one of the administrator's."""
    service = runtime.get(AgentsService)
    made = {
        SLUG: service.create(CLI, SLUG, owner_id=owner).agent.agent_id,
        OTHER: service.create(CLI, OTHER, owner_id=1).agent.agent_id,
    }
    yield made
    for agent_id in made.values():
        if runtime.get(AgentsRepository).get(agent_id) is not None:
            service.delete(CLI, agent_id, delete_files=True)


@pytest.fixture(scope="module")
def base(site: Instance) -> Path:
    return site.path / "wp-content/uploads/datamachine-files"


@pytest.fixture(scope="module")
def folder(base: Path, agents: dict[str, int]) -> Path:
    return base / "agents" / SLUG


@pytest.fixture(scope="module")
def mint(runtime: Services, agents: dict[str, int]) -> Callable[..., str]:
    def make(slug: str = SLUG, **options: Any) -> str:
        return runtime.get(TokensService).create(CLI, agents[slug], **options).raw

    return make


@pytest.fixture(scope="module")
def token(mint: Callable[..., str]) -> str:
    return mint()


@pytest.fixture(params=BOTH)
def door(request: pytest.FixtureRequest, site: Instance, token: str) -> Runtime:
    return Runtime(site, request.param, token)


@pytest.fixture
def waits(site: Instance, token: str) -> Runtime:
    return Runtime(site, "sidecar", token)


@pytest.fixture(autouse=True)
def _swept(folder: Path) -> Iterator[None]:
    yield
    for made in folder.glob("http-*"):
        made.unlink()
    shutil.rmtree(folder / "daily", ignore_errors=True)


def test_a_file_as_json_and_as_itself(door: Runtime, folder: Path) -> None:
    content = "# Notes\r\n\r\n<b>&amp;</b> \\ é😀".encode()
    path = f"/memory/files/{FILE}"
    assert door.get(path).refusal == (404, "memory_file_not_found")
    made = door.put(path, content, if_none_match="*")
    expected = {"filename": FILE, "layer": "agent", "bytes": len(content), "hash": quoted(content).strip('"')}
    assert expected.items() <= made.data.items()
    assert (folder / FILE).read_bytes() == content
    got = door.get(path)
    assert got.data == {
        **expected,
        "modified": got.data["modified"],
        "editable": True,
        "content": content.decode(),
    }
    assert (got.etag, made.etag) == (quoted(content), quoted(content))
    raw = door.get(path, accept="text/markdown, application/json;q=0.5")
    assert (raw.body, raw.headers["content-type"].lower()) == (content, "text/markdown; charset=utf-8")
    assert raw.headers["x-content-type-options"] == "nosniff"
    assert door.get(path, accept="application/json, text/plain;q=0.5").data["content"] == content.decode()
    assert door.get(path, if_none_match=got.etag).status == 304
    assert door.ask("PUT", path, json_body={"content": "next"}, if_match=got.etag).etag == quoted(b"next")
    lost = door.put(path, b"lost", if_match=got.etag)
    assert (lost.refusal, lost.json["data"]["hash"]) == ((409, "memory_conflict"), quoted(b"next").strip('"'))
    assert door.ask("PUT", path, json_body={"contents": "x"}).refusal == (400, "rest_missing_callback_param")
    assert (folder / FILE).read_bytes() == b"next"
    assert door.ask("DELETE", path, if_match=got.etag).refusal == (409, "memory_conflict")
    assert door.ask("DELETE", path).data["layer"] == "agent"
    assert door.ask("DELETE", path).refusal == (404, "memory_file_not_found")
    assert not (folder / FILE).exists()


def test_files_below_folders_and_large_ones(door: Runtime, folder: Path) -> None:
    assert door.put("/memory/files/http-sub/deep/x.md", b"deep").data["filename"] == "http-sub/deep/x.md"
    try:
        assert (folder / "http-sub/deep/x.md").read_bytes() == b"deep"
        assert [each["filename"] for each in door.get("/memory?prefix=http-sub").data] == [
            "http-sub/deep/x.md"
        ]
    finally:
        shutil.rmtree(folder / "http-sub")
    large = door.put(f"/memory/files/{FILE}", b"x" * 9000)
    assert "9 KB" in large.data["warning"]
    over = door.put(f"/memory/files/{FILE}", b"x" * (10 * 1024 * 1024 + 1))
    assert over.refusal == (413, "memory_too_large")
    assert (folder / FILE).stat().st_size == 9000


def test_the_list_says_what_there_is(door: Runtime, folder: Path, base: Path) -> None:
    (folder / FILE).write_bytes(b"notes")
    (base / "shared").mkdir(exist_ok=True)
    (base / "shared" / "http-shared.md").write_bytes(b"for all")
    (folder / "http-odd name.md").write_bytes(b"not a name")
    try:
        listed = {each["filename"]: each for each in door.get("/memory").data}
    finally:
        (base / "shared" / "http-shared.md").unlink()
    modified = listed[FILE].pop("modified")
    assert modified.endswith("+00:00")
    known = {"filename": FILE, "layer": "agent", "bytes": 5, "hash": quoted(b"notes").strip('"')}
    assert listed[FILE] == {**known, "editable": True}
    assert {"SOUL.md", "MEMORY.md"} <= set(listed)
    assert "http-odd name.md" not in listed
    assert (listed["http-shared.md"]["layer"], listed["http-shared.md"]["editable"]) == ("shared", False)


def test_appending_and_sections(door: Runtime, folder: Path) -> None:
    for number in (1, 2):
        reply = door.ask(
            "POST", "/memory/append", json_body={"file": FILE, "section": "Log", "content": f"- {number}"}
        )
        assert reply.etag == quoted((folder / FILE).read_bytes())
    door.ask("POST", "/memory/append", json_body={"file": FILE, "content": "the end"})
    text = (folder / FILE).read_text()
    assert text.index("## Log") < text.index("- 1") < text.index("- 2") < text.index("the end")
    assert door.get(f"/memory/sections?file={FILE}").data == {
        "file": FILE,
        "layer": "agent",
        "sections": ["Log"],
    }
    assert door.get("/memory/sections?file=http-none.md").refusal == (404, "memory_file_not_found")
    assert door.ask("POST", "/memory/append", json_body={"file": FILE}).refusal[0] == 400


def test_searching(door: Runtime, folder: Path) -> None:
    (folder / FILE).write_text("# X\n## Kiwi\nA KAKAPO lives here\n")
    (folder / "daily/2026/01").mkdir(parents=True, exist_ok=True)
    (folder / "daily/2026/01/02.md").write_text("saw a kakapo\n")
    found = door.get("/memory/search?query=kakapo").data
    assert found["match_count"] == 2
    assert [(each["file"], each["section"], each["line"]) for each in found["matches"]] == [
        (FILE, "Kiwi", 3),
        ("daily/2026/01/02.md", "(top-level)", 1),
    ]
    assert door.get(f"/memory/search?query=kakapo&file={FILE}").data["match_count"] == 1
    assert door.get("/memory/search?query=moa-none").data == {
        "query": "moa-none",
        "matches": [],
        "match_count": 0,
    }
    assert door.get("/memory/search?query=%20").refusal == (400, "memory_query_empty")


def test_the_context_of_a_prompt(door: Runtime, folder: Path, agents: dict[str, int]) -> None:
    (folder / "MEMORY.md").write_text("# Memory\nRemember the kea.\n")
    got = door.get("/agents/me/context?mode=chat")
    data = got.data
    assert (data["agent_id"], data["mode"], got.etag) == (agents[SLUG], "chat", f'"{data["hash"]}"')
    names = [part["filename"] for part in data["parts"]]
    assert names.index("SOUL.md") < names.index("MEMORY.md")
    memory = next(part for part in data["parts"] if part["filename"] == "MEMORY.md")
    assert memory["content"] == "# Memory\nRemember the kea."
    assert memory["hash"] == quoted((folder / "MEMORY.md").read_bytes()).strip('"')
    raw = door.get("/agents/me/context?mode=chat", accept="text/markdown")
    assert raw.body.decode() == "\n\n".join(part["content"] for part in data["parts"])
    assert door.get("/agents/me/context", if_none_match=got.etag).status == 304
    for name in (SLUG, agents[SLUG]):
        assert door.get(f"/agents/{name}/context").data["hash"] == data["hash"]
    (folder / "MEMORY.md").write_text("# Memory\nRemember the weka.\n")
    assert door.get("/agents/me/context", if_none_match=got.etag).data["hash"] != data["hash"]


def test_the_context_of_a_run(
    door: Runtime, runtime: Services, folder: Path, agents: dict[str, int], owner: int
) -> None:
    (folder / FILE).write_text("attached")
    made = {}
    with runtime.db.session() as session:
        for slug, user_id in ((SLUG, owner), (OTHER, 1)):
            row = {
                "pipeline_name": slug,
                "pipeline_config": f'{{"memory_files":["{FILE}"]}}',
                "agent_id": agents[slug],
                "user_id": user_id,
            }
            made[slug] = session.insert(runtime.db.tables().pipelines, row)
    try:
        parts = door.get(f"/agents/me/context?mode=pipeline&pipeline_id={made[SLUG]}").data["parts"]
        assert parts[-1]["content"] == f"## Memory File: {FILE}\nattached"
        others = door.get(f"/agents/me/context?mode=pipeline&pipeline_id={made[OTHER]}")
        assert others.refusal == (403, "rest_forbidden")
        assert door.get("/agents/me/context?pipeline_id=-1").refusal == (400, "rest_invalid_param")
    finally:
        with runtime.db.session() as session:
            for pipeline_id in made.values():
                session.delete(runtime.db.tables().pipelines, {"pipeline_id": pipeline_id})


@pytest.mark.parametrize(
    "path",
    [
        "../../../wp-config.php", "..%2f..%2fwp-config.php", "x.php", "x.php.md", ".htaccess",
        "daily/../../x.md", "a//b.md", "/etc/passwd.md", "odd name.md", "x%00.md", "x%5cy.md",
        "%252e%252e/x.md", "é.md",
        "x" * 300 + ".md",
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere(door: Runtime, site: Instance, base: Path, path: str) -> None:
    def everything() -> dict[str, bytes]:
        return {str(each): each.read_bytes() for each in base.rglob("*") if each.is_file()}

    before, config = everything(), (site.path / "wp-config.php").read_bytes()
    for method in ("PUT", "GET", "DELETE"):
        reply = door.ask(method, f"/memory/files/{path}".replace(" ", "%20").replace("é", "%C3%A9"),
                         b"x" if method == "PUT" else None)  # fmt: skip
        assert 400 <= reply.status < 500, (method, reply.status, reply.body)
        assert b"DB_NAME" not in reply.body
    assert (everything(), (site.path / "wp-config.php").read_bytes()) == (before, config)


def test_whose_memory(
    door: Runtime, runtime: Services, agents: dict[str, int], base: Path, owner: int
) -> None:
    """A runtime has its own agent's; others' take a role."""
    (base / "agents" / OTHER / FILE).write_text("kept apart")
    other, people = agents[OTHER], runtime.get(AccessService)
    forbidden = (403, "rest_forbidden")
    asked = [
        ("GET", f"/memory?agent_id={other}", None),
        ("GET", f"/memory/files/{FILE}?agent_id={other}", None),
        ("PUT", f"/memory/files/{FILE}?agent_id={other}", b"x"),
        ("DELETE", f"/memory/files/{FILE}?agent_id={other}", None),
        ("GET", f"/memory/search?query=kept&agent_id={other}", None),
        ("GET", f"/memory/sections?file={FILE}&agent_id={other}", None),
        ("GET", f"/agents/{OTHER}/context", None),
        ("GET", f"/agents/{other}/context", None),
        ("GET", "/agents/http-nobody/context", None),
        ("GET", "/memory?agent_id=999999", None),
    ]
    if door.door == "sidecar":
        asked.append(("GET", f"/memory/changes?agent_id={other}", None))
    try:
        for method, path, body in asked:
            assert door.ask(method, path, body).refusal == forbidden, (method, path)
        people.grant(CLI, other, owner, "viewer")
        assert door.get(f"/memory/files/{FILE}?agent_id={other}").data["content"] == "kept apart"
        assert not door.get(f"/memory/files/{FILE}?agent_id={other}").data["editable"]
        assert door.put(f"/memory/files/{FILE}?agent_id={other}", b"x").refusal == forbidden
        # The other agent's user is not this one's: his own file stays his.
        assert all(each["layer"] != "user" for each in door.get(f"/memory?agent_id={other}").data)
        people.grant(CLI, other, owner, "operator")
        assert door.put(f"/memory/files/{FILE}?agent_id={other}", b"written").status == 200
    finally:
        people.revoke(CLI, other, owner)
        (base / "agents" / OTHER / FILE).unlink()


def test_what_a_runtime_may_not_write(door: Runtime, mint: Callable[..., str]) -> None:
    """What all share takes an administrator, and some files have to be there."""
    forbidden = (403, "rest_forbidden")
    assert door.put(f"/memory/files/{FILE}?layer=shared", b"x").refusal == forbidden
    assert door.put("/memory/files/RULES.md", b"x").refusal == forbidden
    assert door.put("/memory/files/SITE.md", b"x").refusal == forbidden
    assert door.ask("DELETE", "/memory/files/SOUL.md").refusal == (403, "memory_file_protected")
    assert door.put("/memory/files/SOUL.md", b" ").refusal == (400, "memory_file_empty")
    nobody = Runtime(door.site, door.door, "")
    assert nobody.get("/memory").refusal == (401, "rest_forbidden")
    nothing = Runtime(door.site, door.door, mint(capabilities=[]))
    assert nothing.get("/memory").refusal == forbidden
    assert nothing.get(f"/memory/files/{FILE}").refusal == forbidden


def test_composing(door: Runtime, site: Instance, mint: Callable[..., str], base: Path) -> None:
    made = site.path / "AGENTS.md"
    kept = made.read_bytes() if made.exists() else None
    made.unlink(missing_ok=True)
    lead = Runtime(site, door.door, mint(OTHER))
    try:
        # Refreshing is everybody's, making a file in WordPress's root its administrator's.
        refused = door.ask("POST", "/memory/compose", json_body={"file": "AGENTS.md"})
        assert refused.refusal == (403, "memory_first_time")
        assert not made.exists()
        first = lead.ask("POST", "/memory/compose").data
        agents = next(each for each in first if each["filename"] == "AGENTS.md")
        assert (agents["success"], agents["changed"]) == (True, True)
        assert str(site.path) not in str(first)
        content = made.read_bytes()
        again = door.ask("POST", "/memory/compose", json_body={"file": "AGENTS.md"})
        assert again.data == [{**agents, "changed": False}]
        assert made.read_bytes() == content
        assert door.get("/memory/files/AGENTS.md", accept="text/markdown").body == content
        unknown = door.ask("POST", "/memory/compose", json_body={"file": "http-none.md"})
        assert unknown.refusal == (404, "memory_file_not_registered")
        every = door.ask("POST", "/memory/compose", json_body={"file": ""}).data
        assert len(every) == len(first)
    finally:
        made.unlink(missing_ok=True)
        if kept is not None:
            made.write_bytes(kept)


def test_a_change_on_disk_is_told_to_whoever_waits(waits: Runtime, folder: Path, base: Path) -> None:
    # Nobody waits with a PHP process.
    assert Runtime(waits.site, "wordpress", waits.token).get("/memory/changes").status == 404
    start = waits.get("/memory/changes").data
    assert (start["changed"], start["files"]) == (False, [])
    assert waits.get(f"/memory/changes?cursor={start['cursor']}&wait=0").data == start
    with ThreadPoolExecutor() as pool:

        def told(cursor: str) -> Future[Reply]:
            return pool.submit(waits.get, f"/memory/changes?cursor={cursor}&wait=25")

        asked = told(start["cursor"])
        # As a coding tool does it.
        (base / "http-new.tmp").write_text("by an editor")
        os.replace(base / "http-new.tmp", folder / FILE)
        made = asked.result().data
        assert (made["changed"], made["files"]) == (True, [{"filename": FILE, "layer": "agent"}])
        asked = told(made["cursor"])
        waits.ask("POST", "/memory/append", json_body={"file": FILE, "content": "by a runtime"})
        written = asked.result().data
        assert written["files"] == [{"filename": FILE, "layer": "agent"}]
        asked = told(written["cursor"])
        (folder / "daily/2026/05").mkdir(parents=True)
        (folder / "daily/2026/05/06.md").write_text("a day")
        day = asked.result().data
        assert day["files"] == [{"filename": "daily/2026/05/06.md", "layer": "agent"}]
        asked = told(day["cursor"])
        (folder / FILE).unlink()
        gone = asked.result().data
        assert (gone["changed"], gone["files"]) == (True, [])
        assert waits.get(f"/memory/changes?cursor={gone['cursor']}&wait=0").data["changed"] is False
    everything = waits.get("/memory/changes?cursor=nonsense").data
    assert {"filename": "SOUL.md", "layer": "agent"} in everything["files"]


def test_who_loses_his_token_while_waiting_is_told_nothing(
    site: Instance, runtime: Services, agents: dict[str, int], folder: Path
) -> None:
    made = runtime.get(TokensService).create(CLI, agents[SLUG])
    waits = Runtime(site, "sidecar", made.raw)
    cursor = waits.get("/memory/changes").data["cursor"]
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(waits.get, f"/memory/changes?cursor={cursor}&wait=25")
        runtime.get(TokensService).revoke(CLI, agents[SLUG], made.token.token_id)
        (folder / FILE).write_text("for others")
        assert asked.result().refusal == (401, "datamachine_invalid_token")


def test_those_who_wait_leave_threads_for_others(site: Instance, waits: Runtime, folder: Path) -> None:
    known = settings.load(str(site.config)).site(None)
    seats = known.http_workers * (known.http_threads // 2)
    cursor = waits.get("/memory/changes").data["cursor"]
    with ThreadPoolExecutor(seats + 4) as pool:
        asked = [pool.submit(waits.get, f"/memory/changes?cursor={cursor}&wait=25") for _ in range(seats + 4)]
        # More than half of all threads: those without a seat are told at once to come again.
        processes.wait_until(lambda: sum(each.done() for each in asked) >= 4, what="An answer at once")
        assert waits.get("/memory").status == 200
        (folder / FILE).write_text("wake up")
        answers = [each.result() for each in asked]
    assert any(each.data["changed"] for each in answers)
    assert all(each.data["changed"] != (each.headers.get("retry-after") == "2") for each in answers)
