"""What a handler tells the worker about itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

Handler = Callable[..., Any]
F = TypeVar("F", bound=Handler)


class Traits(msgspec.Struct, frozen=True):
    """How a worker runs a handler.

    ``host``: open a WordPress unit for it (else it runs in Python alone). ``batched``: its attempts are
    acknowledged together with the others of the claim, which is several times faster; only for handlers that
    do no harm when they run again. ``resumes``: call it even when an earlier attempt had committed the result
    (``run.advanced``), to do what comes after the commit.
    """

    host: bool = True
    batched: bool = False
    resumes: bool = False


_DEFAULT = Traits()
_ATTRIBUTE = "__queue_traits__"


def traits(*, host: bool = True, batched: bool = False, resumes: bool = False) -> Callable[[F], F]:
    """Decorate a queue handler with its :class:`Traits`."""

    def mark(handler: F) -> F:
        setattr(handler, _ATTRIBUTE, Traits(host=host, batched=batched, resumes=resumes))
        return handler

    return mark


def of(handler: Handler) -> Traits:
    """The traits of a handler; methods carry those of their function."""
    found = getattr(handler, _ATTRIBUTE, _DEFAULT)
    return found if isinstance(found, Traits) else _DEFAULT
