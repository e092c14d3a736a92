"""``/metrics`` for Prometheus: requests of this process, and the queue as the database has it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import flask
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sidecar import __version__
from sidecar.errors import SidecarError
from sidecar.runtime import Runtime

#: A stranger may send any word as a method, and each new label value is memory for good.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: Jobs that are not finished; the finished ones are history and may be millions.
OPEN_STATUSES = ("pending", "processing", "waiting")


def build(runtime: Runtime) -> flask.Blueprint:
    """The blueprint; it also counts every request of the application it is registered on."""
    registry = CollectorRegistry()
    requests = Counter(
        "datamachine_http_requests", "Requests answered.", ["method", "route", "status"], registry=registry
    )
    seconds = Histogram(
        "datamachine_http_seconds", "Time to the answer.", ["method", "route"], registry=registry
    )
    registry.register(DatabaseCollector(runtime))
    #: By labels; finding a counter takes longer than counting.
    known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
    blueprint = flask.Blueprint("metrics", __name__)

    @blueprint.before_app_request
    def start() -> None:
        flask.g.started = time.monotonic()

    @blueprint.after_app_request
    def count(response: flask.Response) -> flask.Response:
        # The rule, not the URL: ids in label values would grow without end.
        route = flask.request.url_rule.rule if flask.request.url_rule else "none"
        method = flask.request.method if flask.request.method in METHODS else "other"
        key = (method, route, response.status_code)
        found = known.get(key)
        if found is None:
            found = known[key] = (requests.labels(*key), seconds.labels(method, route))
        found[0].inc()
        found[1].observe(time.monotonic() - flask.g.started)
        return response

    @blueprint.get("/metrics")
    def metrics() -> flask.Response:
        """Prometheus's text: requests of this process, open jobs, leases and events of the database."""
        return flask.Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return blueprint


class DatabaseCollector(Collector):
    """Reads the gauges at every scrape; a database that does not answer is itself a value."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def collect(self) -> Iterator[Metric]:
        """All gauges; without a database only ``datamachine_database_up 0``."""
        info = GaugeMetricFamily("datamachine_info", "The sidecar's version.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        up = GaugeMetricFamily("datamachine_database_up", "Whether the database answered this scrape.")
        try:
            gauges = list(self._gauges())
        except SidecarError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from gauges

    def _gauges(self) -> Iterator[Metric]:
        tables = self._runtime.db.tables()
        with self._runtime.db.session() as session:
            jobs = session.all(
                f"SELECT status AS label, COUNT(*) AS total FROM {tables.jobs} "
                "WHERE status IN :statuses GROUP BY status",
                {"statuses": list(OPEN_STATUSES)},
            )
            leases = session.all(
                f"SELECT state AS label, COUNT(*) AS total FROM {tables.bridge_leases} GROUP BY state"
            )
            events = session.all(
                f"SELECT status AS label, COUNT(*) AS total FROM {tables.bridge_events} GROUP BY status"
            )
        for name, text, label, rows in (
            ("datamachine_open_jobs", "Jobs that are not finished.", "status", jobs),
            ("datamachine_leases", "Leases of the queue.", "state", leases),
            ("datamachine_events", "Durable events.", "status", events),
        ):
            gauge = GaugeMetricFamily(name, text, labels=[label])
            for row in rows:
                gauge.add_metric([str(row["label"])], int(row["total"]))
            yield gauge
