"""What the plugin costs a page that fires no live subscribed hook."""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path

from dev import paths
from dev.instance import Instance
from tests.bench.__main__ import Figure

#: Each page is asked for this often, with and without the plugin in turn.
ROUNDS = 150
#: Forwarders that stand in the manifest and are never fired.
SUBSCRIPTIONS = 50

#: Begins when WordPress reads the list of plugins, ends when ours, the first, is loaded.
PROBE = """<?php
$GLOBALS['probe'] = array( 'begin' => null, 'load' => null );
add_filter( 'option_active_plugins', function ( $plugins ) {
	if ( isset( $_GET['without'] ) ) {
		return array();
	}
	$GLOBALS['probe']['begin'] ??= hrtime( true );
	return $plugins;
} );
add_action( 'plugin_loaded', function () {
	$GLOBALS['probe']['load'] ??= hrtime( true ) - $GLOBALS['probe']['begin'];
} );
add_action( 'shutdown', function () {
	$client = 'DataMachine\\\\Bridge\\\\Bridge\\\\Client';
	$line   = array(
		'load'    => null === $GLOBALS['probe']['load'] ? null : $GLOBALS['probe']['load'] / 1e6,
		'page'    => ( microtime( true ) - $_SERVER['REQUEST_TIME_FLOAT'] ) * 1e3,
		'queries' => get_num_queries(),
		'calls'   => class_exists( $client, false ) ? $client::instance()->spent() : 0.0,
	);
	file_put_contents( PROBE_FILE, json_encode( $line ) . "\\n", FILE_APPEND | LOCK_EX );
}, PHP_INT_MAX );
"""

PLUGIN = f"""
from sidecar import hooks
for number in range({SUBSCRIPTIONS}):
    hooks.add_filter(f"never_fired_{{number}}", lambda value: value)
hooks.add_action("never_fired", lambda: None, durable=True)
"""


def run() -> list[Figure]:
    """Load time of the plugin, and what a whole page gains in time and queries."""
    with tempfile.TemporaryDirectory(dir=paths.scratch_folder()) as name:
        instance = Instance(Path(name))
        try:
            probe = _prepare(instance)
            return _figures(instance, probe)
        finally:
            instance.destroy()


def _prepare(instance: Instance) -> Path:
    instance.install_wordpress()
    instance.install_product()
    probe = instance.folder / "probe.jsonl"
    code = PROBE.replace("PROBE_FILE", f"'{probe}'")
    (instance.path / "wp-content" / "mu-plugins" / "probe.php").write_text(code)
    plugins = instance.folder / "plugins"
    plugins.mkdir(mode=0o700)
    (plugins / "never.py").write_text(PLUGIN)
    config = json.loads(instance.config.read_text())
    config["sites"]["default"]["plugins_dir"] = str(plugins)
    instance.config.write_text(json.dumps(config))
    instance.start_sidecar()
    instance.start_web(workers=1)
    return probe


def _figures(instance: Instance, probe: Path) -> list[Figure]:
    for _ in range(10):
        for address in ("/", "/?without=1"):
            instance.get(address)
    probe.unlink()
    for _ in range(ROUNDS):
        for address in ("/", "/?without=1"):
            assert instance.get(address).status == 200
    lines = [json.loads(line) for line in probe.read_text().splitlines()]
    with_plugin = [line for line in lines if line["load"] is not None]
    without = [line for line in lines if line["load"] is None]
    assert len(with_plugin) == len(without) == ROUNDS
    assert all(line["calls"] == 0 for line in with_plugin), "a page called the sidecar"
    load = statistics.median(line["load"] for line in with_plugin)
    page = statistics.median(line["page"] for line in with_plugin)
    bare = statistics.median(line["page"] for line in without)
    queries = statistics.median(line["queries"] for line in with_plugin)
    bare_queries = statistics.median(line["queries"] for line in without)
    return [
        {
            "name": f"plugin load on a front page, {SUBSCRIPTIONS + 1} idle subscriptions, p50",
            "value": load,
            "unit": "ms",
            "goal": "< 1",
            "against": f"whole page {page:.1f} ms",
            "ratio": load / page,
        },
        {
            "name": "front page with the plugin, p50",
            "value": page,
            "unit": "ms",
            "goal": None,
            "against": f"without the plugin {bare:.1f} ms",
            "ratio": page / bare,
        },
        {
            "name": "queries a front page gains",
            "value": queries - bare_queries,
            "unit": "queries",
            "goal": "0",
            "against": f"without the plugin {bare_queries:.0f}",
            "ratio": queries / bare_queries,
        },
    ]
