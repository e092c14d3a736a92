"""A site with two agents, people of all kinds, and a way to put PHP into any situation."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dev.instance import DATABASE, Instance

HERE = Path(__file__).parent


class People(msgspec.Struct, frozen=True):
    """Ids of users."""

    admin: int
    #: Subscribers: nothing more, with ``manage_flows``, with ``manage_agents``, the owner of ``theirs``.
    nobody: int
    flows: int
    agents: int
    owner: int
    #: Subscribers who were granted a role on ``theirs``.
    viewer: int
    operator: int
    granted_admin: int


class Lab:
    """The site, and what the tests ask of it."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        instance.wp("eval", "1;")
        ids = {name: self._user(name) for name in People.__struct_fields__ if name != "admin"}
        self.people = People(admin=1, **ids)
        instance.wp("user", "add-cap", "flows", "datamachine_manage_flows")
        instance.wp("user", "add-cap", "agents", "datamachine_manage_agents")
        self.ours = self._agent("ours", 1)
        self.theirs = self._agent("theirs", self.people.owner)
        self.token(7, self.ours)
        for login, role in (("viewer", "viewer"), ("operator", "operator"), ("granted_admin", "admin")):
            self.grant(self.theirs, ids[login], role)

    @property
    def default(self) -> int:
        """The agent of the administrator, which the first request made."""
        return self._id("admin")

    def _user(self, login: str) -> int:
        made = self.instance.wp(
            "user", "create", login, f"{login}@example.org", "--role=subscriber", "--porcelain"
        )
        return int(made.stdout)

    def _agent(self, slug: str, owner: int) -> int:
        self.sql(
            "INSERT INTO wp_datamachine_agents (agent_slug, agent_name, owner_id, agent_config) "
            f"""VALUES ('{slug}', 'Agent {slug}', {owner}, '{{"model":{{"a":[]}},"n":1.0}}')"""
        )
        return self._id(slug)

    def _id(self, slug: str) -> int:
        [[agent_id]] = self.sql(f"SELECT agent_id FROM wp_datamachine_agents WHERE agent_slug = '{slug}'")
        return int(agent_id)

    def token(self, token_id: int, agent_id: int, capabilities: str = "NULL") -> None:
        """A row for it; nobody knows the text that belongs to the hash."""
        self.sql(
            "INSERT INTO wp_datamachine_agent_tokens"
            " (token_id, agent_id, token_hash, token_prefix, capabilities) "
            f"VALUES ({token_id}, {agent_id}, SHA2('token {token_id}', 256), 'datamachine_', {capabilities})"
        )

    def grant(self, agent_id: int, user_id: int, role: str) -> None:
        self.sql(
            "INSERT INTO wp_datamachine_agent_access (agent_id, user_id, role, granted_at) "
            f"VALUES ({agent_id}, {user_id}, '{role}', UTC_TIMESTAMP())"
        )

    def sql(self, statement: str) -> list[list[str]]:
        output = self.instance.db.sql(statement, database=DATABASE)
        return [line.split("\t") for line in output.splitlines()]

    def evaluate(self, code: str, *flags: str) -> Any:
        """PHP that leaves its answer in ``$answer``."""
        printed = self.instance.wp("eval", f"{code}; echo wp_json_encode( $answer );", *flags).stdout
        return json.loads(printed)

    def ask(self, *situations: dict[str, Any], bypass: bool = False) -> list[dict[str, Any]]:
        """All situations one after the other, in one process whose calls to Python have no time limit."""
        text = base64.b64encode(json.dumps(situations).encode()).decode()
        ended = "" if bypass else "add_filter( 'datamachine_cli_bypass_permissions', '__return_false' );"
        return self.evaluate(
            f"{ended} $answer = array_map( 'asked', json_decode( base64_decode( '{text}' ), true ) )"
        )

    def page(self, situation: dict[str, Any]) -> dict[str, Any]:
        """One situation in a page's request."""
        text = base64.b64encode(json.dumps(situation).encode()).decode()
        response = self.instance.get(f"/?ask={text.replace('+', '%2B')}")
        assert response.status == 200, response.text
        return response.json()


def make(folder: Path, *, sidecar: bool) -> Instance:
    from tests.conftest import _make

    instance = _make(folder)
    shutil.copy(HERE / "ask.php", instance.path / "wp-content/mu-plugins/ask.php")
    instance.start_web()
    if sidecar:
        instance.start_sidecar("bridge", name="bridge")
    return instance


@pytest.fixture(scope="package")
def lab(instances: Path) -> Iterator[Lab]:
    instance = make(instances / "identity-php", sidecar=True)
    try:
        yield Lab(instance)
    finally:
        instance.destroy()
