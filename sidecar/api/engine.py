"""Who gets to the routes of pipelines, flows and jobs at all; which rows, the services decide."""

from __future__ import annotations

from sidecar.api.route import Permission
from sidecar.automation import access


def managed(message: str) -> Permission:
    """Those who manage flows; 403 with ``message`` for everybody else, visitors too, as clients know it."""
    return Permission(message, any_of=(access.ACTION,), status=403)


PIPELINES = managed(access.PIPELINES)
FLOWS = managed(access.FLOWS)
JOBS = managed(access.JOBS)
