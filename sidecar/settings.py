"""The sidecar's configuration: which WordPress sites it serves, and how it reaches them.

One JSON file, mode 0600, written by ``datamachine init``. It is the only place that describes a site: the
handshake of the bridge selects a site by name and never brings a path, a database or a user of its own.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import Any, Literal

import msgspec

from sidecar.errors import InvalidInput, NotFound

ENVIRONMENT = "DATAMACHINE_CONFIG"
SYSTEM_FILE = Path("/etc/datamachine/config.json")
USER_FILE = Path("~/.config/datamachine/config.json")

#: ``sun_path`` holds 108 bytes including the final NUL.
SOCKET_PATH_LIMIT = 107

HostMode = Literal["auto", "fork", "fastcgi"]


class SettingsError(InvalidInput):
    """The configuration file is absent, unreadable, unsafe or wrong."""

    code = "settings_invalid"


class SiteNotFound(NotFound):
    """No site of that name is configured."""

    code = "site_not_found"


class Ssl(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """TLS towards the database; only used over TCP."""

    #: File of the certificate authorities that may sign the server's certificate.
    ca: str | None = None
    #: File of this client's certificate.
    cert: str | None = None
    #: File of the key to that certificate.
    key: str | None = None
    #: Whether the server's certificate and host name are verified.
    verify: bool = True


class DatabaseSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to reach the database WordPress uses.

    ``socket`` (a Unix socket path) wins over ``host`` and ``port``. ``prefix`` is WordPress's
    ``$table_prefix``: the base prefix of a network, the prefix of blog 1.
    """

    #: The database user.
    user: str
    #: The database.
    name: str
    #: The user's password.
    password: str = ""
    #: The server, over TCP.
    host: str = "localhost"
    #: Its port.
    port: int = 3306
    #: Path of the server's Unix socket; wins over host and port.
    socket: str | None = None
    #: Character set of the connection, as WordPress has it.
    charset: str = "utf8mb4"
    #: Collation of the connection, as WordPress has it.
    collation: str = "utf8mb4_unicode_520_ci"
    #: TLS, over TCP only; absent: none.
    ssl: Ssl | None = None
    #: WordPress's ``$table_prefix``.
    prefix: str = "wp_"
    #: Connections one process may hold at most.
    pool_size: int = 5

    def __repr__(self) -> str:
        where = self.socket or f"{self.host}:{self.port}"
        return f"DatabaseSettings({self.user}@{where}/{self.name}, prefix={self.prefix!r})"


