"""``agents access``: who may use an agent, and as what."""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.commands.agents import GROUP, IDENTIFIER, enter
from sidecar.commands.events import Event, Notice, Success, Table
from sidecar.commands.invocation import Invocation
from sidecar.commands.people import find_user
from sidecar.commands.synopsis import Assoc, Positional, format_option
from sidecar.errors import InvalidInput, NotFound
from sidecar.identity import AccessService, Agent, AgentsService
from sidecar.identity.values import ROLES

_USAGE = {
    "grant": "Usage: datamachine agents access grant <slug> <user> [--role=<role>]",
    "revoke": "Usage: datamachine agents access revoke <slug> <user>",
}


@GROUP.command(
    "access",
    "Grant and revoke access to an agent, or list who has it.",
    Positional("action", "grant, revoke or list."),
    IDENTIFIER,
    Positional("user", "Id, login or email address of the user.", optional=True),
    Assoc("role", "What the user may do.", default="operator", options=tuple(reversed(ROLES))),
    format_option("table", "json", "csv", "yaml"),
    details=(
        "A viewer sees the agent's pipelines, flows, jobs and memory. An operator also runs flows, fills "
        "queues and writes memory. An admin also creates, changes and deletes pipelines and flows, and "
        "changes the agent and its grants. A second grant replaces the first. The owner needs no grant."
    ),
)
def access(call: Invocation) -> Iterator[Event]:
    """One line that says what was done, or a table of grants."""
    action = call.args[0]
    if action not in ("grant", "revoke", "list"):
        raise InvalidInput(f"Unknown action: {action}. Use: grant, revoke, list", code="unknown_action")
    enter(call)
    agent = call.runtime.get(AgentsService).find(call.args[1])
    if agent is None:
        raise NotFound(f'Agent "{call.args[1]}" not found.', code="agent_not_found")
    match action:
        case "grant":
            yield from _grant(call, agent)
        case "revoke":
            yield from _revoke(call, agent)
        case _:
            yield from _list(call, agent)


def _named(call: Invocation, action: str) -> str:
    named = call.argument(2)
    if not named:
        raise InvalidInput(f"User is required for {action}. {_USAGE[action]}", code="user_required")
    return named


def _grant(call: Invocation, agent: Agent) -> Iterator[Event]:
    user = find_user(call.runtime, _named(call, "grant"))
    role = call.option("role", "operator") or "operator"
    call.runtime.get(AccessService).grant(call.principal, agent.agent_id, user.id, role)
    yield Success(f'Granted {role} access to {user.login} for agent "{agent.agent_slug}".')


def _revoke(call: Invocation, agent: Agent) -> Iterator[Event]:
    named = _named(call, "revoke")
    # A user that is gone can still have a grant: digits need nobody behind them.
    user_id = int(named) if named.isascii() and named.isdigit() else find_user(call.runtime, named).id
    try:
        call.runtime.get(AccessService).revoke(call.principal, agent.agent_id, user_id, owner_too=True)
    except NotFound as error:
        if error.code != "revoke_failed":
            raise
        yield Notice("No access grant found to revoke.")
        return
    yield Success(f'Revoked access for user {user_id} on agent "{agent.agent_slug}".')


def _list(call: Invocation, agent: Agent) -> Iterator[Event]:
    people = call.runtime.get(AccessService).list(call.principal, agent.agent_id)
    if not people:
        yield Notice(f'No access grants for agent "{agent.agent_slug}".')
        return
    rows = [
        {"user_id": str(each.user_id), "login": each.login or "(deleted)", "role": each.role}
        for each in people
    ]
    yield Table(rows, ["user_id", "login", "role"], call.format)
