"""gunicorn's threaded worker, with less to do for each of several requests in a row.

The stock worker hands a connection back to its main thread after each answer: two changes of threads, a pipe
and three system calls a request, as much as the whole of a small route. A runtime that asks several
things in a row sends its next request at once, so the thread that has just answered looks for it a moment.
And an answer's head and body are sent together, which wakes the client once instead of twice.
"""

from __future__ import annotations

import re
import select
import threading
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from sidecar import waiting

#: Milliseconds to look for the next request of a connection.
LINGER = 10
#: Bytes of an answer that are held back at most.
GATHERED = 64 * 1024


#: A token in a line that is no header; gunicorn repeats such lines in its log and its answer.
_SECRET = re.compile(r"datamachine_[^\s'\"]+")


class Gathering:
    """A socket that sends what it is given with as few calls as it can; :meth:`flush` sends the rest."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._held = bytearray()

    def sendall(self, data: bytes) -> None:
        """Send ``data``, perhaps later."""
        self._held += data
        if len(self._held) > GATHERED:
            self.flush()

    def flush(self) -> None:
        """Send what is held."""
        if self._held:
            data, self._held = self._held, bytearray()
            self._sock.sendall(data)

    def __getattr__(self, name: str) -> Any:
        # Whatever else is done with the socket comes after what was sent before.
        self.flush()
        return getattr(self._sock, name)


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A process of the HTTP door."""

    _told = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # One thread is always left for whoever comes next.
        self._may_linger = threading.Semaphore(max(0, self.cfg.threads - 1))

    def init_process(self) -> None:
        """Begin, in the worker's own process."""
        # Each is looked up about twenty times a request; in this process none changes any more.
        for name in self.cfg.settings:
            if not hasattr(type(self.cfg), name):
                self.cfg.__dict__[name] = getattr(self.cfg, name)
        super().init_process()

    def handle_exit(self, sig: int, frame: Any) -> None:
        """TERM: whoever waits for something to happen answers now."""
        if not self._told:  # a second signal may arrive inside `set`, which holds a lock
            self._told = True
            waiting.STOPPING.set()
        super().handle_exit(sig, frame)

    def handle(self, conn: Any) -> Any:
        """Answer a connection's requests as long as the next one is there at once."""
        while True:
            outcome = super().handle(conn)
            if outcome is not True or not self.alive or not self._more(conn):
                return outcome

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer one request with as few writes as possible."""
        sock = conn.sock
        conn.sock = gathering = Gathering(sock)
        try:
            keep = super().handle_request(req, conn)
            gathering.flush()
            return keep
        finally:
            conn.sock = sock

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Any) -> None:
        """Answer what is no request; without the tokens in it."""
        for name, value in vars(exc).items():
            if isinstance(value, str | bytes):
                text = value.decode("latin-1") if isinstance(value, bytes) else value
                setattr(exc, name, _SECRET.sub("datamachine_...", text))
        super().handle_error(req, client, addr, exc)

    def _more(self, conn: Any) -> bool:
        """Whether this thread goes on with the connection: another request has arrived, and nobody waits."""
        if self.tpool._work_queue.qsize() > 0:
            return False
        if conn.parser.unreader.buf.getvalue():
            return True
        if not self._may_linger.acquire(blocking=False):
            return False
        try:
            ready = select.poll()
            ready.register(conn.sock, select.POLLIN)
            return bool(ready.poll(LINGER))
        finally:
            self._may_linger.release()
