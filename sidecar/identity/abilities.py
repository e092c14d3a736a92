"""The abilities on agents: what WordPress is told about them, and what they do.

A rule that was broken (a slug that is taken, an agent that is not there) is an answer with ``success`` false;
a missing right on an agent, and everything unexpected, is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from sidecar.abilities import Callback, Category, Declaration, Permission, Registry, object_schema
from sidecar.errors import InvalidInput, NotFound, SidecarError
from sidecar.identity import abilities_tokens, documents
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.principal import Principal
from sidecar.identity.service import AgentsService
from sidecar.identity.token_service import TokensService
from sidecar.identity.wire import principal_of

if TYPE_CHECKING:
    from sidecar.runtime import Runtime

LIST = "datamachine/list-agents"
CREATE = "datamachine/create-agent"
GET = "datamachine/get-agent"
UPDATE = "datamachine/update-agent"
RENAME = "datamachine/rename-agent"
DELETE = "datamachine/delete-agent"

AGENTS = Category("datamachine-agent", "Agents", "Agents, and who may use them.")

_TEXT, _ID, _FLAG, _OBJECT = ({"type": kind} for kind in ("string", "integer", "boolean", "object"))
_OUTCOME = {"success": _FLAG, "error": _TEXT}
_CREATED = {"agent_id": _ID, "agent_slug": _TEXT, "agent_name": _TEXT, "owner_id": _ID}
_MANAGERS = Permission(manage=True)
_ONE = {
    "agent_slug": _TEXT | {"description": "Its slug; wins over the id."},
    "agent_id": _ID,
}

DECLARATIONS = (
    Declaration(
        LIST,
        AGENTS,
        "List agents",
        "The agents of a user, owned and granted, or all agents of this site.",
        Permission(any_of=("chat",), manage=True),
        object_schema(
            {
                "scope": _TEXT | {"description": "mine or all; all is for managers."},
                "user_id": _ID | {"description": "Whose agents; another user's are for managers."},
                "site_id": _ID | {"description": "The blog; the current one by default."},
                "include_role": _FLAG | {"description": "Add user_role."},
            },
            optional=True,
        ),
        object_schema({**_OUTCOME, "agents": {"type": "array", "items": _OBJECT}}),
    ),
    Declaration(
        CREATE,
        AGENTS,
        "Create an agent",
        "Makes an agent, its owner's grant and its files. Administrators name the owner.",
        Permission(any_of=("create_own_agent",), manage=True),
        object_schema(
            {
                "agent_slug": _TEXT,
                "agent_name": _TEXT,
                "owner_id": _ID,
                "config": _OBJECT,
            },
            required=("agent_slug",),
        ),
        object_schema({**_OUTCOME, **_CREATED, "agent_dir": _TEXT, "message": _TEXT}),
        destructive=False,
        idempotent=False,
    ),
    Declaration(
        GET,
        AGENTS,
        "Show an agent",
        "Everything about one agent, with its configuration and grants.",
        _MANAGERS,
        object_schema(_ONE),
        object_schema({**_OUTCOME, "agent": _OBJECT}),
        readonly=True,
        destructive=False,
        idempotent=True,
    ),
    Declaration(
        UPDATE,
        AGENTS,
        "Update an agent",
        "Changes the name or replaces the configuration.",
        _MANAGERS,
        object_schema(
            {"agent_id": _ID, "agent_name": {"type": ["string", "null"]}, "agent_config": _OBJECT},
            required=("agent_id",),
        ),
        object_schema({**_OUTCOME, "agent": _OBJECT}),
        idempotent=True,
    ),
    Declaration(
        RENAME,
        AGENTS,
        "Rename an agent",
        "Gives an agent another slug and moves its files.",
        _MANAGERS,
        object_schema({"old_slug": _TEXT, "new_slug": _TEXT}, required=("old_slug", "new_slug")),
        object_schema(
            {"success": _FLAG, "message": _TEXT}
            | dict.fromkeys(("old_slug", "new_slug", "old_path", "new_path"), _TEXT)
        ),
    ),
    Declaration(
        DELETE,
        AGENTS,
        "Delete an agent",
        "Removes an agent, its grants and tokens, and its files when asked to.",
        _MANAGERS,
        object_schema({**_ONE, "delete_files": _FLAG}),
        object_schema(
            {**_OUTCOME, "agent_id": _ID, "agent_slug": _TEXT, "files_deleted": _FLAG, "message": _TEXT}
        ),
        destructive=True,
        idempotent=False,
    ),
    *abilities_tokens.declarations(AGENTS),
)

_NOT_FOUND = "Agent not found."


class AgentAbilities:
    """The callbacks. WordPress has validated the input, but converts nothing: ``"7"`` is an integer."""

    def __init__(self, agents: AgentsRepository, service: Callable[[], AgentsService]) -> None:
        self._agents = agents
        self._service = service

    def callbacks(self) -> dict[str, Callback]:
        """By the ability's name, with their broken rules as answers."""
        found: dict[str, Callback] = {
            LIST: self.list,
            CREATE: self.create,
            GET: self.get,
            UPDATE: self.update,
            DELETE: self.delete,
        }
        answered = {name: _answering(callback, "error") for name, callback in found.items()}
        # Renaming has always said why in the same place where it says what it did.
        return answered | {RENAME: _answering(self.rename, "message")}

    def list(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, agents: [...]}``, without roles unless asked for."""
        with_role = flag(given.get("include_role"))
        found = self._service().list(
            principal,
            scope=str(given.get("scope") or "mine"),
            user_id=positive(given.get("user_id")),
            site_id=positive(given.get("site_id")),
            include_role=with_role,
        )
        return {"success": True, "agents": [documents.summary(each, with_role=with_role) for each in found]}

    def create(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """What :func:`documents.created` says."""
        name = given.get("agent_name")
        made = self._service().create(
            principal,
            str(given.get("agent_slug") or ""),
            name=None if name is None else str(name),
            owner_id=positive(given.get("owner_id")),
            config=config(given.get("config")),
        )
        return documents.created(made)

    def get(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, agent}``."""
        found = self._service().show(principal, self._meant(given))
        return {"success": True, "agent": documents.detail(found)}

    def update(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, agent}``; only what is given changes."""
        found = self._service().update(
            principal,
            positive(given.get("agent_id")) or 0,
            name=(given["agent_name"] or "") if "agent_name" in given else UNSET,
            config=config(given["agent_config"]) or {} if "agent_config" in given else UNSET,
        )
        return {"success": True, "agent": documents.detail(found)}

    def rename(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """What :func:`documents.renamed` says."""
        done = self._service().rename(
            principal, str(given.get("old_slug") or ""), str(given.get("new_slug") or "")
        )
        return documents.renamed(done)

    def delete(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """What :func:`documents.deleted` says."""
        gone = self._service().delete(
            principal, self._meant(given), delete_files=flag(given.get("delete_files"))
        )
        return documents.deleted(gone)

    def _meant(self, given: Mapping[str, Any]) -> int:
        """The id of the agent named by slug or id. A slug of digits is a slug here."""
        slug = given.get("agent_slug")
        agent_id = positive(given.get("agent_id")) or 0
        found = self._agents.by_slug(str(slug)) if slug else self._agents.get(agent_id)
        if found is None:
            raise NotFound(_NOT_FOUND, code="agent_not_found")
        return found.agent_id


def offer(runtime: Runtime) -> None:
    """Add the callbacks, and say who acts in a call of any ability."""
    agents = runtime.get(AgentsRepository)
    registry = runtime.get(Registry)
    registry.judge_by(lambda call: principal_of(call, agents))
    callbacks = AgentAbilities(agents, lambda: runtime.get(AgentsService)).callbacks()
    tokens = abilities_tokens.TokenAbilities(lambda: runtime.get(TokensService)).callbacks()
    callbacks |= {name: _answering(callback, "error") for name, callback in tokens.items()}
    for name, callback in callbacks.items():
        registry.add(name, callback)


def _answering(callback: Callback, key: str) -> Callback:
    def answer(principal: Any, given: Mapping[str, Any]) -> Any:
        try:
            return callback(principal, given)
        except SidecarError as error:
            if error.status >= 500 or error.code == "rest_forbidden":
                raise
            return {"success": False, key: error.message}

    return answer


def positive(value: Any) -> int | None:
    """An id, also as text; None for none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    return int(text) if len(text) < 20 and text.isascii() and text.isdigit() and int(text) > 0 else None


def flag(value: Any) -> bool:
    """A boolean as WordPress accepts it for one."""
    return value is not None and str(value).lower() in {"true", "1"}


def config(value: Any) -> dict[str, Any] | None:
    """A JSON object; None for none. PHP's empty array is the empty object."""
    if value is None or value == []:
        return None if value is None else {}
    if not isinstance(value, Mapping):
        raise InvalidInput("The configuration is a JSON object.", code="invalid_agent_config")
    return dict(value)
