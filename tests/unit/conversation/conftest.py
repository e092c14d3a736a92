"""Hooks run in Python alone here, whatever a test of a real site left behind in this process."""

from __future__ import annotations

import pytest

from sidecar.hooks import Bus, api, dispatch


@pytest.fixture(autouse=True)
def python_alone():
    before, hosts = api.bus(), dispatch._hosts
    api.install(Bus())
    dispatch.use(None)
    yield
    dispatch.use(hosts)
    api.install(before)
