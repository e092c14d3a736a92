"""Attempts to get out of an agent's folder, or to leave a program in it, by a file's name: every door."""

from __future__ import annotations

import base64
import functools
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from sidecar.app import create_app
from sidecar.identity import Principal
from tests.integration.security import names
from tests.integration.security.lab import Known, Lab, ability, code
from tests.matrix import doors

pytestmark = pytest.mark.usefixtures("unharmed")

PLANTED = "planted by mallory"
SETTINGS = "datamachine_settings"
#: What may change on a site without anybody's doing: logs, and files that are composed after other tests.
COMPOSED = ("AGENTS.md", "wp-content/uploads/datamachine-files/shared/SITE.md")
ASIDE = ("wp-content/debug.log", *COMPOSED)


class Field:
    """Mallory's agent's folder with links that lead out of it, and what may not be touched around it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.folder = lab.files / lab.mine.slug
        self.victim = lab.files / lab.theirs.slug
        self.root = lab.instance.path
        user = lab.base / "users" / str(lab.accounts["mallory"].user_id)
        self.places = (self.folder, user)
        self.aside = (*self.places, *(self.root / name for name in ASIDE))
        self.planted = [*names.plant(self.root, lab.base), *self.link()]
        self.known = {*self.planted, *self.folder.rglob("*"), *user.rglob("*")}
        self.before = names.tree(self.root, *self.aside)

    def link(self) -> list[Path]:
        """What leads out of the folder, as at first."""
        return names.link(self.root, self.folder, self.victim)

    def name(self, text: str) -> str:
        """A name of the list, for this site."""
        return text.replace(names.VICTIM, self.lab.theirs.slug).replace("{root}", str(self.root))

    def untold(self, text: str) -> bool:
        """Whether an answer tells nothing of what is outside."""
        return not any(
            word in text for word in (names.CANARY, self.lab.theirs.secret, "root:x:0", "DB_PASSWORD")
        )

    def check(self) -> None:
        """Nothing outside has changed, nothing that runs or hides has come inside."""
        after = names.tree(self.root, *self.aside)
        assert after == self.before
        composed = [self.root / name for name in COMPOSED if (self.root / name).exists()]
        assert [place for place in composed if PLANTED in place.read_text()] == []
        assert [place for folder in self.places for place in names.unsafe(folder, self.known)] == []

    def clear(self) -> None:
        for place in self.planted:
            place.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def field(lab: Lab) -> Iterator[Field]:
    switched_on = json.dumps({"daily_memory_enabled": True})
    before = lab.instance.wp("option", "get", SETTINGS, "--format=json", check=False).stdout
    lab.instance.wp("option", "update", SETTINGS, switched_on, "--format=json")
    kept = lab.files / lab.mine.slug
    backup = lab.instance.folder / "mine"
    shutil.copytree(kept, backup)
    made = Field(lab)
    yield made
    made.clear()
    shutil.rmtree(kept)
    shutil.move(backup, kept)
    if before:
        lab.instance.wp("option", "update", SETTINGS, before, "--format=json")
    else:
        lab.instance.wp("option", "delete", SETTINGS)


@pytest.fixture(autouse=True)
def contained(field: Field) -> Iterator[None]:
    """Whatever a test tries, it stays inside."""
    field.link()
    yield
    field.check()


def spellings(name: str) -> list[str]:
    """A name in the path of an address: its slashes as they are, and encoded."""
    plain = quote(name, safe="/")
    return list(dict.fromkeys((plain, quote(name, safe=""))))


class Site:
    """Both REST doors for one user, with raw paths."""

    def __init__(self, lab: Lab, who: str) -> None:
        self._lab = lab
        self._who = who
        known: Principal = lab.columns.principal(who)
        self._client = create_app(lab.runtime, authenticator=Known(known)).test_client()

    def own(self, method: str, path: str, given: Any = None) -> tuple[int, str]:
        answer = self._client.open(f"/datamachine/v1{path}", method=method, json=given)
        return answer.status_code, answer.get_data(as_text=True)

    def wordpress(self, method: str, path: str, given: Any = None) -> tuple[int, str]:
        asked = path.replace("?", "&")
        answer = self._lab.answer(self._who, method, f"/?rest_route=/datamachine/v1{asked}", given)
        return answer.status, answer.text


REQUESTS: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/files/agent/{name}?agent_id={agent}", None),
    ("PUT", "/files/agent/{name}?agent_id={agent}", {"content": PLANTED}),
    ("DELETE", "/files/agent/{name}?agent_id={agent}", None),
)
RUNTIME: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/memory/files/{name}?agent_id={agent}", None),
    ("PUT", "/memory/files/{name}?agent_id={agent}", {"content": PLANTED}),
    ("DELETE", "/memory/files/{name}?agent_id={agent}", None),
)


def test_rest(lab: Lab, field: Field) -> None:
    site, agent = Site(lab, "mallory"), lab.mine.agent_id
    for text in names.ALL:
        for name in spellings(field.name(text)):
            for method, path, given in REQUESTS + RUNTIME:
                asked = path.format(name=name, agent=agent)
                for ask in (site.own, site.wordpress) if method == "PUT" else (site.own,):
                    status, said = ask(method, asked, given)
                    assert status < 500, (method, asked, said)
                    assert field.untold(said), (method, asked)
        for method, path, given in (
            ("POST", "/memory/append", {"file": field.name(text), "content": PLANTED, "agent_id": agent}),
            ("GET", "/memory/sections?" + urlencode({"file": field.name(text), "agent_id": agent}), None),
            ("POST", "/memory/compose", {"file": field.name(text), "filename": field.name(text)}),
        ):
            status, said = site.own(method, path, given)
            assert status < 500, (method, path, given, said)
            assert field.untold(said), (method, path, given)


def test_reading_in_wordpress(lab: Lab, field: Field) -> None:
    """The worst of the list, as WordPress decodes it; its pretty addresses a web server would shorten."""
    site, agent = Site(lab, "mallory"), lab.mine.agent_id
    for text in (*names.TRAVERSAL, *names.LINKS):
        for name in spellings(field.name(text)):
            status, said = site.wordpress("GET", f"/files/agent/{name}?agent_id={agent}")
            assert status < 500, (name, said)
            assert field.untold(said), name


ABILITIES: tuple[tuple[str, Callable[[str], dict[str, Any]]], ...] = (
    ("get-agent-memory", lambda name: {"file": name}),
    ("update-agent-memory", lambda name: {"file": name, "section": "S", "content": PLANTED, "mode": "set"}),
    ("search-agent-memory", lambda name: {"file": name, "query": "a"}),
    ("list-agent-memory-sections", lambda name: {"file": name}),
    ("get-agent-file", lambda name: {"filename": name}),
    ("write-agent-file", lambda name: {"filename": name, "content": PLANTED, "layer": "agent"}),
    ("write-agent-file", lambda name: {"filename": name, "content": PLANTED, "layer": "user"}),
    ("delete-agent-file", lambda name: {"filename": name}),
    ("scaffold-memory-file", lambda name: {"filename": name}),
    ("scaffold-memory-file", lambda name: {"filename": "SOUL.md", "filepath": name}),
    ("scaffold-memory-file", lambda name: {"filename": name, "filepath": name}),
)


def test_abilities(lab: Lab, field: Field, php: doors.AbilitiesPhp) -> None:
    for text in names.ALL:
        name = field.name(text)
        for slug, given in ABILITIES:
            answer = ability(php, "mallory", slug, agent_id=lab.mine.agent_id, **given(name))
            assert field.untold(answer.text), (slug, name)
            assert "critical error" not in answer.text
        planted = {"file": name, "section": "S", "content": PLANTED}
        assert field.untold(ability(php, "malagent", "write-self-memory", **planted).text), name


def test_commands(lab: Lab, field: Field) -> None:
    agent = f"--agent={lab.mine.slug}"
    for text in names.ALL:
        name = field.name(text)
        for line in (
            ("memory", "read", name, "S", agent),
            ("memory", "write", name, "S", PLANTED, agent),
            ("memory", "sections", f"--file={name}", agent),
            ("memory", "search", "a", f"--file={name}", agent),
            ("memory", "delete", name, "S", agent),
            ("memory", "compose", name, agent),
            ("memory", "daily", "read", name, agent),
            ("memory", "daily", "write", name, PLANTED, agent),
        ):
            answer = lab.command("mallory", *line)
            assert field.untold(answer.text), line


FACADE = r"""
$found = array();
foreach ( json_decode( base64_decode( 'NAMES' ), true ) as $name ) {
	$memory  = new DataMachine\Core\FilesRepository\AgentMemory( USER, AGENT, $name, LAYER );
	$found[] = array( $memory->get_all(), $memory->get_section( 'S' ), $memory->search( 'a' ), $memory->read()->content );
	$found[] = array( $memory->replace_all( 'planted' ), $memory->set_section( 'S', 'planted' ), $memory->delete() );
	$scope   = new AgentsAPI\Core\FilesRepository\AgentMemoryScope( LAYER ?? 'agent', USER, AGENT, $name );
	$store   = DataMachine\Core\FilesRepository\AgentMemoryStoreFactory::for_scope( $scope );
	$found[] = array( $store->read( $scope )->content, $store->exists( $scope ) );
	$found[] = array( $store->write( $scope, 'planted' )->error, $store->list_subtree( $scope, $name ) );
	$found[] = $store->delete( $scope )->error;
}
return (string) wp_json_encode( $found, JSON_PARTIAL_OUTPUT_ON_ERROR );
"""  # noqa: E501


def test_php(lab: Lab, field: Field, php: doors.AbilitiesPhp) -> None:
    listed = base64.b64encode(json.dumps([field.name(each) for each in names.ALL]).encode()).decode()
    user, agent = str(lab.accounts["mallory"].user_id), str(lab.mine.agent_id)
    for layer in ("null", "'agent'", "'user'", "'nonsense'"):
        words = {"NAMES": listed, "USER": user, "AGENT": agent, "LAYER": layer}
        said = code(
            php,
            lab,
            "mallory",
            functools.reduce(lambda text, pair: text.replace(*pair), words.items(), FACADE),
        )
        assert len(said) > 1000
        assert field.untold(said), layer


def test_days(lab: Lab, field: Field, php: doors.AbilitiesPhp) -> None:
    site, agent = Site(lab, "mallory"), lab.mine.agent_id
    for text in names.DAYS:
        day = field.name(text)
        for method, given in (("GET", None), ("PUT", {"content": PLANTED}), ("DELETE", None)):
            path = f"/files/agent/daily/{quote(day.replace('-', '/'))}?agent_id={agent}"
            if day == "2026/11/23":
                # How an address spells that day.
                continue
            # A newline at the end fits WordPress's patterns, and is none of the day.
            for ask in (site.own, site.wordpress) if not day.endswith("\n") else (site.own,):
                status, said = ask(method, path, given)
                assert 400 <= status < 500, (method, path, said)
                assert field.untold(said)
        for slug, given in (
            ("daily-memory-read", {}),
            ("daily-memory-write", {"content": PLANTED, "mode": "append"}),
            ("daily-memory-delete", {}),
        ):
            answer = ability(php, "mallory", slug, date=day, agent_id=agent, **given)
            assert answer.result != "200", (slug, day)
        for action in ("read", "write", "append", "delete"):
            content = (PLANTED,) if action in {"write", "append"} else ()
            line = ("memory", "daily", action, day, *content, f"--agent={lab.mine.slug}")
            assert lab.command("mallory", *line).result.startswith("1 "), line
    for day in ("2026-02-30", "2026-13-01"):
        answer = ability(php, "mallory", "search-daily-memory", query="a", agent_id=agent, **{"from": day})
        assert answer.result != "200", day
