"""``datamachine doctor``: look at every part a site needs, and say what to do about what is wrong."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import click

from sidecar import __version__, blog, bridge, migrate, settings
from sidecar.db import Database, SchemaMissing, migrations, schema
from sidecar.errors import SidecarError
from sidecar.hooks import fence
from sidecar.host import HostPool
from sidecar.host.zygote import plugin_file
from sidecar.settings import Site
from sidecar.wordpress.network import Network

Status = Literal["ok", "warning", "failure"]

PHP_EXTENSIONS = ("curl", "hash", "json", "mbstring", "mysqli")
MARKS: dict[Status, str] = {"ok": "ok  ", "warning": "warn", "failure": "FAIL"}
#: Connections beside the pools: units, an administrator, a reserve.
SPARE_CONNECTIONS = 5


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was looked at, how it stands, and what helps."""

    check: str
    status: Status
    message: str
    advice: str = ""


Findings = Iterator[Finding]


def main(config: str | None, name: str | None, output: str) -> int:
    """Examine and print; 1 when something failed."""
    findings = list(examine(config, name))
    failed = any(finding.status == "failure" for finding in findings)
    if output == "json":
        click.echo(json.dumps({"ok": not failed, "findings": [asdict(f) for f in findings]}, indent=2))
    else:
        width = max(len(finding.check) for finding in findings)
        for finding in findings:
            click.echo(f"{MARKS[finding.status]}  {finding.check:<{width}}  {finding.message}")
            if finding.advice:
                click.echo(f"      {'':<{width}}  {finding.advice}")
        click.echo("Something is wrong." if failed else "All is well.")
    return 1 if failed else 0


def examine(config: str | None, name: str | None) -> Findings:
    """All findings, in the order in which parts depend on each other."""
    try:
        loaded = settings.load(config)
        site = loaded.site(name)
    except SidecarError as error:
        yield Finding("configuration", "failure", error.message, "Run `datamachine init --wp-path=...`.")
        return
    yield Finding("configuration", "ok", f"{loaded.path}, site {site.name}")
    checks: tuple[Callable[[Site], Findings], ...] = (
        _secret,
        _places,
        _plugins,
        _php,
        _wordpress,
        _database,
        _bridge,
        _host,
        _queue,
    )
    for check in checks:
        try:
            yield from check(site)
        except SidecarError as error:
            yield Finding(check.__name__.strip("_"), "failure", error.message)


def _secret(site: Site) -> Findings:
    site.secret()
    status = os.stat(site.secret_file)
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o037:
        yield Finding(
            "secret", "failure", f"{site.secret_file} has mode {mode:04o}.", f"chmod 640 {site.secret_file}"
        )
    elif status.st_gid != site.site_gid and status.st_uid != site.site_uid:
        yield Finding(
            "secret",
            "failure",
            f"PHP's group cannot read {site.secret_file}.",
            "Run init again.",
        )
    else:
        yield Finding("secret", "ok", site.secret_file)


def _places(site: Site) -> Findings:
    run = Path(site.run_dir)
    if not run.is_dir():
        yield Finding("run folder", "failure", f"{run} does not exist.", "Run `datamachine init` again.")
    elif run.stat().st_mode & 0o007:
        yield Finding("run folder", "failure", f"{run} is open to everybody.", f"chmod 750 {run}")
    elif run.stat().st_mode & (stat.S_IWGRP | stat.S_ISVTX) == stat.S_IWGRP:
        yield Finding(
            "run folder", "failure", f"PHP's group could replace the sockets in {run}.", f"chmod +t {run}"
        )
    elif not os.access(run, os.W_OK):
        yield Finding("run folder", "failure", f"This user cannot write to {run}.")
    elif run.stat().st_uid == 0 and site.site_uid != 0:
        yield Finding(
            "run folder",
            "warning",
            f"{run} belongs to root: the sidecar and its plugins run with all rights.",
            "Run everything as PHP's user (docs/security.md).",
        )
    else:
        yield Finding("run folder", "ok", str(run))


def _plugins(site: Site) -> Findings:
    if site.plugins_dir is None:
        yield Finding("python plugins", "ok", "no folder configured; installed packages only")
    elif not Path(site.plugins_dir).is_dir():
        yield Finding(
            "python plugins",
            "warning",
            f"{site.plugins_dir} does not exist.",
            "Make it, or run init with --plugins-dir.",
        )
    else:
        yield Finding("python plugins", "ok", f"{site.plugins_dir}; `datamachine plugins list` says more")


