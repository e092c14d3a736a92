"""Attempts on memory that is somebody else's or everybody's; names of files are in test_attacks_names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.security.lab import MANAGER, Lab, ability
from tests.integration.security.test_attacks_identity import ODD
from tests.matrix import doors
from tests.matrix.data import Call

pytestmark = pytest.mark.usefixtures("unharmed", "no_failures")

CHAT = "datamachine_chat"
FLOWS = "datamachine_manage_flows"
PLANTED = "planted by mallory"


@pytest.fixture(autouse=True)
def shared_stays(lab: Lab) -> Iterator[None]:
    """Nothing that everybody reads is changed either."""
    before = shared(lab)
    yield
    assert shared(lab) == before


def shared(lab: Lab) -> dict[str, Any]:
    """Files of everybody; composed ones may be written at any time, but with nothing planted."""
    everybodys = ("shared/", "network/", "..", "users/1/")
    found = {name: each for name, each in lab.state()["files"].items() if name.startswith(everybodys)}
    for name in [each for each in found if each.endswith(("/SITE.md", "/AGENTS.md"))]:
        found[name] = {"planted": PLANTED in (lab.base / name).read_text()}
    return found


# Whose


@pytest.mark.parametrize("query", range(len(ODD)))
def test_no_spelling_of_an_agent_opens_its_files(lab: Lab, query: int) -> None:
    """Either it is somebody else's agent, or it is none: never "nobody was named, so take the first"."""
    text = ODD[query](lab.theirs.agent_id)
    for path in ("/files/agent", "/files/agent/MEMORY.md", "/memory", "/memory/files/MEMORY.md"):
        for door, answer in lab.rest("mallory", "GET", f"{path}?{text}"):
            assert lab.theirs.secret not in answer.text, (door, path, text)
            assert answer.result[0] in "24", (door, path, text, answer.text)
    for door, answer in lab.rest("mallory", "PUT", f"/files/agent/MEMORY.md?{text}", {"content": PLANTED}):
        assert answer.result[0] in "24", (door, text, answer.text)


def test_whose_it_is_is_not_said_twice(lab: Lab) -> None:
    """In the address and the body, by user and by agent, by names that mean something elsewhere."""
    their, victim = lab.theirs, lab.accounts["victim"].user_id
    given: dict[str, Any] = {"agent_id": their.agent_id, "user_id": victim, "content": PLANTED}
    for query in (f"user_id={victim}", f"agent_id={lab.mine.agent_id}", f"agent={their.slug}", "scope=all"):
        for name in ("MEMORY.md", "USER.md", f"{their.secret}.md", "daily/2026/11/23"):
            for method, body in (("GET", None), ("PUT", given), ("DELETE", given)):
                for door, answer in lab.rest("mallory", method, f"/files/agent/{name}?{query}", body):
                    told = answer.text.replace(name, "")
                    assert their.secret not in told, (door, method, name, query)


def test_abilities_take_nobodys_word_for_a_user(lab: Lab, php: doors.AbilitiesPhp) -> None:
    their, victim, chief = lab.theirs, lab.accounts["victim"].user_id, lab.accounts["chief"].user_id
    both: dict[str, Any] = {"user_id": victim, "agent_id": their.agent_id}
    for whose in ({"user_id": victim}, {"agent_id": their.agent_id}, both):
        for name, given in (
            ("get-agent-memory", {}),
            ("get-agent-memory", {"file": "USER.md"}),
            ("list-agent-memory-sections", {"file": "USER.md"}),
            ("search-agent-memory", {"query": "secret"}),
            ("update-agent-memory", {"section": "Notes", "content": PLANTED, "mode": "set"}),
            ("daily-memory-read", {"date": "2026-11-23"}),
            ("search-daily-memory", {"query": "secret"}),
            ("list-agent-files", {}),
            ("get-agent-file", {"filename": f"{their.secret}.md"}),
            ("write-agent-file", {"filename": "MEMORY.md", "content": PLANTED}),
            ("delete-agent-file", {"filename": "Notes.md"}),
            ("scaffold-memory-file", {"filename": "SOUL.md"}),
            ("scaffold-memory-file", {"layer": "agent"}),
            ("scaffold-memory-file", {"layer": "user"}),
        ):
            answer = ability(php, "mallory", name, **given, **whose)
            assert answer.result == "403 rest_forbidden", (name, whose, answer.text)
    # Editing what all read takes the right of the one who asks, whoever is named.
    for name in ("RULES.md", "SITE.md", "AGENTS.md"):
        rules = {"filename": name, "content": PLANTED, "layer": "shared", "user_id": chief}
        assert ability(php, "mallory", "write-agent-file", **rules).result != "200", name


