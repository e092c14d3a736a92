"""What a runtime's configuration needs of a new token, ready to be pasted or written to a file."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from sidecar.commands.phptext import pretty

ENVIRONMENT = "env"


@dataclass(frozen=True)
class Ready:
    """One runtime's lines. The token stands in ``content`` and nowhere else: it is never an argument."""

    #: Where ``content`` belongs.
    place: str
    #: The text of that file.
    content: str
    #: Commands that use it, one a line.
    use: tuple[str, ...] = ()


def ready(runtime: str, slug: str, url: str, token: str) -> Ready:
    """The lines for one of :data:`RUNTIMES`; ``url`` is the address of the site's routes."""
    return RUNTIMES[runtime](slug, url, token)


def _variables(url: str, token: str) -> str:
    """For a shell, for systemd's ``EnvironmentFile`` and for ``--env-file`` of containers."""
    return f"DATAMACHINE_URL={shlex.quote(url)}\nDATAMACHINE_TOKEN={shlex.quote(token)}"


def _me(url: str) -> str:
    return shlex.quote(f"{url}/agents/me")


def _env(slug: str, url: str, token: str) -> Ready:
    return Ready("the runtime's environment", _variables(url, token))


def _loaded(program: str) -> Callable[[str, str, str], Ready]:
    def lines(slug: str, url: str, token: str) -> Ready:
        file = _file(slug, "env")
        use = (f"(set -a; . {file}; exec {program})",)
        return Ready(f"{file}, mode 0600", _variables(url, token), use)

    return lines


def _claude_code(slug: str, url: str, token: str) -> Ready:
    content = pretty({"env": {"DATAMACHINE_URL": url, "DATAMACHINE_TOKEN": token}})
    return Ready(".claude/settings.local.json of the project, mode 0600", content)


def _curl(slug: str, url: str, token: str) -> Ready:
    file = _file(slug, "curl")
    content = f'header = "Authorization: Bearer {token}"'
    return Ready(f"{file}, mode 0600", content, (f"curl --config {file} {_me(url)}",))


def _ci(slug: str, url: str, token: str) -> Ready:
    use = (
        "printf 'Authorization: Bearer %s\\n' \"$DATAMACHINE_TOKEN\" |"
        ' curl --silent --show-error --fail --header @- "$DATAMACHINE_URL/agents/me"',
    )
    return Ready("the CI's secret variables", _variables(url, token), use)


def _file(slug: str, suffix: str) -> str:
    # A slug made by others may hold what a shell takes for more than a name.
    name = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in slug)
    return f"~/.config/datamachine/{name}.{suffix}"


#: By the word after ``--for=``.
RUNTIMES: dict[str, Callable[[str, str, str], Ready]] = {
    ENVIRONMENT: _env,
    "opencode": _loaded("opencode"),
    "kimaki": _loaded("kimaki"),
    "claude-code": _claude_code,
    "curl": _curl,
    "ci": _ci,
}
