"""Lists of a large site: jobs, flows and pipelines by each filter and order, through both doors."""

from __future__ import annotations

import base64
import http.client
import socket
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dev import paths
from dev.instance import Instance
from sidecar import runtime as runtimes
from sidecar import settings
from sidecar.identity import AgentsRepository, Principal, TokensService
from sidecar.runtime import Runtime
from tests.bench.identity import EMPTY

JOBS, FLOWS, PIPELINES, AGENTS = 100_000, 5_000, 1_000, 20
#: Each list is asked for this often, in turn with the others.
ROUNDS = 9
TIMEOUT = 60.0

Figure = dict[str, Any]

#: What is asked, by the name of its figure.
LISTS = {
    "jobs": "/datamachine/v1/jobs",
    "jobs, page 1,000": "/datamachine/v1/jobs?offset=49950",
    "jobs of a flow": "/datamachine/v1/jobs?flow_id=77",
    "jobs of a pipeline": "/datamachine/v1/jobs?pipeline_id=77",
    "jobs that failed": "/datamachine/v1/jobs?status=failed",
    "jobs that run": "/datamachine/v1/jobs?status=processing",
    "jobs of a user": "/datamachine/v1/jobs?user_id=1",
    "jobs of an agent": "/datamachine/v1/jobs?agent_id={agent}",
    "jobs of an agent that failed": "/datamachine/v1/jobs?agent_id={agent}&status=failed",
    "jobs without children": "/datamachine/v1/jobs?hide_children=true",
    "children of a job": "/datamachine/v1/jobs?parent_job_id=1000",
    "jobs by creation": "/datamachine/v1/jobs?orderby=created_at",
    "jobs by end": "/datamachine/v1/jobs?orderby=completed_at",
    "jobs by status": "/datamachine/v1/jobs?orderby=status&order=ASC",
    "summary of jobs": "/datamachine/v1/jobs/summary",
    "stuck jobs": "/datamachine/v1/jobs/stuck",
    "problem flows": "/datamachine/v1/flows/problems",
    "flows": "/datamachine/v1/flows",
    "flows, the last page": "/datamachine/v1/flows?offset=2480",
    "flows of a pipeline": "/datamachine/v1/flows?pipeline_id=77",
    "flows with a handler": "/datamachine/v1/flows?handler_slug=rss",
    "pipelines": "/datamachine/v1/pipelines",
    "pipelines by name": "/datamachine/v1/pipelines?search=77",
}


def run() -> list[Figure]:
    """Milliseconds of each list; WordPress's own empty route is the measure of its door."""
    with tempfile.TemporaryDirectory(dir=paths.scratch_folder()) as folder:
        instance = Instance(Path(folder) / "lists")
        try:
            instance.install_wordpress()
            instance.install_product()
            (instance.path / "wp-content" / "mu-plugins" / "empty-route.php").write_text(EMPTY)
            instance.start_web(workers=2)
            instance.start_sidecar()
            site = settings.load(str(instance.config)).site(None)
            runtime = runtimes.build(site, "cli")
            try:
                agent = stock(runtime)
                token = runtime.get(TokensService).create(Principal.command_line(), agent, label="b").raw
            finally:
                runtime.close()
            return _compare(instance, site.http.removeprefix("unix:"), agent, token)
        finally:
            instance.destroy()