class Site(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One WordPress site and the sidecar's private places for it."""

    #: The WordPress folder, the one that holds ``wp-load.php``; absolute.
    wp_path: str
    #: Folder of sockets and the breaker; absolute, private to the sidecar and PHP's group.
    run_dir: str
    #: File of the secret shared with PHP; absolute, outside the web root.
    secret_file: str
    #: How to reach the site's database.
    database: DatabaseSettings
    #: The site's name in this file: letters, digits, ``-``, ``_`` and ``.``.
    name: str = "default"
    #: PHP's command line binary.
    php: str = "php"
    #: The user PHP runs as: peers of the bridge must have this uid (or be root, or the sidecar's own user).
    site_uid: int = 0
    #: That user's group: it may read the secret and connect to the bridge.
    site_gid: int = 0
    #: The site's address, as ``init`` found it; units of work are booted with its host name.
    home_url: str = ""
    #: Where the site's copy of our PHP plugin is; empty: below ``wp-content/plugins``.
    plugin_path: str = ""
    #: Folder of Python plugins, outside the web root; absent: only installed packages are plugins.
    plugins_dir: str | None = None
    #: ``unix:/path`` or ``host:port`` (loopback only); empty: ``http.sock`` in the run folder.
    http_bind: str = ""
    #: Processes that answer WordPress.
    bridge_processes: int = 2
    #: Queue workers that ``up`` starts.
    work_processes: int = 1
    #: Other sites of a network that get a worker each, by blog id; without one their jobs wait.
    work_blogs: tuple[int, ...] = ()
    #: Processes of the HTTP door.
    http_workers: int = 2
    #: Threads in each of them.
    http_threads: int = 8
    #: Units of work that may be alive at once on this machine, over all processes of the sidecar.
    host_units: int = 8
    #: PHP's ``memory_limit`` in a unit.
    host_memory: str = "512M"
    #: How a unit of work gets its PHP process: forked, through PHP-FPM, or whichever this machine offers.
    host_mode: HostMode = "auto"
    #: PHP-FPM's FastCGI address, ``/path.sock`` or ``host:port``; used where ``pcntl`` is missing.
    fastcgi: str | None = None
    #: Path of the host's entry script as PHP-FPM sees it (another container may mount it elsewhere).
    fastcgi_script: str | None = None

    @property
    def socket(self) -> str:
        """The bridge's Unix socket."""
        return str(Path(self.run_dir) / "bridge.sock")

    @property
    def host_socket(self) -> str:
        """Where the ``host`` process answers requests for units."""
        return str(Path(self.run_dir) / "host.sock")

    @property
    def breaker(self) -> str:
        """The circuit breaker's file, shared by every PHP child."""
        return str(Path(self.run_dir) / "breaker")

    @property
    def http(self) -> str:
        """Where the sidecar's own HTTP door listens."""
        return self.http_bind or f"unix:{Path(self.run_dir) / 'http.sock'}"

    @property
    def table_prefix(self) -> str:
        """WordPress's ``$table_prefix``."""
        return self.database.prefix

    def secret(self) -> bytes:
        """The secret shared with PHP, read anew so that a rotation needs no restart of this object."""
        try:
            value = Path(self.secret_file).read_bytes().strip()
        except OSError as error:
            raise SettingsError(
                f"Cannot read the secret file {self.secret_file}: {error.strerror}."
            ) from error
        if len(value) < 32:
            raise SettingsError(f"The secret in {self.secret_file} is too short; run `datamachine init`.")
        return value


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything in one configuration file."""

    #: The sites, by name.
    sites: dict[str, Site]
    #: The site that commands mean when none is named.
    default: str = "default"
    #: Where this was read from; never written.
    path: str = ""

    def site(self, name: str | None = None) -> Site:
        """A site by name; without one, the default, or the only one there is."""
        if name is None:
            if self.default in self.sites:
                return self.sites[self.default]
            if len(self.sites) == 1:
                return next(iter(self.sites.values()))
            name = self.default
        try:
            return self.sites[name]
        except KeyError:
            known = ", ".join(sorted(self.sites)) or "none"
            raise SiteNotFound(
                f"No site named {name!r} in {self.path or 'the configuration'} (known: {known})."
            ) from None


def default_path() -> Path:
    """This user's configuration file: the environment's, the machine's for root, else the home folder's."""
    named = os.environ.get(ENVIRONMENT)
    if named:
        return Path(named)
    return SYSTEM_FILE if os.geteuid() == 0 else USER_FILE.expanduser()


def load(path: str | os.PathLike[str] | None = None) -> Settings:
    """Read and validate the configuration.

    Raises :class:`SettingsError` when the file is absent, may be read or written by anybody but its owner, or
    breaks a rule. Messages never contain the file's values.
    """
    file = Path(path) if path is not None else default_path()
    try:
        with file.open("rb") as stream:
            mode = os.fstat(stream.fileno())
            raw = stream.read()
    except FileNotFoundError:
        raise SettingsError(
            f"No configuration at {file}. Run `datamachine init --wp-path=/path/to/wordpress` first.",
            code="settings_missing",
        ) from None
    except OSError as error:
        raise SettingsError(f"Cannot read {file}: {error.strerror}.") from error
    if stat.S_IMODE(mode.st_mode) & 0o077:
        raise SettingsError(f"{file} holds a password and may be read by others; run `chmod 600 {file}`.")
    return parse(raw, file)


def parse(raw: bytes, file: Path) -> Settings:
    """Decode and validate a configuration file's bytes."""
    try:
        document: Any = msgspec.json.decode(raw)
        if isinstance(document, dict):
            for name, site in document.get("sites", {}).items():
                if isinstance(site, dict):
                    site.setdefault("name", name)
            document["path"] = str(file)
        loaded = msgspec.convert(document, Settings)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise SettingsError(f"{file} is not a valid configuration: {error}") from error
    for name, site in loaded.sites.items():
        check(site, name)
    return loaded


def check(site: Site, name: str) -> None:
    """The rules types cannot say."""
    if site.name != name:
        raise SettingsError(f"Site {name!r} calls itself {site.name!r}.")
    if not name or not all(c.isalnum() or c in "-_." for c in name):
        raise SettingsError(f"A site's name holds letters, digits, '-', '_' and '.' only: {name!r}.")
    for label in ("wp_path", "run_dir", "secret_file"):
        if not os.path.isabs(getattr(site, label)):
            raise SettingsError(f"{label} of site {name!r} must be an absolute path.")
    for path in (site.socket, site.host_socket):
        if len(os.fsencode(path)) > SOCKET_PATH_LIMIT:
            raise SettingsError(
                f"{path} is longer than {SOCKET_PATH_LIMIT} bytes, a Unix socket's limit; shorten run_dir."
            )
    for label in ("bridge_processes", "work_processes", "host_units", "http_workers", "http_threads"):
        if getattr(site, label) < 1:
            raise SettingsError(f"{label} of site {name!r} must be at least 1.")
    if not site.http.startswith("unix:"):
        host = site.http.rpartition(":")[0].strip("[]")
        if host not in {"127.0.0.1", "::1", "localhost"}:
            raise SettingsError(
                f"http_bind of site {name!r} must be loopback or a socket, not {site.http!r}."
            )
    if site.host_mode == "fastcgi" and not site.fastcgi:
        raise SettingsError(f"Site {name!r} asks for FastCGI and names no `fastcgi` address.")


def save(settings: Settings, path: str | os.PathLike[str] | None = None) -> Path:
    """Write the configuration atomically, readable by its owner only; returns the file."""
    file = Path(path or settings.path or default_path())
    for name, site in settings.sites.items():
        check(site, name)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    document = msgspec.to_builtins(settings)
    document.pop("path", None)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o600)
        os.replace(temporary, file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return file
