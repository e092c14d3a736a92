"""The attacks' laboratory on the session's site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from dev.instance import Instance
from sidecar import runtime as runtimes
from sidecar import settings
from tests.integration.security.lab import Lab
from tests.matrix import doors


@pytest.fixture(scope="module")
def lab(site: Instance) -> Iterator[Lab]:
    runtime = runtimes.build(settings.load(str(site.config)).site(None), "cli")
    try:
        lab = Lab(site, runtime)
        lab.open()
        yield lab
    finally:
        runtime.close()


@pytest.fixture(scope="module")
def php(lab: Lab) -> Iterator[doors.AbilitiesPhp]:
    """Another plugin's PHP, where the command line has no rights of its own."""
    with closing(doors.AbilitiesPhp(lab, lab.columns)) as door:
        yield door


@pytest.fixture
def unharmed(lab: Lab) -> Iterator[None]:
    """Whatever a test tries, nothing of the victim changes."""
    before = lab.belongings(lab.theirs)
    yield
    assert lab.belongings(lab.theirs) == before


@pytest.fixture
def no_failures(lab: Lab) -> Iterator[None]:
    """No token has failed before, and of those that do here nothing stays."""
    lab.forget_failures()
    yield
    lab.forget_failures()
