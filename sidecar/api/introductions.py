"""What visitors of the sidecar's own door are told of a site, kept for a moment.

Saying it takes a WordPress process of its own, and anybody may ask: strangers must not keep all of them busy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sidecar import clock as clock_module

#: Seconds for which an answer is repeated.
KEPT = 30.0
#: Answers that are kept at most; a site has fewer agents.
MOST = 1000


class Introductions:
    """Answers by what they depend on, in one process.

    Nobody waits for somebody else's: WordPress may be asked twice at the same moment.
    """

    def __init__(self, clock: clock_module.Clock = clock_module.SYSTEM) -> None:
        self._clock = clock
        self._kept: dict[tuple[Any, ...], tuple[dict[str, Any], float]] = {}

    def get(self, key: tuple[Any, ...], make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The answer of a moment ago, or a new one."""
        found, until = self._kept.get(key, ({}, 0.0))
        now = self._clock.monotonic()
        if now < until:
            return found
        made = make()
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[key] = made, now + KEPT
        return made
