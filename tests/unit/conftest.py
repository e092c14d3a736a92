"""Tests of rules: no site, whatever another test of the same process was about."""

from __future__ import annotations

import pytest

from sidecar.hooks import api, dispatch
from sidecar.hooks.bus import Bus


@pytest.fixture(autouse=True)
def no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hooks fire in this process alone, and nobody listens yet."""
    monkeypatch.setattr(api, "_bus", Bus())
    monkeypatch.setattr(dispatch, "_hosts", None)
    monkeypatch.setattr(dispatch, "listeners", dispatch.Listeners())
