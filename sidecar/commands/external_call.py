"""``external test``, ``connect`` and ``call``: what is done with another site."""

from __future__ import annotations

import json
import webbrowser
from collections.abc import Iterator
from typing import Any

from sidecar.commands.events import Event, Exit, Line, Notice, Success, Table
from sidecar.commands.external import GROUP, KEY, SITE, SLUG, service
from sidecar.commands.invocation import Invocation
from sidecar.commands.phptext import pretty
from sidecar.commands.synopsis import Assoc, Flag, Positional, format_option
from sidecar.errors import InvalidInput
from sidecar.identity.external import Answer


@GROUP.command("test", "Ask another site whose token it is that we have.", KEY)
def test(call: Invocation) -> Iterator[Event]:
    """One line with the agent the site names."""
    who = service(call).test(call.principal, call.args[0])
    yield Success(f'{call.args[0]} answers: agent "{who.agent_slug}" (ID: {who.agent_id}).')


@GROUP.command(
    "connect",
    "Begin to get a token from another site, in a browser.",
    SITE,
    SLUG,
    Assoc("label", "What the token is called there."),
    Assoc(
        "redirect-uri",
        "Our callback as the other site knows it, used as it is; for sites that allow one exact address.",
        value="uri",
    ),
    Flag("open", "Open the address in this machine's browser."),
    details=(
        "Open the address in a browser where you are signed in to this site as an administrator. The other "
        "site asks the agent's owner there and sends the browser back here. The address can be used once, "
        "within ten minutes; with --user only by that user."
    ),
)
def connect(call: Invocation) -> Iterator[Event]:
    """The address, alone on its line."""
    invitation = service(call).connect(
        call.principal,
        call.args[0],
        call.args[1],
        label=call.option("label") or "",
        redirect_uri=call.option("redirect-uri") or "",
    )
    yield Line(f"Open within {invitation.expires_in // 60} minutes, as an administrator of this site:")
    yield Line()
    yield Line(invitation.authorize_url)
    if call.flag("open") and not _open(call, invitation.authorize_url):
        yield Notice("No browser could be opened here.")


def _open(call: Invocation, url: str) -> bool:
    """Only where the operator sits: behind WP-CLI this process may be anywhere."""
    return call.runtime.process == "cli" and webbrowser.open(url)


@GROUP.command(
    "call",
    "Send a request to another site with a stored token.",
    KEY,
    Positional("method", "GET, POST, PUT, PATCH or DELETE."),
    Positional("path", "A path there, or an address on the same host."),
    Assoc("body", "JSON to send; - reads standard input.", value="json"),
    Assoc("header", "A header to send, name: value; the native command line takes several."),
    Assoc("timeout", "Seconds for all of it, up to 300.", value="seconds", default="30"),
    format_option("json", "raw", "table", default="json"),
)
def call_site(call: Invocation) -> Iterator[Event]:
    """The whole answer, its body alone, or a table of its parts; exit code 1 when it is no success."""
    key, method, path = call.args[:3]
    answer = service(call).call(
        call.principal,
        key,
        method,
        path,
        body=_body(call),
        headers=dict(_header(each) for each in call.every("header")),
        timeout=call.integer("timeout", 30),
    )
    yield from _shown(answer, call.format)
    if not answer.success:
        yield Exit(1)


def _shown(answer: Answer, output: str) -> Iterator[Event]:
    match output:
        case "raw":
            yield Line(answer.raw_body)
        case "table":
            rows = [
                {"field": name, "value": value if isinstance(value, str | int) else json.dumps(value)}
                for name, value in answer.document().items()
                if name not in {"raw_body", "headers"}
            ]
            yield Table(rows, ["field", "value"])
        case _:
            yield Line(pretty(answer.document()))
    if answer.error and output == "raw":
        yield Notice(answer.error)


def _body(call: Invocation) -> Any:
    text = call.option("body")
    if text is None:
        return None
    if text == "-":
        text = call.terminal.read_stdin()
    try:
        return json.loads(text)
    except ValueError:
        raise InvalidInput("Invalid JSON in --body.", code="invalid_body") from None


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise InvalidInput(f'"{text}" is not a header. Write it as "Name: value".', code="invalid_header")
    return name.strip(), value.strip()
