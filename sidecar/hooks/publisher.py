"""Publishes the manifest when the bridge starts, in a process of its own so that the bridge does not wait."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sidecar.errors import SidecarError
from sidecar.hooks import fence, manifest
from sidecar.hooks.manifest import Manifest, Published

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.runtime import Runtime
    from sidecar.settings import Site

logger = logging.getLogger("datamachine.hooks")

#: WordPress may be in maintenance, or its host still starting.
PATIENCE = 600.0
LONGEST_PAUSE = 10.0
_PR_SET_PDEATHSIG = 1


def marker(site: Site) -> Path:
    """Exists once WordPress knows what this sidecar wants of it: ``{stored, generation, hash}``."""
    return Path(site.run_dir) / "manifest.json"


def publish(runtime: Runtime) -> Published:
    """Tell WordPress what this process's plugins subscribed to and registered; opens a unit.

    Raises SiteCopied on a copy of the site: its WordPress must hear nothing from us until somebody decides.
    """
    fence.check(runtime.db)
    with runtime.hosts.unit(context="cron") as unit:
        published = manifest.publish(unit, runtime.get(Manifest))
    target = marker(runtime.site)
    temporary = target.with_suffix(f".{os.getpid()}")
    temporary.write_bytes(msgspec.json.encode(published))
    temporary.replace(target)
    return published


def publish_apart(runtime: Runtime, afterwards: Callable[[Runtime], object] | None = None) -> None:
    """Fork a process that publishes, does what else a start asks for, and ends.

    Call it before this process has threads or connections.
    """
    marker(runtime.site).unlink(missing_ok=True)
    parent = os.getpid()
    if os.fork():
        return
    code = 1
    try:
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() == parent:
            _persist(runtime)
            if afterwards is not None:
                afterwards(runtime)
            code = 0
    except Exception:
        logger.exception("Not everything was done that a start asks for")
    finally:
        logging.shutdown()
        os._exit(code)


def _persist(runtime: Runtime) -> None:
    until = time.monotonic() + PATIENCE
    pause = 0.5
    try:
        while True:
            try:
                publish(runtime)
                return
            except fence.SiteCopied as error:
                logger.error("%s", error.message)  # noqa: TRY400  # the operator's to decide, not a bug
                return
            except SidecarError as error:
                if time.monotonic() >= until:
                    raise
                logger.warning("The manifest is not published yet: %s", error.message)
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
    finally:
        runtime.close()
