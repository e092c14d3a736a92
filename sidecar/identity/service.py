"""Agents as every door uses them: each operation says who may, and what is told afterwards."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from sidecar import hooks
from sidecar.errors import Forbidden, InvalidInput, NotFound, SidecarError, Unauthorized
from sidecar.identity.access import AccessRepository
from sidecar.identity.agents import AgentsRepository, check_name, check_slug
from sidecar.identity.creation import Creation, conflict, reserved
from sidecar.identity.deletion import Deletion
from sidecar.identity.lookup import Lookup
from sidecar.identity.permissions import ADMIN, VIEWER, Permissions, refusal
from sidecar.identity.places import AgentPlaces
from sidecar.identity.principal import Principal
from sidecar.identity.renaming import Renaming
from sidecar.identity.values import (
    ROLE_ADMIN,
    Agent,
    AgentDetail,
    AgentSummary,
    Created,
    Deleted,
    GrantDetail,
    Renamed,
)
from sidecar.identity.wordpress import IdentityHost
from sidecar.wordpress import Network, UsersRepository

logger = logging.getLogger("datamachine.identity")

SCOPES = ("mine", "all")
LIMIT = "datamachine_max_agents_per_user"
CREATED, UPDATED = "datamachine_agent_created", "datamachine_agent_updated"


class AgentsService:
    """Lists, shows, makes and changes agents.

    Refusals are Unauthorized (a visitor) or Forbidden, both ``rest_forbidden``. The site-wide action key of a
    route or ability is its door's business, except where a method names one.
    """

    def __init__(
        self,
        agents: AgentsRepository,
        access: AccessRepository,
        permissions: Permissions,
        *,
        host: IdentityHost,
        creation: Creation,
        renaming: Renaming,
        deletion: Deletion,
        users: Callable[[], UsersRepository],
        places: Callable[[], AgentPlaces],
        network: Callable[[], Network],
    ) -> None:
        self._agents = agents
        self._access = access
        self._permissions = permissions
        self._host = host
        self._creation = creation
        self._renaming = renaming
        self._deletion = deletion
        self._users = users
        self._places = places
        self._network = network
        self._lookup = Lookup(agents)

    # Without rights: for the product's own use

    def find(self, identifier: str | int) -> Agent | None:
        """By id or slug (digits are always an id), None when there is none."""
        return self._lookup.find(identifier)

    def get(self, identifier: str | int) -> Agent:
        """As :meth:`find`; NotFound ``agent_not_found``."""
        return self._lookup.get(identifier)

    def resolve(self, identifier: str) -> Agent:
        """The agent of an ``--agent`` option; NotFound says what there is."""
        return self._lookup.resolve(identifier)

    # Reading

    def list(
        self,
        principal: Principal,
        *,
        scope: str = "mine",
        user_id: int | None = None,
        site_id: int | None = None,
        include_role: bool = False,
        with_files: bool = False,
        acting: Agent | None = None,
    ) -> list[AgentSummary]:
        """Agents of a user (``mine``: owned first, then granted) or of the site (``all``).

        Only those that the principal has a role on. ``user_id`` names another user, ``site_id`` another blog
        than the principal's. Without ``user_id`` an acting agent sees itself (``acting``, where somebody has
        just read it). Raises Forbidden
        ``agent_scope_forbidden`` or ``agent_user_scope_forbidden`` for those who manage nothing
        (:meth:`Permissions.can_manage`), InvalidInput ``invalid_agent_scope``.
        """
        if scope not in SCOPES:
            raise InvalidInput('Invalid scope. Allowed values: "mine", "all".', code="invalid_agent_scope")
        manages = self._permissions.can_manage(principal)
        if scope == "all" and not manages:
            raise Forbidden("scope=all requires admin privileges.", code="agent_scope_forbidden")
        target = user_id or principal.user_id
        if target != principal.user_id and not manages:
            raise Forbidden(
                "Querying another user's agents requires admin privileges.", code="agent_user_scope_forbidden"
            )
        blog_id = site_id or principal.blog_id
        itself = principal.agent_id if scope == "mine" and user_id is None else None
        # An acting agent is its owner's, who needs no grant.
        roles = {} if itself else self._access.roles_of_user(target)
        found: Sequence[Agent]
        if scope == "all":
            found = self._agents.all(site_id=blog_id)
        elif itself:
            known = acting is not None and acting.agent_id == itself
            found = [acting] if acting is not None and known else self._agents.by_ids([itself])
        else:
            found = self._of_user(target, roles, blog_id)
        # Who manages one kind of work here has no role on everybody's agents by that.
        held = roles if target == principal.user_id else self._access.roles_of_user(principal.user_id)
        found = [agent for agent in found if self._permissions.can_access(principal, agent, roles=held)]
        # For people only, as the files: two queries that a REST list can do without.
        logins = self._users().many(agent.owner_id for agent in found) if with_files else {}
        places = self._places() if with_files else None
        summaries = []
        for agent in found:
            owner = target > 0 and agent.owner_id == target
            login = logins.get(agent.owner_id)
            summaries.append(
                AgentSummary(
                    agent=agent,
                    is_owner=owner,
                    user_role=(ROLE_ADMIN if owner else roles.get(agent.agent_id)) if include_role else None,
                    owner_login=None if login is None else login.login,
                    has_files=None if places is None else places.exists(agent, blog_id),
                )
            )
        return summaries

    def show(self, principal: Principal, identifier: str | int) -> AgentDetail:
        """Everything about one agent, for its viewers; NotFound ``agent_not_found``."""
        agent = self.get(identifier)
        self._permissions.require_agent(principal, agent, VIEWER)
        return self._detail(agent, principal.blog_id)

    def me(self, principal: Principal) -> Agent:
        """The acting agent, else the first one its user owns here.

        NotFound ``agent_not_found`` or ``no_agent``, Unauthorized ``not_authenticated`` for a visitor.
        """
        if principal.agent_id:
            return self.get(principal.agent_id)
        if principal.anonymous:
            raise Unauthorized("You must be signed in, or act as an agent.", code="not_authenticated")
        for agent in self._agents.owned_by(principal.user_id) if principal.user_id > 0 else ():
            if self._permissions.can_access(principal, agent):
                return agent
        raise NotFound("No agent found for this user.", code="no_agent")

    # Changing

    def create(
        self,
        principal: Principal,
        slug: str,
        *,
        name: str | None = None,
        owner_id: int | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> Created:
        """A new agent with its owner's grant, directory and files; needs to manage, or ``create_own_agent``.

        ``owner_id`` counts for administrators, everybody else owns what they make. InvalidInput
        ``agent_slug_required``, ``agent_slug_too_long``, ``agent_name_too_long``, NotFound
        ``owner_not_found``, Conflict ``agent_slug_conflict`` or, for those who manage nothing,
        ``agent_limit_reached``.
        """
        manages = self._permissions.can_manage(principal)
        if not manages:
            self._permissions.require(principal, "create_own_agent")
        elif principal.ceiling is not None:
            # Who manages flows may make agents; a token limited to flows may not.
            self._permissions.require(principal, "create_own_agent", "manage_agents")
        if not owner_id or not self._permissions.administers(principal):
            owner_id = principal.user_id
        with self._host.at_hand(principal):
            cleaned = self._host.clean(slug, name or "")
            if not cleaned.slug:
                raise InvalidInput("Agent slug is required.", code="agent_slug_required")
            check_slug(cleaned.slug)
            label = check_name(cleaned.name or cleaned.slug)
            taken = self._agents.by_slug(cleaned.slug) is not None
            if not (taken or self._permissions.administers(principal)) and self._host.declared(cleaned.slug):
                raise reserved(cleaned.slug)
            if self._users().get(owner_id) is None:
                raise NotFound(f"Owner user ID {owner_id} not found.", code="owner_not_found")
            limit = None if manages else _whole(hooks.apply_filters(LIMIT, 1, owner_id))
            self._renaming.recover()
            agent, made = self._creation.insert(
                cleaned.slug, label, owner_id, dict(config or {}), limit=limit
            )
            if not made:
                raise conflict(agent)
            places = self._places()
            try:
                if not places.provision(agent, principal.blog_id, new=True):
                    logger.warning("Agent %s lacks files: nobody offered their content.", agent.agent_slug)
            except (OSError, SidecarError):
                # The agent stands; its files are made when it first writes.
                logger.exception("No files for agent %s yet.", agent.agent_slug)
            self._host.forget_removed(agent.agent_slug)
            hooks.do_action(CREATED, agent.agent_id, agent.agent_slug, agent.agent_name)
            return Created(agent, places.directory(agent, principal.blog_id))

    def update(
        self,
        principal: Principal,
        identifier: str | int,
        *,
        name: str | UnsetType | None = UNSET,
        config: Mapping[str, Any] | UnsetType = UNSET,
    ) -> AgentDetail:
        """Change the name, the whole configuration or both.

        A new name takes the old one's place in SOUL.md and MEMORY.md. NotFound ``agent_not_found``,
        InvalidInput ``agent_name_empty``, ``agent_name_too_long`` or ``agent_update_empty``.
        """
        agent = self._lookup.named(identifier)
        self._permissions.require_record(principal, agent, ADMIN)
        if name is UNSET and config is UNSET:
            raise InvalidInput(
                "No fields to update. Provide agent_name or agent_config.", code="agent_update_empty"
            )
        with self._host.at_hand(principal):
            wanted = None if isinstance(name, UnsetType) else self._name(name)
            settings = None if isinstance(config, UnsetType) else dict(config)
            if not self._agents.update(agent.agent_id, name=wanted, config=settings):
                raise NotFound(f"Agent ID {agent.agent_id} not found.", code="agent_not_found")
            if wanted is not None and wanted != agent.agent_name:
                self._rename_in_files(agent, wanted, principal.blog_id)
            hooks.do_action(UPDATED, agent.agent_id)
            return self._detail(self.get(agent.agent_id), principal.blog_id)

    def rename(self, principal: Principal, old: str, new: str, *, dry_run: bool = False) -> Renamed:
        """Give an agent another slug; its directory moves along on every blog. Fires nothing.

        InvalidInput ``agent_slug_unchanged``, ``agent_slug_required`` or ``agent_slug_too_long``, NotFound
        ``agent_not_found``, Conflict ``agent_slug_conflict`` or ``agent_directory_exists``, Internal
        ``agent_move_failed`` or ``agent_update_failed``.
        """
        with self._host.at_hand(principal):
            return self._renaming.rename(principal, old, new, dry_run=dry_run)

    def delete(self, principal: Principal, identifier: str | int, *, delete_files: bool = False) -> Deleted:
        """Remove an agent with its grants and tokens; what it made keeps its id.

        NotFound ``agent_not_found``. A declared agent stays away until :meth:`restore`. Fires
        ``datamachine_agent_deleted``.
        """
        with self._host.at_hand(principal):
            return self._deletion.delete(principal, self.get(identifier), delete_files=delete_files)

    def restore(self, principal: Principal, slug: str) -> None:
        """Let a declared agent that was removed come back with the next request; for administrators.

        NotFound ``agent_not_removed`` when none of that slug was removed.
        """
        if not self._permissions.administers(principal):
            raise refusal(principal)
        with self._host.at_hand(principal):
            removed = self._host.removed()
            found = next((each for each in (slug, self._host.clean(slug).slug) if each in removed), None)
            if found is None:
                raise NotFound(f'No removed agent "{slug}".', code="agent_not_removed")
            self._host.forget_removed(found)

    def set_config(self, principal: Principal, identifier: str | int, key: str, value: Any) -> Agent:
        """Set one top-level key of the configuration, beside whatever others set; the agent as it is now."""
        if not key:
            raise InvalidInput("A configuration key is required.", code="agent_config_key_required")
        agent, _ = self._change_config(principal, identifier, lambda config: {**config, key: value})
        return agent

    def unset_config(self, principal: Principal, identifier: str | int, key: str) -> bool:
        """Remove one top-level key; False when there was none."""

        def without(config: dict[str, Any]) -> dict[str, Any] | None:
            if key not in config:
                return None
            return {name: value for name, value in config.items() if name != key}

        _, before = self._change_config(principal, identifier, without)
        return key in before.agent_config

    def set_site_scope(self, principal: Principal, identifier: str | int, blog_id: int | None) -> Agent:
        """Bind an agent to one blog, or to the whole network (None); for administrators of the network.

        NotFound ``blog_not_found``.
        """
        agent = self._lookup.named(identifier)
        self._permissions.require_record(principal, agent, ADMIN)
        if not self._permissions.administers_network(principal):
            raise refusal(principal)
        if blog_id is not None:
            self._network().get(blog_id)
        self._agents.set_site_scope(agent.agent_id, blog_id)
        with self._host.at_hand(principal):
            hooks.do_action(UPDATED, agent.agent_id)
        return self.get(agent.agent_id)

    # Parts

    def _change_config(
        self,
        principal: Principal,
        identifier: str | int,
        change: Callable[[dict[str, Any]], dict[str, Any] | None],
    ) -> tuple[Agent, Agent]:
        agent = self._lookup.named(identifier)
        self._permissions.require_record(principal, agent, ADMIN)
        before = self._agents.change_config(agent.agent_id, change)
        if before is None:
            raise NotFound(f"Agent ID {agent.agent_id} not found.", code="agent_not_found")
        after = self.get(agent.agent_id)
        if after.agent_config != before.agent_config:
            with self._host.at_hand(principal):
                hooks.do_action(UPDATED, agent.agent_id)
        return after, before

    def _name(self, name: str | None) -> str:
        cleaned = self._host.clean("", name or "").name
        if not cleaned:
            raise InvalidInput("Agent name cannot be empty.", code="agent_name_empty")
        return check_name(cleaned)

    def _rename_in_files(self, agent: Agent, name: str, blog_id: int) -> None:
        try:
            changed = self._places().replace_name(agent, agent.agent_name, name, blog_id)
        except (OSError, SidecarError):
            # The new name is stored; what the files say can be changed by hand.
            logger.exception("The files of agent %s keep its old name.", agent.agent_slug)
            return
        if changed:
            text = f'Agent name changed from "{agent.agent_name}" to "{name}". Updated: {", ".join(changed)}.'
            hooks.do_action("datamachine_log", "info", text, {"agent_id": agent.agent_id, "files": changed})

    def _detail(self, agent: Agent, blog_id: int) -> AgentDetail:
        grants = self._access.of_agent(agent.agent_id)
        people = self._users().many([agent.owner_id, *(grant.user_id for grant in grants)])
        places = self._places()

        def login(user_id: int) -> str | None:
            person = people.get(user_id)
            return None if person is None else person.login

        return AgentDetail(
            agent=agent,
            owner_login=login(agent.owner_id),
            agent_dir=places.directory(agent, blog_id),
            has_files=places.exists(agent, blog_id),
            access=tuple(GrantDetail(grant, login(grant.user_id)) for grant in grants),
        )

    def _of_user(self, user_id: int, roles: dict[int, str], blog_id: int) -> Sequence[Agent]:
        if user_id <= 0:
            return []
        owned = self._agents.owned_by(user_id)
        mine = {agent.agent_id for agent in owned}
        granted = self._agents.by_ids(agent_id for agent_id in roles if agent_id not in mine)
        return [agent for agent in (*owned, *granted) if agent.site_scope in (None, blog_id)]


def _whole(value: Any) -> int:
    """A number a filter gave; what is none is the default, one."""
    if isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 1
