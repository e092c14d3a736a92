"""A private MariaDB: no network, one socket, one folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from dev import processes
from dev.packages import find_program

#: These must match between installation and start. Several servers at once use up native AIO slots.
_FILES = (
    "--innodb-log-file-size=16M",
    "--innodb-data-file-path=ibdata1:12M:autoextend",
    "--innodb-use-native-aio=OFF",
)


def _program(name: str) -> str:
    found = find_program(name)
    if not found:
        raise RuntimeError(f"{name} is not installed; run `make packages`")
    return found


@dataclass
class MariaDB:
    """One server below ``folder``; its socket is ``run/mysql.sock``."""

    #: When what is committed reaches the disk: 1 at once, 2 within a second. Either survives the death of the
    #: server, the second not that of the machine.
    flush: ClassVar[int] = 1

    folder: Path
    run: Path
    options: Sequence[str] = ()
    server: processes.Server | None = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        return self.folder / "mysql"

    @property
    def socket(self) -> Path:
        return self.run / "mysql.sock"

    def _environment(self) -> dict[str, str]:
        # A starting server sweeps its temporary folder of what looks like left-overs: a shared one would lose
        # the tables of its neighbours.
        folder = self.folder / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        return {**os.environ, "TMPDIR": str(folder)}

    def _identity(self) -> list[str]:
        # The server refuses to run as root without being told so.
        return ["--user=root"] if os.geteuid() == 0 else []

    def install(self) -> None:
        if (self.data / "mysql").is_dir():
            return
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True)
        subprocess.run(
            [
                _program("mariadb-install-db"),
                "--no-defaults",
                "--auth-root-authentication-method=normal",
                # A shell script that does not quote: the folder's name stays out of it.
                "--datadir=./mysql",
                "--skip-test-db",
                *_FILES,
                *self._identity(),
            ],
            check=True,
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.DEVNULL,
        )

    def start(self) -> None:
        """Start unless it answers already."""
        if self.answers():
            return
        self.install()
        self.socket.unlink(missing_ok=True)
        self.server = processes.start(
            "mariadb",
            [
                _program("mariadbd"),
                "--no-defaults",
                f"--datadir={self.data}",
                f"--socket={self.socket}",
                f"--pid-file={self.run / 'mysql.pid'}",
                "--skip-networking",
                "--skip-name-resolve",
                "--performance-schema=OFF",
                "--character-set-server=utf8mb4",
                "--collation-server=utf8mb4_unicode_520_ci",
                "--innodb-buffer-pool-size=128M",
                f"--innodb-flush-log-at-trx-commit={self.flush}",
                "--max-connections=100",
                *_FILES,
                *self._identity(),
                *self.options,
            ],
            log=self.folder / "logs" / "mariadb.log",
            env=self._environment(),
        )
        processes.wait_until(self.answers, what="MariaDB", server=self.server)

    def answers(self) -> bool:
        if not self.socket.exists():
            return False
        return self._client("SELECT 1", check=False).returncode == 0

    def _client(
        self, sql: str, *, database: str = "", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        command = [_program("mariadb"), "--no-defaults", f"--socket={self.socket}", "--user=root", "-N", "-B"]
        if database:
            command.append(database)
        return subprocess.run(command, input=sql, capture_output=True, text=True, check=check)

    def sql(self, statements: str, *, database: str = "") -> str:
        """Run statements as root through the client; rows come back tab separated."""
        try:
            return self._client(statements, database=database).stdout
        except subprocess.CalledProcessError as error:
            raise RuntimeError(error.stderr) from error

    @property
    def pid(self) -> int:
        return int((self.run / "mysql.pid").read_text())

    def stop(self, *, grace: float = 60.0) -> None:
        """Stop it in order; with ``grace`` 0 at once, for data that nobody needs any more."""
        server = self.server
        if server is None:
            try:
                server = processes.Server("mariadb", self.pid, self.folder / "logs" / "mariadb.log")
            except (OSError, ValueError):
                return
        server.stop(grace=grace)
        self.server = None

    def restart(self) -> None:
        self.stop()
        self.start()
