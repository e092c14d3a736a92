"""``agents config``: the configuration of an agent, shown and changed key by key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sidecar.commands.agents import GROUP, IDENTIFIER, enter
from sidecar.commands.events import Event, Line, Notice, Success, Table
from sidecar.commands.invocation import Invocation
from sidecar.commands.phptext import pretty
from sidecar.commands.synopsis import Assoc, format_option
from sidecar.db import php_json
from sidecar.errors import InvalidInput
from sidecar.identity import Agent, AgentsService

#: Not a key of the configuration but a column: the blog of the network that the agent belongs to.
SITE_SCOPE = "site_scope"


@GROUP.command(
    "config",
    "Show or change an agent's configuration.",
    IDENTIFIER,
    Assoc("set", "Set a key; the value is JSON, or else text. site_scope takes a blog id or null.", "pair"),
    Assoc("unset", "Remove a key.", "key"),
    format_option("json", "table", default="json"),
    details=(
        "Keys are those of the top level; a dot is part of a key. Natively --set and --unset may be given "
        "several times; WP-CLI hands on only the last of each. Removals follow settings."
    ),
)
def config(call: Invocation) -> Iterator[Event]:
    """The configuration, or a line for each change and a last one when something was changed."""
    settings, removals = call.every("set"), call.every("unset")
    enter(call)
    service = call.runtime.get(AgentsService)
    agent = service.show(call.principal, call.args[0]).agent
    if not settings and not removals:
        yield from _show(agent, call.format)
        return
    changed = False
    for pair in settings:
        key, separator, text = pair.partition("=")
        if not separator or not key:
            yield Notice(f"Skipping invalid --set value: {pair} (expected key=value)")
            continue
        yield Line(_set(call, agent, key, text))
        changed = True
    for key in removals:
        if service.unset_config(call.principal, agent.agent_id, key):
            yield Line(f"  Removed: {key}")
            changed = True
        else:
            yield Notice(f"  Key not found: {key}")
    if changed:
        yield Success(f'Config updated for agent "{agent.agent_slug}".')


def _show(agent: Agent, output: str) -> Iterator[Event]:
    if not agent.agent_config:
        yield Line("Agent config is empty.")
    elif output == "table":
        rows = [{"key": key, "value": _text(value)} for key, value in agent.agent_config.items()]
        yield Table(rows, ["key", "value"])
    else:
        yield Line(pretty(agent.agent_config))


def _set(call: Invocation, agent: Agent, key: str, text: str) -> str:
    """Change one key; the line that says so."""
    service = call.runtime.get(AgentsService)
    if key == SITE_SCOPE:
        blog_id = _blog(text)
        service.set_site_scope(call.principal, agent.agent_id, blog_id)
        return f"  {key} → {'NULL (network-wide)' if blog_id is None else blog_id}"
    value = _value(text)
    service.set_config(call.principal, agent.agent_id, key, value)
    return f"  {key} → {_text(value)}"


def _blog(text: str) -> int | None:
    if text in {"", "null"}:
        return None
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise InvalidInput(f"Invalid site_scope: {text}. Use a blog id or null.", code="invalid_site_scope")
    return int(text)


def _value(text: str) -> Any:
    try:
        return php_json.loads(text)
    except php_json.NotJson:
        return text


def _text(value: Any) -> str:
    """Text as it is, anything else as JSON."""
    return value if isinstance(value, str) else php_json.dumps(value, slashes=False, unicode=True)
