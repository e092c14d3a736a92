"""A recording that fits an expectation exactly: the expectation with every variable filled in."""

from __future__ import annotations

from typing import Any

from tests.trace.pattern import TOKEN

SAMPLES = {
    "mysql": "2026-11-23 00:10:05",
    "iso8601": "2026-11-23T00:09:00+00:00",
    "unix": "1795392605",
    "text": "some text",
    "context": "Some worker",
    "action": "obj:ActionScheduler_Action",
}


class Filler:
    """Gives each id a number of its own and every kind a fixed value."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}

    def id(self, name: str) -> str:
        return self.ids.setdefault(name, str(100 + len(self.ids)))

    def fill(self, value: Any) -> Any:
        if isinstance(value, dict) and "$" in value:
            number = self.id(value["$"])
            return number if value.get("as") == "string" else int(number)
        if isinstance(value, dict) and "$is" in value:
            text = SAMPLES[value["$is"]]
            return int(text) if value["$is"] == "unix" else text
        if isinstance(value, dict):
            return {self.text(key): self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        return self.text(value) if isinstance(value, str) else value

    def text(self, value: str) -> str:
        return TOKEN.sub(lambda m: SAMPLES[m[2]] if m[1] else self.id(m[2]), value)
