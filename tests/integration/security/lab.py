"""A victim with an agent, attackers with every capability, and the doors they may try."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dev.instance import Response
from sidecar.api import access
from sidecar.app import create_app
from sidecar.identity import Principal
from tests.matrix import doors
from tests.matrix.data import Call
from tests.matrix.doors import Answer
from tests.matrix.world import Resource, World

MANAGER = ("datamachine_manage_flows", "datamachine_manage_agents")
ACCOUNTS: dict[str, dict[str, Any]] = {
    # Has every capability of the product, an agent of her own, and no right on anybody else's.
    "mallory": {"role": "subscriber", "capabilities": MANAGER},
    # Has the role viewer on the victim's agent, besides the same capabilities.
    "reader": {"role": "subscriber", "capabilities": MANAGER},
    "operator": {"role": "subscriber", "capabilities": MANAGER},
    "deputy": {"role": "subscriber", "capabilities": MANAGER},
    "victim": {"role": "subscriber", "capabilities": MANAGER},
    "nobody": {"role": "subscriber"},
    # Administers the site, and owns an agent.
    "chief": {"role": "administrator"},
}
COLUMNS: dict[str, dict[str, Any]] = {name: {"account": name} for name in ACCOUNTS} | {
    "visitor": {},
    "boss": {"kind": "cli"},
    "malagent": {"kind": "agent", "account": "mallory", "agent": "mine"},
}
CLI = Principal.command_line()
#: What a token that is none gets.
REFUSED = "401 datamachine_invalid_token"


@dataclass(frozen=True)
class Reply:
    """What the sidecar's own door says: ``code`` is that of a refusal."""

    status: int
    code: str


class Lab(World):
    """A victim with an agent, attackers, and the doors."""

    def open(self) -> None:
        self.sign_in(ACCOUNTS)
        self._described = dict(COLUMNS)
        self._numbers = itertools.count()
        self.columns = doors.Columns(self, self._described)
        self.mine = self.add_agent("mine", "mallory")
        self.theirs = self.add_agent(
            "theirs", "victim", {"reader": "viewer", "operator": "operator", "deputy": "admin"}
        )
        self.chiefs = self.add_agent("chiefs", "chief")
        self.wordpress = doors.WordPressRest(self, self.columns)
        self.own = doors.OwnRest(self, self.columns)
        self.commands = doors.Commands(self, self.columns)
        self._client = create_app(self.runtime).test_client()

    def rest(
        self, who: str, method: str, path: str, given: dict[str, Any] | None = None
    ) -> Iterator[tuple[str, Answer]]:
        """The same request at both doors."""
        call = Call("", "rest", f"{method} {path}", given or {}, "", "", {})
        for door in (self.wordpress, self.own):
            yield door.name, door.ask(who, call)

    def command(self, who: str, *line: str) -> Answer:
        return self.commands.execute(self.columns.principal(who), list(line))

    def key(
        self,
        capabilities: Sequence[str] | None = None,
        *,
        agent: str = "mine",
        expires_at: str | None = None,
        scope: Mapping[str, Any] | None = None,
    ) -> str:
        """A token of an agent; whoever asks by this name has it."""
        name = f"key {next(self._numbers)}"
        self.add_token(name, agent, capabilities, expires_at, scope)
        owner = self.agent_row(self.resources[agent].agent_id)["owner_id"]
        account = next(each for each in self.accounts.values() if each.user_id == owner)
        self._described[name] = {"kind": "token", "account": account.name, "agent": agent}
        return name

    def answer(self, who: str, method: str, path: str, given: Mapping[str, Any] | None = None) -> Response:
        """A request to WordPress, any path; of failures nothing is remembered."""
        headers = dict(self.columns.headers(who))
        body = None if given is None else json.dumps(given).encode()
        if body is not None:
            headers["Content-Type"] = "application/json"
        answer = self.instance.request(method, path, headers=headers, body=body)
        self.forget_failures()
        return answer

    def own_answer(
        self, method: str, path: str, headers: list[tuple[str, str]], *, address: str = "127.0.0.1"
    ) -> Reply:
        """A request to the sidecar's own door, as a stranger sends it."""
        answer = self._client.open(
            f"/datamachine/v1{path}", method=method, headers=headers, environ_base={"REMOTE_ADDR": address}
        )
        said = answer.get_json(silent=True)
        return Reply(answer.status_code, str(said.get("code") or "") if isinstance(said, dict) else "")

    def rows(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        """What the database has; ``{agent_tokens}`` and the like stand for tables."""
        with self.runtime.db.session() as session:
            return [dict(row) for row in session.all(self._named(sql), params)]

    def rows_deleted(self, table: str, **values: Any) -> None:
        """Delete the rows of a table that have these values."""
        with self.runtime.db.session() as session:
            session.delete(self.runtime.db.tables().name(table), values)

    def _named(self, sql: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: self.runtime.db.tables().name(found[1]), sql)

    def belongings(self, agent: Resource) -> dict[str, Any]:
        """Every row and file of an agent."""
        state = self.state()
        rows = {
            place: {key: row for key, row in found.items() if row.get("agent_id") == agent.agent_id}
            for place, found in state.items()
        }
        owner = state["datamachine_agents"][str(agent.agent_id)]["owner_id"]
        theirs = (f"agents/{agent.slug}/", f"users/{owner}/", f"pipeline-{agent.pipeline_id}/")
        files = {name: each for name, each in state["files"].items() if name.startswith(theirs)}
        return rows | {"files": files}

    def agent_row(self, agent_id: int) -> dict[str, Any]:
        row: dict[str, Any] = self.state()["datamachine_agents"][str(agent_id)]
        return row


def ability(php: doors.AbilitiesPhp, who: str, name: str, **given: Any) -> Answer:
    return php.ask(who, Call("", "ability", name, given, "", "", {}))


def code(php: doors.AbilitiesPhp, lab: Lab, who: str, text: str) -> Any:
    """What PHP code of a plugin gets while somebody is signed in."""
    question = {"code": text, "user": lab.accounts[who].user_id, "agent": None, "cli": False}
    answer = php.send(question)
    assert answer.result == "200", answer
    return json.loads(answer.text)


class Known:
    """An authenticator that knows one caller."""

    def __init__(self, principal: Principal) -> None:
        self._principal = principal

    def visit(self, _request: Any) -> access.Visit:
        return access.Visit(self._principal)
