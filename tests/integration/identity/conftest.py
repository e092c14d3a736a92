"""Sites of their own, one for each generation of tables, with a plugin that declares agents and listens."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev.instance import DATABASE, Instance
from sidecar import runtime as runtime_module
from sidecar import settings
from sidecar.db import Database, php_serialize
from sidecar.identity import AccessService, AgentsService, Answers, Principal
from sidecar.identity.capabilities import CAPABILITIES
from sidecar.runtime import Runtime
from tests import schemas

HERE = Path(__file__).parent
#: Seconds a site may take to be ready.
PATIENCE = 60


class Site:
    """What the tests ask of the site."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def declare(self, **agents: dict[str, Any]) -> None:
        """From the next request on the plugin declares these agents."""
        self.option("test_agents", {slug.replace("_", "-"): args for slug, args in agents.items()})

    def option(self, name: str, value: Any) -> None:
        """Set an option in its row: no request of WordPress may reconcile before the page does."""
        text = php_serialize.dumps(value) if isinstance(value, dict | list) else str(value)
        self.sql(
            "INSERT INTO wp_options (option_name, option_value, autoload) "
            f"VALUES ('{name}', CONVERT(UNHEX('{text.encode().hex()}') USING utf8mb4), 'on') "
            "ON DUPLICATE KEY UPDATE option_value = VALUES(option_value)"
        )

    def stored(self, name: str) -> Any:
        """An option's value in its row, None without one."""
        rows = self.sql(f"SELECT HEX(option_value) FROM wp_options WHERE option_name = '{name}'")
        return php_serialize.maybe_loads(bytes.fromhex(rows[0][0]).decode()) if rows else None

    def without(self, *names: str) -> None:
        """Delete options."""
        quoted = ", ".join(f"'{name}'" for name in names)
        self.sql(f"DELETE FROM wp_options WHERE option_name IN ({quoted})")

    def page(self) -> None:
        """One anonymous view of the front page."""
        assert self.instance.get("/").status == 200

    def settle(self) -> None:
        """Views until the default agent has its files: a machine that is busy may need a second one."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self.page()
            if (self.files("admin") / "MEMORY.md").is_file():
                return
            assert time.monotonic() < deadline, "the default agent has no files"
            self.without("datamachine_bridge_agents")

    def notes(self, what: str) -> list[Any]:
        """What the plugin wrote down about one thing."""
        return [data for name, data in self.stored("test_notes") or [] if name == what]

    def agents(self) -> dict[str, list[str]]:
        """Rows by slug: id, name, owner, scope, config."""
        rows = self.sql(
            "SELECT agent_slug, agent_id, agent_name, owner_id, site_scope, agent_config "
            "FROM wp_datamachine_agents"
        )
        return {row[0]: row[1:] for row in rows}

    def sql(self, statement: str) -> list[list[str]]:
        output = self.instance.db.sql(statement, database=DATABASE)
        return [line.split("\t") for line in output.splitlines()]

    def files(self, slug: str) -> Path:
        return self.instance.path / "wp-content/uploads/datamachine-files/agents" / slug

    def user(self, login: str, role: str = "subscriber") -> int:
        """The id of a user of that login, made when there is none."""
        found = self.sql(f"SELECT ID FROM wp_users WHERE user_login = '{login}'")
        if found:
            return int(found[0][0])
        made = self.instance.wp(
            "user", "create", login, f"{login}@example.org", f"--role={role}", "--porcelain"
        )
        return int(made.stdout)

    def build(self, process: runtime_module.ProcessKind = "cli") -> Runtime:
        """The sidecar's services on this site."""
        return runtime_module.build(settings.load(self.instance.config).site(), process)


ADMINISTRATOR = Answers(actions=frozenset(CAPABILITIES), administrator=True, network=True)
SUBSCRIBER = Answers(actions=frozenset({"chat", "create_own_agent"}))
OPERATOR = Principal.command_line()


def administrator(user_id: int = 1) -> Principal:
    return Principal.user(user_id, answers=ADMINISTRATOR)


def subscriber(user_id: int) -> Principal:
    return Principal.user(user_id, answers=SUBSCRIBER)


@pytest.fixture(scope="package", params=schemas.ADOPTED)
def generation(request: pytest.FixtureRequest) -> str:
    """The version of Data Machine that made the tables."""
    return str(request.param)


@pytest.fixture(scope="package")
def shared_site(instances: Path, generation: str) -> Iterator[Site]:
    from tests.conftest import _make

    instance = _make(instances / f"agents-{generation}")
    shutil.copy(HERE / "agents.php", instance.path / "wp-content/mu-plugins/agents.php")
    try:
        database = Database(settings.load(instance.config).site().database)
        schemas.apply(database, generation)
        database.close()
        instance.wp("option", "delete", "datamachine_bridge_agents", "--skip-plugins", check=False)
        instance.start_web()
        instance.start_sidecar("bridge", name="bridge")
        site = Site(instance)
        site.settle()
        yield site
    finally:
        instance.destroy()


@pytest.fixture(scope="module")
def runtime(shared_site: Site) -> Iterator[Runtime]:
    built = shared_site.build()
    yield built
    built.close()


@pytest.fixture(scope="module")
def service(runtime: Runtime) -> AgentsService:
    return runtime.get(AgentsService)


@pytest.fixture(scope="module")
def people(runtime: Runtime) -> AccessService:
    return runtime.get(AccessService)


@pytest.fixture
def agents(shared_site: Site) -> Site:
    """The site with nothing declared but the default agent, and no notes."""
    shared_site.option("test_agents", {})
    shared_site.option("test_legacy", "")
    shared_site.option("test_owner", "")
    shared_site.page()
    shared_site.without("test_notes")
    return shared_site
