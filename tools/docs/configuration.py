"""``docs/reference/configuration.md``: the file, the environment, and what WordPress keeps."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from sidecar import settings
from tools.docs import markdown, structs

PATH = "docs/reference/configuration.md"
SOURCE = "sidecar/settings.py and tools/docs/names.toml"

INTRO = """\
The sidecar reads one JSON file: the one that `--config` or `DATAMACHINE_CONFIG` names, else
`/etc/datamachine/config.json` for root and `~/.config/datamachine/config.json` for everybody else. It
must belong to nobody but its owner (mode 0600), because it holds the database's password. `datamachine
init` writes it and may be run again: it keeps what it is not told to change. A key that is not listed
here is an error. The processes read the file when they start; restart them after a change. Their
commands are in the [command reference](commands.md)."""

#: How the structs hang together in the file.
TITLES = {
    "Settings": "The file",
    "Site": "A site: `sites.<name>`",
    "DatabaseSettings": "Its database: `sites.<name>.database`",
    "Ssl": "TLS to the database: `sites.<name>.database.ssl`",
}

#: Fields the program fills in; they do not stand in the file.
FILLED = {("Settings", "path")}

EXAMPLE = """\
```json
{
  "default": "default",
  "sites": {
    "default": {
      "wp_path": "/var/www/html",
      "run_dir": "/run/datamachine/default",
      "secret_file": "/etc/datamachine/default.secret",
      "plugins_dir": "/etc/datamachine/plugins",
      "site_uid": 33,
      "site_gid": 33,
      "work_processes": 2,
      "database": {
        "user": "wordpress",
        "password": "...",
        "name": "wordpress",
        "socket": "/run/mysqld/mysqld.sock"
      }
    }
  }
}
```"""

#: Environment variables, constants and options: what no declaration explains.
NAMES: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8"))

FILES = """\
In the run folder: `bridge.sock` (WordPress connects here), `host.sock` (processes of the sidecar ask
here for units), `http.sock` (unless `http_bind` says otherwise), `work-*.sock` (rouse a sleeping
worker), `breaker` (the circuit breaker all PHP processes share), `manifest.json` (the manifest that was
published last)."""


def page() -> tuple[str, str]:
    """Path and text."""
    return markdown.page(PATH, "Configuration", SOURCE, INTRO, _body())


def names() -> list[str]:
    """What the page must mention."""
    fields = [f"`{field.name}`" for struct in structs.read(settings) for field in _shown(struct)]
    return [*fields, *(f"`{name}`" for part in NAMES.values() for name in part)]


def _body() -> Iterator[str]:
    yield from ("", EXAMPLE)
    known = {struct.name: struct for struct in structs.read(settings)}
    for name, title in TITLES.items():
        yield from ("", f"## {title}", "", known[name].what)
        yield from markdown.table(
            ("key", "type", "default", "what"), (_row(field) for field in _shown(known[name]))
        )
    yield from ("", "## Files", "", FILES)
    yield from ("", "## Environment variables")
    yield from markdown.table(("variable", "what"), _pairs(NAMES["environment"]))
    yield from ("", "## Constants of WordPress")
    yield from markdown.table(("constant", "what"), _pairs(NAMES["constants"]))
    yield from ("", "## Options of WordPress")
    yield from markdown.table(("option", "what"), _pairs({**NAMES["options"], **NAMES["shared"]}))


def _shown(struct: structs.Struct) -> tuple[structs.Field, ...]:
    return tuple(field for field in struct.fields if (struct.name, field.name) not in FILLED)


def _row(field: structs.Field) -> tuple[str, str, str, str]:
    default = "required" if field.default is None else markdown.code(_json(field.default))
    return markdown.code(field.name), markdown.code(_type(field.type)), default, field.what


def _json(default: str) -> str:
    """Python source of a literal as JSON has it."""
    words = {"None": "null", "True": "true", "False": "false", "()": "[]"}
    return words.get(default, default.replace("'", '"'))


def _type(annotation: str) -> str:
    if annotation == "tuple[int, ...]":
        return "list of integers"
    for python, json in (
        ("dict[str, Site]", "object of sites"),
        ("DatabaseSettings", "object"),
        ("HostMode", '"auto" or "fork" or "fastcgi"'),
        ("Ssl", "object"),
        ("str", "string"),
        ("int", "integer"),
        ("bool", "boolean"),
        (" | None", " or null"),
    ):
        annotation = annotation.replace(python, json)
    return annotation


def _pairs(part: dict[str, str]) -> Iterator[tuple[str, str]]:
    return ((markdown.code(name), what) for name, what in part.items())
