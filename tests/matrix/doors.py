"""How a call of the matrix is asked at each door, and what came back."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

import flask

from sidecar import hooks
from sidecar.api import access
from sidecar.app import create_app
from sidecar.commands import catalogue, parsing
from sidecar.commands.events import Event, Exit, Failure, Line, Notice, Stderr, Success, Table, Text
from sidecar.commands.invocation import Invocation
from sidecar.commands.run import run
from sidecar.identity import Principal
from sidecar.identity.authentication import Tokens
from tests.matrix.data import Call
from tests.matrix.world import HERE, Account, Token, World

REST = "/wp-json/datamachine/v1"
ABILITIES = "/wp-json/wp-abilities/v1/abilities"
PREFIX = "datamachine/"


@dataclass(frozen=True)
class Answer:
    """``result`` is compared with the matrix (``403 rest_forbidden``), ``text`` is searched for secrets."""

    result: str
    text: str


class Door(Protocol):
    """A way in. ``kind`` is the kind of calls it takes."""

    name: str
    kind: str

    def ask(self, column: str, call: Call) -> Answer:
        """Send a call, whose placeholders are filled, as somebody."""
        ...


class Columns:
    """Who the columns of the matrix are, at each door."""

    def __init__(self, world: World, described: Mapping[str, Mapping[str, Any]]) -> None:
        self._world = world
        self._described = described

    def account(self, column: str) -> Account:
        """The WordPress user of a column; a visitor for none."""
        return self._world.accounts[self._described[column].get("account", "")]

    def agent(self, column: str) -> int | None:
        """The agent that acts."""
        named = self._described[column].get("agent")
        return None if named is None else self._world.resources[named].agent_id

    def kind(self, column: str) -> str:
        """``user``, ``agent``, ``token``, ``system`` or ``cli``."""
        return str(self._described[column].get("kind", "user"))

    def token(self, column: str) -> Token | None:
        """The token of a runtime."""
        return self._world.tokens.get(column)

    def headers(self, column: str) -> Mapping[str, str]:
        """What a browser or a runtime sends along."""
        return (self.token(column) or self.account(column)).headers

    def principal(self, column: str) -> Principal:
        """As a door of the sidecar makes it: what WordPress says is asked when it is needed."""
        token = self.token(column)
        if token is not None:
            return self._world.runtime.get(Tokens).authenticate(token.raw, blog_id=1).principal
        kind, user_id = self.kind(column), self.account(column).user_id
        if kind == "system":
            return Principal.system()
        if kind == "cli":
            return Principal.command_line()
        if kind == "agent":
            return Principal("agent", user_id=user_id, agent_id=self.agent(column))
        return Principal.user(user_id)


class WordPressRest:
    """``/wp-json`` over HTTP, with the cookies and the nonce of a browser, or with a token."""

    name, kind = "wordpress", "rest"

    def __init__(self, world: World, columns: Columns) -> None:
        self._world = world
        self._columns = columns

    def ask(self, column: str, call: Call) -> Answer:
        return self.send(column, call.method, REST + call.path, call.given)

    def send(self, column: str, method: str, path: str, given: Mapping[str, Any]) -> Answer:
        """A request with a JSON body."""
        headers = dict(self._columns.headers(column))
        body = None
        if given:
            headers["Content-Type"] = "application/json"
            body = json.dumps(given).encode()
        answer = self._world.instance.request(method, path, headers=headers, body=body)
        if answer.status == 401 and self._columns.token(column):
            self._world.forget_failures()
        return http_answer(answer.status, answer.text)


class OwnRest:
    """The sidecar's own HTTP door: it knows tokens, and is told who else asks."""

    name, kind = "sidecar", "rest"

    def __init__(self, world: World, columns: Columns) -> None:
        self._world = world
        self._columns = columns
        self._bearer = access.Bearer(world.runtime)
        self._client = create_app(world.runtime, authenticator=self).test_client()
        self._column = ""

    def visit(self, request: flask.Request) -> access.Visit:
        """The authenticator of the application."""
        if self._columns.token(self._column):
            return self._bearer.visit(request)
        return access.Visit(self._columns.principal(self._column))

    def ask(self, column: str, call: Call) -> Answer:
        self._column = column
        token = self._columns.token(column)
        answer = self._client.open(
            "/datamachine/v1" + call.path,
            method=call.method,
            json=dict(call.given) or None,
            headers=None if token is None else token.headers,
        )
        if answer.status_code == 401 and token:
            self._world.forget_failures()
        return http_answer(answer.status_code, answer.get_data(as_text=True))


class AbilitiesRest:
    """``/wp-json/wp-abilities/v1``, which is WordPress's own."""

    name, kind = "wp-abilities", "ability"

    def __init__(self, rest: WordPressRest, methods: Mapping[str, str]) -> None:
        self._rest = rest
        self._methods = methods

    def ask(self, column: str, call: Call) -> Answer:
        name = PREFIX + call.words
        path, method = f"{ABILITIES}/{name}/run", self._methods[name]
        if method == "POST":
            return self._rest.send(column, method, path, {"input": dict(call.given)})
        query = urlencode(list(_php_query("input", call.given)))
        return self._rest.send(column, method, f"{path}?{query}" if query else path, {})


