"""A command forked from a process that has imported everything is a command as any other."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev import paths
from dev.native import Native


@pytest.fixture(scope="module")
def native() -> Iterator[Native]:
    made = Native()
    yield made
    made.close()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """That of a user who has no configuration."""
    return {**os.environ, "DATAMACHINE_CONFIG": str(tmp_path / "é.json")}


@pytest.mark.parametrize(
    "words",
    [["--version"], ["nonsense"], ["agents", "list"], ["agents", "list", "--help"], ["flows", "é\n"], []],
    ids=" ".join,
)
def test_it_says_and_returns_what_a_new_process_does(
    native: Native, environment: dict[str, str], words: list[str]
) -> None:
    forked = native.run(*words, environment=environment, stdin="", timeout=60)
    command = [str(paths.VENV / "bin" / "datamachine"), *words]
    own = subprocess.run(command, capture_output=True, text=True, env=environment, input="", check=False)
    assert (forked.args, forked.returncode) == (own.args, own.returncode)
    assert (forked.stdout, forked.stderr) == (own.stdout, own.stderr)


def test_one_that_takes_too_long_is_killed(native: Native, environment: dict[str, str]) -> None:
    # Opening a pipe waits for somebody who writes into it.
    pipe = Path(environment["DATAMACHINE_CONFIG"])
    os.mkfifo(pipe)
    with pytest.raises(subprocess.TimeoutExpired):
        native.run("agents", "list", environment=environment, stdin="", timeout=1.0)
    pipe.unlink()
    after = native.run("--version", environment=environment, stdin="", timeout=60)
    assert after.returncode == 0


def test_what_python_reads_when_it_starts_is_not_for_a_forked_one(environment: dict[str, str]) -> None:
    assert Native.can(environment)
    assert not Native.can({**environment, "PYTHONUTF8": "0"})
    assert not Native.can({**environment, "LC_ALL": "C.other"})
