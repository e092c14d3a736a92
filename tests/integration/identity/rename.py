"""Renames an agent and stops for good at a step: ``rename.py CONFIG STEP OLD NEW``."""

from __future__ import annotations

import sys
import time

from sidecar import runtime as runtime_module
from sidecar import settings
from sidecar.identity import AgentsService, Principal
from sidecar.identity.renaming import Renaming


def main(config: str, step: str, old: str, new: str) -> None:
    runtime = runtime_module.build(settings.load(config).site(), "cli")

    def reached(name: str) -> None:
        if name == step:
            print("reached", flush=True)
            time.sleep(600)

    runtime.get(Renaming).reached = reached
    runtime.get(AgentsService).rename(Principal.command_line(), old, new)
    print("renamed", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
