"""A DATETIME text as a moment."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sidecar.display import dates


def test_a_moment_of_the_server() -> None:
    assert dates.from_mysql("2026-11-23 05:06:07") == datetime(2026, 11, 23, 5, 6, 7, tzinfo=UTC)
    assert dates.from_mysql("2026-1-2 3:4:5") == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "0000-00-00 00:00:00", "2026-13-01 00:00:00", "2026-11-23T05:06:07", "2026-11-23 05:00+01",
     "2026-W47-1 05:06:07", "2026-11-23 05:06:07.5", "2026-11-23"],
)  # fmt: skip
def test_what_is_no_moment(text: str) -> None:
    assert dates.from_mysql(text) is None
