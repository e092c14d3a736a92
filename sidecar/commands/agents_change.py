"""``agents create``, ``rename``, ``delete`` and ``restore``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sidecar.commands.agents import GROUP, IDENTIFIER, enter
from sidecar.commands.events import Event, Exit, Line, Notice, Success
from sidecar.commands.invocation import Invocation
from sidecar.commands.people import find_user
from sidecar.commands.phptext import pretty
from sidecar.commands.synopsis import Assoc, Flag, Positional, format_option
from sidecar.db import php_json
from sidecar.errors import InvalidInput
from sidecar.identity import AgentPlaces, AgentsService, documents


@GROUP.command(
    "create",
    "Create an agent, its folder and the files it starts with.",
    Positional("slug", "Its slug; letters, digits and dashes, anything else is folded into them."),
    Assoc("name", "Its name; the slug when absent."),
    Assoc("owner", "Id, login or email address of the user it belongs to.", value="user"),
    Assoc("config", "Its configuration, a JSON object.", value="json"),
    format_option("table", "json"),
    details=(
        "The owner gets the role admin. Who is no administrator where a site has narrowed the command line "
        "creates agents of their own only."
    ),
)
def create(call: Invocation) -> Iterator[Event]:
    """What was made; json prints the same as the ability answers, after the line that says so."""
    owner_id = _owner(call)
    config = _config(call.option("config"))
    made = call.runtime.get(AgentsService).create(
        call.principal, call.args[0], name=call.option("name"), owner_id=owner_id, config=config
    )
    agent = made.agent
    answer = documents.created(made)
    yield Success(answer["message"])
    if call.format == "json":
        yield Line(pretty(answer))
        return
    yield Line(f"Agent ID:  {agent.agent_id}")
    yield Line(f"Slug:      {agent.agent_slug}")
    yield Line(f"Name:      {agent.agent_name}")
    yield Line(f"Owner:     {agent.owner_id}")
    yield Line(f"Directory: {made.agent_dir}")


def _owner(call: Invocation) -> int | None:
    named = call.option("owner")
    if named is not None:
        return find_user(call.runtime, named).id
    if call.principal.unlimited:
        raise InvalidInput("Owner is required (--owner=<user_id|login|email>).", code="owner_required")
    # Somebody whom the site has narrowed to their own rights creates for themselves.
    return None


def _config(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        value = php_json.loads(text)
    except php_json.NotJson:
        value = None
    if value == []:
        return {}
    if not isinstance(value, dict):
        raise InvalidInput("Invalid JSON in --config.", code="invalid_json")
    return value


@GROUP.command(
    "rename",
    "Give an agent another slug; its folder moves along.",
    Positional("old-slug", "Its slug."),
    Positional("new-slug", "The slug it gets."),
    Flag("dry-run", "Only say what would be done."),
    details="A declared agent keeps its new slug: its old one is not created again.",
)
def rename(call: Invocation) -> Iterator[Event]:
    """Both slugs and both folders, then whether a folder moved."""
    enter(call)
    dry_run = call.flag("dry-run")
    done = call.runtime.get(AgentsService).rename(call.principal, call.args[0], call.args[1], dry_run=dry_run)
    yield Line(f"Agent slug:  {done.old_slug} → {done.new_slug}")
    yield Line(f"Directory:   {done.old_path} → {done.new_path}")
    if dry_run:
        yield Success("Dry run — no changes made.")
        return
    moved = "Directory moved." if done.moved else "No directory to move."
    yield Success(f'Agent renamed from "{done.old_slug}" to "{done.new_slug}". {moved}')


@GROUP.command(
    "delete",
    "Delete an agent.",
    IDENTIFIER,
    Flag("delete-files", "Delete its folder too."),
    Flag("yes", "Do not ask."),
    details=(
        "Its grants and tokens are deleted, its unfinished jobs fail. Its pipelines, flows, finished jobs, "
        "conversations and log lines stay for the record, only administrators see them, and its flows do "
        "not run any more. Its folder stays unless --delete-files is given. An agent that a plugin declares "
        "stays deleted until 'datamachine agents restore <slug>'."
    ),
)
def delete(call: Invocation) -> Iterator[Event]:
    """Asks first, and says what stays; then one line. An answer other than y ends it without an error."""
    enter(call)
    service = call.runtime.get(AgentsService)
    delete_files = call.flag("delete-files")
    if not call.flag("yes"):
        detail = service.show(call.principal, call.args[0])
        agent_id: str | int = detail.agent.agent_id
        files = "are deleted too" if delete_files else "stay"
        question = (
            f'Delete agent "{detail.agent.agent_slug}" (ID: {agent_id})? '
            "Its grants and tokens are deleted, its pipelines, flows and jobs stay but do not run any more. "
            f"Files in {detail.agent_dir} {files}."
        )
        if not call.terminal.confirm(question):
            yield Exit(0)
            return
    else:
        agent_id = call.args[0]
    done = service.delete(call.principal, agent_id, delete_files=delete_files)
    yield Success(documents.deleted(done)["message"])
    if delete_files and not done.files_deleted:
        places = call.runtime.get(AgentPlaces)  # type: ignore[type-abstract]
        if places.exists(done.agent, call.blog_id):
            folder = places.directory(done.agent, call.blog_id)
            yield Notice(f"Files stay in {folder}; the sidecar's log says why.")


@GROUP.command(
    "restore",
    "Let a declared agent that was deleted or renamed be created again.",
    Positional("slug", "The slug it is declared with."),
    details=(
        "Deleting or renaming an agent that a plugin declares is remembered, so that it does not come back "
        "by itself. After this command the site's next request creates it anew, with a new id."
    ),
)
def restore(call: Invocation) -> Iterator[Event]:
    """One line."""
    slug = call.args[0]
    call.runtime.get(AgentsService).restore(call.principal, slug)
    yield Success(f'Agent "{slug}" may be created again; the next request to the site does it.')
