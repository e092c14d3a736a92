"""Addresses of other sites: how they are written, kept and put together."""

from __future__ import annotations

import ipaddress
import re
from typing import Literal
from urllib.parse import SplitResult, urlsplit

import msgspec

from sidecar.errors import InvalidInput

Scheme = Literal["https", "http"]
PORTS: dict[str, int] = {"https": 443, "http": 80}
#: Characters of an address, and of a slug.
LONGEST = 2000
LONGEST_SLUG = 200

_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?")
_FOLDER = re.compile(r"(?:/[A-Za-z0-9._~%-]+)*")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_SLUG = re.compile(r"[A-Za-z0-9_%.-]+")


class Remote(msgspec.Struct, frozen=True):
    """Another site. ``site`` is its host, its port unless it is the scheme's own, and its folder."""

    site: str
    scheme: Scheme = "https"

    @property
    def url(self) -> str:
        """Its address without a slash at the end."""
        return f"{self.scheme}://{self.site}"

    @property
    def authority(self) -> str:
        """Its host and port."""
        return self.site.partition("/")[0]

    def address(self, path: str) -> str:
        """The whole address of a path below the site, or of an address that is on its host already.

        InvalidInput ``invalid_path`` for everything else.
        """
        if _UNSAFE.search(path) or len(path) > LONGEST or path == "":
            raise InvalidInput(f"Not a path on {self.site}.", code="invalid_path")
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", path) is None:
            return self.url + "/" + path.lstrip("/")
        parts = _split(path)
        if not self.owns(path):
            raise InvalidInput(f"The address is not on {self.authority}.", code="invalid_path")
        query = f"?{parts.query}" if parts.query else ""
        return f"{parts.scheme}://{self.authority}{parts.path or '/'}{query}"

    def owns(self, url: str) -> bool:
        """Whether an address is on this host and port, over a connection that is no less safe."""
        try:
            parts = _split(url)
            host, port = _host(parts), parts.port
        except (InvalidInput, ValueError):
            return False
        if parts.scheme not in PORTS or (self.scheme == "https" and parts.scheme != "https"):
            return False
        # A site on http may send to https on the same host, if each has the port of its scheme.
        return _authority(host, port, parts.scheme) == self.authority

    def key(self, slug: str) -> str:
        """What a stored token of an agent there is filed under."""
        return f"{self.site}/{slug}"


def parse(text: str) -> Remote:
    """``example.com``, ``https://example.com/blog/``, ``localhost:8080``.

    ``https`` where nothing is said, except on this machine; ``http`` where it is said. InvalidInput
    ``invalid_site`` for what is no address of a site.
    """
    given = text.strip()
    wrong = InvalidInput(f'"{text}" is not the address of a site.', code="invalid_site")
    if not given or len(given) > LONGEST or _UNSAFE.search(given):
        raise wrong
    said = re.match(r"(?i)(https?)://", given)
    try:
        parts = _split(given if said else f"https://{given}")
        host, port = _host(parts), parts.port
    except (InvalidInput, ValueError):
        raise wrong from None
    folder = parts.path.rstrip("/")
    if parts.query or parts.fragment or "?" in given or "#" in given or _FOLDER.fullmatch(folder) is None:
        raise wrong
    if any(set(name) == {"."} for name in folder.split("/") if name):
        raise wrong
    scheme: Scheme = "https"
    if (said and said[1].lower() == "http") or (not said and is_loopback(host)):
        scheme = "http"
    return Remote(_authority(host, port, scheme) + folder, scheme)


def check_slug(slug: str) -> str:
    """A slug of another site's agent, or InvalidInput ``invalid_agent_slug``."""
    slug = slug.strip()
    if _SLUG.fullmatch(slug) is None or len(slug) > LONGEST_SLUG:
        raise InvalidInput(f'"{slug}" is not the slug of an agent.', code="invalid_agent_slug")
    return slug


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _split(url: str) -> SplitResult:
    if _UNSAFE.search(url):
        raise InvalidInput("An address has no spaces, backslashes or control characters.")
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise InvalidInput("An address carries no user and no password.")
    return parts


def _host(parts: SplitResult) -> str:
    """The host in lower case, an IPv6 address in brackets; ValueError for what is none."""
    host = (parts.hostname or "").lower()
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host).compressed}]"
    if _HOST.fullmatch(host) is None:
        raise ValueError(host)
    return host


def _authority(host: str, port: int | None, scheme: str) -> str:
    return host if port is None or port == PORTS[scheme] else f"{host}:{port}"
