"""The tokens of other sites, as WordPress keeps them: encrypted with keys that only WordPress has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from sidecar.host import HostPool
from sidecar.host import context as hosts
from sidecar.host.context import WordPressHost
from sidecar.identity.external.address import Remote
from sidecar.identity.external.values import Connection, Invitation, Secret
from sidecar.identity.principal import Principal
from sidecar.identity.units import unit_of


class ExternalStore:
    """The host operations ``external.*``, in the request that waits on us or in a unit."""

    def __init__(self, units: Callable[[], HostPool]) -> None:
        self._units = units

    def all(self, principal: Principal) -> list[Connection]:
        """Every stored token, without the tokens, in the order of their keys."""
        with self._at_hand(principal) as host:
            found = host.call("external.list", {})
        return [_connection(row) for row in found]

    def get(self, principal: Principal, key: str) -> Secret | None:
        """One with its token; None when there is none of that key.

        RemoteError ``external_token_unreadable`` when WordPress's keys are others than when it was stored.
        """
        with self._at_hand(principal) as host:
            found = host.call("external.get", {"key": key})
        return None if found is None else Secret(_connection(found), str(found["token"]))

    def put(self, principal: Principal, remote: Remote, slug: str, agent_id: int, token: str) -> Connection:
        """Store a token, in place of one of the same key."""
        with self._at_hand(principal) as host:
            row = host.call(
                "external.put",
                {
                    "remote_site": remote.site,
                    "scheme": remote.scheme,
                    "agent_slug": slug,
                    "agent_id": agent_id,
                    "token": token,
                },
            )
        return _connection(row)

    def remove(self, principal: Principal, key: str) -> bool:
        """Forget one; False when there is none of that key."""
        with self._at_hand(principal) as host:
            return host.call("external.remove", {"key": key}) is True

    def invite(
        self, principal: Principal, remote: Remote, slug: str, label: str, redirect_uri: str
    ) -> Invitation:
        """Begin to connect; WordPress's callback ends it, at ``redirect_uri`` or its own address."""
        with self._at_hand(principal) as host:
            told = host.call(
                "external.begin",
                {
                    "remote_site": remote.site,
                    "scheme": remote.scheme,
                    "agent_slug": slug,
                    "label": label,
                    "redirect_uri": redirect_uri,
                    "user_id": principal.user_id,
                },
            )
        return msgspec.convert(told, Invitation)

    @contextmanager
    def _at_hand(self, principal: Principal) -> Iterator[WordPressHost]:
        current = hosts.current()
        if current is not None:
            yield current
        elif principal.unlimited:
            # An operator's --user says for whom, it takes nothing away.
            with self._units().unit("cron", blog_id=principal.blog_id, system=True) as unit:
                yield unit
        else:
            with unit_of(self._units(), principal) as unit:
                yield unit


def _connection(row: Mapping[str, Any]) -> Connection:
    return Connection(
        key=str(row["key"]),
        remote_site=str(row["remote_site"]),
        agent_slug=str(row["agent_slug"]),
        agent_id=int(row["agent_id"]),
        received_at=str(row["received_at"]),
        has_token=row["has_token"] is True,
        scheme=str(row["scheme"]),
    )
