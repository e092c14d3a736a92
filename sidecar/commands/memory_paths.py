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
from sidecar.identity import Agent, AgentsRepository, Permissions
from sidecar.identity.permissions import VIEWER, refusal
from sidecar.identity.wordpress import IdentityHost
from sidecar.memory import MemoryPaths
from sidecar.memory.access import READ


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
    agent, slug = _meant(call)
    report = call.runtime.get(MemoryPaths).report(call.blog_id, agent=agent, slug=slug)
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


def _meant(call: Invocation) -> tuple[Agent | None, str]:
    """The agent, or the slug of one that is not there; neither means the default user's.

    An unknown slug is no error: scripts ask for the paths before they make the agent. Only who administers
    the site is told that much about agents of others.
    """
    named = call.option("agent")
    try:
        agent = named_agent(call)
    except NotFound:
        agent = None
    slug = ""
    if agent is None and named is not None:
        slug = call.runtime.get(IdentityHost).clean(named).slug
        agent = call.runtime.get(AgentsRepository).by_slug(slug) if slug else None
    if agent is None and not slug and call.principal.agent_id:
        agent = call.runtime.get(AgentsRepository).get(call.principal.agent_id)
    permissions = call.runtime.get(Permissions)
    allowed = (
        permissions.can_access(call.principal, agent, VIEWER)
        if agent is not None
        else permissions.administers(call.principal)
    )
    if not allowed:
        raise refusal(call.principal, READ)
    return agent, slug
