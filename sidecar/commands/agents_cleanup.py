"""``agents cleanup-legacy-context-files``: what very old versions left in agents' folders."""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.commands.agents import GROUP
from sidecar.commands.events import Event, Failure, Line, Notice, Success
from sidecar.commands.invocation import Invocation
from sidecar.commands.synopsis import Flag
from sidecar.memory import LegacyContexts


@GROUP.command(
    "cleanup-legacy-context-files",
    "Remove the folders contexts/ that old versions made in agents' folders.",
    Flag("dry-run", "Only say what would be removed."),
    details="Only agents/*/contexts of this site is touched; links are not followed.",
)
def cleanup(call: Invocation) -> Iterator[Event]:
    """A line for each folder, then the sum."""
    dry_run = call.flag("dry-run")
    contexts = call.runtime.get(LegacyContexts)
    found = contexts.find(call.principal, call.blog_id)
    if not found:
        yield Success("No legacy context files found — already clean.")
        return
    failed = False
    removed = files = 0
    for each in found:
        if dry_run:
            yield Line(f"Would remove: {each.path} ({each.files} file(s))")
            continue
        try:
            contexts.remove(call.principal, call.blog_id, each)
        except OSError as error:
            failed = True
            yield Notice(f"Could not remove {each.path}: {error.strerror or error}")
        else:
            removed += 1
            files += each.files
            yield Line(f"Removed: {each.path} ({each.files} file(s))")
    if dry_run:
        yield Success("Dry run — no changes made.")
    elif failed:
        yield Failure(f"Removed {removed} of {len(found)} folder(s).")
    else:
        yield Success(f"Removed {removed} folder(s) with {files} file(s).")
