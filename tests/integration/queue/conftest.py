"""One private database for the tests of this folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from dev import paths
from tests.integration.queue.lab import Lab


@pytest.fixture(scope="session")
def running_lab() -> Iterator[Lab]:
    folder = paths.numbered(paths.scratch_folder())
    lab = Lab(folder)
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def lab(running_lab: Lab) -> Iterator[Lab]:
    """An empty queue of a site in standalone mode; workers a test leaves behind are stopped."""
    running_lab.clear()
    yield running_lab
    running_lab.stop_workers()


@pytest.fixture(params=["skip-locked", "cas"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of claiming must behave alike."""
    monkeypatch.setenv("DATAMACHINE_QUEUE_CLAIM", request.param)
    return str(request.param)
