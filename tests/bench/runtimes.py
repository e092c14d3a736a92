"""Runtimes: what the sidecar's own door answers to tokens a second, against WordPress doing nothing."""

from __future__ import annotations

import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dev import paths
from dev.instance import Instance
from sidecar import runtime as runtimes
from sidecar import settings
from sidecar.identity import AgentsRepository, Principal, TokensService
from sidecar.runtime import Runtime
from tests.bench import load

if TYPE_CHECKING:
    from tests.bench.__main__ import Figure

#: Both servers are asked in turn, so many times, for so many seconds each.
ROUNDS = 5
SECONDS = 2.0
CONNECTIONS = (1, 8)
GOAL = 20
#: Agents that the site has, and jobs of the agent that asks.
AGENTS, JOBS = 20, 200

#: The least WordPress can do for a REST request: nobody signs in, nothing is asked, nothing is answered.
EMPTY = """<?php
add_action( 'rest_api_init', function () {
	register_rest_route( 'bench/v1', '/empty', array(
		'methods'             => 'GET',
		'permission_callback' => '__return_true',
		'callback'            => fn() => array(),
	) );
} );
"""
ROUTES = (
    ("GET agents", "/datamachine/v1/agents", True),
    ("GET jobs, one job", "/datamachine/v1/jobs?per_page=1", True),
    ("GET jobs, a page of 50", "/datamachine/v1/jobs", False),
    ("GET healthz, no token and no database", "/healthz", False),
)


@dataclass(frozen=True)
class Target:
    """Something to ask."""

    name: str
    address: str | tuple[str, int]
    request: bytes
    goal: bool = False


def run() -> list[Figure]:
    """Requests a second and the slowest hundredth, at each number of connections."""
    with tempfile.TemporaryDirectory(dir=paths.scratch_folder()) as folder:
        instance = Instance(Path(folder) / "runtimes")
        try:
            instance.install_wordpress()
            instance.install_product()
            (instance.path / "wp-content" / "mu-plugins" / "empty-route.php").write_text(EMPTY)
            # As many as ask at once; each worker serves one request at a time.
            instance.start_web(workers=max(CONNECTIONS))
            instance.start_sidecar()
            site = settings.load(str(instance.config)).site(None)
            runtime = runtimes.build(site, "cli")
            try:
                token = _stock(runtime)
            finally:
                runtime.close()
            place = urlsplit(instance.url)
            empty = Target(
                "an empty WordPress route",
                (str(place.hostname), int(place.port or 80)),
                load.request("/wp-json/bench/v1/empty", place.netloc),
            )
            # What a runtime would wait for there: WordPress has to find out who it is first.
            known = Target(
                "an empty WordPress route with the token",
                empty.address,
                load.request("/wp-json/bench/v1/empty", place.netloc, Authorization=f"Bearer {token}"),
            )
            ours = [
                Target(
                    f"Own door: {name}",
                    site.http.removeprefix("unix:"),
                    load.request(path, "localhost", Authorization=f"Bearer {token}"),
                    goal,
                )
                for name, path, goal in ROUTES
            ]
            return [figure for count in CONNECTIONS for figure in _compare(empty, [known, *ours], count)]
        finally:
            instance.destroy()


def _stock(runtime: Runtime) -> str:
    """Agents of user 1 and jobs of the first; a token of that one."""
    agents = runtime.get(AgentsRepository)
    ids = [agents.insert(f"bench-{number}", f"Bench {number}", 1, {}) for number in range(AGENTS)]
    with runtime.db.session() as session:
        for number in range(JOBS):
            session.insert(
                runtime.db.tables().jobs,
                {
                    "pipeline_id": "1",
                    "flow_id": "1",
                    "source": "pipeline",
                    "label": f"Job {number}",
                    "status": "completed",
                    "agent_id": ids[0],
                    "user_id": 1,
                    "created_at": f"2026-11-23 05:{number // 60:02d}:{number % 60:02d}",
                },
            )
    return runtime.get(TokensService).create(Principal.command_line(), ids[0], label="bench").raw


def _compare(empty: Target, others: list[Target], connections: int) -> list[Figure]:
    done: dict[str, list[load.Load]] = {}
    for _ in range(ROUNDS):
        for target in (empty, *others):
            asked = load.run(
                target.address, target.request, connections=connections, seconds=SECONDS, warm=0.5
            )
            done.setdefault(target.name, []).append(asked)
    rate = {name: statistics.median(each.rate for each in loads) for name, loads in done.items()}
    slow = {name: statistics.median(each.p99 for each in loads) for name, loads in done.items()}
    figures: list[Figure] = []
    for target in others:
        name = f"{target.name}, {connections} connection{'s' if connections > 1 else ''}"
        figures.append(
            {
                "name": name,
                "value": round(rate[target.name], 1),
                "unit": "requests/s",
                "goal": f"at least {GOAL} times" if target.goal else None,
                "against": f"{empty.name} {rate[empty.name]:.1f}/s",
                "ratio": round(rate[target.name] / rate[empty.name], 2),
            }
        )
        figures.append(
            {
                "name": f"{name}, p99",
                "value": round(slow[target.name], 2),
                "unit": "ms",
                "goal": None,
                "against": f"{empty.name} {slow[empty.name]:.1f} ms",
                "ratio": round(slow[target.name] / slow[empty.name], 4),
            }
        )
    return figures
