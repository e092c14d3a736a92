"""A command's run over the bridge: who may ask, what is sent, and how failures end."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from sidecar.automation.jobs.service import moment
from sidecar.bridge import CallContext
from sidecar.commands import catalogue, wiring
from sidecar.commands.events import Event, Exit, Failure, Line, Notice, Table, Text
from sidecar.commands.synopsis import Command
from sidecar.errors import Cancelled, Conflict, Forbidden, InvalidInput
from sidecar.runtime import Runtime


class Peer:
    """The waiting WP-CLI process: remembers what it was asked."""

    def __init__(self, source: str = "cli", **params: Any) -> None:
        self.context = CallContext(user_id=7, blog_id=2, source=cast(Any, source))
        principal = {"kind": "cli", "user_id": 7}
        self.params = {"command": "x", "args": [], "assoc": {}, "principal": principal, **params}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.stdin = ["é".encode()[:1], "é".encode()[1:] + b"!", ""]

    def call_peer(self, method: str, params: dict[str, Any]) -> Any:
        self.asked.append((method, params))
        return self.stdin.pop(0) if method == "cli.stdin" else True

    def events(self) -> list[dict[str, Any]]:
        return [event for method, params in self.asked if method == "cli.emit" for event in params["events"]]


def run(monkeypatch: pytest.MonkeyPatch, peer: Peer, handler: Any) -> dict[str, int]:
    monkeypatch.setattr(catalogue, "find", lambda _name: Command(("x",), "", (), handler))
    runtime = cast(Runtime, SimpleNamespace(handlers={}, get=lambda _kind: None))
    wiring.wire(runtime)
    return cast(dict[str, int], runtime.handlers["cli.run"](cast(Any, peer)))


def test_only_wp_cli_may_run_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    def handler(_call: Any) -> Any:
        raise AssertionError("must not run")

    for source in ("web", "rest", "cron", "host", "queue"):
        with pytest.raises(Forbidden):
            run(monkeypatch, Peer(source), handler)


def test_the_handler_knows_its_operator_and_every_event_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def handler(call: Any) -> Any:
        yield Line(f"{call.user_id} {call.blog_id} {call.args} {call.flag('f')} {call.terminal.read_stdin()}")
        yield Notice("careful")
        yield Table([{"a": 1}], ["a"], "json")

    peer = Peer(args=["one", b"\xff"], assoc={"f": True})
    assert run(monkeypatch, peer, handler) == {"exit": 0}
    # A byte that is no UTF-8 arrives from PHP as bytes.
    assert peer.events() == [
        {"event": "line", "text": "7 2 ('one', '\\udcff') True é!"},
        {"event": "warning", "message": "careful"},
        {"event": "table", "rows": [{"a": 1}], "fields": ["a"], "format": "json"},
    ]


def test_a_site_may_narrow_the_command_line_to_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    def handler(call: Any) -> Any:
        yield Line(f"{call.principal.kind} {call.principal.user_id} {call.principal.answers.actions}")

    told = {"kind": "user", "user_id": 9, "actions": ["chat"]}
    peer = Peer(principal=told)
    assert run(monkeypatch, peer, handler) == {"exit": 0}
    assert peer.events() == [{"event": "line", "text": "user 9 frozenset({'chat'})"}]


@pytest.mark.parametrize(
    ("ending", "code", "printed"),
    [
        (Failure("No.", 3), 3, "No."),
        (Exit(4), 4, None),
        (Conflict("Taken."), 1, "Taken."),
        (ZeroDivisionError(), 1, "ZeroDivisionError in x; the sidecar's log has the details."),
    ],
)
def test_every_ending_has_a_code(
    monkeypatch: pytest.MonkeyPatch, ending: Event | Exception, code: int, printed: str | None
) -> None:
    def handler(_call: Any) -> Any:
        if isinstance(ending, Exception):
            raise ending
        yield ending
        raise AssertionError("nothing runs after the end")

    peer = Peer()
    assert run(monkeypatch, peer, handler) == {"exit": code}
    assert [event.get("message") for event in peer.events()] == ([printed] if printed else [])


def test_a_cancelled_command_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def handler(_call: Any) -> Any:
        raise Cancelled("gone")
        yield

    with pytest.raises(Cancelled):
        run(monkeypatch, Peer(), handler)


def test_a_field_that_is_not_there_is_refused_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def handler(_call: Any) -> Any:
        yield Table([{"a": 1}], ["b"])

    peer = Peer()
    assert run(monkeypatch, peer, handler) == {"exit": 1}
    assert peer.events() == [{"event": "error", "message": "Invalid field: b.", "exit_code": 1}]


def test_what_is_larger_than_a_frame_goes_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "é" * 300_000 + "\udcff"

    def handler(_call: Any) -> Any:
        yield Line(text)
        yield Table([{"n": number} for number in range(1001)], ["n"])

    peer = Peer()
    run(monkeypatch, peer, handler)
    *pieces, table = peer.events()
    sent = b"".join(p["text"] if isinstance(p["text"], bytes) else p["text"].encode() for p in pieces)
    assert sent == ("é" * 300_000).encode() + b"\xff\n"
    assert len(pieces) > 1
    rows = [row for method, params in peer.asked if method == "cli.rows" for row in params["rows"]]
    assert (len(rows), table["rows"]) == (1001, [])


def test_a_text_without_newline_stays_without() -> None:
    assert Text("x").wire() == {"event": "text", "text": "x"}


def test_a_terminal_that_speaks_no_utf_8_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def handler(call: Any) -> Any:
        yield Line(call.option("name").encode().decode())

    peer = Peer(assoc={"name": "Caf\udce9"})
    assert run(monkeypatch, peer, handler) == {"exit": 1}
    assert peer.events()[0]["message"] == "The command line holds text that is not UTF-8."


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:00:00-05:00", "soon"])
def test_a_date_that_utc_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="Invalid date"):
        moment(text)
