"""What WordPress says about the user who asks."""

from __future__ import annotations

from sidecar.host import context
from sidecar.identity.capabilities import CAPABILITIES, MANAGING
from sidecar.runtime import Runtime


def manages(runtime: Runtime, user_id: int) -> bool:
    """Whether the user is an administrator of the product: any managing capability, or ``manage_options``.

    The waiting request is asked where there is one, else a unit. Nobody is no administrator.
    """
    if user_id <= 0:
        return False
    wanted = ("manage_options", *(CAPABILITIES[action] for action in MANAGING))
    host = context.current()
    if host is not None:
        return any(host.user_can(user_id, capability) for capability in wanted)
    with runtime.hosts.unit("rest", user_id=user_id) as unit:
        return any(unit.user_can(user_id, capability) for capability in wanted)
