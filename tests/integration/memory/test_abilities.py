"""The abilities on memory in a real WordPress: whose memory, which bytes, what plugins change."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dev import wordpress
from dev.instance import Instance, Response
from sidecar.identity import AgentsService, Principal
from sidecar.runtime import Runtime

HERE = Path(__file__).parent
CLI = Principal.command_line()
DAY = "2026-02-01"


class Desk:
    """A user with three agents, another who manages flows too, and a PHP process that runs abilities."""

    def __init__(self, site: Instance, runtime: Runtime) -> None:
        self.site = site
        self.owner = self._user("mem-owner")
        self.other = self._user("mem-other")
        self.first, self.second, self.elsewhere = (
            runtime.get(AgentsService).create(CLI, slug, owner_id=self.owner).agent.agent_id
            for slug in ("mem-first", "mem-second", "mem-elsewhere")
        )
        self._process = subprocess.Popen(
            [
                *site.php(),
                str(wordpress.wp_cli()),
                f"--path={site.path}",
                "--allow-root",
                "eval-file",
                str(HERE / "abilities.php"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=site.environment(),
        )

    def _user(self, login: str) -> int:
        made = self.site.wp(
            "user", "create", login, f"{login}@example.org", "--role=subscriber", "--porcelain"
        )
        self.site.wp("user", "add-cap", login, "datamachine_manage_flows")
        return int(made.stdout)

    def ask(self, **question: Any) -> Any:
        """The value, or ``"error: <code>"``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("ANSWER "):
                answer = json.loads(line.removeprefix("ANSWER "))
                return answer["value"] if "value" in answer else f"error: {answer['error']}"
        raise AssertionError(self._process.stderr.read() if self._process.stderr else "no answer")

    def run(self, ability: str, user: int | None = None, agent: int | None = None, **given: Any) -> Any:
        """An ability as the owner, unless somebody else is named."""
        return self.ask(ability=ability, input=given, user=user or self.owner, agent=agent)

    def php(self, code: str, user: int | None = None) -> Any:
        return self.ask(code=code, user=user or self.owner)

    def file(self, slug: str, name: str) -> Path:
        return self.site.path / "wp-content/uploads/datamachine-files/agents" / slug / name

    def close(self) -> None:
        self._process.communicate(timeout=30)


@pytest.fixture(scope="module")
def desk(site: Instance, runtime: Runtime) -> Iterator[Desk]:
    plugin = site.path / "wp-content/mu-plugins/abilities_plugin.php"
    shutil.copy(HERE / plugin.name, plugin)
    made = Desk(site, runtime)
    yield made
    made.close()
    plugin.unlink()
    for agent_id in (made.first, made.second, made.elsewhere):
        runtime.get(AgentsService).delete(CLI, agent_id, delete_files=True)
    site.wp("user", "delete", "mem-owner", "mem-other", "--yes")
    for option in ("mem_days", "mem_note", "mem_staged", "mem_resolved"):
        site.wp("option", "delete", option, check=False)


@pytest.fixture
def daily_enabled(site: Instance) -> Iterator[None]:
    before = site.wp("option", "get", "datamachine_settings", "--format=json", check=False).stdout.strip()
    settings = json.loads(before or "{}") or {}
    site.wp(
        "option",
        "update",
        "datamachine_settings",
        json.dumps({**settings, "daily_memory_enabled": True}),
        "--format=json",
    )
    yield
    if before:
        site.wp("option", "update", "datamachine_settings", before, "--format=json")
    else:
        site.wp("option", "delete", "datamachine_settings")


def test_sections_of_the_agent_that_is_named(desk: Desk) -> None:
    untouched = desk.file("mem-first", "MEMORY.md").read_bytes()
    content = 'back\\slash <b>&amp; "é😀"'
    done = desk.run("update-agent-memory", agent_id=desk.second, section="Notes", content=content, mode="set")
    size = desk.file("mem-second", "MEMORY.md").stat().st_size
    assert done == {"success": True, "message": 'Section "Notes" updated.', "file_size": size}
    assert desk.run("get-agent-memory", agent_id=desk.second, section="Notes") == {
        "success": True,
        "section": "Notes",
        "content": content,
    }
    # An acting agent's own, though its owner has an older one.
    assert desk.run("get-agent-memory", agent=desk.second, section="Notes")["content"] == content
    assert "Notes" in desk.run("list-agent-memory-sections", agent_id=str(desk.second))["sections"]
    found = desk.run("search-agent-memory", agent_id=desk.second, query="BACK\\SLASH")
    assert (found["match_count"], found["matches"][0]["section"]) == (1, "Notes")
    assert desk.run("get-agent-memory")["file"] == "MEMORY.md"
    assert desk.file("mem-first", "MEMORY.md").read_bytes() == untouched


