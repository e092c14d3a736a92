"""One PHP process with WordPress loaded, seen from the host process that started it."""

from __future__ import annotations

import collections
import contextlib
import logging
import os
import pwd
import secrets
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal, TypedDict

from sidecar.host.errors import HostUnavailable
from sidecar.host.lines import LineSocket
from sidecar.host.watch import FileWatch
from sidecar.settings import Site

log = logging.getLogger("datamachine.host")

Context = Literal["cron", "rest"]
BOOT_SECONDS = 60.0
TAIL_LINES = 40


def plugin_file(site: Site, relative: str) -> Path:
    """A file of our plugin as installed in the site: PHP must never load a class from two places."""
    folder = (
        Path(site.plugin_path)
        if site.plugin_path
        else Path(site.wp_path, "wp-content/plugins/datamachine-bridge")
    )
    return folder / relative


def can_fork(php: str) -> bool:
    """Whether PHP's command line has what a zygote needs; True when it cannot be asked: booting says why."""
    code = "exit( function_exists( 'pcntl_fork' ) && function_exists( 'posix_kill' ) ? 0 : 9 );"
    try:
        return subprocess.run([php, "-r", code], capture_output=True, timeout=20, check=False).returncode != 9
    except (OSError, subprocess.TimeoutExpired):
        return True


class Identity(TypedDict):
    """Popen's arguments that say as whom a child runs."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


def identity(site: Site) -> Identity:
    """The site's PHP user when we are root; nobody else can choose."""
    if os.geteuid() != 0 or site.site_uid == 0:
        return {"user": None, "group": None, "extra_groups": None}
    try:
        name = pwd.getpwuid(site.site_uid).pw_name
        groups = os.getgrouplist(name, site.site_gid)
    except KeyError:
        groups = [site.site_gid]
    return {"user": site.site_uid, "group": site.site_gid, "extra_groups": groups}


@dataclass
class Zygote:
    """A booted zygote: where it listens, which children it has, and how it ends."""

    site: Site
    context: Context
    process: subprocess.Popen[bytes]
    control: LineSocket
    listen: str
    watch: FileWatch
    children: set[int] = field(default_factory=set)
    #: False once it must not be asked for another child.
    fresh: bool = True
    on_exit: Callable[[int], None] | None = None
    _gone: threading.Event = field(default_factory=threading.Event)
    #: Children we have asked the zygote to end: their signal is no news.
    _ended: set[int] = field(default_factory=set)

    @property
    def alive(self) -> bool:
        """Whether the process is there and still talks to us."""
        return not self._gone.is_set() and self.process.poll() is None

    def usable(self) -> bool:
        """Whether a new unit may be forked from it."""
        if not self.fresh or not self.alive:
            return False
        changed = self.watch.changed()
        if changed is not None:
            log.info("host: %s changed, loading WordPress again for %s", changed, self.context)
            self.fresh = False
            return False
        return True

    def kill(self, pid: int) -> None:
        """End one child at once. The zygote does it, which alone knows that the pid is still its child's."""
        self._ended.add(pid)
        with contextlib.suppress(OSError):
            self.control.send({"kill": pid})

    def retire(self) -> None:
        """Fork no more; the process ends when its last child has."""
        self.fresh = False
        with contextlib.suppress(OSError):
            self.control.send({"retire": True})

    def stop(self, grace: float = 5.0) -> None:
        """End it: at once when it has no children, after ``grace`` seconds with whatever is left."""
        self.retire()
        try:
            self.process.wait(timeout=grace)
        except subprocess.TimeoutExpired:
            for pid in list(self.children):
                self.kill(pid)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=1.0)
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGKILL)
                self.process.wait()
        self._finish()

    def follow(self) -> None:
        """Read what the zygote reports until it ends; runs in a thread of its own."""
        try:
            while (message := self.control.receive()) is not None:
                if "forked" in message:
                    self.children.add(int(message["forked"]))
                elif "exited" in message:
                    pid = int(message["exited"])
                    self.children.discard(pid)
                    if pid in self._ended:
                        self._ended.discard(pid)
                        log.debug("host: unit %d was ended, its client had gone", pid)
                    elif message.get("signal"):
                        log.warning("host: unit %d ended by signal %s", pid, message["signal"])
                    if self.on_exit is not None:
                        self.on_exit(pid)
        except (OSError, ValueError) as error:
            log.warning("host: lost the %s zygote: %s", self.context, error)
        finally:
            self._finish()

    def _finish(self) -> None:
        self.fresh = False
        self._gone.set()
        self.control.close()
        Path(self.listen).unlink(missing_ok=True)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=5)


