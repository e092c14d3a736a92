"""The Flask application behind the sidecar's own HTTP door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
from werkzeug.exceptions import HTTPException

from sidecar import hooks
from sidecar.api import access, blueprint, door, health, metrics, routes
from sidecar.errors import SidecarError
from sidecar.runtime import Runtime

#: Larger bodies are refused before they are read. A memory file of 10 MiB fits, as JSON too.
MAX_BODY = 24 * 1024 * 1024


class _App(flask.Flask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function: none of ours is a coroutine, and finding that out anew costs each request."""
        return func


def create_app(runtime: Runtime, authenticator: access.Authenticator | None = None) -> flask.Flask:
    """The application of one process: health, metrics, and one blueprint a resource.

    Without an ``authenticator`` the tokens of agents open it.
    """
    app = _App("datamachine")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.register_blueprint(health.build(runtime))
    app.register_blueprint(metrics.build(runtime))
    app.url_map.merge_slashes = False
    blueprint.install(app, runtime, routes.RESOURCES, authenticator or access.Bearer(runtime))

    # What hooks know of a request ends with it.
    app.wsgi_app = hooks.scope()(app.wsgi_app)  # type: ignore[method-assign]

    @app.errorhandler(SidecarError)
    def refused(error: SidecarError) -> flask.Response:
        return blueprint.respond(door.refusal(error))

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> flask.Response:
        return blueprint.respond(door.refusal(_as_ours(error)))

    return app


class _Http(SidecarError):
    """An error of the HTTP layer itself, with its status."""

    def __init__(self, message: str, code: str, status: int) -> None:
        super().__init__(message, code=code)
        self.status = status  # type: ignore[misc]  # a class attribute elsewhere; HTTP's own have many


def _as_ours(error: HTTPException) -> SidecarError:
    """WordPress's word for an unknown URL or method; others by their status."""
    status = error.code or 500
    if status in (404, 405):
        message = "No route was found matching the URL and request method."
        return _Http(message, "rest_no_route", 404)
    return _Http(error.description or "The request failed.", f"http_{status}", status)
