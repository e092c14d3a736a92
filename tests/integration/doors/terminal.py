"""A terminal with somebody in front of it: questions are read, then answered."""

from __future__ import annotations

import errno
import os
import pty
import select
import subprocess
import time
from collections.abc import Sequence

from dev import paths, wordpress
from dev.instance import Instance

PATIENCE = 60.0


def command(site: Instance, door: str, words: Sequence[str]) -> list[str]:
    """The command line of one door: ``wp`` or ``datamachine``."""
    if door == "wp":
        program = [*site.php(), str(wordpress.wp_cli()), f"--path={site.path}", "--allow-root", "--no-color"]
        return [*program, "datamachine", *words]
    return [str(paths.VENV / "bin" / "datamachine"), *words]


def answer(site: Instance, door: str, words: Sequence[str], question: str, typed: str) -> tuple[int, str]:
    """Run a command on a terminal, type when ``question`` stands there; exit code and all that was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(site, door, words),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=site.environment(),
        start_new_session=True,
    )
    os.close(theirs)
    try:
        shown = _read(ours, until=question)
        os.write(ours, typed.encode())
        shown += _read(ours)
        return process.wait(PATIENCE), shown.replace("\r\n", "\n")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(ours)


def _read(handle: int, until: str | None = None) -> str:
    """Text up to and with ``until``, or to the end of the process."""
    text = b""
    end = time.monotonic() + PATIENCE
    while until is None or not text.decode("utf-8", "replace").endswith(until):
        ready, _, _ = select.select([handle], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            raise TimeoutError(text.decode("utf-8", "replace"))
        try:
            piece = os.read(handle, 65536)
        except OSError as error:
            # Linux's way to say that the other side of a terminal is closed.
            if error.errno != errno.EIO:
                raise
            piece = b""
        if not piece:
            if until is not None:
                raise EOFError(text.decode("utf-8", "replace"))
            break
        text += piece
    return text.decode("utf-8", "replace")