def stock(runtime: Runtime) -> int:
    """A site that has been at work for a year; the agent that every second row belongs to."""
    agents = runtime.get(AgentsRepository)
    ids = [agents.insert(f"bench-{number}", f"Bench {number}", 1, {}) for number in range(AGENTS)]
    first, many = ids[0], len(ids)
    whose = f"IF(seq % 2 = 0, {first}, {first} + seq % {many})"
    names = runtime.db.tables()
    step = '"1_s_{0}":{{"flow_step_id":"1_s","step_type":"fetch","handler_slug":"{1}","handler_config":{{}}}}'
    with runtime.db.session() as session:
        session.execute(
            f"INSERT INTO {names.pipelines} (user_id, agent_id, pipeline_name, portable_slug,"
            f" pipeline_config, created_at, updated_at) SELECT 1, {whose}, CONCAT('Pipeline ', seq),"
            " CONCAT('p-', seq), '[]', NOW() - INTERVAL seq HOUR, NOW() - INTERVAL seq HOUR"
            f" FROM seq_1_to_{PIPELINES}"
        )
        session.execute(
            f"INSERT INTO {names.flows} (pipeline_id, user_id, agent_id, flow_name, portable_slug,"
            " flow_config, scheduling_config)"
            f" SELECT 1 + seq % {PIPELINES}, 1, {whose}, CONCAT('Flow ', seq), CONCAT('f-', seq),"
            f" CONCAT('{{', IF(seq % 50 = 0, :rss, :posts), '}}'), :schedule FROM seq_1_to_{FLOWS}",
            {
                "rss": step.format("a", "rss"),
                "posts": step.format("a", "wordpress_posts"),
                "schedule": '{"interval":"manual"}',
            },
        )
        session.execute(
            f"INSERT INTO {names.jobs} (user_id, pipeline_id, flow_id, source, label, parent_job_id, status,"
            f" engine_data, created_at, completed_at, agent_id) SELECT 1, 1 + seq % {FLOWS} % {PIPELINES},"
            f" 1 + seq % {FLOWS}, 'pipeline', CONCAT('Job ', seq),"
            " IF(seq % 10 < 3 AND seq > 1000, seq DIV 1000 * 1000, NULL),"
            " CASE WHEN seq % 100 < 70 THEN 'completed' WHEN seq % 100 < 80 THEN 'completed_no_items'"
            " WHEN seq % 100 < 95 THEN CONCAT('failed - reason ', seq % 7)"
            " WHEN seq % 100 < 99 THEN 'cancelled - by hand'"
            f" WHEN seq > {JOBS} - 5000 THEN 'processing' ELSE 'completed' END,"
            " CONCAT('{\"job\":{},\"note\":\"', REPEAT('x', 1000), '\"}'),"
            f" NOW() - INTERVAL ({JOBS} - seq) * 5 MINUTE, NOW() - INTERVAL ({JOBS} - seq) * 5 MINUTE,"
            f" {whose} FROM seq_1_to_{JOBS}"
        )
        session.execute(f"UPDATE {names.jobs} SET completed_at = NULL WHERE status = 'processing'")
        session.execute(f"ANALYZE TABLE {names.jobs}, {names.flows}, {names.pipelines}")
    return first


class _Local(http.client.HTTPConnection):
    """A connection to a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(self._path)


def _compare(instance: Instance, path: str, agent: int, token: str) -> list[Figure]:
    password = instance.wp("user", "application-password", "create", "admin", "bench", "--porcelain").stdout
    basic = base64.b64encode(f"admin:{password.strip()}".encode()).decode()
    place = urlsplit(instance.url).netloc

    def wordpress(route: str) -> float:
        return _ask(http.client.HTTPConnection(place, timeout=TIMEOUT), f"/wp-json{route}", f"Basic {basic}")

    def own(route: str) -> float:
        return _ask(_Local(path), route, f"Bearer {token}")

    taken: dict[tuple[str, str], list[float]] = {}
    empty: list[float] = []
    for _ in range(ROUNDS):
        empty.append(wordpress("/bench/v1/empty"))
        for name, route in LISTS.items():
            for door in (wordpress, own):
                spent = door(route.format(agent=agent))
                taken.setdefault((name, door.__name__), []).append(spent)
    least = statistics.median(empty)
    against = f"empty route {least:.1f} ms"
    figures = []
    for (name, door_name), times in taken.items():
        through = "over WordPress" if door_name == "wordpress" else "own door"
        middle = statistics.median(times)
        figures.append(_figure(f"{name}, {through}", middle, against, middle / least))
    return figures


def _ask(connection: http.client.HTTPConnection, route: str, authorization: str) -> float:
    """Milliseconds of one request on a new connection; RuntimeError for any answer but 200."""
    started = time.perf_counter()
    try:
        connection.request("GET", route, headers={"Authorization": authorization})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{route}: {answer.status} {body[:300]!r}")
    return (time.perf_counter() - started) * 1e3


def _figure(name: str, value: float, against: str, ratio: float) -> Figure:
    return {"name": name, "value": value, "unit": "ms", "goal": None, "against": against, "ratio": ratio}
