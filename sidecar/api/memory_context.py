"""``/agents/{agent}/context``: all of an agent's memory that a prompt begins with."""

from __future__ import annotations

import re
from hashlib import sha1
from typing import Any

import msgspec

from sidecar.api import content, etags
from sidecar.api.envelope import success
from sidecar.api.memory import ALLOWED
from sidecar.api.route import Answer, Argument, Request, Route
from sidecar.errors import NotFound
from sidecar.identity import AgentsRepository, Permissions
from sidecar.identity.permissions import refusal
from sidecar.memory import MemoryAccess, Target
from sidecar.memory.access import READ
from sidecar.memory.injection import Injection, Part
from sidecar.memory.values import raw

#: The agent that acts, whatever its slug.
_SELF = "me"
#: What a run works with besides; other packages know them.
_RUN = ("pipeline_id", "flow_id")
_ID = re.compile(r"[0-9]{1,19}")


def show(request: Request) -> Answer:
    """``{success, data: {agent_id, mode, hash, bytes, parts}}`` with an ``ETag``, as models read it.

    A part has ``source`` (``core``, ``daily``, ...), ``priority``, ``filename``, ``layer``, ``content``,
    ``bytes``, ``hash`` (of the stored file) and ``warning`` (null, or what is said of a file too large).
    ``agent`` is an id, a slug, or ``me``; ``mode`` is ``chat`` (default), ``pipeline``, ``system`` or a
    plugin's. ``pipeline_id`` and ``flow_id`` add the files attached there, for who may see these. ``hash``
    stands for all of it: 304 when ``If-None-Match`` names it. With ``Accept:
    text/markdown`` the parts' text, blank lines between them.
    """
    target = _target(request)
    mode = request.params["mode"]
    named = {name: request.params.get(name, 0) for name in _RUN}
    parts = request.runtime.get(Injection).assemble(
        request.principal,
        target,
        mode,
        context={name: number for name, number in named.items() if number},
    )
    digest = _digest(parts)
    answer = etags.unchanged(request.headers, digest)
    if answer is not None:
        return answer
    whole = "\n\n".join(part.content for part in parts)
    if content.wants_bytes(request):
        return content.of_bytes("context.md", raw(whole), digest)
    data = {
        "agent_id": target.agent_id,
        "mode": mode,
        "hash": digest,
        "bytes": sum(part.bytes for part in parts),
        "parts": [_part(part) for part in parts],
    }
    return success(data, headers=etags.tag(digest))


def _part(part: Part) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(part)
    return found | {"content": content.as_text(raw(part.content))}


def _digest(parts: list[Part]) -> str:
    whole = sha1()
    for part in parts:
        # Lengths keep two parts apart from one.
        whole.update(f"{part.filename}\0{part.layer}\0{part.bytes}\0".encode())
        whole.update(raw(part.content))
    return whole.hexdigest()


def _target(request: Request) -> Target:
    """Whose memory; NotFound ``agent_not_found``, which only who administers agents is told."""
    access, agents = request.runtime.get(MemoryAccess), request.runtime.get(AgentsRepository)
    word = str(request.params["agent"])
    if word == _SELF:
        return access.target(request.principal)
    agent = agents.get(int(word)) if _ID.fullmatch(word) else None
    agent = agent or agents.by_slug(word)
    if agent is None:
        if request.runtime.get(Permissions).administers(request.principal):
            raise NotFound("Agent not found.", code="agent_not_found")
        raise refusal(request.principal, READ)
    return access.target(request.principal, agent_id=agent.agent_id)


ROUTES = (
    Route(
        "GET",
        r"/agents/(?P<agent>[A-Za-z0-9_-]+)/context",
        ALLOWED,
        show,
        {
            "agent": Argument("string", required=True),
            "mode": Argument("string", default="chat"),
            **{name: Argument("integer", minimum=0) for name in _RUN},
        },
    ),
)