def test_which_files_a_prompt_begins_with(desk: Desk) -> None:
    found = desk.run("list-injectable-memory-files", agent_id=desk.second)["files"]
    ranks = [each["priority"] for each in found]
    assert ranks == sorted(ranks)
    soul = next(each for each in found if each["filename"] == "SOUL.md")
    assert soul == {
        "filename": "SOUL.md",
        "layer": "agent",
        "path": "wp-content/uploads/datamachine-files/agents/mem-second/SOUL.md",
        "priority": 20,
    }
    names = [
        each["filename"]
        for each in desk.run("list-injectable-memory-files", agent_id=desk.second, mode="system")["files"]
    ]
    assert "SOUL.md" not in names
    refused = desk.run("list-injectable-memory-files", desk.other, agent_id=desk.second)
    assert refused == "error: rest_forbidden"


def test_broken_rules_are_answers_and_missing_rights_are_errors(desk: Desk) -> None:
    missing = desk.run("get-agent-memory", section="Nope")
    assert (missing["success"], missing["message"]) == (False, 'Section "Nope" not found.')
    assert "State" in missing["available_sections"]
    assert desk.run("search-agent-memory", query="x", file="NOPE.md")["match_count"] == 0
    for file in ("../../../../../wp-config.php", "..", "../mem-second/MEMORY.md"):
        assert desk.run("get-agent-memory", file=file)["success"] is False
        assert (
            desk.run("update-agent-memory", file=file, section="S", content="x", mode="set")["success"]
            is False
        )
    write = {"section": "S", "content": "x", "mode": "append"}
    refused = desk.run("update-agent-memory", user=1, file="SITE.md", **write)
    assert refused == {
        "success": False,
        "message": "File SITE.md is read-only and cannot be edited via section write.",
    }
    assert desk.run("update-agent-memory", file="SHELL.php", **write)["success"] is False
    for name, given in (
        ("get-agent-memory", {}),
        ("update-agent-memory", write),
        ("daily-memory-list", {}),
        ("list-agent-files", {}),
        ("get-agent-file", {"filename": "SOUL.md"}),
        ("write-agent-file", {"filename": "x.md", "content": "x"}),
        ("delete-agent-file", {"filename": "SOUL.md"}),
    ):
        assert desk.run(name, desk.other, agent_id=desk.second, **given) == "error: rest_forbidden", name
        assert desk.run(name, desk.other, user_id=desk.owner, **given) == "error: rest_forbidden", name
        asked = desk.ask(ability=name, input=given, user=0)
        assert asked == "error: ability_invalid_permissions", name
    assert desk.run("get-agent-memory", 1, agent_id=99999999)["message"] == "Agent not found."


