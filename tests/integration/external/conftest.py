"""This site, another one, administrators with browsers, and what is stored."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from dev.instance import ADMIN, Instance
from sidecar import runtime as runtimes
from sidecar import settings
from sidecar.db import php_serialize
from sidecar.identity import Principal
from sidecar.identity.external import ExternalService
from sidecar.runtime import Runtime
from tests.integration.authorize.browsing import HTML, Browser
from tests.integration.external.oldsite import Server, grants, me, serve

CALLBACK = "/wp-json/datamachine/v1/agent/auth/callback"
TOKENS = "/wp-json/datamachine/v1/agent/auth/tokens"
PASSWORD = "correct horse battery staple"
_USERS = """
foreach ( json_decode( '%s', true ) as $login => [ $role, $caps ] ) {
	$id = username_exists( $login ) ?: wp_insert_user( array( 'user_login' => $login, 'user_pass' => '%s',
		'user_email' => "$login@example.org", 'role' => $role ) );
	array_map( array( get_userdata( $id ), 'add_cap' ), $caps );
	echo "$login:$id\n";
}
"""


def token(slug: str = "bot") -> str:
    """A token as Data Machine makes one."""
    return f"datamachine_{slug}_{secrets.token_hex(32)}"


OPERATOR = Principal.command_line()


@dataclass
class Here:
    """The site that keeps tokens of others, seen by its operator."""

    site: Instance
    runtime: Runtime

    @property
    def service(self) -> ExternalService:
        return self.runtime.get(ExternalService)

    def external(self, *words: str, check: bool = True) -> str:
        """Output of a command; with ``check`` off, errors too."""
        done = self.site.datamachine("external", *words, check=check)
        return done.stdout if check else done.stdout + done.stderr

    def add(self, remote: str, slug: str, value: str, agent_id: int = 0) -> str:
        """Store a token; its key."""
        return self.service.add(OPERATOR, remote, slug, value, agent_id=agent_id).key

    def secret(self, key: str) -> str:
        """A token in clear."""
        return self.service.show(OPERATOR, key).token

    def invite(self, remote: str, slug: str, user_id: int = 0, **more: str) -> str:
        """The address an administrator opens."""
        return self.service.connect(Principal.command_line(user_id), remote, slug, **more).authorize_url

    def stored(self) -> dict[str, dict[str, Any]]:
        """The option as it is in the database."""
        found = self._rows("datamachine_external_tokens")
        return dict(php_serialize.maybe_loads(found[0]) or {}) if found else {}

    def begun(self) -> list[str]:
        """Options of connections that were begun, as they are in the database."""
        return self._rows("datamachine\\_external\\_state\\_%")

    def put(self, records: dict[str, dict[str, object]]) -> None:
        """Write the option as an older Data Machine has left it, or somebody who may write options."""
        with self.runtime.hosts.unit("cron", system=True) as unit:
            unit.update_option("datamachine_external_tokens", records, autoload=False)

    def clear(self) -> None:
        with self.runtime.db.session() as session:
            session.execute(
                f"DELETE FROM {self.runtime.db.tables().options} WHERE option_name LIKE :name",
                {"name": "datamachine\\_external\\_%"},
            )

    def get(self, path: str, who: dict[str, str] | None = None) -> requests.Response:
        """A route, in the address that names it in a parameter: PHP's web server takes a dot for a file's."""
        url = f"{self.site.url}/index.php?rest_route={path.removeprefix('/wp-json')}"
        return requests.get(url, headers=who or {}, allow_redirects=False, timeout=30)

    def _rows(self, like: str) -> list[str]:
        with self.runtime.db.session() as session:
            rows = session.all(
                f"SELECT option_value AS value FROM {self.runtime.db.tables().options} "
                "WHERE option_name LIKE :name",
                {"name": like},
            )
        return [str(row["value"]) for row in rows]


@contextmanager
def services(site: Instance) -> Iterator[Runtime]:
    """The product's services in this process, on a site's database."""
    built = runtimes.build(settings.load(str(site.config)).site(None), "cli")
    try:
        yield built
    finally:
        built.close()


@pytest.fixture(scope="package")
def runtime(site: Instance) -> Iterator[Runtime]:
    with services(site) as built:
        yield built


@pytest.fixture
def here(site: Instance, runtime: Runtime) -> Iterator[Here]:
    """The session's site. Each test begins without tokens of other sites and leaves none."""
    found = Here(site, runtime)
    found.clear()
    yield found
    found.clear()


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


#: Login to role and further capabilities: an administrator, nobody in particular, all the product has.
ACCOUNTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "f-boss": ("administrator", ()),
    "f-ed": ("editor", ()),
    "f-mgr": (
        "subscriber",
        ("datamachine_manage_agents", "datamachine_manage_settings", "datamachine_manage_flows"),
    ),
}


@pytest.fixture(scope="package")
def accounts(site: Instance) -> dict[str, int]:
    """Ids by login."""
    printed = site.wp("eval", _USERS % (json.dumps(ACCOUNTS), PASSWORD)).stdout
    return {login: int(number) for login, number in (line.split(":") for line in printed.split())}


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
    for login in (ADMIN, "f-ed", "f-mgr"):
        made = site.wp("user", "application-password", "create", login, "external", "--porcelain")
        pair = f"{login}:{made.stdout.strip()}".encode()
        found[login] = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return found


@pytest.fixture(scope="package")
def there(instances: Path) -> Iterator[Instance]:
    """Another site of ours, complete."""
    instance = Instance(instances / "there")
    try:
        instance.install()
        instance.start_web()
        instance.start_sidecar()
        yield instance
    finally:
        instance.destroy()
