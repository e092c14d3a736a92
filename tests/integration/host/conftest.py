"""A real site with a must-use plugin that lets a test run PHP in a unit, and pools that open units on it."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dev.instance import Instance
from sidecar import settings
from sidecar.host import HostPool
from sidecar.settings import Site

PROBE = r"""<?php
/* Lets tests run PHP in a unit. A number drawn while WordPress loads seeds PHP's generator, as plugins do. */
mt_rand();
add_action( 'plugins_loaded', static function (): void {
    \DataMachine\Bridge\Host\Operations::register(
        'test.run',
        static fn( array $params ): mixed => eval( $params['code'] )
    );
} );
"""


class HostLab:
    """What host tests need of one site."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.site: Site = settings.load(instance.config).site()
        self.mu_plugins = instance.path / "wp-content" / "mu-plugins"
        self._probe = self.mu_plugins / "probe.php"
        self._probe.write_text(PROBE)

    @contextmanager
    def pool(self, **changes: Any) -> Iterator[HostPool]:
        """A pool whose own host ends with the block."""
        pool = HostPool(msgspec.structs.replace(self.site, **changes))
        try:
            yield pool
        finally:
            pool.close()

    def mysql(self, statement: str) -> str:
        """One statement as the server's administrator."""
        return self.instance.db.sql(statement, database="wordpress").strip()


@pytest.fixture(scope="package")
def lab(instances: Path) -> Iterator[HostLab]:
    """One site for the tests of this package; they leave it as they found it."""
    instance = Instance(instances / "host")
    try:
        instance.install()
        yield HostLab(instance)
    finally:
        instance.destroy()


@pytest.fixture(scope="package")
def pool(lab: HostLab) -> Iterator[HostPool]:
    """A pool on that site, with WordPress loaded once for all tests."""
    with lab.pool() as pool:
        yield pool


@pytest.fixture(scope="package")
def fpm(lab: HostLab) -> Iterator[str]:
    """A private PHP-FPM with two workers; its address."""
    folder = lab.instance.run_dir / "fpm"
    folder.mkdir(mode=0o700, exist_ok=True)
    address = folder / f"{secrets.token_hex(3)}.sock"
    config = folder / "fpm.conf"
    config.write_text(
        f"[global]\nerror_log = {folder}/fpm.log\ndaemonize = no\n"
        f"[www]\nlisten = {address}\npm = static\npm.max_children = 2\n"
        f"{'user = root' if os.geteuid() == 0 else ''}\n{'group = root' if os.geteuid() == 0 else ''}\n"
        "catch_workers_output = yes\nphp_admin_value[memory_limit] = 256M\n"
    )
    command = ["php-fpm8.2", "--nodaemonize", "--fpm-config", str(config)]
    if os.geteuid() == 0:
        command.append("--allow-to-run-as-root")
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: connects(address), "PHP-FPM")
        yield str(address)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=10)


def connects(path: Path) -> bool:
    """Whether somebody listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(str(path)) == 0


def wait_for(ready: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Until ``ready()``, or fail."""
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:.0f} s"
        time.sleep(0.02)


def runs(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state != "Z"


def php(unit: Any, code: str, **options: Any) -> Any:
    """Run PHP in a unit; the code returns the value."""
    return unit.call("test.run", {"code": code}, **options)
