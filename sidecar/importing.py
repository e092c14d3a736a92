"""Importing without looking for garbage.

A process loads a thousand modules before it does anything. Nothing of them is ever garbage, and looking for
some again and again takes a quarter of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """The collector of cycles rests inside, unless it does so anyway."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def ending() -> None:
    """The process ends: its memory goes as a whole, so that nothing in it need be searched once more."""
    gc.freeze()
