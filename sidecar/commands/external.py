"""``external``: the tokens other sites gave us for their agents."""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.commands.events import Event, Exit, Line, Success, Table
from sidecar.commands.invocation import Invocation
from sidecar.commands.synopsis import Assoc, Flag, Group, Positional, format_option
from sidecar.errors import InvalidInput
from sidecar.identity.external import Connection, ExternalService

GROUP = Group("external", "Act as agents of other sites: their tokens, and requests with them.")

SITE = Positional("site", "The other site: example.com, https://example.com/blog.")
SLUG = Positional("agent_slug", "Slug of the agent there.")
KEY = Positional("key", "Site and agent as the list shows them: example.com/bot.")
FIELDS = ["key", "remote_site", "agent_slug", "agent_id", "received_at", "has_token"]


@GROUP.command("list", "List stored tokens.", format_option("table", "json", "csv", "yaml"))
def list_tokens(call: Invocation) -> Iterator[Event]:
    """A row a token, without the tokens."""
    found = service(call).list(call.principal)
    if not found and call.format == "table":
        yield Line("No external sites registered.")
        return
    yield Table([_row(each) for each in found], FIELDS, call.format)


def _row(found: Connection) -> dict[str, object]:
    return {field: getattr(found, field) for field in FIELDS} | {
        "has_token": "yes" if found.has_token else "no"
    }


@GROUP.command(
    "add",
    "Store a token that another site gave.",
    SITE,
    SLUG,
    Assoc("token", "The token. Without it, standard input: other users of the machine see command lines."),
    Assoc("agent-id", "Id of the agent there.", value="id"),
    Flag("verify", "Ask the site first whose token it is; store nothing when it does not say."),
)
def add(call: Invocation) -> Iterator[Event]:
    """One line that says where it is filed."""
    token = call.option("token") or call.terminal.read_stdin()
    if not token.strip():
        raise InvalidInput("No token given. Give it with --token or on standard input.")
    stored = service(call).add(
        call.principal,
        call.args[0],
        call.args[1],
        token,
        agent_id=call.integer("agent-id", 0),
        verify=call.flag("verify"),
    )
    yield Success(f"Stored token for {stored.key}.")


@GROUP.command("remove", "Forget a stored token.", KEY, Flag("yes", "Do not ask."))
def remove(call: Invocation) -> Iterator[Event]:
    """One line. The other site is told nothing: revoke the token there."""
    key = call.args[0]
    service(call).show(call.principal, key)
    if not call.flag("yes") and not call.terminal.confirm(f'Remove the stored token for "{key}"?'):
        yield Exit(0)
        return
    service(call).remove(call.principal, key)
    yield Success(f"Removed token for {key}.")


@GROUP.command(
    "show", "Show a stored token.", KEY, Flag("show-token", "Print the token itself instead of its end.")
)
def show(call: Invocation) -> Iterator[Event]:
    """Lines; of the token its last four characters, unless asked for."""
    found = service(call).show(call.principal, call.args[0])
    token = found.token if call.flag("show-token") else mask(found.token)
    connection = found.connection
    yield Line(f"Key:         {connection.key}")
    yield Line(f"Remote site: {connection.remote_site}")
    yield Line(f"Agent slug:  {connection.agent_slug}")
    yield Line(f"Agent ID:    {connection.agent_id}")
    yield Line(f"Received at: {connection.received_at}")
    yield Line(f"Token:       {token}")


def service(call: Invocation) -> ExternalService:
    """The service of this process."""
    return call.runtime.get(ExternalService)


def mask(token: str) -> str:
    """Enough of a token to tell it from another one."""
    return f"datamachine_...{token[-4:]}" if len(token) >= 40 else "datamachine_..."
