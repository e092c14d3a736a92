"""A site whose sidecar never runs: agents with tokens work on WordPress's own routes all the same."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from dev.instance import DATABASE, Instance, Response

HERE = Path(__file__).parent
TOKENS, AGENTS = "wp_datamachine_agent_tokens", "wp_datamachine_agents"
ATTEMPTS = "wp_datamachine_bridge_attempts"


class Lab:
    """The site, its agents by slug, and tokens of any kind."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.agents: dict[str, int] = {}
        for slug, login, role in (("boss", "admin", ""), ("writer", "author", "author")):
            if role:
                instance.wp("user", "create", login, f"{login}@example.org", f"--role={role}")
            self.agent(slug, self.user(login))

    def user(self, login: str) -> int:
        return int(self.sql(f"SELECT ID FROM wp_users WHERE user_login = '{login}'"))

    def agent(self, slug: str, owner: int, scope: str = "NULL") -> int:
        self.sql(
            f"INSERT INTO {AGENTS} (agent_slug, agent_name, owner_id, site_scope) "
            f"VALUES ('{slug}', 'Agent', {owner}, {scope})"
        )
        self.agents[slug] = int(self.sql(f"SELECT agent_id FROM {AGENTS} WHERE agent_slug = '{slug}'"))
        return self.agents[slug]

    def token(self, slug: str = "boss", capabilities: Any = None, expires: str = "NULL") -> str:
        """A token's text. ``capabilities`` is JSON's value, None for no limit; ``expires`` is SQL."""
        raw = f"datamachine_{slug}_{secrets.token_hex(32)}"
        column = "NULL" if capabilities is None else quoted(json.dumps(capabilities))
        self.sql(
            f"INSERT INTO {TOKENS} (agent_id, token_hash, token_prefix, capabilities, expires_at) VALUES "
            f"({self.agents[slug]}, '{digest(raw)}', 'datamachine_', {column}, {expires})"
        )
        return raw

    def of(self, raw: str, column: str) -> str:
        return self.sql(f"SELECT {column} FROM {TOKENS} WHERE token_hash = '{digest(raw)}'")

    def sql(self, statement: str) -> str:
        return self.instance.db.sql(statement, database=DATABASE).strip()

    def count(self, table: str) -> int:
        return int(self.sql(f"SELECT COUNT(*) FROM {table}"))

    def ask(
        self,
        raw: str | None,
        path: str,
        method: str = "GET",
        *,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """One request below ``/wp-json``, with a token unless it is None."""
        said = {"Authorization": f"Bearer {raw}"} if raw is not None else {}
        body = None
        if data is not None:
            body = json.dumps(data).encode()
            said["Content-Type"] = "application/json"
        path = path if path.startswith("/?") else f"/wp-json{path}"
        return self.instance.request(method, path, body=body, headers={**said, **(headers or {})})

    def evaluate(self, code: str, *flags: str) -> Any:
        """PHP that leaves its answer in ``$answer``."""
        return json.loads(self.instance.wp("eval", f"{code}; echo wp_json_encode( $answer );", *flags).stdout)


def digest(raw: str) -> str:
    return hashlib.sha256(raw.encode()).hexdigest()


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def error(answer: Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status, answer.json()["code"]


@pytest.fixture(scope="package")
def lab(instances: Path) -> Iterator[Lab]:
    from tests.conftest import _make

    instance = _make(instances / "bearer")
    try:
        shutil.copy(HERE / "bearer.php", instance.path / "wp-content/mu-plugins/bearer.php")
        instance.start_web()
        yield Lab(instance)
    finally:
        instance.destroy()


@pytest.fixture(autouse=True)
def _nobody_has_failed(request: pytest.FixtureRequest) -> None:
    """Failed attempts of other tests are forgotten."""
    if "lab" in request.fixturenames:
        request.getfixturevalue("lab").sql(f"DELETE FROM {ATTEMPTS}")
