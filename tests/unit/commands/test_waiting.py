"""A command that waits for jobs it has started."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sidecar import queue
from sidecar.commands import drain
from sidecar.identity import Principal


def test_who_heard_it_may_have_been_ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another command's worker is woken, and leaves without a look at what was rung for."""
    unfinished, heard = [7], [1, 0]

    class Worker:
        def __init__(self, runtime: Any, *, once: bool) -> None:
            assert once

        def work(self) -> int:
            unfinished.clear()
            return 0

    jobs = SimpleNamespace(unfinished=lambda _principal, _ids: list(unfinished))
    runtime: Any = SimpleNamespace(site=SimpleNamespace(run_dir=tmp_path), get=lambda _kind: jobs)
    monkeypatch.setattr(queue, "wake", lambda _folder: heard.pop(0))
    monkeypatch.setattr(drain, "Worker", Worker)
    monkeypatch.setattr(drain, "PATIENCE", 20.0)
    monkeypatch.setattr(drain, "LOOK", 0.0)
    assert drain.drain(runtime, Principal.command_line(), [7]) == []
    assert heard == []
