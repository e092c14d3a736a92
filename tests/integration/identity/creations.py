"""Creates agents of one slug in many threads at once: ``creations.py CONFIG SLUG FIRST COUNT``.

Waits for a line on standard input when all threads are ready, and prints ``[[agent id, made], ...]``.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sidecar import runtime as runtime_module
from sidecar import settings
from sidecar.identity import AccessRepository, AgentsRepository
from sidecar.identity.creation import Creation
from sidecar.identity.locks import NamedLocks
from sidecar.identity.renames import RenamesRepository


def main(config: str, slug: str, first: str, count: str) -> None:
    runtime = runtime_module.build(settings.load(config).site(), "cli")
    db = runtime.db
    creation = Creation(
        db,
        runtime.get(AgentsRepository),
        runtime.get(AccessRepository),
        NamedLocks(db),
        RenamesRepository(db),
    )
    start = Barrier(int(count) + 1)

    def create(number: int) -> tuple[int, bool]:
        start.wait()
        agent, made = creation.insert(slug, f"Name {number}", int(first) + number, {})
        return agent.agent_id, made

    with ThreadPoolExecutor(int(count)) as pool:
        futures = [pool.submit(create, number) for number in range(int(count))]
        print("ready", flush=True)
        sys.stdin.readline()
        start.wait()
        print(json.dumps([future.result() for future in futures]), flush=True)
    runtime.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
