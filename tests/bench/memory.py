"""Memory: a file of 20 kB read and written at each door, a prompt put together, AGENTS.md composed."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from hashlib import sha1
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from dev import paths
from dev.instance import Instance
from sidecar import hooks, settings
from sidecar import runtime as runtimes
from sidecar.identity import AgentsService, Principal, TokensService
from sidecar.memory import MemoryService
from sidecar.runtime import Runtime
from tests.bench.identity import EMPTY
from tests.integration.doors.test_http_door import SocketConnection

if TYPE_CHECKING:
    from tests.bench.__main__ import Figure

#: Each thing is done so often, in turn with the others; programs that start less often.
ROUNDS, WARM, STARTS = 60, 5, 7
FILE = "bench.md"
CONTENT = ("- what was learned that day, with some words to it\n" * 420)[:20_000]
SLUG = "bench-memory"
CLI = Principal.command_line()

#: The seam in PHP: the facade third parties hold, against the same bytes without any of it.
SEAM = r"""<?php
$agent = (int) getenv( 'BENCH_AGENT' );
$text  = str_repeat( 'x', 20000 );
$path  = get_temp_dir() . 'datamachine-bench.md';
$file  = new DataMachine\Core\FilesRepository\AgentMemory( 1, $agent, 'bench.md' );
$work  = array(
	'read'  => fn() => $file->get_all(),
	'write' => fn() => $file->replace_all( $text ),
	'plain read'  => fn() => sha1( (string) file_get_contents( $path ) ),
	'plain write' => fn() => file_put_contents( $path, $text ),
);
file_put_contents( $path, $text );
$file->replace_all( $text );
$taken = array();
for ( $round = 0; $round < 65; $round++ ) {
	foreach ( $work as $name => $do ) {
		$started = hrtime( true );
		$do();
		if ( $round >= 5 ) {
			$taken[ $name ][] = ( hrtime( true ) - $started ) / 1e6;
		}
	}
}
unlink( $path );
$middle = static function ( $times ) {
	sort( $times );
	return $times[ intdiv( count( $times ), 2 ) ];
};
echo wp_json_encode( array_map( $middle, $taken ) );
"""


def run() -> list[Figure]:
    """Milliseconds, each against something of the same run that does nothing or the same elsewhere."""
    with tempfile.TemporaryDirectory(dir=paths.scratch_folder()) as folder:
        instance = Instance(Path(folder) / "memory")
        try:
            instance.install_wordpress()
            instance.install_product()
            (instance.path / "wp-content" / "mu-plugins" / "empty-route.php").write_text(EMPTY)
            instance.start_web(workers=2)
            instance.start_sidecar()
            runtime = runtimes.build(settings.load(str(instance.config)).site(None), "cli")
            try:
                agent, token = _stock(instance, runtime)
                return [
                    *_doors(instance, token),
                    *_php(instance, agent),
                    *_python(runtime, agent),
                    *_lines(instance),
                ]
            finally:
                runtime.close()
        finally:
            instance.destroy()


def _stock(instance: Instance, runtime: Runtime) -> tuple[int, str]:
    with hooks.scope():
        made = runtime.get(AgentsService).create(CLI, SLUG, owner_id=1).agent.agent_id
    token = runtime.get(TokensService).create(CLI, made, label="bench").raw
    folder = instance.path / "wp-content/uploads/datamachine-files/agents" / SLUG
    (folder / FILE).write_text(CONTENT)
    # What a prompt holds: 20 kB of memory beside the files every agent has.
    (folder / "MEMORY.md").write_text(CONTENT)
    return made, token


def _doors(instance: Instance, token: str) -> list[Figure]:
    session = requests.Session()
    session.trust_env = False
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/markdown"}
    # As WordPress's own rules of rewriting would lead there; PHP's server looks for a file of that name.
    wordpress = f"http://{urlsplit(instance.url).netloc}/?rest_route="
    address = settings.load(str(instance.config)).site(None).http.removeprefix("unix:")
    connection = SocketConnection(address)

    def rest(method: str, path: str, body: bytes | None = None) -> None:
        session.request(
            method, f"{wordpress}{path}", data=body, headers=headers, timeout=60
        ).raise_for_status()

    def own(method: str, path: str, body: bytes | None = None) -> None:
        connection.request(method, f"/datamachine/v1{path}", body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status

    content = CONTENT.encode()
    taken = _in_turn(
        {
            "empty": lambda: rest("GET", "/bench/v1/empty"),
            "rest read": lambda: rest("GET", f"/datamachine/v1/files/agent/{FILE}"),
            "rest write": lambda: rest("PUT", f"/datamachine/v1/files/agent/{FILE}", content),
            "read": lambda: own("GET", f"/memory/files/{FILE}"),
            "write": lambda: own("PUT", f"/memory/files/{FILE}", content),
            "list": lambda: own("GET", "/memory"),
            "context": lambda: own("GET", "/agents/me/context?mode=chat"),
            "changes": lambda: own("GET", "/memory/changes"),
            "compose": lambda: own("POST", "/memory/compose?file=AGENTS.md", b""),
        }
    )
    connection.close()
    empty = ("an empty WordPress route with the token", taken["empty"])
    return [
        _figure("REST over WordPress: read 20 kB", taken["rest read"], *empty),
        _figure("REST over WordPress: write 20 kB", taken["rest write"], *empty),
        _figure("Own door: read 20 kB", taken["read"], "REST over WordPress", taken["rest read"]),
        _figure("Own door: write 20 kB", taken["write"], "REST over WordPress", taken["rest write"]),
        _figure("Own door: list with hashes", taken["list"], *empty),
        _figure("Own door: an agent's memory for a prompt", taken["context"], *empty),
        _figure("Own door: whether anything changed", taken["changes"], *empty),
        _figure("Own door: compose AGENTS.md, nothing new", taken["compose"], *empty),
    ]


def _php(instance: Instance, agent: int) -> list[Figure]:
    file = instance.folder / "seam.php"
    file.write_text(SEAM)
    taken = json.loads(instance.wp("eval-file", str(file), BENCH_AGENT=str(agent)).stdout)
    return [
        _figure(f"PHP seam: {verb} 20 kB", taken[verb], f"PHP's own {verb}", taken[f"plain {verb}"])
        for verb in ("read", "write")
    ]


def _python(runtime: Runtime, agent: int) -> list[Figure]:
    """What the work itself takes, once WordPress is at hand."""
    memory = runtime.get(MemoryService)
    path = Path(tempfile.gettempdir()) / "datamachine-bench.md"
    path.write_text(CONTENT)
    with (
        hooks.scope(),
        runtime.hosts.unit("rest"),
        memory.open(user_id=1, agent_id=agent, filename=FILE) as file,
    ):
        taken = _in_turn(
            {
                "read": file.read,
                "plain read": lambda: sha1(path.read_bytes()).hexdigest(),
                "write": lambda: file.replace_all(CONTENT),
                "append": lambda: file.append_to_section("Log", "- a line"),
                "search": lambda: file.search("learned"),
            }
        )
    path.unlink()
    return [
        _figure("In Python: read 20 kB", taken["read"], "a plain read", taken["plain read"]),
        _figure(
            "In Python: write 20 kB, locked, synced, with its event", taken["write"], "reading", taken["read"]
        ),
        _figure("In Python: append to a section", taken["append"], "writing", taken["write"]),
        _figure("In Python: search 20 kB", taken["search"], "reading", taken["read"]),
    ]


def _lines(instance: Instance) -> list[Figure]:
    """Whole command lines, their start included."""
    named = ("datamachine", "memory")
    taken = _in_turn(
        {
            "wp": lambda: instance.wp("eval", "1;"),
            "wp read": lambda: instance.wp(*named, "read", FILE, f"--agent={SLUG}"),
            "wp write": lambda: instance.wp(*named, "write", FILE, "Log", "- x", f"--agent={SLUG}"),
            "native": lambda: instance.datamachine("--version"),
            "native read": lambda: instance.datamachine("memory", "read", FILE, f"--agent={SLUG}"),
        },
        rounds=STARTS,
        warm=1,
    )
    return [
        _figure("WP-CLI: memory read, 20 kB", taken["wp read"], "an empty wp eval", taken["wp"]),
        _figure(
            "WP-CLI: memory write, a section of 20 kB", taken["wp write"], "an empty wp eval", taken["wp"]
        ),
        _figure("Native: memory read, 20 kB", taken["native read"], "datamachine --version", taken["native"]),
    ]


def _in_turn(
    work: Mapping[str, Callable[[], object]], rounds: int = ROUNDS, warm: int = WARM
) -> dict[str, float]:
    """Medians in milliseconds of things done one after another, so that a busy moment meets all of them."""
    taken: dict[str, list[float]] = {name: [] for name in work}
    for number in range(warm + rounds):
        for name, do in work.items():
            started = time.perf_counter()
            do()
            if number >= warm:
                taken[name].append((time.perf_counter() - started) * 1e3)
    return {name: statistics.median(times) for name, times in taken.items()}


def _figure(name: str, value: float, against: str, other: float) -> Figure:
    return {
        "name": f"{name}, p50",
        "value": round(value, 3),
        "unit": "ms",
        "goal": None,
        "against": f"{against} {other:.3g} ms",
        "ratio": round(value / other, 3),
    }
