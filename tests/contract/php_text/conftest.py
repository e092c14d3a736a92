"""A PHP process that says what PHP itself writes."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


class Php:
    """One PHP process for many questions."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["php", "-d", "precision=17", str(Path(__file__).with_name("php.php"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def ask(self, kind: str, data: bytes) -> dict[str, str | None] | None:
        """``kind`` is ``eval`` (a PHP expression), ``json`` (a text) or ``serialized``; None: PHP refuses."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{kind} {base64.b64encode(data).decode()}\n".encode())
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "PHP ended"
        answer = json.loads(line)
        if answer is None:
            return None
        return {
            key: None if value is None else base64.b64decode(value).decode("utf-8", "surrogateescape")
            for key, value in answer.items()
        }

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


@pytest.fixture(scope="session")
def php() -> Iterator[Php]:
    process = Php()
    yield process
    process.close()
