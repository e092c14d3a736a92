"""Job statuses: a base word, and perhaps a reason behind `` - ``; and which may follow which.

The column holds the compound text (``failed - no_items_left``). Later versions of Data Machine keep the bare
word there and the reason in ``engine_data.job_status_reason``: :func:`told` reads both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

PENDING: Final = "pending"
PROCESSING: Final = "processing"
WAITING: Final = "waiting"
COMPLETED: Final = "completed"
FAILED: Final = "failed"
COMPLETED_NO_ITEMS: Final = "completed_no_items"
AGENT_SKIPPED: Final = "agent_skipped"
CANCELLED: Final = "cancelled"

#: A job in one of these may still change.
ACTIVE = (PENDING, PROCESSING, WAITING)
FINAL = (COMPLETED, FAILED, COMPLETED_NO_ITEMS, AGENT_SKIPPED, CANCELLED)
#: From which statuses one of the active words may be reached; final words from every active one.
REACHED_FROM: Final[dict[str, tuple[str, ...]]] = {
    PENDING: (),
    PROCESSING: (PENDING, WAITING),
    WAITING: (PROCESSING,),
}
#: Where later versions keep the reason.
REASON_KEY = "job_status_reason"
#: The column's length; longer texts are cut and marked.
LENGTH = 255


def compound(word: str, reason: str = "") -> str:
    """``word - reason``, or the bare word without one."""
    return f"{word} - {reason}" if reason else word


def failed(reason: str = "") -> str:
    """``failed - reason``."""
    return compound(FAILED, reason)


def cancelled(reason: str = "") -> str:
    """``cancelled - reason``."""
    return compound(CANCELLED, reason)


def base(status: str) -> str:
    """The word without its reason; the colon is what system tasks write."""
    return status.split(" - ", 1)[0].split(":", 1)[0].strip()


def reason(status: str) -> str:
    """The reason of a compound text, empty for none."""
    head, separator, tail = status.partition(" - ")
    if separator and ":" not in head:
        return tail.strip()
    return status.partition(":")[2].strip()


def told(status: str, engine_data: Mapping[str, Any]) -> str:
    """The compound form, whichever form the row has."""
    kept = engine_data.get(REASON_KEY)
    if is_final(status) and status == base(status) and isinstance(kept, str) and kept:
        return compound(status, kept)
    return status


def is_final(status: str) -> bool:
    """True for every status after which a job does not run any more. Matching is by prefix."""
    return status.startswith(FINAL)


def is_failure(status: str) -> bool:
    return status.startswith(FAILED)


def may_become(now: str, to: str) -> bool:
    """Whether a job of status ``now`` may change to ``to``; a final job never changes again."""
    if is_final(now):
        return False
    return is_final(to) or now in REACHED_FROM.get(to, ())


def column(status: str) -> str:
    """What fits the column, in bytes of UTF-8."""
    raw = status.encode()
    return status if len(raw) <= LENGTH else raw[: LENGTH - 3].decode(errors="ignore") + "..."