class AbilitiesPhp:
    """``wp_get_ability( ... )->execute()``, as another plugin calls it in PHP."""

    name, kind = "php", "ability"

    def __init__(self, world: World, columns: Columns) -> None:
        self._columns = columns
        instance = world.instance
        self._process = subprocess.Popen(
            [
                *instance.php(),
                str(_wp_cli()),
                f"--path={instance.path}",
                "--allow-root",
                "eval-file",
                str(HERE / "abilities.php"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=instance.environment(),
        )

    def ask(self, column: str, call: Call) -> Answer:
        token = self._columns.token(column)
        return self.send(
            {
                "ability": PREFIX + call.words,
                "input": dict(call.given),
                "user": self._columns.account(column).user_id,
                "agent": self._columns.agent(column),
                "token": token and token.token_id,
                "ceiling": token and token.capabilities,
                "cli": self._columns.kind(column) == "cli",
            }
        )

    def send(self, question: Mapping[str, Any]) -> Answer:
        """One question to the PHP process, and its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "PHP ended"
        answer = json.loads(line)
        error = answer["error"]
        return Answer(_ability(200 if error is None else f"403 {error}", answer["text"]), answer["text"])

    def close(self) -> None:
        """End the PHP process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(timeout=30) == 0


class Commands:
    """``commands.run`` with the principal a command line would make."""

    name, kind = "commands", "command"

    def __init__(self, world: World, columns: Columns) -> None:
        self._world = world
        self._columns = columns

    def ask(self, column: str, call: Call) -> Answer:
        return self.execute(self._columns.principal(column), call.line())

    def execute(self, principal: Principal, line: list[str]) -> Answer:
        """Run one line as somebody."""
        split = parsing.split(line)
        command, rest = _resolve(split.args)
        split = parsing.split(line, command)
        checked = parsing.check(command, rest, split.assoc, "datamachine")
        assert not checked.refused, checked.events
        invocation = Invocation(
            self._world.runtime, command, Nobody(), checked.args, checked.assoc, principal=principal
        )
        lines: list[str] = []
        code = 0
        with hooks.scope():
            for event in run(invocation):
                lines.append(_said(event))
                if isinstance(event, Failure):
                    code = event.exit_code
                if isinstance(event, Exit):
                    code = event.code
        text = "\n".join(lines)
        return Answer("0" if code == 0 else f"{code} {lines[-1]}", text)


class Terminal:
    """A command line in a process of its own: ``wp datamachine`` or ``datamachine``."""

    kind = "command"

    def __init__(self, name: str, world: World, options: list[str]) -> None:
        self.name = name
        self._options = options
        self._world = world
        self._instance = world.instance

    def ask(self, column: str, call: Call) -> Answer:
        words = [*call.line(), *self._options]
        token = self._world.tokens.get(column)
        raw = "" if token is None else token.raw
        if self.name == "wp":
            said = self._instance.wp("datamachine", *words, check=False, DATAMACHINE_TOKEN=raw)
        else:
            said = self._instance.datamachine(*words, check=False, DATAMACHINE_TOKEN=raw)
        text = said.stdout + said.stderr
        last = said.stderr.strip().removeprefix("Error: ")
        return Answer("0" if said.returncode == 0 else f"{said.returncode} {last}", text)


class Nobody:
    """A terminal at which nobody sits."""

    def read_stdin(self) -> str:
        return ""

    def read_file(self, path: str) -> str:
        raise AssertionError(f"{path} is read")

    def confirm(self, question: str) -> bool:
        raise AssertionError(question)


def _said(event: Event) -> str:
    if isinstance(event, Failure):
        return event.message
    if isinstance(event, Line | Text | Stderr):
        return event.text
    if isinstance(event, Success | Notice):
        return event.message
    if isinstance(event, Table):
        return json.dumps(event.rows, ensure_ascii=False, default=str)
    return ""


def _resolve(words: list[str]) -> tuple[Any, list[str]]:
    for length in (2, 1):
        try:
            return catalogue.find(" ".join(words[:length])), words[length:]
        except catalogue.UnknownCommand:
            continue
    raise AssertionError(f"There is no command {words}")


def http_answer(status: int, text: str) -> Answer:
    """What an HTTP response says, in the matrix's words."""
    if status >= 400:
        return Answer(f"{status} {json.loads(text)['code']}", text)
    return Answer(_ability(status, text), text)


def _ability(result: int | str, text: str) -> str:
    """An ability may succeed in saying that it did not: ``200 false Agent not found.``"""
    said = json.loads(text) if text else None
    if isinstance(said, dict) and said.get("success") is False:
        return f"{result} false {said.get('error') or said.get('message')}"
    return str(result)


def _php_query(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [pair for key, each in value.items() for pair in _php_query(f"{name}[{key}]", each)]
    return [(name, "true" if value is True else "false" if value is False else str(value))]


def _wp_cli() -> Any:
    from dev import wordpress

    return wordpress.wp_cli()