def _php(site: Site) -> Findings:
    if shutil.which(site.php) is None:
        yield Finding("php", "failure", f"{site.php} cannot be run.", "Install PHP 8.1 or later.")
        return
    code = (
        "echo json_encode(array(PHP_VERSION, PHP_VERSION_ID, "
        "array_map('strtolower', get_loaded_extensions()), "
        "function_exists('pcntl_fork') && function_exists('posix_kill')));"
    )
    result = subprocess.run([site.php, "-r", code], capture_output=True, timeout=20, check=False)
    try:
        version, number, extensions, forks = json.loads(result.stdout)
    except ValueError:
        yield Finding("php", "failure", f"{site.php} does not work (exit code {result.returncode}).")
        return
    missing = sorted(set(PHP_EXTENSIONS) - set(extensions))
    if number < 80100:
        yield Finding("php", "failure", f"PHP {version} is too old.", "Install 8.1 or later.")
    elif missing:
        yield Finding(
            "php", "failure", f"PHP {version} lacks {', '.join(missing)}.", "Install the extensions."
        )
    else:
        yield Finding("php", "ok", f"PHP {version}")
    if not forks:
        yield Finding(
            "php fork",
            "warning" if site.fastcgi else "failure",
            "PHP's command line has no pcntl.",
            "Units use PHP-FPM." if site.fastcgi else "Install pcntl, or run init with --fastcgi=ADDRESS.",
        )


def _wordpress(site: Site) -> Findings:
    if not (Path(site.wp_path) / "wp-load.php").is_file():
        yield Finding(
            "wordpress", "failure", f"{site.wp_path} holds no WordPress.", "Run init with its path."
        )
        return
    main_file = plugin_file(site, "datamachine-bridge.php")
    if not main_file.is_file():
        yield Finding("plugin", "failure", f"The plugin is not at {main_file.parent}.", "Install it.")
        return
    found = next(
        (
            line.partition(":")[2].strip()
            for line in main_file.read_text(errors="replace").splitlines()
            if line.strip(" *").startswith("Version:")
        ),
        "",
    )
    if found != __version__:
        yield Finding(
            "versions",
            "failure",
            f"The plugin is {found or 'of unknown version'}, the sidecar {__version__}.",
            "Install the same version of both and restart the sidecar.",
        )
    else:
        yield Finding("versions", "ok", f"plugin and sidecar {__version__}")


def _database(site: Site) -> Findings:
    database = Database(site.database)
    try:
        with database.session() as session:
            facts = session.one(
                "SELECT VERSION() AS version, @@max_connections AS most, @@max_user_connections AS a_user"
            )
            existing = {
                str(name)
                for name in session.column(
                    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
                )
            }
        assert facts is not None
        yield Finding("database", "ok", f"{site.database.name} on {facts['version']}")
        yield _tables(site, database, existing)
        yield _migration(site, database)
        yield _budget(site, int(facts["most"]), int(facts["a_user"]))
        yield from _option(site, database)
        yield from _identity(database)
    finally:
        database.close()


def _tables(site: Site, database: Database, existing: set[str]) -> Finding:
    wanted = {database.tables().name(table.name) for table in schema.tables()}
    absent = sorted(wanted - existing)
    if absent:
        return Finding("tables", "failure", f"Missing: {', '.join(absent)}.", "Run `datamachine migrate`.")
    return Finding("tables", "ok", f"{len(wanted)} tables")


def _migration(site: Site, database: Database) -> Finding:
    try:
        report = migrate.pending(database, site)
    except migrations.MigrationRunning as error:
        return Finding("migration", "warning", error.message, "Wait until it has ended.")
    if not report.changed:
        return Finding("migration", "ok", f"nothing waits, schema version {report.version}")
    parts = [f"{len(report.created)} tables to create"] if report.created else []
    parts += [f"{len(report.columns)} columns to add"] if report.columns else []
    parts += [f"{len(report.indexes)} indexes to add"] if report.indexes else []
    parts += [f"{len(report.steps)} steps over rows"] if report.steps else []
    return Finding(
        "migration",
        "warning",
        f"A migration waits: {', '.join(parts) or f'schema version {report.version} to record'}.",
        "Run `datamachine migrate --dry-run`, then `datamachine migrate` (docs/how-to/migrate.md).",
    )


def _budget(site: Site, most: int, most_a_user: int) -> Finding:
    limit = min(most, most_a_user) if most_a_user else most
    workers = site.work_processes + len(site.work_blogs)
    pools = site.database.pool_size * (site.bridge_processes + workers + site.http_workers)
    need = pools + site.host_units + SPARE_CONNECTIONS
    text = f"at most {need} of {limit}: {pools} in pools, {site.host_units} units, {SPARE_CONNECTIONS} spare"
    if need > limit:
        return Finding(
            "connections", "failure", text, "Raise max_connections, or lower host_units or processes."
        )
    if need > limit // 2:
        return Finding("connections", "warning", text, "Web requests need connections too.")
    return Finding("connections", "ok", text)


