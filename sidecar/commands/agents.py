"""``agents``: who there is, and everything about one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sidecar.commands.events import Event, Line, Notice, Table
from sidecar.commands.invocation import Invocation
from sidecar.commands.phptext import pretty
from sidecar.commands.synopsis import Assoc, Flag, Group, Positional, format_option
from sidecar.identity import AgentsService, AgentSummary, Permissions, documents

GROUP = Group("agents", "Manage agents, who may use them, and their configuration.", aliases=("agent",))

#: The argument that names an agent.
IDENTIFIER = Positional("slug", "Slug or id of the agent; digits are an id.")
#: What it takes to read or change single agents, beside a role on them: as for their routes.
ACTION = "manage_agents"
FIELDS = ["agent_id", "agent_slug", "agent_name", "owner_id", "owner_login", "has_files"]


@GROUP.command(
    "list",
    "List agents.",
    Assoc(
        "scope",
        "Which agents: those of a user, or all of this site; an agent that manages nothing sees itself.",
        options=("mine", "all"),
    ),
    Assoc("user_id", "The user whose agents and roles are meant.", value="id"),
    format_option("table", "json", "csv", "yaml"),
    Flag("include_role", "Add the column user_role."),
)
def list_agents(call: Invocation) -> Iterator[Event]:
    """A table and a last line with the total, which follows other formats too: scripts count on it."""
    include_role = call.flag("include_role")
    found = call.runtime.get(AgentsService).list(
        call.principal,
        scope=call.option("scope") or _scope(call),
        user_id=call.integer("user_id", 0) or None,
        site_id=call.blog_id,
        include_role=include_role,
        with_files=True,
    )
    if not found:
        yield Notice("No agents found for the given scope.")
        return
    fields = [*FIELDS, "user_role"] if include_role else FIELDS
    yield Table([_row(summary) for summary in found], fields, call.format)
    yield Line(f"Total: {len(found)} agent(s).")


def _scope(call: Invocation) -> str:
    """What a line without ``--scope`` means: a runtime lists agents first of all, whatever its token is."""
    acting = call.principal
    narrow = acting.kind == "agent" and not call.runtime.get(Permissions).can_manage(acting)
    return "mine" if narrow else "all"


def _row(summary: AgentSummary) -> dict[str, Any]:
    agent = summary.agent
    return {
        "agent_id": agent.agent_id,
        "agent_slug": agent.agent_slug,
        "agent_name": agent.agent_name,
        "owner_id": agent.owner_id,
        "owner_login": summary.owner_login or "(deleted)",
        "has_files": "Yes" if summary.has_files else "No",
        "user_role": summary.user_role or "-",
    }


@GROUP.command("show", "Show one agent.", IDENTIFIER, format_option("table", "json"))
def show_agent(call: Invocation) -> Iterator[Event]:
    """Lines, the configuration and the grants when there are any."""
    enter(call)
    detail = call.runtime.get(AgentsService).show(call.principal, call.args[0])
    if call.format == "json":
        yield Line(pretty(documents.detail(detail)))
        return
    agent = detail.agent
    owner = detail.owner_login or "(deleted)"
    yield Line(f"Agent ID:    {agent.agent_id}")
    yield Line(f"Slug:        {agent.agent_slug}")
    yield Line(f"Name:        {agent.agent_name}")
    yield Line(f"Owner:       {owner} (ID: {agent.owner_id})")
    yield Line(f"Created:     {agent.created_at}")
    yield Line(f"Updated:     {agent.updated_at}")
    yield Line(f"Directory:   {detail.agent_dir}")
    yield Line(f"Has files:   {'Yes' if detail.has_files else 'No'}")
    if agent.agent_config:
        yield Line()
        yield Line("Config:")
        yield Line(pretty(agent.agent_config))
    if detail.access:
        yield Line()
        yield Line("Access grants:")
        rows = [
            {"user_id": each.grant.user_id, "login": each.login or "(deleted)", "role": each.grant.role}
            for each in detail.access
        ]
        yield Table(rows, ["user_id", "login", "role"])


def enter(call: Invocation) -> None:
    """Forbidden for who does not do this kind of work here: a user, where the site narrowed the operator."""
    call.runtime.get(Permissions).require(call.principal, ACTION)
