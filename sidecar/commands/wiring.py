"""Commands that WP-CLI received, over the bridge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.bridge.context import Call
from sidecar.commands import catalogue
from sidecar.commands.events import Event, Exit, Failure, Line, Table, Text
from sidecar.commands.invocation import Invocation
from sidecar.commands.run import run
from sidecar.errors import Forbidden, NotFound
from sidecar.identity import AgentsRepository
from sidecar.identity import wire as identities
from sidecar.identity.lookup import encodable
from sidecar.runtime import Runtime


def wire(runtime: Runtime) -> None:
    """Register the bridge method ``cli.run``."""

    def handle(call: Call) -> dict[str, int]:
        if call.context.source != "cli":
            # An operator's shell may do everything: a page must never be taken for one.
            raise Forbidden("Commands run from WP-CLI only.", code="cli_only")
        command = catalogue.find(str(call.params["command"]))
        terminal = PeerTerminal(call)
        invocation = Invocation(
            runtime,
            command,
            terminal,
            tuple(_text(word) for word in call.params.get("args") or ()),
            {str(name): _value(value) for name, value in dict(call.params.get("assoc") or {}).items()},
            identities.principal_of(call, runtime.get(AgentsRepository)),
            default_agent=_text(call.params.get("default_agent") or "").strip(),
        )
        for event in run(invocation):
            terminal.emit(event)
            if isinstance(event, Failure):
                return {"exit": event.exit_code}
            if isinstance(event, Exit):
                return {"exit": event.code}
        return {"exit": 0}

    runtime.handlers["cli.run"] = handle


def _value(value: Any) -> str | bool:
    return value if isinstance(value, bool) else _text(value)


def _text(value: Any) -> str:
    """A word as typed; bytes that are no UTF-8 survive as they do in Python's own arguments."""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def _wire(value: Any) -> Any:
    """A value for PHP, where text and bytes are one kind: what people wrote need not be UTF-8."""
    if isinstance(value, str):
        # Only text that came from bytes holds such characters, and it is rare.
        return value if encodable(value) else value.encode("utf-8", "surrogateescape")
    if isinstance(value, Mapping):
        return {name: _wire(each) for name, each in value.items()}
    return [_wire(each) for each in value] if isinstance(value, list | tuple) else value


class PeerTerminal:
    """The terminal of the WP-CLI process that waits for this call."""

    #: What one frame may carry: PHP refuses frames over 1 MiB.
    ROWS = 500
    CHARACTERS = 128 * 1024

    def __init__(self, call: Call) -> None:
        self._call = call

    def emit(self, event: Event) -> None:
        """Print there, now."""
        if isinstance(event, Exit):
            return
        if isinstance(event, Line | Text) and len(event.text) > self.CHARACTERS:
            text = event.text + ("\n" if isinstance(event, Line) else "")
            for start in range(0, len(text), self.CHARACTERS):
                self.emit(Text(text[start : start + self.CHARACTERS]))
            return
        if isinstance(event, Table) and len(event.rows) > self.ROWS:
            for start in range(0, len(event.rows), self.ROWS):
                self._call.call_peer("cli.rows", {"rows": _wire(event.rows[start : start + self.ROWS])})
            event = Table([], event.fields, event.format)
        self._call.call_peer("cli.emit", {"events": [_wire(event.wire())]})

    def read_stdin(self) -> str:
        pieces = []
        while piece := self._call.call_peer("cli.stdin", {}):
            pieces.append(_bytes(piece))
        return b"".join(pieces).decode("utf-8", "surrogateescape")

    def read_file(self, path: str) -> str:
        pieces: list[bytes] = []
        while True:
            answer = self._call.call_peer("cli.file", {"path": path, "offset": sum(map(len, pieces))})
            if answer["state"] == "missing":
                raise NotFound(f"File does not exist: {path}")
            if answer["state"] != "ok":
                raise Forbidden(f"File is not readable: {path}")
            if not answer["text"]:
                return b"".join(pieces).decode("utf-8", "surrogateescape")
            pieces.append(_bytes(answer["text"]))

    def confirm(self, question: str) -> bool:
        return self._call.call_peer("cli.confirm", {"question": _wire(question)}) is True


def _bytes(piece: str | bytes) -> bytes:
    """Text and bytes are one kind in PHP; the wire tells them apart by whether they are UTF-8."""
    return piece.encode("utf-8") if isinstance(piece, str) else piece
