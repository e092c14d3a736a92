"""``/agents/{agent_id}/access``: who may use an agent, and as what."""

from __future__ import annotations

from sidecar.api.agents import AGENT_ID, MANAGED, ONE
from sidecar.api.envelope import success
from sidecar.api.route import Answer, Argument, Request, Route
from sidecar.identity import AccessService
from sidecar.identity.values import ROLES

PATH = ONE + "/access"


def list_access(request: Request) -> Answer:
    """``{success, data: [{user_id, display_name, user_email, role, granted_at}, ...]}``, oldest first.

    An owner without a grant is not in it. 404 ``agent_not_found``.
    """
    people = request.runtime.get(AccessService).list(request.principal, request.params["agent_id"])
    return success(
        [
            {
                "user_id": person.user_id,
                "display_name": person.display_name if person.login is not None else "(unknown user)",
                "user_email": person.email,
                "role": person.role,
                "granted_at": person.granted_at,
            }
            for person in people
        ]
    )


def grant_access(request: Request) -> Answer:
    """``{success, data: {agent_id, user_id, display_name, role}}``; a second grant replaces the first.

    404 ``agent_not_found`` or ``user_not_found``.
    """
    params = request.params
    person = request.runtime.get(AccessService).grant(
        request.principal, params["agent_id"], params["user_id"], params["role"]
    )
    return success(
        {
            "agent_id": person.agent_id,
            "user_id": person.user_id,
            "display_name": person.display_name,
            "role": person.role,
        }
    )


def revoke_access(request: Request) -> Answer:
    """``{success, data: {agent_id, user_id, revoked}}``.

    400 ``cannot_revoke_owner``, 404 ``agent_not_found`` or, without a grant, ``revoke_failed``.
    """
    agent_id, user_id = request.params["agent_id"], request.params["user_id"]
    request.runtime.get(AccessService).revoke(request.principal, agent_id, user_id)
    return success({"agent_id": agent_id, "user_id": user_id, "revoked": True})


ROUTES = (
    Route("GET", PATH, MANAGED, list_access, {"agent_id": AGENT_ID}),
    Route(
        "POST",
        PATH,
        MANAGED,
        grant_access,
        {
            "agent_id": AGENT_ID,
            "user_id": Argument("integer", required=True),
            "role": Argument("string", default="viewer", enum=tuple(reversed(ROLES))),
        },
    ),
    Route(
        "DELETE",
        PATH + r"/(?P<user_id>\d+)",
        MANAGED,
        revoke_access,
        {"agent_id": AGENT_ID, "user_id": Argument("integer", required=True)},
    ),
)
