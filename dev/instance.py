"""One private instance: MariaDB, WordPress with the plugin, PHP's server, the sidecar."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from dev import compiled, mariadb, paths, processes, template, wordpress
from dev.native import Native

ADMIN = "admin"
DATABASE = "wordpress"
#: What an installation adds to `wp-config.php` stands between these.
_BEFORE, _BEHIND = "$table_prefix = 'wp_';\n", "/* That's all, stop editing!"


@dataclass(frozen=True)
class Response:
    """What an HTTP request came back with."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Instance:
    """Everything a person or a test needs of one running site."""

    #: A folder for a site that is installed once and copied; None installs each one, as a person would.
    templates: ClassVar[Path | None] = None
    #: What runs commands without the half second Python needs to start; None starts Python for each.
    native: ClassVar[Native | None] = None

    folder: Path
    multisite: bool = False
    database_options: tuple[str, ...] = ()
    state: dict[str, Any] = field(default_factory=dict)
    servers: dict[str, processes.Server] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.run_dir = paths.run_folder(self.folder)
        self.db = mariadb.MariaDB(self.folder, self.run_dir, options=self.database_options)
        with contextlib.suppress(OSError, ValueError):
            self.state = json.loads(self._state_file.read_text())

    # Places

    @property
    def _state_file(self) -> Path:
        return self.folder / "instance.json"

    @property
    def path(self) -> Path:
        """The WordPress folder (ABSPATH)."""
        return self.folder / "site"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def debug_log(self) -> Path:
        """PHP's notices end up here; a clean run leaves it absent."""
        return self.logs / "debug.log"

    @property
    def config(self) -> Path:
        """The sidecar's configuration file."""
        return self.folder / "sidecar" / "config.json"

    @property
    def python_plugins(self) -> Path:
        """The folder of Python plugins, outside the web root."""
        return self.folder / "sidecar" / "plugins"

    @property
    def port(self) -> int:
        if "port" not in self.state:
            self.state["port"] = processes.free_port()
            self._save()
        return int(self.state["port"])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def password(self) -> str:
        """The administrator's password, made for this instance."""
        return self._secret("password")

    @property
    def database_password(self) -> str:
        """That of WordPress's user of the database."""
        return self._secret("database_password")

    def _secret(self, name: str) -> str:
        if name not in self.state:
            self.state[name] = secrets.token_urlsafe(18)
            self._save()
        return str(self.state[name])

    def _save(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._state_file.write_text(json.dumps(self.state, indent=1) + "\n")
        self._state_file.chmod(0o600)

    # Commands

    def environment(self, **extra: str) -> dict[str, str]:
        """The environment of every process of this instance."""
        inherited = dict(os.environ)
        # Every process of an instance would compile the whole package again.
        inherited.pop("PYTHONDONTWRITEBYTECODE", None)
        return {
            **inherited,
            "DATAMACHINE_CONFIG": str(self.config),
            "WP_CLI_CACHE_DIR": str(self.folder / "wp-cli-cache"),
            "WP_CLI_PACKAGES_DIR": str(self.folder / "wp-cli-packages"),
            "WP_CLI_DISABLE_AUTO_CHECK_UPDATE": "1",
            "WP_CLI_CONFIG_PATH": "/dev/null",
            "PATH": f"{paths.VENV / 'bin'}:{os.environ.get('PATH', '')}",
            # Beside the distribution's own.
            "PHP_INI_SCAN_DIR": f":{compiled.settings()}",
            **extra,
        }

    def php(self) -> list[str]:
        """The PHP command; :meth:`environment` has its settings."""
        return ["php"]

    def wp(
        self, *arguments: str, check: bool = True, stdin: str | None = None, timeout: float = 120, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run WP-CLI against this site."""
        command = [
            *self.php(),
            str(wordpress.wp_cli()),
            f"--path={self.path}",
            "--allow-root",
            "--no-color",
            *arguments,
        ]
        result = subprocess.run(
            command,
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            env=self.environment(**env),
            timeout=timeout,
            check=False,
        )
        if check and result.returncode != 0:
            raise RuntimeError(
                f"wp {' '.join(arguments)}: exit {result.returncode}\n{result.stdout}\n{result.stderr}"
            )
        return result

    def datamachine(
        self, *arguments: str, check: bool = True, stdin: str | None = None, timeout: float = 120, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the native command line against this site."""
        environment = self.environment(**env)
        if self.native is not None and self.native.can(environment):
            result = self.native.run(*arguments, environment=environment, stdin=stdin or "", timeout=timeout)
        else:
            result = subprocess.run(
                [str(paths.VENV / "bin" / "datamachine"), *arguments],
                input=stdin if stdin is not None else "",
                capture_output=True,
                text=True,
                env=environment,
                timeout=timeout,
                check=False,
            )
        if check and result.returncode != 0:
            raise RuntimeError(
                f"datamachine {' '.join(arguments)}: exit {result.returncode}\n"
                f"{result.stdout}\n{result.stderr}"
            )
        return result

    # Setting up

    def install(self) -> None:
        """WordPress and the product, joined; copied in one piece where there is a template."""
        self._begin(product=True)
        self.install_product()

    def install_wordpress(self) -> None:
        """A fresh site below the folder, unless there is one."""
        self._begin(product=False)

    def _begin(self, *, product: bool) -> None:
        if self.state.get("installed"):
            return
        source = wordpress.ensure()
        move = None
        if self.templates is not None and not self.database_options and not self.db.data.exists():
            kind = template.Kind(self.multisite, product)
            move = template.of(self.templates, Instance, kind).moved_to(self)
            subprocess.run(["cp", "-a", "--reflink=auto", move.template.database, self.db.data], check=True)
        self.db.start()
        self._copy_core(source)
        self.logs.mkdir(parents=True, exist_ok=True)
        self._write_config("" if move is None else move.text(move.template.constants))
        if move is None:
            self._install()
        else:
            self.db.sql(
                f"ALTER USER 'wordpress'@'localhost' IDENTIFIED BY '{self.database_password}';\n"
                + move.sql(self.password),
                database=DATABASE,
            )
            if product:
                self._join_copy(move)
        self.state["installed"] = True
        self._save()

    def _join_copy(self, move: template.Move) -> None:
        """What ``datamachine init`` makes outside the database."""
        self._make_folders()
        run = self.run_dir / "dm"
        run.mkdir(exist_ok=True)
        run.chmod(0o750)
        known = self.config.relative_to(self.folder)
        for file, text, mode in (
            (self.config, move.text((move.template.folder / known).read_text()), 0o600),
            (self.config.with_name("default.secret"), secrets.token_hex(32) + "\n", 0o640),
        ):
            file.touch(mode=0o600)
            file.write_text(text)
            file.chmod(mode)
        self.state["product"] = True

    def _make_folders(self) -> None:
        self.python_plugins.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.config.parent.chmod(0o700)

    def _copy_core(self, source: Path) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        # Core files are hard links to the unpacked tree: nothing may write to them in place.
        subprocess.run(["cp", "-al", str(source), str(self.path)], check=True)
        content = self.path / "wp-content"
        shutil.rmtree(content)
        shutil.copytree(source / "wp-content", content)
        for shipped in ("akismet", "hello.php"):
            target = content / "plugins" / shipped
            shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
        (content / "mu-plugins").mkdir(exist_ok=True)
        (content / "plugins" / "datamachine-bridge").symlink_to(paths.PLUGIN)

    def _install(self) -> None:
        self.db.sql(
            f"DROP DATABASE IF EXISTS {DATABASE}; CREATE DATABASE {DATABASE} DEFAULT CHARACTER SET utf8mb4 "
            f"COLLATE utf8mb4_unicode_520_ci; CREATE OR REPLACE USER 'wordpress'@'localhost' IDENTIFIED BY "
            f"'{self.database_password}'; GRANT ALL ON {DATABASE}.* TO 'wordpress'@'localhost';"
        )
        kind = "multisite-install" if self.multisite else "install"
        self.wp(
            "core",
            kind,
            f"--url={self.url}",
            "--title=Data Machine",
            f"--admin_user={ADMIN}",
            "--admin_email=admin@example.org",
            "--skip-email",
            "--prompt=admin_password",
            stdin=self.password + "\n",
        )
        if not self.multisite:
            # `wp rewrite structure` starts itself again, without quoting its own path.
            self.wp("option", "update", "permalink_structure", "/%postname%/")
            self.wp("rewrite", "flush")

    def constants(self) -> str:
        """What the installation added to ``wp-config.php``."""
        text = (self.path / "wp-config.php").read_text()
        return text.partition(_BEFORE)[2].partition(_BEHIND)[0]

    def _write_config(self, constants: str) -> None:
        salts = "\n".join(
            f"define( '{name}', '{secrets.token_hex(32)}' );"
            for name in (
                "AUTH_KEY",
                "SECURE_AUTH_KEY",
                "LOGGED_IN_KEY",
                "NONCE_KEY",
                "AUTH_SALT",
                "SECURE_AUTH_SALT",
                "LOGGED_IN_SALT",
                "NONCE_SALT",
            )
        )
        config = self.path / "wp-config.php"
        config.unlink(missing_ok=True)
        config.write_text(
            f"""<?php
define( 'DB_NAME', '{DATABASE}' );
define( 'DB_USER', 'wordpress' );
define( 'DB_PASSWORD', '{self.database_password}' );
define( 'DB_HOST', 'localhost:{self.db.socket}' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
{salts}
define( 'WP_ENVIRONMENT_TYPE', 'local' );
define( 'WP_DEBUG', true );
define( 'WP_DEBUG_DISPLAY', false );
define( 'WP_DEBUG_LOG', '{self.debug_log}' );
define( 'DISABLE_WP_CRON', true );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'WP_ACCESSIBLE_HOSTS', '127.0.0.1,localhost' );
{_BEFORE}{constants}{_BEHIND} */
if ( ! defined( 'ABSPATH' ) ) {{
	define( 'ABSPATH', __DIR__ . '/' );
}}
require_once ABSPATH . 'wp-settings.php';
"""
        )
        config.chmod(0o640)

    def install_product(self) -> None:
        """Activate the plugin and join it with the sidecar, as the quickstart tells a user to."""
        if self.state.get("product"):
            return
        self.wp("plugin", "activate", "datamachine-bridge", *(["--network"] if self.multisite else []))
        self._make_folders()
        # $DATAMACHINE_CONFIG names the configuration file.
        self.datamachine(
            "init",
            f"--wp-path={self.path}",
            f"--run-dir={self.run_dir / 'dm'}",
            f"--plugins-dir={self.python_plugins}",
        )
        self.datamachine("migrate")
        self.state["product"] = True
        self._save()

    # Servers

    def start_web(self, workers: int = 4) -> None:
        """PHP's own web server on a loopback port, several workers so that loopback requests are answered."""
        if processes.answers(self.port):
            return
        self.servers["web"] = server = processes.start(
            "web",
            [
                "php",
                # Its processes share what is compiled in memory, too.
                "-d",
                "opcache.file_cache_only=0",
                "-d",
                "opcache.revalidate_freq=2",
                "-S",
                f"127.0.0.1:{self.port}",
                "-t",
                self.path,
                paths.ROUTER,
            ],
            log=self.logs / "web.log",
            env=self.environment(PHP_CLI_SERVER_WORKERS=str(workers)),
            cwd=self.path,
        )
        processes.wait_until(lambda: processes.answers(self.port), what="The web server", server=server)
        self._remember()

    def start_sidecar(
        self, *command: str, name: str = "sidecar", wait: bool = True, **env: str
    ) -> processes.Server:
        """Start ``datamachine up`` (or another process command) and wait until the bridge listens."""
        self.servers[name] = server = processes.start(
            name,
            [paths.VENV / "bin" / "datamachine", *(command or ("up",))],
            log=self.logs / f"{name}.log",
            env=self.environment(PYTHONUNBUFFERED="1", **env),
            cwd=self.folder,
        )
        if wait:
            sockets = {
                (): ["bridge.sock", "host.sock", "manifest.json", "http.sock"],
                ("up",): ["bridge.sock", "host.sock", "manifest.json", "http.sock"],
                ("bridge",): ["bridge.sock"],
                ("host",): ["host.sock"],
            }.get(command, [])
            for socket in sockets:
                processes.wait_until(
                    (self.run_dir / "dm" / socket).exists, what=f"The sidecar ({socket})", server=server
                )
        self._remember()
        return server

    def sidecar_running(self) -> bool:
        """Whether an earlier command left the sidecar running."""
        pid = (self.state.get("servers") or {}).get("sidecar")
        return pid is not None and _is_ours(int(pid), self.folder)

    def _remember(self) -> None:
        known = self.state.get("servers") or {}
        self.state["servers"] = {**known, **{name: server.pid for name, server in self.servers.items()}}
        self._save()

    def stop(self, *, database_grace: float = 60.0) -> None:
        """Stop everything this instance started, in this process or an earlier one; the database last."""
        for name, pid in dict(self.state.get("servers", {})).items():
            if name not in self.servers and _is_ours(int(pid), self.folder):
                self.servers[name] = processes.Server(name, int(pid), self.logs / f"{name}.log")
        for name, server in reversed(list(self.servers.items())):
            # PHP's own server has nothing to finish, and takes two seconds to find that out.
            server.stop(grace=0.0 if name == "web" else 15.0)
        self.servers.clear()
        self.state["servers"] = {}
        self._save()
        self.db.stop(grace=database_grace)

    def destroy(self) -> None:
        """Stop and delete."""
        self.stop(database_grace=0.0)
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.run_dir.exists():
            shutil.rmtree(self.run_dir, ignore_errors=True)

    # Using

    def get(
        self, path: str = "/", *, headers: Mapping[str, str] | None = None, timeout: float = 30
    ) -> Response:
        return self.request("GET", path, headers=headers, timeout=timeout)

    def request(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 30,
    ) -> Response:
        """One HTTP request to the site; redirects are followed, error statuses are answers."""
        url = path if path.startswith("http") else self.url + path
        request = urllib.request.Request(url, data=body, method=method, headers=dict(headers or {}))
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return Response(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            return Response(error.code, dict(error.headers), error.read())


def _is_ours(pid: int, folder: Path) -> bool:
    """A pid may have been given to somebody else since: ours has this instance in its environment."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
    return str(folder).encode() in environment


@contextlib.contextmanager
def temporary(folder: Path, **options: Any) -> Iterator[Instance]:
    """An instance that is gone afterwards."""
    instance = Instance(folder, **options)
    try:
        yield instance
    finally:
        instance.destroy()