def _identity(database: Database) -> Findings:
    try:
        found = fence.check(database)
    except fence.SiteCopied as error:
        yield Finding("site", "failure", error.message)
        return
    except SchemaMissing:  # said already
        return
    if found is not None:
        yield Finding("site", "ok", f"{found.actual_home_url}, {found.mode}")


def _option(site: Site, database: Database) -> Findings:
    with database.session() as session:
        found = session.scalar(
            f"SELECT option_value FROM {database.tables().options} WHERE option_name = 'datamachine_bridge'"
        )
    if site.socket not in str(found or ""):
        yield Finding(
            "wordpress option",
            "failure",
            "WordPress does not know this sidecar.",
            "Run `datamachine init` again.",
        )
    else:
        yield Finding("wordpress option", "ok", "WordPress knows the socket")


def _bridge(site: Site) -> Findings:
    started = time.perf_counter()
    try:
        channel = bridge.connect(site.socket, site.name, site.secret(), _nothing, timeout=2.0)
    except SidecarError as error:
        yield Finding("bridge", "failure", error.message, "Start it: `datamachine up`.")
        return
    try:
        answer: Any = channel.call("ping", {}, 2.0)
    finally:
        channel.close()
    took = (time.perf_counter() - started) * 1e6
    running = answer.get("version") if isinstance(answer, dict) else None
    if running is not None and running != __version__:
        yield Finding(
            "bridge",
            "failure",
            f"The running sidecar is {running}, this command {__version__}.",
            "Restart it.",
        )
    else:
        yield Finding("bridge", "ok", f"answers in {took:.0f} µs with handshake, {site.socket}")


def _nothing(call: bridge.Call) -> Any:
    raise bridge.MethodNotFound(f"The doctor answers no {call.method}.")


def _host(site: Site) -> Findings:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        running = probe.connect_ex(site.host_socket) == 0
    if not running:
        yield Finding(
            "host",
            "warning",
            "No host process runs; each process loads WordPress itself.",
            "Start it: `datamachine up`.",
        )
    pool = HostPool(site)
    try:
        started = time.perf_counter()
        with pool.unit(wait=30.0) as unit:
            facts: Any = unit.call("site.info", {})
        took = (time.perf_counter() - started) * 1000
    finally:
        pool.close()
    yield Finding("host", "ok", f"WordPress {facts['wordpress']}, a unit took {took:.0f} ms")
    if facts["plugin"] is None:
        yield Finding(
            "plugin", "failure", "The plugin is not active.", "wp plugin activate datamachine-bridge"
        )
    else:
        yield Finding("plugin", "ok", f"active, version {facts['plugin']}")


def _queue(site: Site) -> Findings:
    database = Database(site.database)
    try:
        yield from _queue_of(database, "queue", "Start one: `datamachine work`.")
        for each in Network(database).blogs():
            if each.blog_id != blog.current():
                with blog.on(each.blog_id):
                    yield from _waiting_elsewhere(database, each.blog_id)
    finally:
        database.close()


def _waiting_elsewhere(database: Database, blog_id: int) -> Findings:
    """Of the other sites of a network only those whose jobs nobody does."""
    advice = f"Name it in work_blogs, or run `datamachine --blog={blog_id} work`."
    try:
        yield from (
            finding
            for finding in _queue_of(database, f"queue of blog {blog_id}", advice)
            if finding.status == "failure"
        )
    except SchemaMissing:  # the plugin is not active there
        return


def _queue_of(database: Database, label: str, advice: str) -> Findings:
    names = database.tables()
    with database.session() as session:
        row = session.one(
            "SELECT COUNT(*) AS due, MIN(a.scheduled_date_gmt) AS oldest"
            f" FROM {names.actionscheduler_actions} a"
            f" JOIN {names.actionscheduler_groups} g ON g.group_id = a.group_id"
            " WHERE g.slug IN ('data-machine', 'datamachine-bridge') AND a.status = 'pending'"
            " AND a.scheduled_date_gmt <= UTC_TIMESTAMP()"
        )
        seen = session.scalar(
            f"SELECT TIMESTAMPDIFF(SECOND, MAX(worker_seen_at), UTC_TIMESTAMP()) FROM {names.bridge_sites}"
        )
    due = int(row["due"]) if row else 0
    alive = seen is not None and int(seen) < 60
    text = f"{due} due" + (f", oldest {row['oldest']} UTC" if due and row else "")
    if alive:
        yield Finding(label, "ok", f"{text}; a worker was seen {int(seen)} s ago")
    else:
        yield Finding(label, "failure" if due else "warning", f"{text}; no worker is alive.", advice)


if __name__ == "__main__":
    sys.exit(main(None, None, "text"))