def test_daily_memory_off_and_on(desk: Desk, daily_enabled: None) -> None:
    desk.site.wp("option", "patch", "update", "datamachine_settings", "daily_memory_enabled", "0")
    refused = desk.run("daily-memory-write", content="x")
    assert (refused["success"], "disabled" in refused["message"]) == (False, True)
    assert desk.run("daily-memory-delete", date=DAY)["success"] is False
    desk.site.wp("option", "patch", "update", "datamachine_settings", "daily_memory_enabled", "1")

    own = {"agent_id": desk.second}
    assert desk.run("daily-memory-read", **own, date=DAY)["message"] == f"No daily memory for {DAY}."
    assert desk.run("daily-memory-write", **own, date=DAY, content="## S", mode="write") == {
        "success": True,
        "message": f"Daily memory for {DAY} saved.",
    }
    assert desk.run("daily-memory-write", **own, date=DAY, content="- a needle")["success"] is True
    assert desk.file("mem-second", "daily/2026/02/01.md").read_text() == "## S\n- a needle\n"
    assert desk.run("daily-memory-list", **own) == {"success": True, "months": {"2026/02": ["01"]}}
    # Without an end, which Data Machine refuses.
    found = desk.run("search-daily-memory", **own, query="NEEDLE", **{"from": DAY})
    assert (found["match_count"], found["matches"][0]["date"]) == (1, DAY)
    wrong = desk.run("daily-memory-write", **own, date="2026-13-45", content="x")
    assert wrong["message"] == "Invalid date format: 2026-13-45. Use YYYY-MM-DD."
    # The same storage as PHP code uses it.
    prelude = (
        f"$d = new DataMachine\\Core\\FilesRepository\\DailyMemory( {desk.owner}, {desk.second} );return "
    )
    assert desk.php(prelude + "$d->read( '2026', '02', '01' );")["content"] == "## S\n- a needle\n"
    assert desk.php(prelude + "$d->append( '2026', '02', '02', 'php' );")["success"] is True
    assert desk.php(prelude + "$d->list_all();")["months"] == {"2026/02": ["01", "02"]}
    assert desk.php(prelude + "$d->search( 'php' );")["match_count"] == 1
    assert desk.php(prelude + "$d->write( '2026', '02', '30', 'x' );")["success"] is False
    assert desk.php(prelude + "$d->get_file_path( '2026', '02', '02' );") == str(
        desk.file("mem-second", "daily/2026/02/02.md")
    )
    assert desk.php(prelude + "$d->delete( '2026', '02', '02' );")["success"] is True
    assert desk.run("daily-memory-delete", **own, date=DAY)["success"] is True
    assert not desk.file("mem-second", "daily/2026/02/01.md").exists()


def test_a_plugins_daily_storage_is_everybodys(desk: Desk, daily_enabled: None) -> None:
    own = {"agent_id": desk.elsewhere}
    done = desk.run("daily-memory-write", **own, date=DAY, content="in the option")
    assert done == {"success": True, "message": "Added in the option."}
    assert desk.run("daily-memory-read", **own, date=DAY)["content"] == "in the option"
    assert desk.run("search-daily-memory", **own, query="q")["matches"][0]["content"] == "q"
    for command in (desk.site.wp, desk.site.datamachine):
        words = ("datamachine",) if command == desk.site.wp else ()
        read = command(*words, "memory", "daily", "read", DAY, "--agent=mem-elsewhere")
        assert read.stdout.rstrip("\n") == "in the option"
    listed = desk.run("list-agent-files", **own)["files"]
    assert listed[-1]["months"] == {"2026/02": ["01"]}
    assert not desk.file("mem-elsewhere", "daily").exists()
    assert desk.run("daily-memory-delete", **own, date=DAY)["message"] == "Gone from the option."


def test_whole_files_keep_their_bytes(desk: Desk) -> None:
    own = {"agent_id": desk.second}
    content = "# <script>alert(1)</script> & \\n \\\\ 'q'\r\n"
    assert desk.run("write-agent-file", **own, filename="notes.md", content=content) == {
        "success": True,
        "filename": "notes.md",
        "layer": "agent",
    }
    assert desk.file("mem-second", "notes.md").read_bytes() == content.encode()
    found = desk.run("get-agent-file", **own, filename="notes.md")["file"]
    assert (found["content"], found["size"]) == (content, len(content.encode()))
    entries = {each["filename"]: each for each in desk.run("list-agent-files", **own)["files"]}
    assert list(entries)[-1] == "notes.md"
    assert entries["SOUL.md"]["registered"] is True
    assert (entries["notes.md"]["layer"], entries["notes.md"]["editable"]) == ("agent", True)
    assert desk.run("delete-agent-file", **own, filename="SOUL.md")["success"] is False
    assert desk.run("write-agent-file", **own, filename="SOUL.md", content=" ")["success"] is False
    # The rights of somebody who is merely named do not count.
    named = desk.run("write-agent-file", user_id=1, filename="RULES.md", content="mine", layer="shared")
    assert named == "error: rest_forbidden"
    assert desk.run("delete-agent-file", **own, filename="notes.md") == {
        "success": True,
        "message": "File notes.md deleted",
    }
    gone = desk.run("get-agent-file", **own, filename="notes.md")
    assert gone == {"success": False, "error": "File notes.md not found"}


