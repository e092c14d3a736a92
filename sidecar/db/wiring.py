"""Joins the database with the rest of one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar import blog
from sidecar.bridge import context, guard
from sidecar.db.database import Database

if TYPE_CHECKING:
    from sidecar.runtime import Runtime


def wire(runtime: Runtime) -> None:
    """Bound statements by the call they serve, and refuse frames while a session is open."""
    database = runtime.db
    database.budget = context.remaining
    database.checkpoint = context.check
    guard.register(database.assert_idle)
    context.on_call(_enter_blog)
    runtime.provide(Database, database)


def _enter_blog(call: context.Call) -> None:
    """The tables of a call are those of the blog that calls."""
    blog.set_current(call.context.blog_id or blog.MAIN)
