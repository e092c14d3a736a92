"""The product's settings, as WordPress's options hold them."""

from __future__ import annotations

from typing import Any

from sidecar import blog
from sidecar.automation.values import Document, document
from sidecar.clock import Clock
from sidecar.wordpress.options import Options

#: How long an answer may be old, in seconds: a step asks for the same settings many times.
FRESH = 1.0


class Settings:
    """Reads ``datamachine_settings`` and a few options beside it."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._known: dict[tuple[int, str], tuple[float, Any]] = {}

    def all(self) -> Document:
        """The settings that were ever saved."""
        return document(self.option("datamachine_settings"))

    def flag(self, name: str, default: bool) -> bool:
        value = self.all().get(name)
        return default if value is None else value not in (False, 0, "0", "", "false")

    def number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.all().get(name)
        usable = isinstance(value, int | str) and str(value).isdecimal()
        return max(least, min(most, int(value))) if usable and value is not None else default

    def option(self, name: str, default: Any = None) -> Any:
        """An option whose row is its value."""
        now = self._clock.monotonic()
        key = (blog.current(), name)
        known = self._known.get(key)
        if known is None or now - known[0] > FRESH:
            known = self._known[key] = (now, self._options.get(name, default))
        return known[1]
