"""Requests that handlers make to other servers: bounded in time and size, kept off private networks.

A flow's settings name the address, and whoever edits flows need not be whom the network trusts. Requests to
private and loopback addresses are for administrators' flows and the site's own. Every connection is checked
by the address it is really made to, redirects too, so that a name cannot change its meaning in between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import msgspec
import requests
import urllib3
from requests.cookies import extract_cookies_to_jar

from sidecar.automation.handlers.connections import Guarded, Refused
from sidecar.clock import Clock
from sidecar.watch import Adapter, Watch

#: Seconds without a byte, and for the whole of it: a server that drips must not keep a worker for ever.
TIMEOUT = 30.0
LONGEST = 120.0
#: A body larger than this is refused rather than read into memory.
LARGEST = 16 << 20
#: Redirects that are followed.
MOST_HOPS = 10
AGENT = "Data Machine sidecar"
INVALID = "A valid URL was not provided."
_PIECE = 64 << 10


class FetchError(Exception):
    """A request that brought nothing; the text goes to the log."""


class Fetched(msgspec.Struct, frozen=True):
    """A body, the media type its server claims (lower case, without parameters), and where it came from."""

    body: bytes
    media_type: str
    url: str


class Outgoing:
    """``own`` is the site's own ``host:port``, which is open to everybody as it is to every visitor."""

    def __init__(self, clock: Clock, own: Callable[[], str] = str) -> None:
        self._clock = clock
        self._own = own

    def get(
        self,
        url: str,
        *,
        private: bool = False,
        what: str = "answer",
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """The body behind an address; FetchError. ``private``: it may be on a private network."""
        with requests.Session() as http, Watch(LONGEST) as watch:
            http.headers.update({"User-Agent": AGENT, **(headers or {})})
            try:
                return self._get(http, watch, url, what, private=private)
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                if watch.over:
                    raise FetchError(_late(what)) from error
                raise FetchError(INVALID if isinstance(_cause(error), Refused) else _why(error)) from error

    def _get(self, http: requests.Session, watch: Watch, url: str, what: str, *, private: bool) -> Fetched:
        for _ in range(1 + MOST_HOPS):
            _must_be_usable(url)
            with self._ask(http, url, private=private or place(url) == self._own()) as answer:
                # What comes with a redirect is not read: it may be without end.
                target = _target(http, answer)
                if target is None:
                    if not 200 <= answer.status_code < 300:
                        raise FetchError(f"HTTP {answer.status_code}")
                    media_type = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
                    return Fetched(self._body(answer, watch, what), media_type, url)
                url = _joined(url, target)
        raise FetchError(f"More than {MOST_HOPS} redirects.")

    @staticmethod
    def _ask(http: requests.Session, url: str, *, private: bool) -> requests.Response:
        """The answer's headers; a session's own way would follow redirects, and read what comes with them."""
        # A proxy would connect in our place, unchecked.
        http.trust_env = private
        request = http.prepare_request(requests.Request("GET", url))
        environment = http.merge_environment_settings(request.url or url, {}, True, None, None)
        adapter = Adapter() if private else Guarded()
        answer = adapter.send(
            request,
            stream=True,
            timeout=TIMEOUT,
            verify=environment["verify"] or True,
            proxies=environment["proxies"],
        )
        extract_cookies_to_jar(http.cookies, request, answer.raw)  # type: ignore[no-untyped-call]
        return answer

    def _body(self, answer: requests.Response, watch: Watch, what: str) -> bytes:
        # What one receive gives, at most a small piece: a full read would wait for each byte of a slow
        # server, and unpack a compressed body before its size is known.
        until = self._clock.monotonic() + LONGEST
        body = bytearray()
        while piece := answer.raw.read1(_PIECE, decode_content=True):
            body += piece
            if len(body) > LARGEST:
                raise FetchError(f"The {what} is larger than {LARGEST >> 20} MiB.")
            if self._clock.monotonic() > until:
                break
        else:
            # A connection that was ended looks like the end of a body without a length.
            if not watch.over:
                return bytes(body)
        raise FetchError(_late(what))


def place(url: str) -> str:
    """``host:port`` of an address, lower case; '' for none."""
    try:
        parts = urlsplit(url)
        if not parts.hostname:
            return ""
        return f"{parts.hostname.lower()}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
    except ValueError:
        return ""


def split(url: str) -> SplitResult:
    """The parts of an address that a stranger wrote; those of '' for what is none."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def shown(url: str) -> str:
    """An address for the log: keys stand behind its question mark, and passwords before its host."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, host, parts.path, "..." if parts.query else "", ""))


def _why(error: Exception) -> str:
    """What went wrong, without the address that the layers above put around it."""
    inner = error.args[0] if error.args else error
    return str(getattr(inner, "reason", None) or error)


def _must_be_usable(url: str) -> None:
    """FetchError for an address of another scheme, without a host, or that is none."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise FetchError(INVALID)


def _target(http: requests.Session, answer: requests.Response) -> str | None:
    """What a redirect names; None for other answers."""
    try:
        return http.get_redirect_target(answer)
    except UnicodeError:
        raise FetchError("The redirect names no address.") from None


def _joined(url: str, target: str) -> str:
    """Where a redirect leads; '' for what is no address."""
    try:
        return urljoin(url, target)
    except ValueError:
        return ""


def _late(what: str) -> str:
    return f"The {what} did not arrive within {LONGEST:.0f} seconds."


def _cause(error: BaseException | None) -> BaseException | None:
    """The refusal behind what the layers above made of it."""
    seen = 0
    while error is not None and seen < 10:
        if isinstance(error, Refused):
            return error
        reason = getattr(error, "reason", None) or next(
            (one for one in error.args if isinstance(one, BaseException)), None
        )
        error, seen = reason if isinstance(reason, BaseException) else error.__cause__, seen + 1
    return None
