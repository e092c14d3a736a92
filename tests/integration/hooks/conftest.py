"""A site with Python plugins of the tests' own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dev import paths
from dev.instance import Instance

PLUGIN = Path(__file__).with_name("plugin_under_test.txt")
BROKEN = "import nothing_of_that_name\n"


@dataclass
class Hooked:
    """A running site whose sidecar has loaded the plugin under test."""

    instance: Instance
    #: The plugin writes here what it was told.
    notes: Path

    def php(self, code: str, *, check: bool = True, **env: str) -> Any:
        """Run PHP inside WordPress; ``$out`` is the answer."""
        script = f"$out = null; {code} echo '<<', json_encode( $out ), '>>';"
        answer = self.instance.wp("eval", script, check=check, **env)
        return json.loads(answer.stdout.split("<<", 1)[1].rsplit(">>", 1)[0])

    def sql(self, query: str) -> list[list[str]]:
        answer = self.instance.wp("db", "query", query, "--skip-column-names").stdout
        return [line.split("\t") for line in answer.splitlines() if line]

    def noted(self, name: str) -> list[Any]:
        path = self.notes / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def start(self) -> None:
        self.instance.start_sidecar()

    def stop(self) -> None:
        self.instance.servers.pop("sidecar").stop()
        (self.instance.run_dir / "dm" / "manifest.json").unlink(missing_ok=True)
        (self.instance.run_dir / "dm" / "breaker").unlink(missing_ok=True)

    @staticmethod
    def eventually(condition: Callable[[], bool], what: str, seconds: float = 40) -> None:
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, f"{what} did not happen"
            time.sleep(0.1)


@pytest.fixture(scope="session")
def hooked(instances: Path) -> Iterator[Hooked]:
    instance = Instance(paths.numbered(instances))
    try:
        instance.install()
        notes, plugins = instance.folder / "notes", instance.folder / "plugins"
        notes.mkdir()
        plugins.mkdir(mode=0o700)
        for name, text in (
            ("under_test.py", PLUGIN.read_text().replace("@NOTES@", str(notes))),
            ("a_broken.py", BROKEN),
        ):
            (plugins / name).write_text(text)
            (plugins / name).chmod(0o600)
        config = json.loads(instance.config.read_text())
        config["sites"]["default"]["plugins_dir"] = str(plugins)
        instance.config.write_text(json.dumps(config))
        instance.start_sidecar()
        yield Hooked(instance, notes)
    finally:
        instance.destroy()
