"""Tokens on WordPress's routes: what a check costs inside a request, and what requests without one pay."""

from __future__ import annotations

import hashlib
import secrets
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from dev import paths
from dev.instance import DATABASE, Instance

if TYPE_CHECKING:
    from tests.bench.__main__ import Figure

ROUNDS = 400
WARM = 20
#: Milliseconds.
GOAL = 0.3

#: Measures the plugin's part of ``rest_authentication_errors``, and counts the queries in it. With the header
#: ``X-Bench-User`` it is WordPress alone that takes on the owner, as after any other way to sign in.
STOPWATCH = """<?php
add_action( 'plugins_loaded', function () {
	$begin = function ( $decided ) {
		$GLOBALS['bench'] = array( hrtime( true ), $GLOBALS['wpdb']->num_queries );
		if ( isset( $_SERVER['HTTP_X_BENCH_USER'] ) ) {
			wp_set_current_user( 1 );
		}
		return $decided;
	};
	$end   = function ( $decided ) {
		$taken = hrtime( true ) - $GLOBALS['bench'][0];
		header( 'X-Bench: ' . $taken . ' ' . ( $GLOBALS['wpdb']->num_queries - $GLOBALS['bench'][1] ) );
		return $decided;
	};
	add_filter( 'rest_authentication_errors', $begin, 88 );
	add_filter( 'rest_authentication_errors', $end, 89 );
}, 99 );
add_action( 'rest_api_init', function () {
	register_rest_route( 'bench/v1', '/empty', array(
		'methods'             => 'GET',
		'permission_callback' => '__return_true',
		'callback'            => fn() => array(),
	) );
} );
"""


def run() -> list[Figure]:
    """Milliseconds of the check, p50, without the rest of the request."""
    with tempfile.TemporaryDirectory(dir=paths.scratch_folder()) as folder:
        instance = Instance(Path(folder) / "bearer")
        try:
            instance.db.start()
            instance.install_wordpress()
            instance.install_product()
            (instance.path / "wp-content" / "mu-plugins" / "stopwatch.php").write_text(STOPWATCH)
            instance.start_web(workers=1)
            return _figures(instance)
        finally:
            instance.destroy()


def _token(instance: Instance, capabilities: str) -> str:
    """A token of an agent of user 1; ``capabilities`` is SQL."""
    raw = f"datamachine_bench_{secrets.token_hex(32)}"
    digest = hashlib.sha256(raw.encode()).hexdigest()
    instance.db.sql(
        "INSERT IGNORE INTO wp_datamachine_agents (agent_slug, agent_name, owner_id) "
        "VALUES ('bench', 'Bench', 1);"
        "INSERT INTO wp_datamachine_agent_tokens (agent_id, token_hash, token_prefix, capabilities) "
        f"SELECT agent_id, '{digest}', 'datamachine_', {capabilities} FROM wp_datamachine_agents "
        "WHERE agent_slug = 'bench'",
        database=DATABASE,
    )
    return raw


def _figures(instance: Instance) -> list[Figure]:
    full, narrow = _token(instance, "NULL"), _token(instance, """'["read","datamachine_chat"]'""")
    kinds: dict[str, dict[str, str]] = {
        "no token": {},
        "WordPress takes on a user": {"X-Bench-User": "1"},
        "a token": {"Authorization": f"Bearer {full}"},
        "a limited token": {"Authorization": f"Bearer {narrow}"},
    }
    session = requests.Session()
    session.trust_env = False
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    queries: dict[str, str] = {}
    for number in range(WARM + ROUNDS):
        for kind, headers in kinds.items():
            answer = session.get(f"{instance.url}/wp-json/bench/v1/empty", headers=headers, timeout=60)
            answer.raise_for_status()
            nanoseconds, queries[kind] = answer.headers["X-Bench"].split()
            if number >= WARM:
                taken[kind].append(int(nanoseconds) / 1e6)
    middle = {kind: statistics.median(times) for kind, times in taken.items()}
    figures: list[Figure] = [
        {
            "name": f"bearer check in PHP: {kind}, {queries[kind]} queries, p50",
            "value": round(value, 4),
            "unit": "ms",
            "goal": None,
            "against": None,
            "ratio": None,
        }
        for kind, value in middle.items()
    ]
    for kind in ("a token", "a limited token"):
        for part, of in (("p50", statistics.median), ("fastest tenth", _fastest)):
            alone = of(taken["WordPress takes on a user"])
            figures.append(
                {
                    "name": f"bearer check in PHP: {kind}, beyond WordPress's taking on its owner, {part}",
                    "value": round(of(taken[kind]) - alone, 4),
                    "unit": "ms",
                    "goal": f"under {GOAL:g} ms",
                    "against": f"WordPress takes on a user {alone:.4f} ms",
                    "ratio": None,
                }
            )
    return figures


def _fastest(times: list[float]) -> float:
    """The time that a tenth of all stays below: what is left when nothing else runs."""
    return statistics.quantiles(times, n=10)[0]
