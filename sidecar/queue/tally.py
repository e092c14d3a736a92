"""What a worker has done so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Counts of one worker: claims taken, and doorbells that ended, by hook."""

    claims: int = 0
    completed: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    @property
    def ended(self) -> int:
        """Doorbells that were worked to their end, well or badly."""
        return self.completed.total() + self.failed.total()
