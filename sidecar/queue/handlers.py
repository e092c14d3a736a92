"""What a handler tells the worker about itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

import msgspec

Handler = Callable[..., Any]
F = TypeVar("F", bound=Handler)


class Traits(msgspec.Struct, frozen=True):
    """How a worker runs a handler.

    ``host``: open a WordPress unit for it (else it runs in Python alone). ``batched``: its attempts are
    acknowledged together with the others of the claim, which is several times faster; only for handlers that
    do no harm when they run again. ``resumes``: call it even when an earlier attempt had committed the result
    (``run.advanced``), to do what comes after the commit. ``listening``: the name of the handler's method
    ``(args)`` that says as whom WordPress's listeners hear the doorbell, see :func:`listening`.
    """

    host: bool = True
    batched: bool = False
    resumes: bool = False
    listening: str = ""


_DEFAULT = Traits()
_ATTRIBUTE = "__queue_traits__"


def traits(
    *, host: bool = True, batched: bool = False, resumes: bool = False, listening: str = ""
) -> Callable[[F], F]:
    """Decorate a queue handler with its :class:`Traits`."""

    def mark(handler: F) -> F:
        setattr(handler, _ATTRIBUTE, Traits(host=host, batched=batched, resumes=resumes, listening=listening))
        return handler

    return mark


def of(handler: Handler) -> Traits:
    """The traits of a handler; methods carry those of their function."""
    found = getattr(handler, _ATTRIBUTE, _DEFAULT)
    return found if isinstance(found, Traits) else _DEFAULT


def listening(handler: Handler | None, args: Any) -> AbstractContextManager[None] | None:
    """What WordPress's listeners of a doorbell are told within; None: they are not told at all.

    They hear it before the handler runs, and must not have rights that the handler's work does not have.
    """
    name = "" if handler is None else of(handler).listening
    if not name:
        return nullcontext()
    found: AbstractContextManager[None] | None = getattr(getattr(handler, "__self__", None), name)(args)
    return found
