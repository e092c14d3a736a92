"""Every route of the product, in the order WordPress registers them."""

from __future__ import annotations

from sidecar.api import agent_access, agent_tokens, agents, authorize, jobs
from sidecar.api.route import Route
from sidecar.errors import NotFound

#: By blueprint: the resource's name and its routes.
RESOURCES: dict[str, tuple[Route, ...]] = {
    "agents": agents.ROUTES,
    "agent_access": agent_access.ROUTES,
    "agent_tokens": agent_tokens.ROUTES,
    "authorize": authorize.ROUTES,
    "jobs": jobs.ROUTES,
}
ROUTES: tuple[Route, ...] = tuple(route for group in RESOURCES.values() for route in group)


def find(method: str, path: str) -> Route:
    """The route of that method and pattern; HEAD is answered as GET."""
    wanted = "GET" if method == "HEAD" else method
    for route in ROUTES:
        if wanted in route.methods and route.path == path:
            return route
    raise NotFound("No route was found matching the URL and request method.", code="rest_no_route")