def _drain(stream: IO[bytes], tail: collections.deque[str], context: str) -> None:
    """PHP's output goes to our log, its end is kept to explain a failed boot."""
    with stream:
        for raw in stream:
            line = raw.decode("utf-8", "replace").rstrip()
            if line:
                tail.append(line)
                log.info("php %s: %s", context, line)


def boot(
    site: Site, context: Context, folder: Path, *, private: bool = False, before: FileWatch | None = None
) -> Zygote:
    """Start PHP, load WordPress in ``context``, and wait until it forks. ``before`` watched what was loaded
    the last time.

    Raises :class:`HostUnavailable` with the end of PHP's output when WordPress does not load.
    """
    script = plugin_file(site, "src/Host/zygote.php")
    if not script.is_file():
        raise HostUnavailable(f"The Data Machine Bridge plugin is not at {script.parents[2]}.")
    ours, theirs = socket.socketpair()
    listen = str(folder / f"z{os.getpid()}-{secrets.token_hex(3)}.sock")
    started, loading = time.monotonic(), time.time()
    who = identity(site)
    try:
        process = subprocess.Popen(
            [
                site.php,
                "-d",
                f"memory_limit={site.host_memory}",
                "-d",
                "display_errors=stderr",
                "-d",
                "log_errors=0",
                str(script),
            ],
            stdin=theirs.fileno(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=site.wp_path,
            user=who["user"],
            group=who["group"],
            extra_groups=who["extra_groups"],
        )
    except OSError as error:
        ours.close()
        raise HostUnavailable(f"Cannot run {site.php}: {error.strerror}.") from error
    finally:
        theirs.close()
    tail: collections.deque[str] = collections.deque(maxlen=TAIL_LINES)
    assert process.stdout is not None
    drainer = threading.Thread(target=_drain, args=(process.stdout, tail, context), daemon=True)
    drainer.start()
    control = LineSocket(ours)
    try:
        control.send(
            {
                "wp_path": site.wp_path,
                "home_url": site.home_url,
                "context": context,
                "listen": listen,
                "site": site.name,
                "secret_file": site.secret_file,
                "private": private,
            }
        )
        ready = control.receive(timeout=BOOT_SECONDS)
    except (OSError, ValueError) as error:
        ready = None
        log.warning("host: boot of %s failed: %s", context, error)
    if ready is None or "ready" not in ready:
        process.kill()
        process.wait()
        control.close()
        drainer.join(timeout=1)
        Path(listen).unlink(missing_ok=True)
        said = "\n".join(tail)[-2000:] or f"exit code {process.returncode}"
        raise HostUnavailable(f"WordPress at {site.wp_path} does not load: {said}")
    control.sock.settimeout(None)
    watch = FileWatch(ready["ready"]["watch"], loading, before)
    zygote = Zygote(site, context, process, control, listen, watch)
    threading.Thread(target=zygote.follow, name=f"zygote-{context}", daemon=True).start()
    log.info(
        "host: WordPress %s loaded for %s in %.0f ms, process %d",
        ready["ready"]["wordpress"],
        context,
        (time.monotonic() - started) * 1000,
        process.pid,
    )
    return zygote
