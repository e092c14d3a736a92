"""``datamachine init``: join one WordPress site with the sidecar. Again, it changes only what differs."""

from __future__ import annotations

import grp
import os
import pwd
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from sidecar import settings
from sidecar.db import wpconfig
from sidecar.errors import InvalidInput, Unavailable
from sidecar.host.zygote import identity

#: Seconds WordPress may take to load and write one option.
TIMEOUT = 60.0
SECRET_BYTES = 32
_CONNECT = Path(__file__).with_name("host") / "connect.php"


class SetupError(InvalidInput):
    """The site cannot be joined as asked."""

    code = "init_failed"


class Connected(msgspec.Struct, frozen=True):
    """What WordPress answered."""

    home_url: str
    wordpress: str
    php: str
    multisite: bool
    plugin_path: str
    plugin_exists: bool
    plugin_active: bool
    pcntl: bool
    written: bool


@dataclass(frozen=True)
class Owner:
    """The user PHP runs as."""

    uid: int
    gid: int
    name: str


def init(
    *,
    config: str | None,
    wp_path: str,
    name: str = "default",
    run_dir: str | None = None,
    php: str = "php",
    php_user: str | None = None,
    secret_file: str | None = None,
    http_bind: str = "",
    plugins_dir: str | None = None,
    fastcgi: str | None = None,
) -> Iterator[str]:
    """Write configuration and secret and tell WordPress; yields what to tell the operator.

    Raises :class:`SetupError` before anything is written when a path is wrong or below the web root.
    """
    root = Path(wp_path).expanduser().resolve()
    if not (root / "wp-load.php").is_file():
        raise SetupError(f"{root} is not a WordPress folder: it holds no wp-load.php.", code="not_wordpress")
    found = wpconfig.read(root, php=php)
    file = Path(config).expanduser().absolute() if config else settings.default_path().absolute()
    known = _existing(file)
    owner = php_owner(php_user, root)
    before = known.sites.get(name)
    places = {
        "configuration": file,
        "secret": Path(secret_file or (before.secret_file if before else file.parent / f"{name}.secret")),
        "run folder": Path(run_dir or (before.run_dir if before else default_run_dir(name))),
    }
    if plugins_dir or (before and before.plugins_dir):
        places["folder of Python plugins"] = Path(plugins_dir or (before.plugins_dir if before else "") or "")
    for what, path in places.items():
        refuse_web_root(what, path, root)
    secret, run = places["secret"].absolute(), places["run folder"].absolute()

    site = msgspec.structs.replace(
        before
        or settings.Site(
            wp_path=str(root), run_dir=str(run), secret_file=str(secret), database=found.database
        ),
        name=name,
        wp_path=str(root),
        run_dir=str(run),
        secret_file=str(secret),
        database=found.database,
        php=php,
        site_uid=owner.uid,
        site_gid=owner.gid,
        plugins_dir=str(places["folder of Python plugins"].absolute())
        if "folder of Python plugins" in places
        else None,
        http_bind=http_bind or (before.http_bind if before else ""),
        fastcgi=fastcgi or (before.fastcgi if before else None),
    )
    settings.check(site, name)
    make_run_dir(run, owner)
    yield from make_secret(secret, owner)
    answer = tell_wordpress(site)
    site = msgspec.structs.replace(site, home_url=answer.home_url, plugin_path=answer.plugin_path)
    settings.save(msgspec.structs.replace(known, sites={**known.sites, name: site}), file)
    yield f"Configuration: {file} (mode 0600)"
    yield f"Secret:        {secret} (mode 0640, group {_group(owner.gid)})"
    yield f"Run folder:    {run}"
    yield f"WordPress {answer.wordpress} at {answer.home_url} knows the sidecar as site {name!r}."
    yield f"PHP runs as {owner.name}."
    yield from _next(answer, site)


def _existing(file: Path) -> settings.Settings:
    try:
        return settings.load(file)
    except settings.SettingsError as error:
        if error.code != "settings_missing":
            raise
        return settings.Settings(sites={})


def _next(answer: Connected, site: settings.Site) -> Iterator[str]:
    yield ""
    yield "Next:"
    if not answer.plugin_exists:
        yield f"  Install the Data Machine Bridge plugin at {answer.plugin_path}."
    if not answer.plugin_active:
        yield "  Activate it: wp plugin activate datamachine-bridge"
    if not answer.pcntl and not site.fastcgi:
        yield "  PHP has no pcntl: install it, or run init again with --fastcgi=ADDRESS of PHP-FPM."
    yield "  datamachine migrate    create the tables"
    yield "  datamachine up         run the sidecar"
    yield "  datamachine doctor     check everything"


