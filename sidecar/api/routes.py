"""Every route of the product, in the order WordPress registers them."""

from __future__ import annotations

from sidecar.api import (
    agent_access,
    agent_files,
    agent_tokens,
    agents,
    authorize,
    daily_files,
    execute,
    flow_files,
    flow_queue,
    flow_steps,
    flows,
    handlers,
    jobs,
    memory,
    memory_changes,
    memory_context,
    memory_files,
    pipeline_steps,
    pipelines,
    processed_items,
    step_types,
)
from sidecar.api.route import Route
from sidecar.errors import NotFound

#: By blueprint: the resource's name and its routes.
RESOURCES: dict[str, tuple[Route, ...]] = {
    "agents": agents.ROUTES,
    "agent_access": agent_access.ROUTES,
    "agent_tokens": agent_tokens.ROUTES,
    "authorize": authorize.ROUTES,
    "jobs": jobs.ROUTES,
    # Before the files: there is none of the name "daily".
    "daily_files": daily_files.ROUTES,
    "agent_files": agent_files.ROUTES,
    "execute": execute.ROUTES,
    "flow_files": flow_files.ROUTES,
    "flows": flows.ROUTES,
    "flow_queue": flow_queue.ROUTES,
    "flow_steps": flow_steps.ROUTES,
    "memory_files": memory_files.ROUTES,
    "memory": memory.ROUTES,
    "memory_changes": memory_changes.ROUTES,
    "memory_context": memory_context.ROUTES,
    "pipelines": pipelines.ROUTES,
    "pipeline_steps": pipeline_steps.ROUTES,
    "processed_items": processed_items.ROUTES,
    "handlers": handlers.ROUTES,
    "step_types": step_types.ROUTES,
}
ROUTES: tuple[Route, ...] = tuple(route for group in RESOURCES.values() for route in group)


def find(method: str, path: str) -> Route:
    """The route of that method and pattern; HEAD is answered as GET."""
    wanted = "GET" if method == "HEAD" else method
    for route in ROUTES:
        if wanted in route.methods and route.path == path:
            return route
    raise NotFound("No route was found matching the URL and request method.", code="rest_no_route")
