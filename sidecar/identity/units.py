"""A WordPress process that works as somebody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sidecar.bridge import RemoteError
from sidecar.host import HostPool, UnitHost
from sidecar.identity import bearer
from sidecar.identity.principal import Principal


@contextmanager
def unit_of(units: HostPool, principal: Principal) -> Iterator[UnitHost]:
    """A unit with the principal's user and blog, and its agent, whose limits bound there whatever is done.

    Unauthorized ``datamachine_invalid_token`` when the agent's token was revoked meanwhile.
    """
    with units.unit("rest", principal.user_id, principal.blog_id, system=principal.unlimited) as unit:
        if principal.agent_id:
            limit = None if principal.ceiling is None else sorted(principal.ceiling)
            acting = {
                "agent_id": principal.agent_id,
                "token_id": principal.token_id,
                "capabilities": limit,
            }
            try:
                unit.call("identity.act_as", acting)
            except RemoteError as error:
                if error.code == "forbidden" and principal.token_id:
                    # The token was good a moment ago, and is not any more.
                    raise bearer.refusal() from None
                raise
        yield unit
