"""Ways to a PHP process of one's own: a fork of the zygote, or a request to PHP-FPM."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from sidecar import bridge
from sidecar.bridge import CallContext, Channel, Handler, handshake
from sidecar.bridge.frames import FrameStream
from sidecar.host import fastcgi
from sidecar.host.errors import HostUnavailable
from sidecar.host.zygote import Context, plugin_file
from sidecar.settings import Site

#: PHP forks, connects to nothing and proves itself; a loaded machine needs its time.
CONNECT_SECONDS = 10.0
#: WordPress loads from the start in PHP-FPM.
FASTCGI_SECONDS = 30.0

End = Callable[[bool], None]


def fork(site: Site, listen: str, dispatch: Handler, call_context: CallContext) -> Channel:
    """Connect to a zygote; it forks, and the child answers."""
    uids = {0, os.geteuid(), site.site_uid}
    try:
        return bridge.connect(
            listen,
            site.name,
            site.secret(),
            dispatch,
            context=call_context,
            timeout=CONNECT_SECONDS,
            uids=uids,
        )
    except bridge.HandshakeFailed as error:
        raise HostUnavailable(f"The unit's PHP process did not answer properly: {error.message}") from error


def request(
    site: Site, context: Context, dispatch: Handler, call_context: CallContext
) -> tuple[Channel, End]:
    """Ask PHP-FPM for one request; PHP connects back to a socket made for it.

    Returns the channel and what to do with the request at the unit's end.
    """
    assert site.fastcgi is not None
    path = str(Path(site.run_dir) / f"u{os.getpid()}-{secrets.token_hex(3)}.sock")
    with contextlib.closing(_listener(site, path)) as listener:
        try:
            asked = fastcgi.Request.start(site.fastcgi, _params(site, context, path))
            try:
                return _answered(site, listener, asked, dispatch, call_context)
            except BaseException:
                asked.close()
                raise
        finally:
            Path(path).unlink(missing_ok=True)


def _listener(site: Site, path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    if os.geteuid() == 0:
        os.chown(path, 0, site.site_gid)
    os.chmod(path, 0o660)
    listener.listen(1)
    return listener


def _answered(
    site: Site, listener: socket.socket, asked: fastcgi.Request, dispatch: Handler, call_context: CallContext
) -> tuple[Channel, End]:
    deadline = time.monotonic() + FASTCGI_SECONDS
    listener.settimeout(0.05)
    while True:
        try:
            peer, _ = listener.accept()
            break
        except TimeoutError:
            if asked.done.is_set():
                raise HostUnavailable(f"PHP-FPM did not load WordPress: {asked.text()[-1000:]}") from None
            if time.monotonic() > deadline:
                raise HostUnavailable("PHP-FPM did not begin the request in time.") from None
    packed = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid = struct.unpack("3i", packed)[0]
    try:
        handshake.check_peer(peer, {0, os.geteuid(), site.site_uid})
        stream = FrameStream(peer)
        # The same roles as with a zygote: whoever serves proves itself first.
        handshake.client(stream, site.name, site.secret(), deadline)
    except BaseException as error:
        peer.close()
        if isinstance(error, bridge.HandshakeFailed):
            # PHP connects before it loads WordPress: most often that is what failed.
            asked.done.wait(1.0)
            said = asked.text()[-1000:] or error.message
            raise HostUnavailable(f"PHP-FPM did not load WordPress: {said}") from error
        raise

    def end(killed: bool) -> None:
        # A worker of PHP-FPM serves others after us: it is only ended while it still works for this request.
        if killed and pid > 0 and not asked.done.wait(0.5):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        asked.close()

    return Channel(stream, dispatch, context=call_context), end


def _params(site: Site, context: Context, path: str) -> dict[str, str]:
    """What PHP sees in ``$_SERVER``. A web server never passes on a name without ``HTTP_`` from a visitor."""
    home = urlsplit(site.home_url or "http://localhost")
    script = site.fastcgi_script or str(plugin_file(site, "src/Host/fastcgi.php"))
    return {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REQUEST_METHOD": "POST",
        "SCRIPT_FILENAME": script,
        "SCRIPT_NAME": "/wp-cron.php" if context == "cron" else "/index.php",
        "REQUEST_URI": "/wp-cron.php" if context == "cron" else "/wp-json/",
        "QUERY_STRING": "",
        "SERVER_NAME": home.hostname or "localhost",
        "SERVER_PORT": str(home.port or (443 if home.scheme == "https" else 80)),
        "HTTP_HOST": home.netloc or "localhost",
        "HTTPS": "on" if home.scheme == "https" else "",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": "0",
        "DATAMACHINE_UNIT_SOCKET": path,
        "DATAMACHINE_UNIT_SITE": site.name,
        "DATAMACHINE_UNIT_SECRET_FILE": site.secret_file,
        "DATAMACHINE_UNIT_CONTEXT": context,
        "DATAMACHINE_UNIT_WP_PATH": site.wp_path,
        "DATAMACHINE_UNIT_HOME_URL": site.home_url,
    }