def test_a_role_on_an_agent_opens_neither_its_user_nor_the_site(lab: Lab) -> None:
    """Not in a prompt either: whoever looks at one sees his own user's file."""
    agent, own = f"agent_id={lab.theirs.agent_id}", {"file": "USER.md", "content": PLANTED}
    deputy = lab.base / "users" / str(lab.accounts["deputy"].user_id)
    deputy.mkdir(exist_ok=True)
    (deputy / "USER.md").write_text("deputy himself")
    for who in ("reader", "operator", "deputy"):
        for method, path, given in (
            ("GET", f"/files/agent/USER.md?{agent}", None),
            ("PUT", f"/files/agent/USER.md?{agent}", {"content": PLANTED}),
            ("GET", f"/memory/files/USER.md?{agent}", None),
            ("GET", f"/memory/files/USER.md?layer=user&{agent}", None),
            ("PUT", f"/memory/files/RULES.md?{agent}", {"content": PLANTED}),
            ("PUT", f"/memory/files/x.md?layer=shared&{agent}", {"content": PLANTED}),
            ("PUT", f"/memory/files/AGENTS.md?layer=agent&{agent}", {"content": PLANTED}),
            ("DELETE", f"/memory/files/AGENTS.md?layer=agent&{agent}", None),
            ("POST", f"/memory/append?{agent}", own),
        ):
            for door, answer in lab.rest(who, method, path, given):
                assert answer.result.startswith(("403 ", "404 ")), (door, who, method, path, answer.text)
        for door, answer in lab.rest(who, "GET", f"/agents/{lab.theirs.agent_id}/context?mode=chat"):
            assert answer.result == "200", (door, who, answer.text)
            assert lab.theirs.secret in answer.text
            assert f"Of {lab.theirs.slug}" not in answer.text, (door, who)
            assert ("deputy himself" in answer.text) == (who == "deputy")
        said = lab.command(who, "memory", "inject", f"--agent={lab.theirs.slug}")
        assert f"Of {lab.theirs.slug}" not in said.text
        pipeline = f"--pipeline={lab.chiefs.pipeline_id}"
        said = lab.command(who, "memory", "inject", pipeline, f"--agent={lab.theirs.slug}")
        assert lab.chiefs.secret not in said.text


def test_a_user_is_not_an_agent_of_the_same_name(lab: Lab) -> None:
    """Who has no agent has a folder named after the login; this one belongs to somebody else's agent."""
    name = lab.theirs.slug
    lab.sign_in({name: {"role": "subscriber", "capabilities": list(MANAGER)}})
    principal = doors.Columns(lab, {"namesake": {"account": name}}).principal("namesake")
    for line in (("memory", "read"), ("memory", "write", "Notes", PLANTED), ("memory", "files", "list")):
        answer = lab.commands.execute(principal, list(line))
        assert answer.result.startswith("1 "), line
        assert lab.theirs.secret not in answer.text
    headers = lab.accounts[name].headers
    for path in (
        "/files/agent",
        "/files/agent/MEMORY.md",
        "/memory/files/MEMORY.md",
        "/memory/search&query=s",
    ):
        said = lab.instance.request("GET", f"/?rest_route=/datamachine/v1{path}", headers=headers)
        assert said.status == 403, (path, said.text)
    lab.instance.wp("user", "delete", name, "--yes")


# Tokens


def test_a_limited_token_has_to_name_the_work(lab: Lab) -> None:
    """A login is enough for people; a token of an empty list gets nothing, whatever it is of."""
    names = ("MEMORY.md", "USER.md", "SITE.md")
    reading = ["/files/agent", "/memory", "/agents/me/context", "/files/agent/daily/2026/11/23"]
    reading += [f"{place}/{name}" for place in ("/files/agent", "/memory/files") for name in names]
    for capabilities, good in (([], False), (["read", "edit_posts"], False), ([CHAT], True), ([FLOWS], True)):
        who = lab.key(capabilities, agent="chiefs")
        for path in reading:
            for door, answer in lab.rest(who, "GET", path):
                allowed = ("200", "404") if good else ("403",)
                assert answer.result[:3] in allowed, (door, path, capabilities, answer)
        # An administrator's agent, but not with an administrator's rights.
        for path in ("/files/agent/RULES.md", "/memory/files/new.md?layer=shared", "/memory/files/RULES.md"):
            for door, answer in lab.rest(who, "PUT", path, {"content": PLANTED}):
                assert answer.result[:3] == "403", (door, path, capabilities, answer.text)
        for path in ("/files/agent/MEMORY.md", "/memory", "/files/agent"):
            for door, answer in lab.rest(who, "GET", f"{path}?agent_id={lab.theirs.agent_id}"):
                assert answer.result[:3] == "403", (door, path, capabilities)


def test_waiting_for_changes_takes_the_right_to_read(lab: Lab) -> None:
    for who in ("mallory", "nobody", "visitor", lab.key([])):
        path = f"/memory/changes?wait=20&cursor=0&agent_id={lab.theirs.agent_id}"
        answer = lab.own.ask(who, _call("GET", path))
        assert answer.result[:3] in ("401", "403"), (who, answer.text)
    answer = lab.own.ask("reader", _call("GET", f"/memory/changes?wait=0&agent_id={lab.theirs.agent_id}"))
    assert answer.result == "200"
    assert lab.wordpress.ask("reader", _call("GET", "/memory/changes?wait=0")).result == "404 rest_no_route"


def _call(method: str, path: str) -> Call:
    return Call("", "rest", f"{method} {path}", {}, "", "", {})