def php_owner(named: str | None, root: Path) -> Owner:
    """The user named, else the owner of the WordPress folder."""
    try:
        entry = pwd.getpwnam(named) if named else pwd.getpwuid(root.stat().st_uid)
    except KeyError:
        if named:
            raise SetupError(f"There is no user {named}.", code="unknown_user") from None
        status = root.stat()
        return Owner(status.st_uid, status.st_gid, str(status.st_uid))
    return Owner(entry.pw_uid, entry.pw_gid, entry.pw_name)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def default_run_dir(name: str) -> Path:
    """Where sockets live unless told otherwise."""
    if os.geteuid() == 0:
        return Path("/run/datamachine") / name
    base = os.environ.get("XDG_RUNTIME_DIR")
    return (Path(base) if base else Path(f"/tmp/datamachine-{os.geteuid()}")) / "datamachine" / name  # noqa: S108


def refuse_web_root(what: str, path: Path, root: Path) -> None:
    """Nothing of ours may be where a web server could hand it out."""
    resolved = path.expanduser().resolve()
    if resolved == root or root in resolved.parents:
        raise SetupError(
            f"The {what} must not be below the web root: {resolved} is in {root}.", code="path_under_web_root"
        )


def make_run_dir(path: Path, owner: Owner) -> None:
    """Private to the sidecar's user and PHP's group.

    A PHP user of its own makes the breaker and the host's sockets there: the sticky bit keeps it from putting
    something else in the place of what is not its own.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o750)
    if path.stat().st_uid != os.geteuid():
        raise SetupError(f"The run folder {path} belongs to another user.")
    if not _same_user(owner):
        for folder in path.resolve().parents:
            if owner.uid != 0 and folder.stat().st_uid == owner.uid:
                raise SetupError(
                    f"The run folder {path} is in {folder}, where {owner.name} could replace it."
                )
    _share(path, owner, 0o750 if _same_user(owner) else 0o1770)


def make_secret(path: Path, owner: Owner) -> Iterator[str]:
    """Keep a good secret, make one otherwise."""
    try:
        good = len(path.read_bytes().strip()) >= SECRET_BYTES
    except FileNotFoundError:
        good = False
    if not good:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(secrets.token_hex(SECRET_BYTES).encode() + b"\n")
    _share(path, owner, 0o640)
    if not _same_user(owner) and not _reachable(path, owner):
        yield f"Warning: {owner.name} cannot reach {path}; let group {_group(owner.gid)} enter its folders."


def _same_user(owner: Owner) -> bool:
    return owner.uid == os.geteuid()


def _reachable(path: Path, owner: Owner) -> bool:
    """Whether every folder above may be entered by PHP's user."""
    for folder in path.parents:
        status = folder.stat()
        bit = 0o100 if status.st_uid == owner.uid else 0o010 if status.st_gid == owner.gid else 0o001
        if not status.st_mode & bit:
            return False
    return True


def _share(path: Path, owner: Owner, mode: int) -> None:
    # By descriptor: what is checked and changed is the same thing, whatever its name leads to meanwhile.
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise SetupError(f"Cannot share {path}: {error.strerror}.") from error
    try:
        if os.fstat(handle).st_uid not in (os.geteuid(), owner.uid):
            raise SetupError(f"{path} belongs to another user.")
        os.fchown(handle, -1, owner.gid)
        os.fchmod(handle, mode)
    except PermissionError:
        raise SetupError(
            f"Cannot give {path} to group {_group(owner.gid)}: run init as root, or join that group."
        ) from None
    finally:
        os.close(handle)


def tell_wordpress(site: settings.Site) -> Connected:
    """Write the option through WordPress itself, as PHP's user."""
    option = {
        "socket": site.socket,
        "secret_file": site.secret_file,
        "breaker": site.breaker,
        "site": site.name,
    }
    read, write = os.pipe()
    orders = msgspec.json.encode({"wp_path": site.wp_path, "option": option, "answer": write}).decode()
    script = _CONNECT.read_text().removeprefix("<?php")
    who = identity(site)
    try:
        # As text, because PHP's user may not be allowed to read where this package is installed.
        process = subprocess.Popen(
            [site.php, "-d", "display_errors=stderr", "-r", script, "--", orders],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(write,),
            cwd=site.wp_path,
            user=who["user"],
            group=who["group"],
            extra_groups=who["extra_groups"],
        )
    except OSError as error:
        os.close(read)
        os.close(write)
        raise Unavailable(f"Cannot run {site.php}: {error.strerror}.", code="php_missing") from error
    os.close(write)
    try:
        output, _ = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise Unavailable(
            f"WordPress did not load within {TIMEOUT:.0f} s.", code="wordpress_failed"
        ) from None
    finally:
        with os.fdopen(read, "rb") as pipe:
            answer = pipe.read()
    if process.returncode != 0 or not answer:
        said = _complaint(answer) or output.decode("utf-8", "replace").strip()[-1500:]
        said = said or f"exit code {process.returncode}"
        raise Unavailable(f"WordPress at {site.wp_path} did not load: {said}", code="wordpress_failed")
    connected = msgspec.json.decode(answer, type=Connected)
    if not connected.written:
        raise SetupError("WordPress did not keep the option `datamachine_bridge`; a plugin filters it.")
    return connected


def _complaint(answer: bytes) -> str:
    """PHP's fatal error, when that is what it answered."""
    try:
        return str(msgspec.json.decode(answer)["error"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return ""
