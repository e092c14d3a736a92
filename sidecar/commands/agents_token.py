"""``agents token``: keys for runtimes that act as an agent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sidecar.commands import runtime_lines
from sidecar.commands.agents import GROUP, IDENTIFIER, enter
from sidecar.commands.events import Event, Line, Notice, Success, Table
from sidecar.commands.invocation import Invocation
from sidecar.commands.phptext import pretty
from sidecar.commands.synopsis import Assoc, Flag, Positional, format_option
from sidecar.db import php_json
from sidecar.display.numbers import leading_int
from sidecar.errors import InvalidInput, NotFound
from sidecar.identity import Agent, AgentsService, documents
from sidecar.identity.expiry import expired
from sidecar.identity.token_service import TokensService
from sidecar.identity.values import Minted
from sidecar.wordpress import Options, rest_url

DAY = 86400
FIELDS = ["token_id", "prefix", "label", "last_used", "expires", "status"]


@GROUP.command(
    "token",
    "Create and revoke tokens of an agent, or list them.",
    Positional("action", "create, revoke or list."),
    IDENTIFIER,
    Positional("token_id", "The token to revoke.", optional=True),
    Assoc("label", "What the token is for."),
    Assoc("expires-in", "Seconds until it ends; absent or 0: it has no end.", value="seconds"),
    Assoc("capabilities", "What it is limited to, a JSON list; absent: no limit.", value="json"),
    Assoc(
        "for",
        "The runtime to print configuration for; absent: variables for any.",
        value="runtime",
        options=tuple(runtime_lines.RUNTIMES),
    ),
    format_option("table", "json"),
    Flag("porcelain", "Print the token alone, or with --for the configuration alone."),
    details=(
        "Whoever has a token acts as the agent: with its owner's rights, below the token's limit. It is "
        "shown once; what is stored is a hash. A revoked token ends at once. --format is for lists."
    ),
)
def token(call: Invocation) -> Iterator[Event]:
    """The new token and a runtime's lines, one line that says what was done, or a table."""
    action = call.args[0]
    if action not in ("create", "revoke", "list"):
        raise InvalidInput(f"Unknown action: {action}. Use: create, revoke, list", code="unknown_action")
    enter(call)
    agent = call.runtime.get(AgentsService).find(call.args[1])
    if agent is None:
        raise NotFound(f'Agent "{call.args[1]}" not found.', code="agent_not_found")
    match action:
        case "create":
            yield from _create(call, agent)
        case "revoke":
            yield from _revoke(call, agent)
        case _:
            yield from _list(call, agent)


def _create(call: Invocation, agent: Agent) -> Iterator[Event]:
    seconds, capabilities = _seconds(call), _capabilities(call)
    minted = call.runtime.get(TokensService).create(
        call.principal,
        agent.agent_id,
        label=call.option("label", "") or "",
        capabilities=capabilities,
        expires_in=seconds,
    )
    runtime = call.option("for")
    lines = runtime_lines.ready(
        runtime or runtime_lines.ENVIRONMENT, agent.agent_slug, _url(call), minted.raw
    )
    if call.flag("porcelain"):
        yield Line(minted.raw if runtime is None else lines.content)
        return
    yield Success("Token created!")
    yield Line()
    yield Line("Save this token now — it cannot be retrieved again:")
    yield Line()
    yield Line(f"  {minted.raw}")
    yield Line()
    yield from _facts(agent, minted, seconds)
    yield from _ready(lines)


def _seconds(call: Invocation) -> int | None:
    """Seconds of life; a typing error must not make a token that lives for ever."""
    given = call.assoc.get("expires-in")
    if given is None:
        return None
    if not isinstance(given, str) or not re.fullmatch(r"\s*[+-]?[0-9]+\s*", given):
        raise InvalidInput("Invalid number of seconds in --expires-in.", code="invalid_expires_in")
    return leading_int(given)


def _capabilities(call: Invocation) -> list[str] | None:
    """The limit asked for; an empty text is a variable of a script that was not set, never no limit."""
    given = call.assoc.get("capabilities")
    if given is None:
        return None
    try:
        value = php_json.loads(given) if isinstance(given, str) else None
    except php_json.NotJson:
        value = None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InvalidInput("Invalid JSON in --capabilities.", code="invalid_json")
    return value


def _facts(agent: Agent, minted: Minted, seconds: int | None) -> Iterator[Event]:
    """What it is; a limit or an end it got without being asked for is told too."""
    made = minted.token
    yield Line(f"Token ID:    {made.token_id}")
    yield Line(f"Agent:       {agent.agent_slug} (ID: {agent.agent_id})")
    if made.label:
        yield Line(f"Label:       {made.label}")
    if made.expires_at and seconds is not None and seconds > 0:
        yield Line(f"Expires in:  {_days(seconds)}")
    elif made.expires_at:
        yield Line(f"Expires:     {made.expires_at} UTC")
    limit = made.ceiling.names
    if limit is not None:
        yield Line(f"Capabilities: {', '.join(limit) or '(none)'}")


def _days(seconds: int) -> str:
    return f"{seconds // DAY} days" if seconds >= DAY else f"{seconds} seconds"


def _ready(lines: runtime_lines.Ready) -> Iterator[Event]:
    yield Line()
    yield Line(f"For {lines.place}:")
    yield Line()
    for text in lines.content.split("\n"):
        yield Line(f"  {text}")
    if lines.use:
        yield Line()
        for text in lines.use:
            yield Line(f"  {text}")


def _url(call: Invocation) -> str:
    options = call.runtime.get(Options)
    home = options.home_url(blog_id=call.blog_id)
    permalinks = options.get("permalink_structure", "", blog_id=call.blog_id)
    return rest_url(home, str(permalinks or ""), "datamachine/v1")


def _revoke(call: Invocation, agent: Agent) -> Iterator[Event]:
    named = call.argument(2)
    if not named:
        raise InvalidInput(
            "Token ID is required for revoke. Usage: datamachine agents token revoke <slug> <token_id>",
            code="token_id_required",
        )
    call.runtime.get(TokensService).revoke(call.principal, agent.agent_id, leading_int(named))
    yield Success("Token revoked successfully")


def _list(call: Invocation, agent: Agent) -> Iterator[Event]:
    found = call.runtime.get(TokensService).list(call.principal, agent.agent_id)
    if not found:
        yield Notice("No tokens found for this agent.")
        return
    if call.format == "json":
        yield Line(pretty([documents.token_row(each) for each in found]))
        return
    now = call.runtime.clock.now()
    rows: list[dict[str, Any]] = [
        {
            "token_id": str(each.token_id),
            "prefix": f"{each.token_prefix}...",
            "label": each.label or "(none)",
            "last_used": each.last_used_at or "never",
            "expires": each.expires_at or "never",
            "status": "expired" if expired(each.expires_at, now) else "active",
        }
        for each in found
    ]
    yield Table(rows, FIELDS)
