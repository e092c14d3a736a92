"""Job statuses: a base word, and perhaps a reason behind `` - ``."""

from __future__ import annotations

from typing import Final

PENDING: Final = "pending"
PROCESSING: Final = "processing"
WAITING: Final = "waiting"
COMPLETED: Final = "completed"
FAILED: Final = "failed"
COMPLETED_NO_ITEMS: Final = "completed_no_items"
AGENT_SKIPPED: Final = "agent_skipped"

FINAL = (COMPLETED, FAILED, COMPLETED_NO_ITEMS, AGENT_SKIPPED)
#: The column's length; longer texts are cut and marked.
LENGTH = 255


def failed(reason: str) -> str:
    """``failed - reason``."""
    return f"{FAILED} - {reason}"


def base(status: str) -> str:
    """The word without its reason; the colon is what system tasks write."""
    return status.split(" - ", 1)[0].split(":", 1)[0].strip()


def is_final(status: str) -> bool:
    """True for every status after which a job does not run any more. Matching is by prefix."""
    return status.startswith(FINAL)


def is_failure(status: str) -> bool:
    return status.startswith(FAILED)


def column(status: str) -> str:
    """What fits the column, in bytes of UTF-8."""
    raw = status.encode()
    return status if len(raw) <= LENGTH else raw[: LENGTH - 3].decode(errors="ignore") + "..."
