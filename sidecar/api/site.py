"""What routes say of the site itself: its addresses and its name, as WordPress has them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec

from sidecar.api.route import NAMESPACE, Request
from sidecar.host import context as hosts
from sidecar.wordpress import rest_url


class Site(msgspec.Struct, frozen=True):
    """One blog, constants and filters of its options counted."""

    #: WordPress's own address (``siteurl``), without a slash at its end.
    url: str
    name: str
    #: The host of that address, without a port.
    host: str
    #: Where a browser is sent to let a program act as an agent.
    authorize_url: str


def of(request: Request) -> Site:
    """The site a request is about."""
    host = hosts.current()
    if host is not None:
        return _asked(host)
    with request.runtime.hosts.unit("rest", blog_id=request.blog_id) as unit:
        return _asked(unit)


def _asked(host: Any) -> Site:
    def option(name: str) -> str:
        return str(host.get_option(name, "") or "")

    url = option("siteurl").rstrip("/")
    return Site(
        url=url,
        name=option("blogname"),
        host=urlsplit(url).hostname or "",
        authorize_url=rest_url(option("home"), option("permalink_structure"), f"{NAMESPACE}/agent/authorize"),
    )
