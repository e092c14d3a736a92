"""A Flask blueprint from declared routes."""

from __future__ import annotations

import re
from collections.abc import Callable

import flask

from sidecar.api import access, door
from sidecar.api.route import NAMESPACE, Answer, Route

#: ``(?P<id>\d+)`` in WordPress, ``<int:id>`` in Flask.
_NUMBER = re.compile(r"\(\?P<(\w+)>\\d\+\)")


def build(resource: str, routes: tuple[Route, ...]) -> flask.Blueprint:
    """The blueprint of one resource, under ``/datamachine/v1``."""
    blueprint = flask.Blueprint(resource, __name__, url_prefix=f"/{NAMESPACE}")
    for number, route in enumerate(routes):
        blueprint.add_url_rule(
            _NUMBER.sub(r"<int:\1>", route.path),
            endpoint=f"{route.method.lower()}_{number}",
            view_func=_view(route),
            methods=[route.method],
        )
    return blueprint


def _view(route: Route) -> Callable[..., flask.Response]:
    def view(**path: int) -> flask.Response:
        # Until tokens exist nobody passes; what passes later goes through door.answer, as over the bridge.
        access.authenticate(flask.request, route.permission)

    return view


def respond(reply: Answer) -> flask.Response:
    """An answer as Flask sends it."""
    response = flask.Response(
        door.encode(reply), reply.status, content_type="application/json; charset=UTF-8"
    )
    response.headers.extend(dict(reply.headers))
    return response
