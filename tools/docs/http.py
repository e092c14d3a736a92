"""``docs/reference/http.md``: the routes of both doors, the error envelope, and every error code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import flask

from sidecar.api import health, metrics, routes
from sidecar.api.route import NAMESPACE, Argument, Route
from sidecar.identity.capabilities import CAPABILITIES
from tools.docs import errors, markdown

PATH = "docs/reference/http.md"
SOURCE = "sidecar/api and the error classes of the sidecar"
_PART = re.compile(r"\(\?P<(\w+)>[^)]*\)")

INTRO = f"""\
Below `/wp-json/{NAMESPACE}` WordPress signs the caller in (cookie with nonce, application password) and
validates the arguments. The sidecar's own door (`http_bind` in the [configuration](configuration.md))
answers the same paths below `/{NAMESPACE}`; it knows agent tokens only, and until the first token exists
it answers 401."""

ERRORS = """\
Every error of either door, and of every ability and command, has WordPress's shape:

```json
{"code": "job_not_found", "message": "Job not found.", "data": {"status": 404}}
```

`code` is stable, `message` is for people and may change, `data.status` is the HTTP status; some errors
carry more in `data`. In WordPress two more codes are possible on every route here:
`datamachine_sidecar_unavailable` (503, nobody answers) and `datamachine_sidecar_timeout` (504, the
outcome is unknown)."""

KINDS = "Codes of a whole kind of error:"
SINGLE = "Codes of one place each; `…` stands for a value:"


def page() -> tuple[str, str]:
    """Path and text."""
    return markdown.page(PATH, "HTTP", SOURCE, INTRO, _body())


def names() -> list[str]:
    """What the page must mention: headings of routes, and codes."""
    return [
        *(_title(route) for route in routes.ROUTES),
        *(f"GET {path}" for path, _ in _door()),
        *(f"`{kind.code}`" for kind in errors.kinds()),
        *(f"`{use.code}`" for use in errors.uses()),
    ]


def _body() -> Iterator[str]:
    for route in routes.ROUTES:
        yield from _route(route)
    yield from ("", "## The sidecar's own door alone")
    for path, text in _door():
        yield from ("", f"### GET {path}", "", text)
    commands = f"A command that fails prints `Error:` and the message; its exit code is {_exit_codes()}."
    yield from ("", "## Errors", "", ERRORS, "", commands, "", KINDS)
    yield from markdown.table(
        ("code", "a kind of", "status", "meaning"),
        (
            (markdown.code(kind.code), markdown.code(kind.parent), str(kind.status), kind.meaning)
            for kind in errors.kinds()
        ),
    )
    yield from ("", SINGLE)
    yield from markdown.table(
        ("code", "status", "message"),
        ((markdown.code(use.code), use.status, use.message) for use in errors.uses()),
    )


def _exit_codes() -> str:
    return " or ".join(str(code) for code in sorted({kind.exit_code for kind in errors.kinds()}))


def _title(route: Route) -> str:
    path = _PART.sub(r"{\1}", route.path)
    return f"{', '.join(route.methods)} {path}"


def _route(route: Route) -> Iterator[str]:
    yield from ("", f"## {_title(route)}", "", markdown.prose(route.handler.__doc__))
    rule = route.permission
    names = " or ".join(f"`{CAPABILITIES[action]}`" for action in rule.any_of)
    who = f"the capability {names}" if names else "a signed-in user"
    status = rule.status or "401 (nobody is signed in) or 403"
    yield from ("", f"Needs {who}; otherwise {status} `{rule.code}`: {rule.message}")
    if route.own_door:
        yield from ("", "At the sidecar's own door only: waiting would hold a PHP process.")
    if route.args:
        yield from markdown.table(
            ("argument", "type", "default", "allowed"),
            (_argument(name, argument) for name, argument in route.args.items()),
        )


def _argument(name: str, argument: Argument) -> tuple[str, str, str, str]:
    allowed = [f"`{word}`" for word in argument.enum]
    if argument.minimum is not None:
        allowed.append(f"at least {argument.minimum}")
    if argument.maximum is not None:
        allowed.append(f"at most {argument.maximum}")
    default = (
        "required"
        if argument.required
        else ""
        if argument.default is None
        else f"`{json.dumps(argument.default)}`"
    )
    return (
        markdown.code(name),
        argument.type + (" or null" if argument.nullable else ""),
        default,
        ", ".join([*allowed, argument.description]).strip(", "),
    )


def _door() -> Iterator[tuple[str, str]]:
    """Path and description of what only the sidecar's door has: asked of Flask itself."""
    app = flask.Flask("docs", static_folder=None)
    app.register_blueprint(health.build(None))  # type: ignore[arg-type]  # only asked for its routes
    app.register_blueprint(metrics.build(None))  # type: ignore[arg-type]
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        yield rule.rule, markdown.prose(view.__doc__)
