"""``/memory/changes``: a runtime learns at once that its memory changed. The sidecar's own door only."""

from __future__ import annotations

from sidecar import waiting
from sidecar.api.envelope import success
from sidecar.api.memory import ALLOWED, WHOSE
from sidecar.api.own_memory import OwnMemory
from sidecar.api.route import Answer, Argument, Request, Route
from sidecar.identity import bearer
from sidecar.identity.tokens import TokensRepository
from sidecar.memory.changes import MemoryChanges

#: Seconds a request waits at most; less than a process may take to end.
LONGEST = 25


def changes(request: Request) -> Answer:
    """``{success, data: {cursor, changed, files: [{filename, layer}, ...]}}``, as soon as something changed.

    Without ``cursor`` the answer says only where one is now. With the one of the last answer it comes when a
    file of the agent, of its user, or of those all share was written, by whomever, else after ``wait``
    seconds with ``changed`` false. A file that is gone is not named: then ``changed`` is true all the same.
    While half of the door's threads wait already, the answer comes at once and says with ``Retry-After``
    when to come again.
    """
    layers = OwnMemory(request).layers()
    service = request.runtime.get(MemoryChanges)
    seconds = float(request.params["wait"])
    with request.runtime.get(waiting.Seats).take() as seated:
        found = service.since(layers, request.blog_id, request.params["cursor"], seconds if seated else 0.0)
    _still_welcome(request)
    files = [{"filename": each.filename, "layer": each.layer} for each in found.files]
    data = {"cursor": found.cursor, "changed": found.changed, "files": files}
    headers = {} if seated or found.changed or not seconds else {"Retry-After": "2"}
    return success(data, headers=headers | {"Cache-Control": "no-store"})


def _still_welcome(request: Request) -> None:
    """Refuse whose token or role was taken away while he waited."""
    principal = request.principal
    if principal.token_id and principal.agent_id:
        token = request.runtime.get(TokensRepository).get(principal.token_id, principal.agent_id)
        if token is None:
            raise bearer.refusal()
    OwnMemory(request).layers()


ROUTES = (
    Route(
        "GET",
        "/memory/changes",
        ALLOWED,
        changes,
        {
            "cursor": Argument("string", default=""),
            "wait": Argument("integer", default=LONGEST, minimum=0, maximum=LONGEST, description="Seconds."),
            **WHOSE,
        },
        own_door=True,
    ),
)
