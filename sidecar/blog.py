"""Which site of a network this code works for.

A call of WordPress brings its own blog; a process started for one blog (``datamachine --blog=ID ...``) has
it for all its threads; otherwise it is the main one. Agents are shared by the network, everything else is
each blog's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

MAIN = 1

_process = [MAIN]
_blog: ContextVar[int | None] = ContextVar("datamachine_blog", default=None)


def current() -> int:
    """The blog's id; 1 where there is no network."""
    return _blog.get() or _process[0]


def set_current(blog_id: int) -> None:
    """Set it for this context for good; for code that owns its context, like the bridge's calls."""
    _blog.set(blog_id)


def set_process(blog_id: int) -> None:
    """Set it for every thread of this process that no call says otherwise for."""
    _process[0] = blog_id


@contextmanager
def on(blog_id: int) -> Iterator[None]:
    """Work on one blog inside the block."""
    reset = _blog.set(blog_id)
    try:
        yield
    finally:
        _blog.reset(reset)
