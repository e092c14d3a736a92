"""``memory paths``: where an agent's memory is, for programs that read the files themselves."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sidecar.commands.agent_option import named_agent
from sidecar.commands.events import Event, Line, Table
from sidecar.commands.invocation import Invocation
from sidecar.commands.memory import GROUP
from sidecar.commands.memory_access import enter
from sidecar.commands.phptext import pretty
from sidecar.commands.synopsis import Assoc, Flag, format_option
from sidecar.errors import NotFound
from sidecar.identity import Agent, AgentsRepository, Owners, Permissions
from sidecar.identity.permissions import refusal
from sidecar.identity.wordpress import IdentityHost
from sidecar.memory import MemoryAccess, MemoryPaths, Scope
from sidecar.memory.access import READ
from sidecar.memory.values import AGENT


@GROUP.command(
    "paths",
    "Print where an agent's memory files are.",
    Assoc("agent", "Slug or id of the agent; one that does not exist yet has paths too.", value="slug"),
    format_option("json", "table", default="json"),
    Flag("relative", "Paths below WordPress's root in the table; JSON has both."),
)
def paths(call: Invocation) -> Iterator[Event]:
    """One JSON object with its braces in the first column: setup scripts cut it out of a page of output."""
    enter(call)
    with call.runtime.get(IdentityHost).at_hand(call.principal):
        agent, slug, user_id = _meant(call)
        report = call.runtime.get(MemoryPaths).report(call.blog_id, agent=agent, slug=slug, user_id=user_id)
    if call.format == "json":
        yield Line(pretty(msgspec.to_builtins(report)))
        return
    rows = [
        {
            "file": name,
            "layer": found.layer,
            "path": found.relative if call.flag("relative") else found.path,
            "exists": "yes" if found.exists else "no",
        }
        for name, found in report.files.items()
    ]
    yield Table(rows, ["file", "layer", "path", "exists"], "table")


def _meant(call: Invocation) -> tuple[Agent | None, str, int]:
    """The agent, else a slug that nobody has, else the user whose folder it is.

    An unknown slug is no error: scripts ask for the paths before they make the agent. Only who administers
    the site is told that much about agents of others.
    """
    agents, access = call.runtime.get(AgentsRepository), call.runtime.get(MemoryAccess)
    named = call.option("agent")
    try:
        agent = named_agent(call)
    except NotFound:
        agent = None
    if agent is None and named is not None:
        slug = call.runtime.get(IdentityHost).clean(named).slug
        agent = agents.by_slug(slug) if slug else None
        if agent is None and slug:
            if not call.runtime.get(Permissions).administers(call.principal):
                raise refusal(call.principal, READ)
            return None, slug, 0
    whose = access.target(call.principal, agent_id=agent.agent_id if agent else 0)
    access.require(call.principal, Scope(AGENT, whose.user_id, whose.agent_id, ""), writes=False)
    user_id = whose.user_id or call.runtime.get(Owners).default(call.blog_id)
    found = agents.get(whose.agent_id) if whose.agent_id else agents.first_of(user_id)
    return found, "", user_id