def test_bytes_that_are_no_text_arrive_as_they_are(desk: Desk, daily_enabled: None) -> None:
    content = b"# \xff\n\n## Raw\n\xfe\\x\n"
    desk.file("mem-second", "raw.md").write_bytes(content)
    run = f"$r = wp_get_ability( 'datamachine/%s' )->execute( array( 'agent_id' => {desk.second}, %s ) );"
    found = desk.php(
        run % ("get-agent-file", "'filename' => 'raw.md'") + "return bin2hex( $r['file']['content'] );"
    )
    assert bytes.fromhex(found) == content
    found = desk.php(
        run % ("get-agent-memory", "'file' => 'raw.md', 'section' => 'Raw'")
        + "return bin2hex( $r['content'] );"
    )
    assert bytes.fromhex(found) == b"\xfe\\x"
    found = desk.php(
        f"$d = new DataMachine\\Core\\FilesRepository\\DailyMemory( {desk.owner}, {desk.second} );"
        "$d->write( '2026', '03', '01', str_repeat( \"x\\n\", 600000 ) . \"\\xff needle\" );"
        "return bin2hex( $d->search( 'needle', null, null, 0 )['matches'][0]['content'] )"
        " . strlen( $d->read( '2026', '03', '01' )['content'] );"
    )
    assert found == b"\xff needle".hex() + "1200008"
    desk.run("daily-memory-delete", agent_id=desk.second, date="2026-03-01")
    desk.file("mem-second", "raw.md").unlink()


def test_only_what_was_uploaded_is_uploaded(desk: Desk) -> None:
    def send(**fields: str) -> Any:
        parts = "".join(
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in {"agent": str(desk.second), **fields}.items()
        )
        parts += (
            '--x\r\nContent-Disposition: form-data; name="file"; filename="up.md"\r\n'
            "Content-Type: text/markdown\r\n\r\nuploaded \\ é\r\n--x--\r\n"
        )
        return desk.site.request(
            "POST",
            "/?rest_route=/mem/v1/upload",
            body=parts.encode(),
            headers={"Content-Type": "multipart/form-data; boundary=x"},
        ).json()

    refused = send(path="/etc/passwd")
    assert refused.get("code") == "not_uploaded" or refused.get("success") is False
    assert not desk.file("mem-second", "up.md").exists()
    assert "up.md" in [each["filename"] for each in send()["files"]]
    assert desk.file("mem-second", "up.md").read_text() == "uploaded \\ é"
    given = {"file_data": {"name": "x.md", "tmp_name": "/etc/passwd"}, "agent_id": desk.second}
    for answer in (desk.run("upload-agent-file", **given), desk.run("upload-agent-file", 1, **given)):
        assert answer == "error: not_uploaded" or answer["success"] is False
    assert not desk.file("mem-second", "x.md").exists()


def test_an_agent_notes_and_asks_for_approval(desk: Desk) -> None:
    def write(agent: int | None = desk.second, **given: Any) -> Any:
        return desk.run("write-self-memory", agent=agent, **{"content": "learned", "section": "Own", **given})

    done = write()
    assert (done["success"], done["owner"], done["agent_id"]) == (True, "runtime", desk.second)
    assert "## Own\nlearned\n" in desk.file("mem-second", "MEMORY.md").read_text()
    assert write(agent=None)["error_code"] == "missing_agent_context"
    assert write(agent_id=desk.first)["error_code"] == "cross_agent_denied"
    assert write(section_type="fact")["error_code"] == "durable_fact_denied"

    before = desk.file("mem-second", "MEMORY.md").read_bytes()
    staged = write(section="Shipped", content="password: hunter2\nnew")
    assert (staged["staged"], staged["preview"]["source"]) == (True, "bundle_upgrade")
    assert "hunter2" not in json.dumps(staged)
    assert desk.php("return get_option( 'mem_staged' );")[0] == staged["action_id"]
    assert desk.file("mem-second", "MEMORY.md").read_bytes() == before

    def resolve(user: int, decision: str = "accepted", agent: int | None = None) -> Any:
        return desk.run(
            "resolve-pending-action", user, agent, action_id=staged["action_id"], decision=decision
        )

    assert resolve(desk.owner, agent=desk.second)["success"] is False
    assert resolve(desk.other)["error"] == "You do not have permission to resolve this pending action."
    assert desk.file("mem-second", "MEMORY.md").read_bytes() == before
    accepted = resolve(desk.owner)
    assert (accepted["success"], accepted["result"]["success"]) == (True, True)
    assert "## Shipped\npassword: hunter2\nnew\n" in desk.file("mem-second", "MEMORY.md").read_text()
    heard = desk.php("return get_option( 'mem_resolved' );")
    assert (heard[:3], heard[4]["success"]) == (
        ["accepted", staged["action_id"], "memory_section_update"],
        True,
    )
    assert resolve(desk.owner)["error"] == "Pending action not found or expired."


