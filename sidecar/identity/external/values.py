"""What is kept of other sites, and what they answer."""

from __future__ import annotations

from typing import Any

import msgspec

from sidecar.identity.external.address import Remote, Scheme, is_loopback


class Connection(msgspec.Struct, frozen=True):
    """A token that another site gave us for one of its agents."""

    key: str
    remote_site: str
    agent_slug: str
    agent_id: int
    #: UTC, ``Y-m-d H:i:s``.
    received_at: str
    has_token: bool
    #: ``http`` where somebody said so; empty for what WordPress's Data Machine has stored.
    scheme: str = ""

    @property
    def remote(self) -> Remote:
        """The site."""
        host = self.remote_site.partition("/")[0].rpartition(":")
        local = is_loopback(host[0] or host[2]) or is_loopback(self.remote_site.partition("/")[0])
        scheme: Scheme = "http" if self.scheme == "http" or (not self.scheme and local) else "https"
        return Remote(self.remote_site, scheme)


class Secret(msgspec.Struct, frozen=True):
    """A connection with its token in clear: for one request, never for an answer, a log or a file."""

    connection: Connection
    token: str

    def __repr__(self) -> str:
        return f"Secret({self.connection.key}, ...)"


class Invitation(msgspec.Struct, frozen=True):
    """An address that an administrator opens to let the other site's owner approve."""

    authorize_url: str
    redirect_uri: str
    #: Seconds.
    expires_in: int


class Who(msgspec.Struct, frozen=True):
    """Whom a token stands for at the other site."""

    agent_id: int
    agent_slug: str
    agent_name: str = ""
    site_name: str = ""


class Exchanged(msgspec.Struct, frozen=True):
    """What another site gives for a code."""

    access_token: str
    agent_id: int
    agent_slug: str


class Answer(msgspec.Struct, frozen=True):
    """What came of a request to another site. Nothing was answered where ``status_code`` is 0."""

    success: bool
    status_code: int
    url: str
    #: Decoded JSON; the text where it is none.
    body: Any = None
    raw_body: str = ""
    #: Names in lower case.
    headers: dict[str, str] = {}
    #: Why it is no success; empty for a success.
    error: str = ""

    def document(self) -> dict[str, Any]:
        """``{success, status_code, body, raw_body, headers, url, error?}``."""
        data: dict[str, Any] = {
            "success": self.success,
            "status_code": self.status_code,
            "body": self.body,
            "raw_body": self.raw_body,
            "headers": self.headers,
            "url": self.url,
        }
        return data | ({"error": self.error} if self.error else {})
