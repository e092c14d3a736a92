"""Workspaces: where a run works. A job carries ``active_workspace`` in its engine data, as its caller gave
it.
"""

from __future__ import annotations

#: The key of engine data that names the workspace of a job.
ACTIVE_WORKSPACE = "active_workspace"
