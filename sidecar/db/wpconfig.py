"""What wp-config.php says about the database, without loading WordPress.

PHP is asked: it runs the file with the line that loads WordPress left out, so that a configuration that reads
the environment, includes another file or computes its constants means what it means to the site. Where PHP
cannot be run, a file in which every value is one literal is parsed; anything else is refused, never guessed.
Environment variables win over both, value by value.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from sidecar.errors import InvalidInput, Unavailable
from sidecar.settings import DatabaseSettings, Ssl

#: Seconds a configuration file may take; it has no business doing anything slow.
TIMEOUT = 20
#: Environment variables and the fields they replace.
ENVIRONMENT: Mapping[str, str] = {
    "DATAMACHINE_DB_HOST": "DB_HOST",
    "DATAMACHINE_DB_NAME": "DB_NAME",
    "DATAMACHINE_DB_USER": "DB_USER",
    "DATAMACHINE_DB_PASSWORD": "DB_PASSWORD",
    "DATAMACHINE_DB_PREFIX": "table_prefix",
}
_NEEDED = ("DB_NAME", "DB_USER", "DB_PASSWORD", "DB_HOST")
_SOCKETS = (
    "/run/mysqld/mysqld.sock",
    "/var/run/mysqld/mysqld.sock",
    "/var/lib/mysql/mysql.sock",
    "/tmp/mysql.sock",  # noqa: S108  (a well-known place, only connected to)
)
_CLIENT_SSL = 2048
_VERIFY = 1 << 30
_PROBE = Path(__file__).with_name("wpconfig.php")


class ConfigUnreadable(InvalidInput):
    """wp-config.php is absent, or does not say what is needed."""

    code = "wp_config_unreadable"


class PhpMissing(Unavailable):
    """The PHP binary cannot be run."""

    code = "php_missing"


class WordPressConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The constants of wp-config.php that matter outside PHP."""

    database: DatabaseSettings
    #: ABSPATH, without a slash at its end.
    path: str
    content_dir: str
    #: The UPLOADS constant (relative to ABSPATH), empty when it is not defined.
    uploads: str = ""
    #: The DATAMACHINE_FILES_DIR constant, without a slash at its end; empty when it names no absolute folder.
    files_dir: str = ""
    multisite: bool = False
    #: ``php``, ``literal`` or ``environment``: who read it.
    source: str = "php"


def read(
    wp_path: str | os.PathLike[str], *, php: str = "php", environment: Mapping[str, str] | None = None
) -> WordPressConfig:
    """The configuration of the WordPress at ``wp_path``.

    Raises :class:`ConfigUnreadable` when there is none or it lacks a value. Messages hold no values.
    """
    path = Path(wp_path).resolve()
    file = find(path)
    given = {
        constant: value
        for variable, constant in ENVIRONMENT.items()
        if (value := (os.environ if environment is None else environment).get(variable)) is not None
    }
    if len(given) == len(ENVIRONMENT):
        # Nobody asks PHP then: a site that sets the constant gives it to the sidecar as well.
        folder = (os.environ if environment is None else environment).get("DATAMACHINE_FILES_DIR")
        return _build({**given, "DATAMACHINE_FILES_DIR": folder}, path, "environment")
    try:
        values = ask_php(file, path, php)
        source = "php"
    except PhpMissing as missing:
        try:
            values = parse_literals(file.read_text(encoding="utf-8", errors="surrogateescape"))
        except ConfigUnreadable as error:
            raise ConfigUnreadable(f"{error.message} {missing.message}") from None
        source = "literal"
    return _build(values | given, path, source)


def find(path: Path) -> Path:
    """Where WordPress looks: its own folder, then the one above unless that is a WordPress of its own."""
    own, above = path / "wp-config.php", path.parent / "wp-config.php"
    if own.is_file():
        return own
    if above.is_file() and not (path.parent / "wp-settings.php").exists():
        return above
    raise ConfigUnreadable(f"No wp-config.php in {path} or above it.")


