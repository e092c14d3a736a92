"""What ``OPTIONS`` answers: which methods a path has, and which arguments each takes."""

from __future__ import annotations

from collections.abc import Sequence

from sidecar.api.route import NAMESPACE, Answer, Route


def of(routes: Sequence[Route]) -> Answer:
    """WordPress's description of the routes of one path, without its links; ``Allow`` names the methods."""
    methods = [method for route in routes for method in route.methods]
    return Answer(
        {
            "namespace": NAMESPACE,
            "methods": methods,
            "endpoints": [
                {
                    "methods": list(route.methods),
                    "args": {name: argument.schema() for name, argument in route.args.items()},
                }
                for route in routes
            ],
        },
        headers={"Allow": ", ".join(methods)},
    )
