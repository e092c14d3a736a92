"""Who acts in a call of WordPress: what PHP tells, believed only as far as it can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.bridge import Call, CallContext
from sidecar.errors import Forbidden
from sidecar.identity import bearer
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.caller import Caller
from sidecar.identity.capabilities import CAPABILITIES
from sidecar.identity.principal import Answers, Principal
from sidecar.identity.values import Agent

#: The parameter of ``rest.handle``, ``ability.execute``, ``cli.run`` and ``identity.*``.
PARAMETER = "principal"


def principal_of(call: Call, agents: AgentsRepository) -> Principal:
    """The principal of a call, from ``DataMachine\\Bridge\\Identity\\Principal::describe()``.

    ``{kind, user_id, actions, administrator, network, authenticated, agent: null | {agent_id, capabilities,
    token_id}, caller: null | {site, agent, chain_id, depth}}``: PHP is believed about its user and what
    WordPress says of him; whose an agent is, and what its token is limited to, is read again.
    ``authenticated`` is PHP code that vouches for a caller who is no user (``run_as_authenticated()``).
    Forbidden ``invalid_principal`` when an agent acts that is gone or is not that user's; Unauthorized
    ``datamachine_invalid_token`` when its token was revoked or has ended since.
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
    agent_id, token_id = _id(agent.get("agent_id")), _id(agent.get("token_id"))
    found, ceiling = _acting(agents, agent_id, token_id)
    if found is None or found.owner_id != user_id:
        raise Forbidden("The acting agent is not this user's.", code="invalid_principal")
    limit = agent.get("capabilities")
    if limit is not None:
        # PHP may have narrowed it further, never widened.
        told_names = frozenset(str(each) for each in _items(limit))
        ceiling = told_names if ceiling is None else ceiling & told_names
    return Principal(
        "agent",
        user_id=user_id,
        agent_id=found.agent_id,
        ceiling=ceiling,
        token_id=token_id or None,
        blog_id=blog_id,
        answers=answers,
        caller=_caller(told.get("caller")),
    )


def _acting(
    agents: AgentsRepository, agent_id: int, token_id: int
) -> tuple[Agent | None, frozenset[str] | None]:
    """The agent and the limit of its token, both as the database has them now."""
    if not token_id:
        return agents.get(agent_id), None
    found = agents.acting(agent_id, token_id)
    if found is None:
        return None, None
    agent, token = found
    if token is None:
        raise bearer.refusal()
    return agent, token.ceiling.capabilities


def _caller(told: Any) -> Caller | None:
    """What an agent of another site has said about itself."""
    if not isinstance(told, Mapping):
        return None
    return Caller(
        site=str(told.get("site") or ""),
        agent=str(told.get("agent") or ""),
        chain_id=str(told.get("chain_id") or ""),
        depth=_id(told.get("depth")),
    )


def _id(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _items(value: Any) -> list[Any]:
    """A PHP list as it arrives: a list, or a mapping when its keys have gaps."""
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else []
