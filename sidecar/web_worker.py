"""gunicorn's threaded worker, with a thread that stays with its connection while requests keep coming.

The stock worker hands a connection back to its main thread after each answer: two changes of threads, a pipe
and three system calls a request, as much as the whole of a small route. A runtime that asks several
things in a row sends its next request at once, so the thread that has just answered looks for it a moment.
"""

from __future__ import annotations

import select
import threading
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

#: Milliseconds to look for the next request of a connection.
LINGER = 10


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A process of the HTTP door."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # One thread is always left for whoever comes next.
        self._may_linger = threading.Semaphore(max(0, self.cfg.threads - 1))

    def handle(self, conn: Any) -> Any:
        """Answer a connection's requests as long as the next one is there at once."""
        while True:
            outcome = super().handle(conn)
            if outcome is not True or not self.alive or not self._more(conn):
                return outcome

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
