"""Somebody's browser, as far as an attack needs one."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from tests.integration.security.lab import Lab

AUTHORIZE = "/wp-json/datamachine/v1/agent/authorize"


class Seen(msgspec.Struct):
    """What a browser got, which follows no redirect."""

    status: int
    location: str
    text: str

    @property
    def query(self) -> dict[str, str]:
        found = {name: values[0] for name, values in parse_qs(urlsplit(self.location).query).items()}
        # Which site answers says nothing about what was asked.
        found.pop("iss", None)
        return found


def browse(  # noqa: PLR0917  a request has that many parts
    lab: Lab,
    method: str,
    given: Mapping[str, str],
    who: str = "visitor",
    path: str = AUTHORIZE,
    headers: Mapping[str, str] | None = None,
) -> Seen:
    """A request of somebody's browser, with the cookie and without the nonce of REST."""
    place = urlsplit(lab.instance.url)
    connection = http.client.HTTPConnection(place.netloc, timeout=30)
    sent = {"Cookie": lab.columns.account(who).cookie} if who != "visitor" else {}
    form = urlencode(given)
    try:
        if method == "GET":
            connection.request("GET", f"{path}?{form}", headers={**sent, **(headers or {})})
        else:
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", path, body=form, headers={**sent, **kind, **(headers or {})})
        answer = connection.getresponse()
        return Seen(answer.status, answer.headers.get("Location", ""), answer.read().decode())
    finally:
        connection.close()
