"""A site of its own with a plugin that declares agents and listens."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev.instance import DATABASE, Instance

HERE = Path(__file__).parent


class Site:
    """What the tests ask of the site."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def declare(self, **agents: dict[str, Any]) -> None:
        """From the next request on the plugin declares these agents."""
        self.option("test_agents", {slug.replace("_", "-"): args for slug, args in agents.items()})

    def option(self, name: str, value: Any) -> None:
        # WP-CLI is a request too: it must not reconcile before the page does.
        self.instance.wp(
            "option", "update", name, json.dumps(value), "--format=json", "--skip-plugins", "--skip-themes"
        )

    def page(self) -> None:
        """One anonymous view of the front page."""
        assert self.instance.get("/").status == 200

    def notes(self, what: str) -> list[Any]:
        """What the plugin wrote down about one thing."""
        got = self.instance.wp("option", "get", "test_notes", "--format=json", "--skip-plugins", check=False)
        notes = json.loads(got.stdout) if got.returncode == 0 else []
        return [data for name, data in notes if name == what]

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


@pytest.fixture(scope="package")
def shared_site(instances: Path) -> Iterator[Site]:
    from tests.conftest import _make

    instance = _make(instances / "agents")
    shutil.copy(HERE / "agents.php", instance.path / "wp-content/mu-plugins/agents.php")
    try:
        instance.start_web()
        instance.start_sidecar("bridge", name="bridge")
        yield Site(instance)
    finally:
        instance.destroy()


@pytest.fixture
def agents(shared_site: Site) -> Site:
    """The site with nothing declared but the default agent, and no notes."""
    shared_site.option("test_agents", {})
    shared_site.option("test_legacy", "")
    shared_site.option("test_owner", "")
    shared_site.page()
    shared_site.instance.wp("option", "delete", "test_notes", "--skip-plugins", check=False)
    return shared_site
