"""A WordPress process that runs memory operations for us, and a unit with a plugin's own store."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev import wordpress
from dev.instance import Instance
from sidecar import runtime as runtime_module
from sidecar import settings
from sidecar.memory import ListEntry, ReadResult, Scope, WriteResult

HERE = Path(__file__).parent


class WordPress:
    """One long WP-CLI process; each question is a line, each answer too."""

    def __init__(self, site: Instance) -> None:
        self._process = subprocess.Popen(
            [
                *site.php(),
                str(wordpress.wp_cli()),
                f"--path={site.path}",
                "--allow-root",
                "eval-file",
                str(HERE / "driver.php"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=site.environment(),
        )
        self.events: list[Any] = []
        self.asked: int | None = None

    def ask(self, door: str, **question: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"door": door, **question}) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("ANSWER "):
                answer = json.loads(line.removeprefix("ANSWER "))
                self.events, self.asked = answer["events"], answer["asked"]
                return answer["value"]
        raise AssertionError(self._process.stderr.read() if self._process.stderr else "no answer")

    def close(self) -> None:
        self._process.communicate(timeout=30)


class WordPressStore:
    """Whatever store PHP code gets for a scope, as a Store."""

    absent: str | None = ""

    def __init__(self, php: WordPress) -> None:
        self._php = php
        #: Class of the store that answered last.
        self.answered = ""

    def read(self, scope: Scope) -> ReadResult:
        found = self._ask("read", scope)
        content = base64.b64decode(found["content"])
        return ReadResult(found["exists"], content, found["hash"], found["bytes"], found["updated_at"])

    def write(self, scope: Scope, content: bytes, if_match: str | None = None) -> WriteResult:
        encoded = base64.b64encode(content).decode()
        return _written(self._ask("write", scope, content=encoded, if_match=if_match))

    def exists(self, scope: Scope) -> bool:
        return self._ask("exists", scope)

    def delete(self, scope: Scope) -> WriteResult:
        return _written(self._ask("delete", scope))

    def list_layer(self, scope: Scope) -> list[ListEntry]:
        return _entries(self._ask("list_layer", scope))

    def list_subtree(self, scope: Scope, prefix: str) -> list[ListEntry]:
        return _entries(self._ask("list_subtree", scope, prefix=prefix))

    def _ask(self, method: str, scope: Scope, **more: Any) -> Any:
        answer = self._php.ask("store", method=method, **scope.params(), **more)
        self.answered = answer["store"]
        return answer["value"]


def _written(value: Any) -> WriteResult:
    return WriteResult(value["success"], value["hash"], value["bytes"], value["error"])


def _entries(value: Any) -> list[ListEntry]:
    return [ListEntry(each["filename"], each["layer"], each["bytes"], each["updated_at"]) for each in value]


@pytest.fixture(scope="module")
def plugin(site: Instance) -> Iterator[None]:
    """A must-use plugin that keeps the memory of user 4711 itself."""
    target = site.path / "wp-content/mu-plugins/php_store.php"
    shutil.copy(HERE / "php_store.php", target)
    yield
    target.unlink()


@pytest.fixture(scope="module")
def php(site: Instance, plugin: None) -> Iterator[WordPress]:
    process = WordPress(site)
    yield process
    process.close()


@pytest.fixture(scope="module")
def runtime(site: Instance, plugin: None) -> Iterator[runtime_module.Runtime]:
    """The sidecar's services in this process, on the same site."""
    built = runtime_module.build(settings.load(site.config).site(), "cli")
    yield built
    built.close()
