"""A queue without WordPress: a private MariaDB with the product's tables, and worker processes of our own.

``python -m tests.integration.queue.lab RUN_DIR SOCKET [key=value ...]`` is one worker process with the
handlers below.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dev import mariadb, processes
from sidecar import queue
from sidecar.clock import SYSTEM
from sidecar.db import Database, migrations
from sidecar.hooks import Bus
from sidecar.host import context as host_context
from sidecar.host.errors import HostBusy
from sidecar.queue import Timing, leases, tables, worker
from sidecar.queue.reconciler import Reconciler
from sidecar.settings import DatabaseSettings, Site

DATABASE = "queue"
USER = "queue"
#: Fast enough for a test, slow enough for a busy machine.
TIMING = Timing(heartbeat=0.5, lease=3.0)
HOME = "http://127.0.0.1"


class NoHosts:
    """Stands in for the pool of units where handlers need no WordPress."""

    @contextmanager
    def unit(self, **_: Any) -> Iterator[Any]:
        raise AssertionError("this handler should need no WordPress")
        yield

    def close(self) -> None:
        return None


class RecordingUnit:
    """Notes what the worker tells WordPress."""

    kind = "unit"
    generation = "lab"
    usable = True
    connection_id = None
    pid = None

    def __init__(self, hosts: RecordingHosts) -> None:
        self.hosts = hosts
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def call(self, operation: str, params: Any, *, timeout: float | None = None) -> Any:
        if operation == "hook.listeners":
            return {hook: {"php": int(self.hosts.listening)} for hook in params["hooks"]}
        self.calls.append((operation, dict(params)))
        return True


class RecordingHosts(NoHosts):
    """Units that only take notes; ``listening``: PHP code hears every hook in them."""

    def __init__(self, *, listening: bool = True) -> None:
        self.listening = listening
        self.away = False
        self.units: list[RecordingUnit] = []

    @contextmanager
    def unit(self, **_: Any) -> Iterator[Any]:
        if self.away:
            raise HostBusy("All places are taken.")
        unit = RecordingUnit(self)
        self.units.append(unit)
        with host_context.bind(unit):  # type: ignore[arg-type]
            yield unit


class Runtime:
    """As much of a runtime as a worker asks for."""

    def __init__(self, site: Site, *, hosts: Any = None) -> None:
        self.site = site
        self.db = Database(site.database)
        self.hosts = hosts or NoHosts()
        self.queue_handlers: dict[str, Callable[..., Any]] = {}
        self.bus = Bus()
        self.reconciler = Reconciler(self.db)
        tables.configure(self.db)

    def get(self, kind: type[Any]) -> Any:
        assert kind is Reconciler
        return self.reconciler

    def work(self, **options: Any) -> int:
        options.setdefault("timing", TIMING)
        return worker.main(self, **options)  # type: ignore[arg-type]


class Lab:
    """The database, and the processes started on it."""

    def __init__(self, folder: Path, *, options: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.run_dir = folder / "r"
        self.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.mysql = mariadb.MariaDB(folder, self.run_dir, options=options)
        self.workers: list[processes.Server] = []

    def start(self) -> None:
        self.mysql.start()
        self.mysql.sql(
            f"CREATE DATABASE IF NOT EXISTS {DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;"
            f"CREATE OR REPLACE USER '{USER}'@'localhost' IDENTIFIED BY 'queue';"
            f"GRANT ALL ON {DATABASE}.* TO '{USER}'@'localhost';"
        )
        database = Database(self.site.database)
        with database.session() as session:
            session.execute(
                "CREATE TABLE IF NOT EXISTS wp_options (option_id bigint unsigned AUTO_INCREMENT PRIMARY KEY,"
                " option_name varchar(191) NOT NULL UNIQUE, option_value longtext NOT NULL,"
                " autoload varchar(20) NOT NULL DEFAULT 'yes') ENGINE=InnoDB"
            )
            session.execute(
                "CREATE TABLE IF NOT EXISTS done (id bigint unsigned AUTO_INCREMENT PRIMARY KEY,"
                " what varchar(191) NOT NULL, worker int NOT NULL) ENGINE=InnoDB"
            )
            session.insert("wp_options", {"option_name": "home", "option_value": HOME}, ignore=True)
        migrations.migrate(database, self.site)
        database.close()
        self.switch("standalone")

    def switch(self, mode: str) -> None:
        """What activation and deactivation do to the fence row."""
        self.sql(
            f"UPDATE wp_datamachine_bridge_sites SET mode = '{mode}', epoch = epoch + 1, home_url = '{HOME}'"
        )

    @property
    def site(self) -> Site:
        return Site(
            wp_path=str(self.folder),
            run_dir=str(self.run_dir),
            secret_file=str(self.folder / "secret"),
            home_url=HOME,
            database=DatabaseSettings(
                user=USER, password="queue", name=DATABASE, socket=str(self.mysql.socket)
            ),
        )

    def runtime(self, **options: Any) -> Runtime:
        return Runtime(self.site, **options)

    def sql(self, statement: str) -> list[list[str]]:
        text = self.mysql.sql(statement, database=DATABASE)
        return [line.split("\t") for line in text.splitlines()]

    def number(self, statement: str) -> int:
        return int(self.sql(statement)[0][0])

    def clear(self) -> None:
        for table in (
            "wp_actionscheduler_actions",
            "wp_actionscheduler_logs",
            "wp_actionscheduler_claims",
            "wp_datamachine_bridge_leases",
            "wp_datamachine_bridge_effects",
            "done",
        ):
            self.sql(f"DELETE FROM {table}")

    def worker(self, name: str = "worker", *, claim: str = "", **settings: Any) -> processes.Server:
        """Start one worker process; ``settings`` go to its handlers through the environment."""
        environment = {
            **os.environ,
            "DATAMACHINE_QUEUE_HEARTBEAT": str(TIMING.heartbeat),
            "DATAMACHINE_QUEUE_LEASE": str(TIMING.lease),
            "DATAMACHINE_QUEUE_CLAIM": claim,
            **{f"LAB_{key.upper()}": str(value) for key, value in settings.items()},
        }
        server = processes.start(
            name,
            [sys.executable, "-m", "tests.integration.queue.lab", str(self.folder)],
            log=self.folder / "logs" / f"{name}.log",
            env=environment,
        )
        self.workers.append(server)
        return server

    def log(self, name: str = "worker") -> str:
        return (self.folder / "logs" / f"{name}.log").read_text(errors="replace")

    def stop_workers(self) -> None:
        for server in self.workers:
            server.stop()
        self.workers.clear()

    def stop(self) -> None:
        self.stop_workers()
        self.mysql.stop()


# Handlers


def _mark(run: queue.Run, what: str) -> None:
    with run.transaction() as session:
        session.insert("done", {"what": what, "worker": os.getpid()})


def handlers(runtime: Runtime) -> dict[str, Callable[..., Any]]:
    """What the lab's workers can do."""
    pause = float(os.environ.get("LAB_PAUSE", "0"))
    steps = int(os.environ.get("LAB_STEPS", "3"))

    @queue.traits(host=False)
    def note(args: Any, run: queue.Run) -> None:
        _mark(run, f"begin {args['n']}")
        time.sleep(pause)
        _mark(run, f"end {args['n']}")

    @queue.traits(host=False)
    def hold(args: Any, run: queue.Run) -> None:
        with run.transaction() as session:
            session.insert("done", {"what": f"held {args['n']}", "worker": os.getpid()})
            logging.info("holding")
            time.sleep(pause)

    @queue.traits(host=False, batched=True)
    def count(args: Any, run: queue.Run) -> None:
        return None

    @queue.traits(host=False)
    def nothing(args: Any, run: queue.Run) -> None:
        return None

    @queue.traits(host=False)
    def fail(args: Any, run: queue.Run) -> None:
        raise RuntimeError("no luck")

    @queue.traits(host=False)
    def step(args: Any, run: queue.Run) -> None:
        """A step of a job: one effect, one commit that rings for the next."""
        number = int(args["flow_step_id"])

        def do() -> dict[str, Any]:
            time.sleep(pause)
            with runtime.db.session() as session:
                return {
                    "id": session.insert("done", {"what": f"{run.job_id}.{number}", "worker": os.getpid()})
                }

        def recover() -> Any:
            with runtime.db.session() as session:
                found = session.scalar(
                    "SELECT id FROM done WHERE what = :what", {"what": f"{run.job_id}.{number}"}
                )
            return None if found is None else {"id": found}

        result = run.effects.once("insert", do, recover)
        assert result["id"] > 0
        with run.transaction() as session:
            if number < steps:
                following = {"job_id": run.job_id, "flow_step_id": str(number + 1)}
                queue.enqueue(session, "lab_step", following, SYSTEM.now())
            else:
                run.finish(session)
        time.sleep(pause / 4)

    return {
        "lab_note": note,
        "lab_hold": hold,
        "lab_count": count,
        "lab_nothing": nothing,
        "lab_fail": fail,
        "lab_step": step,
    }


def main(folder: str) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(name)s %(message)s")
    runtime = Lab(Path(folder)).runtime()
    runtime.queue_handlers.update(handlers(runtime))
    return worker.main(
        runtime,  # type: ignore[arg-type]
        once=os.environ.get("LAB_ONCE") == "1",
        workers=int(os.environ.get("LAB_WORKERS", "1")),
        timing=leases.Timing.from_environment(),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
