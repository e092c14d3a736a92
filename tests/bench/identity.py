"""Identity: what the product's REST routes cost beyond WordPress's own, and what a permission check costs."""

from __future__ import annotations

import base64
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from dev import paths
from dev.instance import Instance
from sidecar import hooks, settings
from sidecar import runtime as runtimes
from sidecar.identity import (
    AccessRepository,
    AgentsRepository,
    Permissions,
    Principal,
    WordPressAnswers,
)
from sidecar.identity.answers import UnitAnswers
from sidecar.runtime import Runtime
from tests.bench.host import measure

if TYPE_CHECKING:
    from tests.bench.__main__ import Figure

#: Each route is asked for this often, in turn with the empty one.
ROUNDS = 250
WARM = 20
CHECKS = 2000
COLD = 60
GOAL = 1.1
#: Agents that the site has, and jobs.
AGENTS, JOBS = 20, 200

#: A route that does nothing, for users who are signed in, as the product's are.
EMPTY = """<?php
add_action( 'rest_api_init', function () {
	register_rest_route( 'bench/v1', '/empty', array(
		'methods'             => 'GET',
		'permission_callback' => 'is_user_logged_in',
		'callback'            => fn() => array(),
	) );
} );
"""


def run() -> list[Figure]:
    """Ratios of proxied routes to an empty one, and microseconds of checks."""
    with tempfile.TemporaryDirectory(dir=paths.scratch_folder()) as folder:
        instance = Instance(Path(folder) / "identity")
        try:
            instance.install_wordpress()
            instance.install_product()
            (instance.path / "wp-content" / "mu-plugins" / "empty-route.php").write_text(EMPTY)
            instance.start_web(workers=2)
            instance.start_sidecar()
            runtime = runtimes.build(settings.load(str(instance.config)).site(None), "http")
            try:
                subscriber = _stock(instance, runtime)
                return [*_routes(instance), *_checks(runtime, subscriber)]
            finally:
                runtime.close()
        finally:
            instance.destroy()


def _stock(instance: Instance, runtime: Runtime) -> int:
    """Agents of user 1, each granted to a subscriber, whose id is the answer; and jobs."""
    made = instance.wp("user", "create", "bench", "bench@example.org", "--role=subscriber", "--porcelain")
    subscriber = int(made.stdout)
    for number in range(AGENTS):
        agent_id = runtime.get(AgentsRepository).insert(f"bench-{number}", f"Bench {number}", 1, {})
        runtime.get(AccessRepository).grant(agent_id, subscriber, "operator")
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
                    "created_at": "2026-11-23 05:00:00",
                },
            )
    return subscriber


def _routes(instance: Instance) -> list[Figure]:
    password = instance.wp("user", "application-password", "create", "admin", "bench", "--porcelain").stdout
    pair = base64.b64encode(f"admin:{password.strip()}".encode()).decode()
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Basic {pair}"
    base = f"http://{urlsplit(instance.url).netloc}/wp-json"

    def ask(path: str) -> float:
        started = time.perf_counter()
        answer = session.get(base + path, timeout=60)
        taken = (time.perf_counter() - started) * 1e3
        answer.raise_for_status()
        return taken

    empty, proxied = "/bench/v1/empty", ("/datamachine/v1/agents", "/datamachine/v1/jobs?per_page=1")
    full = "/datamachine/v1/jobs"
    taken: dict[str, list[float]] = {path: [] for path in (empty, *proxied, full)}
    for number in range(WARM + ROUNDS):
        for path, times in taken.items():
            spent = ask(path)
            if number >= WARM:
                times.append(spent)
    middle = {path: statistics.median(times) for path, times in taken.items()}
    figures: list[Figure] = []
    for path, name, goal in (
        (proxied[0], f"GET agents ({AGENTS} agents)", f"at most {GOAL:g} times"),
        (proxied[1], "GET jobs, one job", f"at most {GOAL:g} times"),
        (full, "GET jobs, a page of 50", None),
    ):
        figures.append(
            {
                "name": f"REST over WordPress: {name}, p50",
                "value": round(middle[path], 2),
                "unit": "ms",
                "goal": goal,
                "against": f"an empty WordPress route {middle[empty]:.2f} ms",
                "ratio": round(middle[path] / middle[empty], 3),
            }
        )
    return figures


def _checks(runtime: Runtime, subscriber: int) -> list[Figure]:
    permissions = runtime.get(Permissions)
    answers = runtime.get(WordPressAnswers)  # type: ignore[type-abstract]
    agents = runtime.get(AgentsRepository).all()
    mine = next(agent for agent in agents if agent.owner_id == 1)
    owner, granted = Principal.user(1), Principal.user(subscriber)
    carried = Principal.user(1, answers=answers.of(1, 1))

    def cold() -> None:
        UnitAnswers(runtime.db, runtime.hosts, runtime.clock).of(1, 1)

    work: list[tuple[str, Callable[[], object], int]] = [
        ("capability, answers with the call", lambda: permissions.can(carried, "manage_flows"), CHECKS),
        ("capability, answers kept", lambda: permissions.can(owner, "manage_flows"), CHECKS),
        ("granted agent, answers kept", lambda: permissions.can_access(granted, mine, "operator"), CHECKS),
        ("cold: WordPress asked in a unit", cold, COLD),
    ]
    figures: list[Figure] = []
    with hooks.scope():
        for name, check, times in work:
            p50, p99 = measure(check, times, warm=5)
            for label, value in (("p50", p50), ("p99", p99)):
                figures.append(
                    {
                        "name": f"A permission check in Python: {name}, {label}",
                        "value": round(value, 1),
                        "unit": "µs",
                        "goal": None,
                        "against": None,
                        "ratio": None,
                    }
                )
    return figures
