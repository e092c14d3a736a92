"""``/files/agent``: whole files through WordPress and at the sidecar's own door, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dev.instance import Instance
from sidecar.identity import AccessService, AgentsRepository, AgentsService, Principal, TokensService
from sidecar.runtime import Runtime as Services
from tests.integration.doors.runtimes import BOTH, Runtime, quoted

CLI = Principal.command_line()
SLUG = "rest-memory"
#: What filters of HTML, slashes, forms and line endings would change.
TEXT = "# A & B <b>bold</b>\r\n<script>x()</script> \\\\ \\n &amp; content=1&x=2 é😀"
ODD = f"{TEXT}\r\n\r\nno newline at the end"
NAME = "rest-odd.md"


@pytest.fixture(scope="module")
def agent(site: Instance, runtime: Services, stock: object) -> Iterator[int]:
    service = runtime.get(AgentsService)
    made = service.create(CLI, SLUG, owner_id=1).agent.agent_id
    yield made
    if runtime.get(AgentsRepository).get(made) is not None:
        service.delete(CLI, made, delete_files=True)


@pytest.fixture(scope="module")
def folder(site: Instance, agent: int) -> Path:
    return site.path / "wp-content/uploads/datamachine-files/agents" / SLUG


@pytest.fixture(scope="module")
def token(runtime: Services, agent: int) -> str:
    return runtime.get(TokensService).create(CLI, agent).raw


@pytest.fixture(params=BOTH)
def door(request: pytest.FixtureRequest, site: Instance, token: str) -> Runtime:
    return Runtime(site, request.param, token)


@pytest.fixture(autouse=True)
def _swept(folder: Path) -> Iterator[None]:
    yield
    for made in folder.glob("rest-*"):
        made.unlink()


def test_what_is_put_is_what_is_stored_and_what_is_got(door: Runtime, folder: Path) -> None:
    content = ODD.encode()
    for sent in (
        {"body": content},
        {"body": content, "content_type": "application/octet-stream"},
        # What curl --data-binary says; the text is a form too, of other fields than content.
        {
            "body": ODD.replace("content=", "text=").encode(),
            "content_type": "application/x-www-form-urlencoded",
        },
        {"json_body": {"content": ODD}},
    ):
        put = door.ask("PUT", f"/files/agent/{NAME}", **sent)  # type: ignore[arg-type]
        assert (put.status, put.json) == (200, {"success": True, "filename": NAME}), put.body
        stored = (folder / NAME).read_bytes()
        assert stored == (sent["body"] if isinstance(sent.get("body"), bytes) else content)
        assert put.etag == quoted(stored)
    got = door.get(f"/files/agent/{NAME}")
    assert got.headers["content-type"].lower() == "application/json; charset=utf-8"
    assert list(got.data) == ["filename", "size", "modified", "content"]
    assert (got.data["content"], got.data["size"], got.etag) == (ODD, len(content), quoted(content))
    raw = door.get(f"/files/agent/{NAME}", accept="text/markdown")
    assert (raw.status, raw.body, raw.etag) == (200, content, quoted(content))
    assert raw.headers["content-type"].lower() == "text/markdown; charset=utf-8"
    # A round trip changes nothing.
    door.ask("PUT", f"/files/agent/{NAME}", json_body={"content": got.data["content"]})
    assert (folder / NAME).read_bytes() == content


def test_a_form_with_content_is_that_content(door: Runtime, folder: Path) -> None:
    form = b"content=a+%26+b%0A"
    door.ask("PUT", f"/files/agent/{NAME}", form, content_type="application/x-www-form-urlencoded")
    assert (folder / NAME).read_bytes() == b"a & b\n"


def test_tags_are_compare_and_swap(door: Runtime, folder: Path) -> None:
    path = f"/files/agent/{NAME}"
    one, two = quoted(b"one"), quoted(b"two")
    assert door.put(path, b"one", if_none_match="*").status == 200
    again = door.put(path, b"two", if_none_match="*")
    assert again.refusal == (409, "memory_conflict")
    assert again.json["data"]["hash"] == one.strip('"')
    assert door.put(path, b"two", if_match=two).refusal == (409, "memory_conflict")
    assert (folder / NAME).read_bytes() == b"one"
    assert door.put(path, b"two", if_match=one).etag == two
    # Weak tags, several, those a server made while compressing, and any at all.
    for listed in (f"W/{two}", f"{one}, {two}", two.replace('"', '-gzip"', 2).replace('-gzip"', '"', 1), "*"):
        assert door.put(path, b"two", if_match=listed).status == 200, listed
    unchanged = door.get(path, if_none_match=two)
    assert (unchanged.status, unchanged.body, unchanged.etag) == (304, b"", two)
    # What has no fields is answered as it is: WordPress itself would end in a fatal error.
    assert door.get(f"{path}?_fields=content", if_none_match=two).status == 304
    assert door.get(path, if_none_match=one).data["content"] == "two"
    assert door.ask("DELETE", path, if_match=one).refusal == (409, "memory_conflict")
    gone = door.ask("DELETE", path, if_match=two)
    assert gone.data == {"message": f"File {NAME} deleted"}
    missing = door.put(path, b"three", if_match=two)
    assert (missing.refusal, missing.json["data"]["hash"]) == ((409, "memory_conflict"), "")
    assert not (folder / NAME).exists()


def test_the_list_names_registered_files_first(door: Runtime, folder: Path) -> None:
    (folder / "rest-zoo.md").write_text("z")
    listed = door.get("/files/agent").data
    names = [each["filename"] for each in listed]
    assert names.index("SOUL.md") < names.index("MEMORY.md") < names.index("rest-zoo.md")
    soul = next(each for each in listed if each["filename"] == "SOUL.md")
    assert {"layer": "agent", "protected": True, "editable": True, "registered": True}.items() <= soul.items()
    assert set(soul) == {
        "filename", "size", "modified", "type", "layer", "protected", "editable", "modes", "registered",
        "label", "description",
    }  # fmt: skip
    assert str(folder) not in json.dumps(listed)


def test_protected_files_stay(door: Runtime) -> None:
    assert door.ask("DELETE", "/files/agent/SOUL.md").refusal == (403, "delete_agent_file_error")
    assert door.put("/files/agent/SOUL.md", b"").refusal == (400, "put_agent_file_error")
    assert door.put("/files/agent/SITE.md", b"x").refusal == (403, "put_agent_file_error")
    missing = door.get("/files/agent/rest-none.md")
    assert missing.refusal == (404, "get_agent_file_error")
    assert missing.json["data"]["ability_error_code"] == "memory_file_not_found"


@pytest.mark.parametrize(
    "name",
    ["rest-x.php", "rest-x.php.md", ".htaccess", "..%2f..%2f..%2fwp-config.php", "%2e%2e", "rest%00.md"],
)
def test_names_that_are_no_memory_files(door: Runtime, site: Instance, folder: Path, name: str) -> None:
    before = {path.name for path in folder.iterdir()}
    config = (site.path / "wp-config.php").read_bytes()
    for method in ("PUT", "DELETE", "GET"):
        reply = door.ask(method, f"/files/agent/{name}", b"x" if method == "PUT" else None)
        assert 400 <= reply.status < 500, (method, reply.body)
    assert {path.name for path in folder.iterdir()} == before
    assert (site.path / "wp-config.php").read_bytes() == config


def test_days(door: Runtime, site: Instance, folder: Path) -> None:
    stored = json.loads(
        site.wp("eval", "echo wp_json_encode( get_option( 'datamachine_settings' ) );").stdout
    )
    settings = stored or {}

    def switch(on: bool) -> None:
        value = json.dumps({**settings, "daily_memory_enabled": on})
        site.wp("option", "update", "datamachine_settings", value, "--format=json")

    switch(False)
    off = door.put("/files/agent/daily/2026/03/04", b"x")
    assert off.refusal == (403, "daily_file_write_error"), off.body
    switch(True)
    try:
        put = door.put("/files/agent/daily/2026/03/04", ODD.encode())
        assert put.json == {
            "success": True,
            "date": "2026-03-04",
            "message": "Daily memory for 2026-03-04 saved.",
        }
        assert (folder / "daily/2026/03/04.md").read_bytes() == ODD.encode()
        assert door.get("/files/agent/daily").data == {"2026/03": ["04"]}
        got = door.get("/files/agent/daily/2026/03/04")
        assert (got.data, got.etag) == ({"date": "2026-03-04", "content": ODD}, quoted(ODD.encode()))
        assert door.get("/files/agent/daily/2026/03/04", if_none_match=got.etag).status == 304
        stale = door.put("/files/agent/daily/2026/03/04", b"x", if_match=quoted(b"y"))
        assert stale.refusal == (409, "memory_conflict")
        assert door.ask("DELETE", "/files/agent/daily/2026/03/04").status == 200
        assert door.get("/files/agent/daily/2026/03/04").refusal == (404, "daily_file_not_found")
        assert door.get("/files/agent/daily/2026/13/04").refusal == (400, "rest_invalid_param")
        assert door.get("/files/agent/daily/2026/02/30").refusal == (400, "invalid_memory_date")
    finally:
        if stored:
            site.wp("option", "update", "datamachine_settings", json.dumps(settings), "--format=json")
        else:
            site.wp("option", "delete", "datamachine_settings")


def test_large_files_cross_both_doors(site: Instance, token: str, folder: Path) -> None:
    large = ("ä line of text, and \\ with < and &\n" * 150_000).encode()
    assert 5_000_000 < len(large) < 10 * 1024 * 1024
    for name in BOTH:
        door = Runtime(site, name, token)
        assert door.put(f"/files/agent/{NAME}", large).etag == quoted(large)
        assert door.get(f"/files/agent/{NAME}", accept="text/markdown").body == large
        assert door.get(f"/files/agent/{NAME}").data["content"].encode() == large
        sent = door.ask("PUT", f"/files/agent/{NAME}", json_body={"content": large.decode() + name})
        assert sent.status == 200
        assert (folder / NAME).read_bytes() == large + name.encode()
        over = door.put(f"/files/agent/{NAME}", b"x" * (10 * 1024 * 1024 + 1))
        assert over.refusal == (413, "memory_too_large")
        assert (folder / NAME).read_bytes() == large + name.encode()


def test_addresses_that_end_like_files_arrive(site: Instance, token: str, folder: Path) -> None:
    (folder / NAME).write_bytes(ODD.encode())
    address = f"/wp-json/datamachine/v1/files/agent/{NAME}"
    got = site.get(address, headers={"Authorization": f"Bearer {token}", "Accept": "text/plain"})
    assert (got.status, got.body) == (200, ODD.encode())


def test_bytes_that_are_no_text(door: Runtime, folder: Path) -> None:
    (folder / NAME).write_bytes(b"caf\xe9\n")
    assert door.get(f"/files/agent/{NAME}").refusal == (406, "memory_not_text")
    assert door.get(f"/files/agent/{NAME}", accept="text/plain").body == b"caf\xe9\n"
    assert door.put(f"/files/agent/{NAME}", b"\xff\xfe").status == 200
    assert (folder / NAME).read_bytes() == b"\xff\xfe"


def test_whose_files(
    site: Instance, runtime: Services, agent: int, folder: Path, sign_in: Callable[[str], dict[str, str]]
) -> None:
    """Somebody else's agent takes a role, another user's files the capability."""
    (folder / NAME).write_text("secret")
    for name in BOTH:
        nobody = Runtime(site, name, "")
        assert nobody.get("/files/agent").refusal == (401, "rest_forbidden")
        assert nobody.get(f"/files/agent/{NAME}?agent_id={agent}").refusal == (401, "rest_forbidden")
    subscriber = Runtime(site, "wordpress", sign_in("subscriber")["Authorization"])
    for method, path, body in (
        ("GET", f"/files/agent/{NAME}?agent_id={agent}", None),
        ("PUT", f"/files/agent/{NAME}?agent_id={agent}", b"mine"),
        ("DELETE", f"/files/agent/{NAME}?agent_id={agent}", None),
        ("GET", f"/files/agent?agent_id={agent}", None),
        ("GET", "/files/agent?user_id=1", None),
        ("GET", f"/files/agent/daily/2026/03/04?agent_id={agent}", None),
    ):
        reply = subscriber.ask(method, path, body)
        assert reply.refusal == (403, "rest_forbidden"), (method, path, reply.body)
        assert b"secret" not in reply.body
    user_id = int(site.wp("user", "get", "subscriber", "--field=ID").stdout)
    runtime.get(AccessService).grant(CLI, agent, user_id, "viewer")
    assert subscriber.get(f"/files/agent/{NAME}?agent_id={agent}").data["content"] == "secret"
    assert subscriber.put(f"/files/agent/{NAME}?agent_id={agent}", b"mine").refusal == (403, "rest_forbidden")
    runtime.get(AccessService).grant(CLI, agent, user_id, "operator")
    assert (folder / NAME).read_text() == "secret"
    assert subscriber.put(f"/files/agent/{NAME}?agent_id={agent}", b"mine").status == 200
    assert (folder / NAME).read_text() == "mine"
