"""A process that writes a memory file and stands still in the middle, or never stops writing.

Arguments: the folder of the site, where to stop (``part``, ``whole``, ``renamed``) or ``never``. It says
``here`` when it stands still, and a line for each write it has done.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from sidecar.memory import DiskStore, Layout, Places, Scope, files
from sidecar.memory.locks import Locks

SCOPE = Scope("shared", 0, 0, "NOTES.md")
SIZE = 400_000


class Nobody:
    """Who is asked nothing: the file is the site's."""


def store_in(root: Path) -> DiskStore:
    """The store of the site in that folder."""
    nobody: Any = Nobody()
    places = Places(f"{root}/uploads", f"{root}/uploads", str(root))
    return DiskStore(Layout(places, nobody, nobody, nobody), Locks(root / "locks"))


def content(number: int) -> bytes:
    """What write ``number`` writes: any two differ from their first byte to their last."""
    return bytes([ord("a") + number % 26]) * SIZE + b"\n"


def stand_still(*_: Any, **__: Any) -> None:
    print("here", flush=True)
    time.sleep(600)


def stop_at(place: str) -> None:
    """Let the next write stop there for ever."""
    if place == "part":
        open_file = os.fdopen

        def half(handle: int, mode: str) -> Any:
            stream = open_file(handle, mode)
            write = stream.write

            class Half:
                """Writes the first half, then nothing more."""

                def __enter__(self) -> Half:
                    return self

                def __exit__(self, *_: object) -> None: ...

                def write(self, data: bytes) -> None:
                    write(data[: len(data) // 2])
                    stream.flush()
                    stand_still()

            return Half() if mode == "wb" else stream

        files.os.fdopen = half  # type: ignore[assignment]
    elif place == "whole":
        files.os.rename = stand_still  # type: ignore[assignment]
    elif place == "renamed":
        rename = os.rename

        def then(*args: Any, **more: Any) -> None:
            rename(*args, **more)
            stand_still()

        files.os.rename = then  # type: ignore[assignment]


def main() -> None:
    store, place = store_in(Path(sys.argv[1])), sys.argv[2]
    number = 0
    while True:
        if number == 1:
            stop_at(place)
        number += 1
        assert store.write(SCOPE, content(number)).success
        print(number, flush=True)


if __name__ == "__main__":
    main()
