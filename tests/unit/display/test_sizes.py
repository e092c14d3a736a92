"""Sizes as WordPress prints them."""

from __future__ import annotations

import pytest

from sidecar.display import sizes


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KB"),
        (1535, "1 KB"),
        (1536, "2 KB"),
        (2560, "3 KB"),
        (5 * 1024 * 1024, "5 MB"),
        (3 * 1024**3, "3 GB"),
    ],
)
def test_halves_are_rounded_up(size: int, text: str) -> None:
    assert sizes.shown(size) == text
