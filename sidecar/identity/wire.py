"""Who acts in a call of WordPress: what PHP tells, believed only as far as it can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.bridge import Call, CallContext
from sidecar.errors import Forbidden
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.capabilities import CAPABILITIES
from sidecar.identity.principal import Answers, Principal

#: The parameter of ``rest.handle``, ``ability.execute``, ``cli.run`` and ``identity.*``.
PARAMETER = "principal"


def principal_of(call: Call, agents: AgentsRepository) -> Principal:
    """The principal of a call, from ``DataMachine\\Bridge\\Identity\\Principal::describe()``.

    ``{kind, user_id, actions, administrator, network, authenticated, agent: null | {agent_id, capabilities,
    token_id}}``: PHP is believed about its user and what WordPress says of him; whose an agent is, is read
    again.
    ``authenticated`` is PHP code that vouches for a caller who is no user (``run_as_authenticated()``).
    Forbidden ``invalid_principal`` when an agent acts that is gone or is not that user's.
    """
    return principal_told(call.params.get(PARAMETER), call.context, agents)


def principal_told(told: Any, context: CallContext, agents: AgentsRepository) -> Principal:
    """As :func:`principal_of`, of what PHP has told by itself."""
    blog_id = context.blog_id
    if not isinstance(told, Mapping):
        return Principal.user(context.user_id, blog_id=blog_id)
    kind, user_id = told.get("kind"), _id(told.get("user_id"))
    vouched = told.get("authenticated") is True
    if kind == "system" and (vouched or context.source in {"host", "queue", "cron"}):
        return Principal.system(blog_id=blog_id)
    if kind == "cli" and context.source == "cli":
        return Principal.command_line(user_id, blog_id=blog_id)
    answers = Answers(
        actions=frozenset(str(each) for each in _items(told.get("actions")) if each in CAPABILITIES),
        administrator=told.get("administrator") is True,
        network=told.get("network") is True,
    )
    agent = told.get("agent")
    if not isinstance(agent, Mapping):
        return Principal.user(user_id, blog_id=blog_id, answers=answers)
    found = agents.get(_id(agent.get("agent_id")))
    if found is None or found.owner_id != user_id:
        raise Forbidden("The acting agent is not this user's.", code="invalid_principal")
    limit = agent.get("capabilities")
    return Principal(
        "agent",
        user_id=user_id,
        agent_id=found.agent_id,
        ceiling=None if limit is None else frozenset(str(each) for each in _items(limit)),
        token_id=_id(agent.get("token_id")) or None,
        blog_id=blog_id,
        answers=answers,
    )


def _id(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _items(value: Any) -> list[Any]:
    """A PHP list as it arrives: a list, or a mapping when its keys have gaps."""
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else []
