"""A site with 100,000 jobs from before there were agents: memory, an interruption, the same end."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dev import paths
from dev.instance import Instance
from sidecar.db import Database, wpconfig
from tests import schemas
from tests.schemas import rows

from .conftest import OPTIONS

JOBS = 100_000
#: Kilobytes the process may take at most, interpreter and libraries included.
PEAK = 80 * 1024
#: What 100,000 jobs may cost more than none.
GROWTH = 8 * 1024
#: Runs a command and tells its peak on standard error. On Linux the parent's memory at the fork counts for
#: the child, so a small process must be the parent.
MEASURE = """
import os, resource, sys
code = os.spawnvp(os.P_WAIT, sys.argv[1], sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""
TABLES = ("pipelines", "flows", "jobs", "chat_sessions", "logs")


class Large:
    """The site, and its migration as a process of its own."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.database = Database(wpconfig.read(instance.path).database)

    def begin(self, jobs: int) -> None:
        """Back to the state before any migration."""
        users = [1, rows.user(self.database, "ann"), rows.user(self.database, "bob"), 0, rows.GHOST]
        schemas.apply(self.database, schemas.PRE_AGENT)
        rows.work(self.database, users, jobs=jobs)
        with self.database.session() as session:
            session.execute("DELETE FROM wp_options WHERE option_name IN :names", {"names": OPTIONS})
            session.execute("DELETE FROM wp_datamachine_bridge_migrations")
            session.execute("UPDATE wp_datamachine_bridge_sites SET schema_version = 0")

    @staticmethod
    def command() -> list[str]:
        return [str(paths.VENV / "bin" / "datamachine"), "migrate"]

    def output(self) -> Path:
        return self.instance.folder / "migrate.txt"

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(),
            env=self.instance.environment(),
            stdout=self.output().open("wb"),
            stderr=subprocess.STDOUT,
        )

    def run(self) -> int:
        """Migrate; the peak of the process's memory in kilobytes."""
        done = subprocess.run(
            [sys.executable, "-S", "-c", MEASURE, *self.command()],
            env=self.instance.environment(),
            stdout=self.output().open("wb"),
            stderr=subprocess.PIPE,
            check=False,
        )
        assert done.returncode == 0, self.said()
        return int(done.stderr.split()[-1])

    def said(self) -> str:
        return self.output().read_text()

    def number(self, sql: str) -> int:
        with self.database.session() as session:
            return int(session.scalar(sql) or 0)

    def end(self) -> dict[str, object]:
        """A checksum of every row, with agents by their slugs."""
        found: dict[str, object] = {}
        with self.database.session() as session:
            for table in TABLES:
                columns = session.column(
                    "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() "
                    "AND TABLE_NAME = :name AND COLUMN_NAME <> 'agent_id' ORDER BY COLUMN_NAME",
                    {"name": f"wp_datamachine_{table}"},
                )
                parts = ", ".join(f"IFNULL(t.{column}, '-')" for column in columns)
                digest = f"MD5(CONCAT_WS('|', {parts}, IFNULL(a.agent_slug, '-')))"
                found[table] = session.one(
                    f"SELECT COUNT(*) AS n, COUNT(t.agent_id) AS scoped, "
                    f"BIT_XOR(CAST(CONV(LEFT({digest}, 15), 16, 10) AS UNSIGNED)) AS digest "
                    f"FROM wp_datamachine_{table} t "
                    "LEFT JOIN wp_datamachine_agents a ON a.agent_id = t.agent_id"
                )
            found["agents"] = session.all(
                "SELECT agent_slug, agent_name, owner_id, site_scope, agent_config "
                "FROM wp_datamachine_agents ORDER BY agent_slug"
            )
            found["grants"] = session.all(
                "SELECT a.agent_slug, x.user_id, x.role FROM wp_datamachine_agent_access x "
                "JOIN wp_datamachine_agents a ON a.agent_id = x.agent_id ORDER BY 1, 2"
            )
            found["steps"] = session.all(
                "SELECT step, state, finished_at IS NOT NULL AS done FROM wp_datamachine_bridge_migrations "
                "ORDER BY step"
            )
            found["version"] = session.scalar("SELECT schema_version FROM wp_datamachine_bridge_sites")
        return found


@pytest.fixture(scope="module")
def large(instances: Path) -> Iterator[Large]:
    instance = Instance(instances / "large")
    try:
        instance.install_wordpress()
        instance.install_product()
        site = Large(instance)
        yield site
        site.database.close()
    finally:
        instance.destroy()


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    while not ready():
        assert process.poll() is None, "it ended before it could be interrupted"
        time.sleep(0.005)


def test_migrating_twice_and_killed_in_the_middle(large: Large, report: Callable[[str], None]) -> None:
    large.begin(0)
    small = large.run()

    large.begin(JOBS)
    started = time.monotonic()
    peak = large.run()
    took = time.monotonic() - started
    expected = large.end()
    assert expected["jobs"]["n"] == JOBS  # type: ignore[index]
    assert expected["jobs"]["scoped"] == JOBS * 3 // 5  # type: ignore[index]
    again = large.run()
    assert large.end() == expected
    assert "nothing to do" in large.said()

    large.begin(JOBS)
    process = large.start()
    scoped = "SELECT COUNT(*) FROM wp_datamachine_jobs WHERE agent_id IS NOT NULL"
    column = (
        "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() "
        "AND TABLE_NAME = 'wp_datamachine_jobs' AND COLUMN_NAME = 'agent_id'"
    )
    wait_until(lambda: large.number(column) > 0 and large.number(scoped) > JOBS // 5, process)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    done = large.number(scoped)
    assert JOBS // 5 < done < JOBS * 3 // 5, "in the middle"
    assert large.end()["version"] == 0
    resumed = large.run()
    assert large.end() == expected

    report(
        f"{JOBS:,} jobs migrated in {took:.1f} s; peak memory {peak / 1024:.0f} MiB (none: "
        f"{small / 1024:.0f}, second run: {again / 1024:.0f}, resumed after {done:,}: {resumed / 1024:.0f})"
    )
    assert max(small, peak, again, resumed) < PEAK
    assert max(peak, again, resumed) - small < GROWTH


@pytest.mark.parametrize("moment", ["agents", "columns", "access"])
def test_killed_early_it_goes_on(large: Large, moment: str) -> None:
    large.begin(200)
    large.run()
    expected = large.end()
    large.begin(200)
    ready = {
        "columns": "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() "
        "AND TABLE_NAME = 'wp_datamachine_flows' AND COLUMN_NAME = 'agent_id'",
        "agents": "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() "
        "AND TABLE_NAME = 'wp_datamachine_agents'",
        "access": "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() "
        "AND TABLE_NAME = 'wp_datamachine_agent_access'",
    }[moment]
    process = large.start()
    wait_until(lambda: large.number(ready) > 0, process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    large.run()
    assert large.end() == expected
