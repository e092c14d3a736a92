"""Flask blueprints from declared routes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import flask
import msgspec
from werkzeug.routing import BaseConverter

from sidecar import blog
from sidecar.api import access, body, description, door, phpquery
from sidecar.api.route import HEADERS, NAMESPACE, Answer, Route, Upload
from sidecar.errors import SidecarError, Unauthorized
from sidecar.host import UnitHost, lazily
from sidecar.identity import WordPressAnswers
from sidecar.identity.units import unit_of
from sidecar.runtime import Runtime

#: ``(?P<id>\d+)`` in WordPress, ``<digits:id>`` in Flask; nothing else is a part of our paths.
_PART = re.compile(r"\(\?P<(\w+)>([^)]*)\)")
_FORM = "application/x-www-form-urlencoded"


class Digits(BaseConverter):
    """The digits of a path as text, however many: WordPress validates them as an argument."""

    regex = "[0-9]+"


class Word(BaseConverter):
    """A slug or an id."""

    regex = "[A-Za-z0-9_-]+"


class Two(BaseConverter):
    """Month and day."""

    regex = "[0-9]{2}"


class Four(BaseConverter):
    """A year."""

    regex = "[0-9]{4}"


class Segment(BaseConverter):
    """Anything without a slash: a file's name."""

    regex = "[^/]+"


class Rest(BaseConverter):
    """Everything that follows: a file's path."""

    regex = ".+"
    part_isolating = False
    #: Other routes that would fit come first.
    weight = 300


#: By the pattern in the path; Flask's own ``int`` takes other alphabets' digits, and dies of thousands.
CONVERTERS = {
    r"\d+": "digits",
    r"\d{2}": "two",
    r"\d{4}": "four",
    r"[A-Za-z0-9_-]+": "word",
    r"[^/]+": "segment",
    r".+": "rest",
}


def install(
    app: flask.Flask,
    runtime: Runtime,
    resources: Mapping[str, tuple[Route, ...]],
    authenticator: access.Authenticator,
) -> None:
    """One blueprint a resource, under ``/datamachine/v1``."""
    app.url_map.converters |= {
        "digits": Digits,
        "two": Two,
        "four": Four,
        "word": Word,
        "segment": Segment,
        "rest": Rest,
    }
    for resource, routes in resources.items():
        blueprint = flask.Blueprint(resource, __name__, url_prefix=f"/{NAMESPACE}")
        for number, route in enumerate(routes):
            blueprint.add_url_rule(
                _PART.sub(_converter, route.path),
                endpoint=f"{'_'.join(route.methods).lower()}_{number}",
                view_func=_view(runtime, route, authenticator),
                methods=list(route.methods),
                provide_automatic_options=False,
                strict_slashes=False,
            )
        for path in dict.fromkeys(route.path for route in routes):
            same = [route for route in routes if route.path == path]
            blueprint.add_url_rule(
                _PART.sub(_converter, path),
                endpoint=f"options_{routes.index(same[0])}",
                view_func=_options(same),
                methods=["OPTIONS"],
                strict_slashes=False,
            )
        app.register_blueprint(blueprint)


def respond(reply: Answer) -> flask.Response:
    """An answer as Flask sends it."""
    headers = dict(reply.headers)
    kind = headers.pop("Content-Type", "application/json; charset=UTF-8")
    response = flask.Response(door.encode(reply), reply.status, content_type=kind)
    response.headers.extend(headers)
    return response


def _converter(match: re.Match[str]) -> str:
    return f"<{CONVERTERS[match[2]]}:{match[1]}>"


def _options(routes: list[Route]) -> Callable[..., flask.Response]:
    def view(**path: str) -> flask.Response:
        return respond(description.of(routes))

    return view


def _view(
    runtime: Runtime, route: Route, authenticator: access.Authenticator
) -> Callable[..., flask.Response]:
    def view(**path: str) -> flask.Response:
        try:
            return respond(_answer(runtime, route, authenticator.visit(flask.request), path))
        except SidecarError as error:
            return respond(door.refusal(error))

    return view


def _answer(runtime: Runtime, route: Route, visit: access.Visit, path: Mapping[str, str]) -> Answer:
    principal = visit.principal
    public = route.permission.public
    stranger = Unauthorized(route.permission.message, code=route.permission.code)
    if principal.anonymous and not public:
        # Before anything of a stranger's is read, and without a word on what the route expects.
        raise stranger

    def unit() -> AbstractContextManager[UnitHost]:
        return unit_of(runtime.hosts, principal)

    with blog.on(principal.blog_id):
        if principal.answers is None and not (principal.unlimited or principal.anonymous):
            # Once, so that every decision of a request goes by the same answers; and in no unit that acts as
            # an agent, because they are kept for the owner's other agents and tokens too.
            answers = runtime.get(WordPressAnswers)  # type: ignore[type-abstract]
            said = answers.of(principal.user_id, principal.blog_id, visit.epoch)
            if not said.known and not public:
                raise stranger
            principal = msgspec.structs.replace(principal, answers=said)
        with lazily(unit, "rest"):
            given, query, fields, content = _given(flask.request, path)
            return door.answer(
                runtime,
                route,
                given,
                query,
                principal=principal,
                body=fields,
                content=content,
                headers=_headers(flask.request),
                uploads=_uploads(flask.request) if route.uploads else None,
                agent=visit.agent,
                epoch=visit.epoch,
            )


def _given(
    request: flask.Request, path: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], bytes]:
    """All parameters, those of the query, the JSON object of the body, and the body as it came.

    In WordPress's order the body comes before the query, and the query before the path; null is as absent
    while another place has a value.
    """
    query = phpquery.parse(request.query_string) if request.query_string else {}
    fields: dict[str, Any] = {}
    form: dict[str, Any] = {}
    raw = b""
    if request.content_length or "Transfer-Encoding" in request.headers:
        kind = request.mimetype
        raw = request.get_data(cache=True) if kind != "multipart/form-data" else b""
        decoded = body.decode(raw, request.content_type)
        fields = decoded if isinstance(decoded, dict) else {}
        if kind == _FORM:
            form = phpquery.parse(raw)
        elif kind == "multipart/form-data":
            form = dict(request.form.items())
    given: dict[str, Any] = {}
    for layer in (path, query, form if request.method not in {"GET", "HEAD"} else {}, fields):
        for name, value in layer.items():
            if value is not None or name not in given:
                given[name] = value
    return given, query, fields, raw


def _headers(request: flask.Request) -> dict[str, str]:
    """Those that routes read."""
    return {name: value for name in HEADERS if (value := request.headers.get(name)) is not None}


def _uploads(request: flask.Request) -> dict[str, Upload]:
    """The files of a form."""
    return {
        field: Upload(sent.filename or "", sent.mimetype, sent.read())
        for field, sent in request.files.items()
    }