def ask_php(file: Path, path: Path, php: str) -> dict[str, Any]:
    """Run the file in PHP without loading WordPress; the answer comes over a pipe, not the output."""
    if shutil.which(php) is None:
        raise PhpMissing(f"PHP ({php}) cannot be run.")
    read, write = os.pipe()
    user, group, groups = _owner(file, path)
    try:
        # As text, because the file's owner may not be allowed to read where this package is installed.
        result = subprocess.run(
            [
                php, "-d", "display_errors=stderr",
                "-r", _PROBE.read_text(encoding="utf-8").removeprefix("<?php"),
                "--", str(file), str(path), str(write),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            cwd=path,
            check=False,
            pass_fds=(write,),
            user=user,
            group=group,
            extra_groups=groups,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ConfigUnreadable(f"{file} did not finish within {TIMEOUT} seconds.") from None
    except OSError as error:
        raise PhpMissing(f"PHP ({php}) cannot be run: {error.strerror}.") from None
    finally:
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            written = pipe.read()
    if result.returncode != 0 or not written:
        # Output of the configuration file may hold secrets: only the exit code is told.
        raise ConfigUnreadable(f"PHP could not evaluate {file} (exit code {result.returncode}).")
    values: dict[str, Any] = msgspec.json.decode(written)
    return values


def _owner(file: Path, path: Path) -> tuple[int | None, int | None, list[int] | None]:
    """As whom root runs the file, so that it does no more than its author may: user, group, more groups."""
    if os.geteuid() != 0:
        return None, None, None
    status = next((found for one in (file, path) if (found := one.stat()).st_uid != 0), None)
    if status is None:
        return None, None, None
    try:
        entry = pwd.getpwuid(status.st_uid)
    except KeyError:
        return status.st_uid, status.st_gid, []
    return entry.pw_uid, entry.pw_gid, os.getgrouplist(entry.pw_name, entry.pw_gid)


def parse_literals(text: str) -> dict[str, Any]:
    """The constants of a configuration in which each is defined once, with a plain quoted string."""
    code = re.sub(r"/\*.*?\*/|(?m:^[ \t]*(?://|#)[^\n]*$)", "", text, flags=re.DOTALL)
    found: dict[str, Any] = {}
    for name in (*_NEEDED, "DB_CHARSET", "DB_COLLATE", "DATAMACHINE_FILES_DIR"):
        mentions = re.findall(rf"['\"]{name}['\"]", code)
        literal = re.findall(rf"define\(\s*(['\"]){name}\1\s*,\s*'((?:[^'\\]|\\.)*)'\s*\)\s*;", code)
        if name in _NEEDED and (len(mentions) != 1 or len(literal) != 1):
            raise ConfigUnreadable(f"{name} is not defined once, as one literal.")
        if name == "DATAMACHINE_FILES_DIR" and len(mentions) != len(literal):
            raise ConfigUnreadable(f"{name} is not defined once, as one literal.")
        if literal and len(mentions) == 1:
            found[name] = re.sub(r"\\([\\'])", r"\1", literal[0][1])
    prefixes = re.findall(r"\$table_prefix\s*=\s*(['\"])([A-Za-z0-9_]+)\1\s*;", code)
    if len(prefixes) != 1 or len(re.findall(r"\$table_prefix\b", code)) != 1:
        raise ConfigUnreadable("$table_prefix is not set once, as one literal.")
    if re.search(r"\b(?:include|require)(?:_once)?\b(?![^;]*wp-settings\.php)", code):
        raise ConfigUnreadable("The configuration includes another file.")
    return found | {"table_prefix": prefixes[0][1]}


def parse_host(text: str) -> tuple[str, int, str | None]:
    """``DB_HOST`` as ``wpdb::parse_db_host`` reads it: host, port, socket."""
    socket: str | None = None
    host = text
    if ":/" in host:
        host, _, rest = host.partition(":/")
        socket = "/" + rest
    match = re.fullmatch(r"\[?([0-9a-fA-F:]+)\]?(?::(\d+))?", host) if host.count(":") > 1 else None
    if match is not None and host.startswith("["):
        return match.group(1), int(match.group(2) or 3306), socket
    if match is not None:
        return host, 3306, socket
    name, _, port = host.partition(":")
    if port and not port.isdigit():
        raise ConfigUnreadable("DB_HOST is not host, host:port or host:/socket.")
    return name, int(port or 3306), socket


def wordpress_charset(charset: str, collate: str) -> tuple[str, str]:
    """Character set and collation of the session, as ``wpdb::determine_charset`` chooses them."""
    charset = (charset or "utf8mb4").lower()
    if charset in {"utf8", "utf8mb3"}:
        charset = "utf8mb4"
    if charset != "utf8mb4":
        return charset, collate
    if not collate or collate == "utf8_general_ci":
        collate = "utf8mb4_unicode_ci"
    collate = collate.replace("utf8_", "utf8mb4_")
    return charset, "utf8mb4_unicode_520_ci" if collate == "utf8mb4_unicode_ci" else collate


def _folder(value: Any) -> str:
    chosen = value.rstrip("/") if isinstance(value, str) else ""
    return chosen if chosen.startswith("/") else ""


def _build(values: Mapping[str, Any], path: Path, source: str) -> WordPressConfig:
    for name in (*_NEEDED, "table_prefix"):
        if not isinstance(values.get(name), str):
            raise ConfigUnreadable(f"wp-config.php does not define {name}.")
    host, port, socket = parse_host(values["DB_HOST"])
    if host == "localhost" and socket is None:
        # PHP's driver takes "localhost" for its default socket; without one it would be TCP.
        candidates = [values.get("default_socket") or "", *_SOCKETS]
        socket = next((name for name in candidates if name and Path(name).is_socket()), None)
        host = "localhost" if socket else "127.0.0.1"
    charset, collation = wordpress_charset(
        str(values.get("DB_CHARSET") or ""), str(values.get("DB_COLLATE") or "")
    )
    flags = int(values.get("MYSQL_CLIENT_FLAGS") or 0)
    return WordPressConfig(
        database=DatabaseSettings(
            user=values["DB_USER"],
            password=values["DB_PASSWORD"],
            name=values["DB_NAME"],
            host=host or "localhost",
            port=port,
            socket=socket,
            charset=charset,
            collation=collation,
            prefix=values["table_prefix"],
            ssl=Ssl(verify=bool(flags & _VERIFY)) if flags & _CLIENT_SSL and not socket else None,
        ),
        path=str(path),
        content_dir=str(values.get("WP_CONTENT_DIR") or path / "wp-content"),
        uploads=str(values.get("UPLOADS") or ""),
        files_dir=_folder(values.get("DATAMACHINE_FILES_DIR")),
        multisite=bool(values.get("MULTISITE")),
        source=source,
    )
