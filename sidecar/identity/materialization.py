"""Declared agents become rows: what PHP registered on ``wp_agents_api_init`` meets the database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from sidecar import hooks
from sidecar.bridge import Call, Handle, RemoteError
from sidecar.errors import InvalidInput, SidecarError, Unavailable
from sidecar.identity.access import AccessRepository
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.creation import Creation
from sidecar.identity.locks import AgentBusy
from sidecar.identity.places import AgentPlaces
from sidecar.identity.renaming import Renaming
from sidecar.identity.values import ROLE_ADMIN, Agent
from sidecar.identity.wordpress import IdentityHost

logger = logging.getLogger("datamachine.identity")

RECONCILED = "datamachine_registered_agent_reconciled"


class Definition(msgspec.Struct, frozen=True):
    """One registered agent, as ``WP_Agent::to_array()`` gives it."""

    slug: str
    label: str
    default_config: Mapping[str, Any]
    #: A live PHP callable that gives the owner's user id, asked only for agents that have no row yet.
    owner_resolver: Callable[[], Any] | None
    #: The array itself, for the hook.
    source: Mapping[str, Any]


class Outcome(msgspec.Struct):
    """Slugs by what became of them.

    ``incomplete`` have a row and lack files, ``skipped`` have no owner; WordPress asks again for both.
    ``removed`` were taken away by somebody, and stay away until they are restored.
    """

    created: list[str] = msgspec.field(default_factory=list)
    existing: list[str] = msgspec.field(default_factory=list)
    skipped: list[str] = msgspec.field(default_factory=list)
    incomplete: list[str] = msgspec.field(default_factory=list)
    removed: list[str] = msgspec.field(default_factory=list)


class Materializer:
    """Creates what definitions lack: row, owner's grant, directory, files.

    Rows that exist are never changed: the database owns their content.
    """

    def __init__(
        self,
        agents: AgentsRepository,
        access: AccessRepository,
        *,
        creation: Creation,
        renaming: Renaming,
        host: IdentityHost,
        places: Callable[[], AgentPlaces],
    ) -> None:
        self._agents = agents
        self._access = access
        self._creation = creation
        self._renaming = renaming
        self._host = host
        self._places = places

    def handle(self, call: Call) -> dict[str, list[str]]:
        """The bridge method ``agents.reconcile``: ``{definitions: [{definition, resolver}], default_owner}``.

        ``definition`` is ``WP_Agent::to_array()``, ``resolver`` its owner resolver as a closure, or null.
        """
        definitions = call.params.get("definitions")
        default_owner = call.params.get("default_owner", 0)
        if not isinstance(definitions, list) or not isinstance(default_owner, int):
            raise InvalidInput("agents.reconcile takes a list of definitions and a default owner.")
        outcome = self.reconcile(
            [_definition(item) for item in definitions], default_owner, blog_id=call.context.blog_id
        )
        return {name: getattr(outcome, name) for name in Outcome.__struct_fields__}

    def reconcile(self, definitions: list[Definition], default_owner: int, *, blog_id: int = 1) -> Outcome:
        """Create what is missing, in the order of registration.

        One definition that fails does not keep the others from being created.
        """
        outcome = Outcome()
        self._recover()
        removed = self._host.removed()
        for definition in definitions:
            agent = self._agents.by_slug(definition.slug)
            made = False
            if agent is not None:
                self._repair_grant(agent)
            elif definition.slug in removed:
                outcome.removed.append(definition.slug)
                continue
            else:
                try:
                    agent, made = self._create(definition, default_owner)
                except (RemoteError, InvalidInput, AgentBusy) as error:
                    # Its resolver threw, or its configuration has no form in the database.
                    logger.warning("Agent %s was not created: %s", definition.slug, error)
            if agent is None:
                outcome.skipped.append(definition.slug)
                continue
            (outcome.created if made else outcome.existing).append(definition.slug)
            if not self._provision(agent, blog_id, new=made):
                outcome.incomplete.append(definition.slug)
            if made:
                self._announce(agent, definition)
        return outcome

    def _create(self, definition: Definition, default_owner: int) -> tuple[Agent | None, bool]:
        # The resolver runs in PHP: no transaction may be open across that frame.
        owner = self._owner(definition, default_owner)
        if owner <= 0:
            return None, False
        # Where another request was faster its row counts, and it fires the hook.
        return self._creation.insert(definition.slug, definition.label, owner, definition.default_config)

    def _repair_grant(self, agent: Agent) -> None:
        """An owner has every right without one; listings of grants and later versions look for it."""
        if agent.owner_id > 0 and self._access.role_of(agent.agent_id, agent.owner_id) is None:
            self._access.grant(agent.agent_id, agent.owner_id, ROLE_ADMIN)

    def _recover(self) -> None:
        try:
            self._renaming.recover()
        except SidecarError:
            # A rename that was cut off keeps no other agent from existing.
            logger.exception("Renames that were cut off wait.")

    def _owner(self, definition: Definition, default_owner: int) -> int:
        if definition.owner_resolver is not None:
            value = definition.owner_resolver()
            if isinstance(value, int | str | float) and str(value).lstrip("-").isdigit() and int(value) > 0:
                return int(value)
        return default_owner

    @staticmethod
    def _announce(agent: Agent, definition: Definition) -> None:
        try:
            hooks.do_action(RECONCILED, agent.agent_id, agent.agent_slug, dict(definition.source))
        except RemoteError as error:
            # A listener threw. The agent exists all the same, and the next one must too.
            logger.warning("A listener of %s failed for %s: %s", RECONCILED, agent.agent_slug, error)

    def _provision(self, agent: Agent, blog_id: int, *, new: bool) -> bool:
        try:
            return self._places().provision(agent, blog_id, new=new)
        except (OSError, RemoteError, InvalidInput, Unavailable):
            # The row stands either way; the next request tries the files again.
            logger.exception("No files for agent %s yet.", agent.agent_slug)
            return False


def _definition(item: Any) -> Definition:
    source = item.get("definition") if isinstance(item, dict) else None
    if not isinstance(source, dict) or not isinstance(source.get("slug"), str) or not source["slug"]:
        raise InvalidInput("A definition is an array with a slug.", code="invalid_agent_definition")
    config = source.get("default_config")
    resolver = item.get("resolver")
    return Definition(
        slug=source["slug"],
        label=str(source.get("label") or source["slug"]),
        default_config=config if isinstance(config, dict) else {},
        owner_resolver=resolver if isinstance(resolver, Handle) else None,
        source=source,
    )
