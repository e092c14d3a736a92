"""A victim with an agent, attackers with every capability, and the doors they may try."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sidecar.api import access
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
}
COLUMNS: dict[str, dict[str, Any]] = {name: {"account": name} for name in ACCOUNTS} | {
    "visitor": {},
    "boss": {"kind": "cli"},
    "malagent": {"kind": "agent", "account": "mallory", "agent": "mine"},
}
CLI = Principal.command_line()


class Lab(World):
    """A victim with an agent, attackers, and the doors."""

    def open(self) -> None:
        self.sign_in(ACCOUNTS)
        self.columns = doors.Columns(self, COLUMNS)
        self.mine = self.add_agent("mine", "mallory")
        self.theirs = self.add_agent(
            "theirs", "victim", {"reader": "viewer", "operator": "operator", "deputy": "admin"}
        )
        self.wordpress = doors.WordPressRest(self, self.columns)
        self.own = doors.OwnRest(self, self.columns)
        self.commands = doors.Commands(self, self.columns)

    def rest(
        self, who: str, method: str, path: str, given: dict[str, Any] | None = None
    ) -> Iterator[tuple[str, Answer]]:
        """The same request at both doors."""
        call = Call("", "rest", f"{method} {path}", given or {}, "", "", {})
        for door in (self.wordpress, self.own):
            yield door.name, door.ask(who, call)

    def command(self, who: str, *line: str) -> Answer:
        return self.commands.execute(self.columns.principal(who), list(line))

    def belongings(self, agent: Resource) -> dict[str, Any]:
        """Every row and file of an agent."""
        state = self.state()
        rows = {
            place: {key: row for key, row in found.items() if row.get("agent_id") == agent.agent_id}
            for place, found in state.items()
        }
        files = {name: each for name, each in state["files"].items() if name.startswith(f"{agent.slug}/")}
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
