"""This site, another one, administrators with browsers, and what is stored."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from dev.instance import ADMIN, Instance
from tests.integration.authorize.browsing import HTML, Browser
from tests.integration.external.oldsite import Server, grants, me, serve

CALLBACK = "/wp-json/datamachine/v1/agent/auth/callback"
TOKENS = "/wp-json/datamachine/v1/agent/auth/tokens"
PASSWORD = "correct horse battery staple"
_USER = """
$id = username_exists( '%1$s' ) ?: wp_insert_user( array( 'user_login' => '%1$s', 'user_pass' => '%2$s',
	'user_email' => '%1$s@example.org', 'role' => '%3$s' ) );
echo $id;
"""


def token(slug: str = "bot") -> str:
    """A token as Data Machine makes one."""
    return f"datamachine_{slug}_{secrets.token_hex(32)}"


@dataclass
class Here:
    """The site that keeps tokens of others, seen by its operator."""

    site: Instance

    def external(self, *words: str, check: bool = True, stdin: str | None = None, **env: str) -> str:
        """Output of a command; with ``check`` off, errors too."""
        done = self.site.datamachine("external", *words, check=check, stdin=stdin, **env)
        return done.stdout if check else done.stdout + done.stderr

    def add(self, remote: str, slug: str, value: str, *words: str) -> str:
        """Store a token; its key."""
        said = self.external("add", remote, slug, *words, stdin=value + "\n")
        return said.removeprefix("Success: Stored token for ").rstrip(".\n")

    def stored(self) -> dict[str, dict[str, Any]]:
        """The option as it is in the database."""
        printed = self.site.wp(
            "option", "get", "datamachine_external_tokens", "--format=json", check=False
        ).stdout
        found = json.loads(printed or "{}")
        return dict(found) if found else {}

    def secret(self, key: str) -> str:
        """A token in clear."""
        return self.external("show", key, "--show-token").rpartition("Token:")[2].strip()

    def invite(self, remote: str, slug: str, *words: str) -> str:
        """The address an administrator opens."""
        said = self.external("connect", remote, slug, *words)
        return next(line for line in said.splitlines() if line.startswith("http"))

    def get(self, path: str, who: dict[str, str] | None = None) -> requests.Response:
        return requests.get(self.site.url + path, headers=who or {}, allow_redirects=False, timeout=30)


@pytest.fixture
def here(site: Instance) -> Iterator[Here]:
    """The session's site. Each test begins without tokens of other sites and leaves none."""
    yield Here(site)
    site.wp("option", "delete", "datamachine_external_tokens", check=False)


@pytest.fixture
def old() -> Iterator[Server]:
    """An older Data Machine with the agent ``bot``, which gives everybody the same token."""
    with serve() as server:
        server.answers |= {
            "/wp-json/datamachine/v1/agent/authorize": grants(token(), "bot"),
            "/wp-json/datamachine/v1/agents/me": me("bot"),
        }
        yield server


class Person(Browser):
    """A browser that other sites send here."""

    def bring(self, given: dict[str, str] | str, method: str = "GET", **headers: str) -> requests.Response:
        """Open our callback with these parameters, or at this whole address."""
        url = given if isinstance(given, str) else f"{self.site.url}{CALLBACK}?{urlencode(given)}"
        said = HTML | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.request(method, url, headers=said, allow_redirects=False, timeout=30)


def account(site: Instance, login: str, role: str) -> int:
    """A user's id, who is made when absent."""
    return int(
        site.wp("eval", _USER.replace("%1$s", login).replace("%2$s", PASSWORD).replace("%3$s", role)).stdout
    )


@pytest.fixture(scope="package")
def accounts(site: Instance) -> dict[str, int]:
    return {
        login: account(site, login, role) for login, role in (("f-boss", "administrator"), ("f-ed", "editor"))
    }


@pytest.fixture(scope="package")
def people(site: Instance, accounts: dict[str, int]) -> dict[str, Person]:
    """Signed in, but for the visitor."""
    found = {"visitor": Person(site), "admin": Person(site)}
    found["admin"].log_in(ADMIN, site.password)
    for login in accounts:
        found[login] = Person(site)
        found[login].log_in(login, PASSWORD)
    return found


@pytest.fixture(scope="package")
def basic(site: Instance, accounts: dict[str, int]) -> dict[str, dict[str, str]]:
    """Headers that sign a request in, by login."""
    found = {}
    for login in (ADMIN, "f-ed"):
        made = site.wp(
            "user", "application-password", "create", login, "external", "--porcelain"
        ).stdout.strip()
        found[login] = {"Authorization": "Basic " + base64.b64encode(f"{login}:{made}".encode()).decode()}
    return found


@pytest.fixture(scope="package")
def there(instances: Path) -> Iterator[Instance]:
    """Another site of ours, complete."""
    instance = Instance(instances / "there")
    try:
        instance.db.start()
        instance.install_wordpress()
        instance.install_product()
        instance.start_web()
        instance.start_sidecar()
        yield instance
    finally:
        instance.destroy()
