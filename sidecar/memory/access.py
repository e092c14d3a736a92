"""Whose memory a request means, and who may read and write which file: one rule for every door."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from sidecar.errors import Forbidden, NotFound
from sidecar.host.context import WordPressHost
from sidecar.identity import Agent, AgentsRepository, Permissions, Principal
from sidecar.identity.capabilities import MANAGING
from sidecar.identity.permissions import OPERATOR, VIEWER, refusal
from sidecar.memory import slugs
from sidecar.memory.registry import RegisteredFile
from sidecar.memory.values import NETWORK, SHARED, USER, Scope
from sidecar.wordpress import UsersRepository

READ = "You do not have permission to read this memory."
WRITE = "You do not have permission to write this memory."


class ReadOnly(Forbidden):
    """Nobody edits that file, or only holders of a capability; ``data["capability"]`` names it."""

    code = "memory_file_read_only"


class Target(msgspec.Struct, frozen=True):
    """Whose memory is meant; ``agent_id`` 0 is the user's own agent, ``user_id`` 0 the default user."""

    user_id: int = 0
    agent_id: int = 0


class MemoryAccess:
    """Every decision on memory files."""

    def __init__(
        self,
        agents: AgentsRepository,
        users: UsersRepository,
        permissions: Callable[[], Permissions],
        default_user: Callable[[int], int],
    ) -> None:
        self._agents = agents
        self._users = users
        self._permissions = permissions
        self._default_user = default_user

    def target(self, principal: Principal, *, user_id: int = 0, agent_id: int = 0) -> Target:
        """Whose memory a request means that names an agent, a user or nobody.

        The named agent; else the acting agent; else the named user, else the one who asks. NotFound
        ``agent_not_found`` for an id that is nobody's, told only to those who administer the site.
        """
        if agent_id > 0:
            agent = self._agents.get(agent_id)
            if agent is None:
                if self._permissions().administers(principal):
                    raise NotFound("Agent not found.", code="agent_not_found")
                raise refusal(principal, READ)
            return Target(agent.owner_id, agent.agent_id)
        if principal.agent_id and user_id in {0, principal.user_id}:
            return Target(principal.user_id, principal.agent_id)
        return Target(user_id or (0 if principal.unlimited else principal.user_id))

    def may(self, principal: Principal, scope: Scope, *, writes: bool) -> bool:
        """Whether a file of that scope may be read or written.

        An agent's files are its viewers' to read and its operators' to write, a user's that user's alone, and
        what a whole site or network shares everybody's to read and its administrators' to write. Whether
        somebody may do this kind of work at all (``chat``, say) the door has asked before. Where that is
        a login only, a limited token has to name it here.
        """
        permissions = self._permissions()
        if principal.ceiling is not None and not permissions.can_any(principal, "chat", *MANAGING):
            return False
        if permissions.administers_network(principal):
            return True
        if scope.layer in {SHARED, NETWORK}:
            if writes:
                return scope.layer == SHARED and permissions.administers(principal)
            return not principal.anonymous
        # Users are the network's: the administrator of one blog reads no other user's.
        if scope.layer == USER:
            return 0 < principal.user_id == scope.user_id
        agent = self._agent(scope, principal.blog_id)
        if agent is None:
            # A folder of this blog, named after a user without an agent.
            own = 0 < principal.user_id == scope.user_id and not scope.agent_id
            return own or permissions.administers(principal)
        return permissions.can_access(principal, agent, OPERATOR if writes else VIEWER)

    def require(self, principal: Principal, scope: Scope, *, writes: bool) -> None:
        """As :meth:`may`, or Unauthorized or Forbidden ``rest_forbidden``."""
        if not self.may(principal, scope, writes=writes):
            raise refusal(principal, WRITE if writes else READ)

    def editable(self, principal: Principal, file: RegisteredFile | None, host: WordPressHost) -> bool:
        """Whether the registry lets the principal edit a file; unregistered ones it always does."""
        if file is None or isinstance(file.editable, bool):
            return file is None or bool(file.editable)
        if principal.unlimited:
            return True
        if principal.ceiling is not None and file.editable not in principal.ceiling:
            return False
        if file.editable == "manage_options" and principal.answers is not None:
            # WordPress has said so already: a process need not be started to hear it again.
            return principal.answers.administrator
        return principal.user_id > 0 and host.user_can(principal.user_id, file.editable)

    def require_editable(
        self, principal: Principal, file: RegisteredFile | None, host: WordPressHost, *, how: str = "edited"
    ) -> None:
        """As :meth:`editable`, or :class:`ReadOnly`."""
        if file is None or self.editable(principal, file, host):
            return
        if isinstance(file.editable, str):
            raise ReadOnly(
                f"File {file.filename} requires capability '{file.editable}' to edit.",
                code="memory_file_not_editable",
                data={"capability": file.editable},
            )
        raise ReadOnly(f"File {file.filename} is read-only and cannot be {how}.")

    def _agent(self, scope: Scope, blog_id: int) -> Agent | None:
        """Whose folder it is: the agent's, else the user's first agent's, else one of the user's name."""
        if scope.agent_id:
            found = self._agents.get(scope.agent_id)
            if found is not None:
                return found
        user_id = scope.user_id if scope.user_id > 0 else self._default_user(blog_id)
        found = self._agents.first_of(user_id)
        if found is not None:
            return found
        person = self._users.get(user_id)
        slug = slugs.from_login(person.login, person.nicename) if person is not None else ""
        return self._agents.by_slug(slug or f"user-{user_id}")