def test_pending_actions_of_a_plugin(desk: Desk) -> None:
    stage = (
        "return DataMachine\\Engine\\AI\\Actions\\PendingActionHelper::stage( array( 'kind' => 'mem_note',"
        " 'summary' => 's', 'apply_input' => array( 'note' => 'é' ) ) );"
    )
    staged = desk.php(stage)
    store = f"return DataMachine\\Engine\\AI\\Actions\\PendingActionStore::get( '{staged['action_id']}' );"
    assert desk.php(store)["created_by"] == desk.owner
    given = {"action_id": staged["action_id"], "decision": "accepted"}
    refused = desk.run("resolve-pending-action", desk.other, **given)
    assert (refused["success"], refused["error"]) == (False, "Only whoever asked.")
    done = desk.run("resolve-pending-action", **given)
    assert done == {
        "success": True,
        "decision": "accepted",
        "action_id": staged["action_id"],
        "kind": "mem_note",
        "result": {"noted": True},
    }
    assert desk.php("return get_option( 'mem_note' );") == f"é by {desk.owner}"
    assert desk.php(store) is None
    # Our own kind, for PHP code that keeps actions itself.
    code = (
        "$h = apply_filters( 'datamachine_pending_action_handlers', array() )['memory_section_update'];"
        "return $h['apply']( array( 'agent_id' => %d, 'section' => 'Php', 'content' => 'x' ) );"
    )
    assert desk.php(code % desk.second)["success"] is True
    assert desk.php(code % desk.second, desk.other)["success"] is False


@pytest.fixture(scope="module")
def signed_in(desk: Desk) -> dict[str, str]:
    """Headers of the owner over HTTP."""
    made = desk.site.wp("user", "application-password", "create", "mem-owner", "tests", "--porcelain")
    pair = base64.b64encode(f"mem-owner:{made.stdout.strip()}".encode()).decode()
    return {"Authorization": f"Basic {pair}", "Content-Type": "application/json"}


def rest(desk: Desk, headers: dict[str, str], ability: str, given: dict[str, Any]) -> Response:
    route = f"/wp-json/wp-abilities/v1/abilities/datamachine/{ability}/run"
    return desk.site.request("POST", route, body=json.dumps({"input": given}).encode(), headers=headers)


def test_over_rest(desk: Desk, signed_in: dict[str, str]) -> None:
    given = {"agent_id": desk.second, "file": "SOUL.md"}
    answer = rest(desk, signed_in, "get-agent-memory", given)
    assert answer.status == 200
    assert answer.json()["content"] == desk.file("mem-second", "SOUL.md").read_text()
    route = "/wp-json/wp-abilities/v1/abilities/datamachine/get-agent-memory/run"
    assert desk.site.request("GET", route, headers=signed_in).status == 405
    visitor = {"Content-Type": "application/json"}
    assert rest(desk, visitor, "get-agent-memory", given).status == 401
    missing = rest(desk, signed_in, "get-agent-memory", {**given, "section": "Nope"})
    assert (missing.status, missing.json()["success"]) == (200, False)


def test_of_several_who_accept_at_once_one_does_it(desk: Desk, signed_in: dict[str, str]) -> None:
    given = {"section": "Once", "content": "a \\ b", "requires_approval": True}
    staged = desk.run("write-self-memory", agent=desk.second, **given)
    decide = {"action_id": staged["action_id"], "decision": "accepted"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda _: rest(desk, signed_in, "resolve-pending-action", decide).json(), range(4))
        )
    assert sorted(each["success"] for each in answers) == [False, False, False, True]
    assert desk.file("mem-second", "MEMORY.md").read_text().count("a \\ b") == 1
