"""Data steps on agents: the agent of a user, grants of owners, the shape of configurations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sidecar import clock as clock_module
from sidecar.db import Database, Session, php_json
from sidecar.db.batches import between, ranges, summed, untouched
from sidecar.db.steps import Counts, Work
from sidecar.identity.agents import MAX_NAME, MAX_SLUG
from sidecar.identity.values import ROLE_ADMIN
from sidecar.wordpress import User, UsersRepository


class OwnerAgents:
    """The agent that stands for a user: the oldest one they own, else a new one named after them."""

    def __init__(
        self,
        database: Database,
        slug_of: Callable[[User], str],
        default_owner: Callable[[], int],
        clock: clock_module.Clock = clock_module.SYSTEM,
    ) -> None:
        self._database = database
        self._users = UsersRepository(database)
        self._slug_of = slug_of
        self._default_owner = default_owner
        self._clock = clock
        self._known: dict[int, int] = {}
        self.created = 0
        self.granted = 0

    def ensure_default(self) -> int:
        """The default user's agent; it comes first, so that nobody else's is taken for the only one."""
        return self.of(self._default_owner())

    def of(self, user_id: int) -> int:
        """The agent's id; 0 for a user who has no account and no agent."""
        known = self._known.get(user_id)
        if known is None:
            known = self._known[user_id] = self._database.run(lambda session: self._resolve(session, user_id))
        return known

    def _resolve(self, session: Session, user_id: int) -> int:
        names = self._database.tables()
        found = session.scalar(
            f"SELECT agent_id FROM {names.agents} WHERE owner_id = :owner ORDER BY agent_id LIMIT 1",
            {"owner": user_id},
        )
        if found is None:
            user = self._users.get(user_id)
            if user is None:
                return 0
            found = self._create(session, user)
            self.created += 1
        self.granted += grant(session, self._clock, names.agent_access, int(found), user_id)
        return int(found)

    def _create(self, session: Session, user: User) -> int:
        table = self._database.tables().agents
        now = clock_module.mysql(self._clock.now())
        name = user.display_name.strip()
        return session.insert(
            table,
            {
                "agent_slug": free_slug(session, table, self._slug_of(user) or f"user-{user.id}"),
                "agent_name": name if 0 < len(name) <= MAX_NAME else user.login,
                "owner_id": user.id,
                "agent_config": php_json.dumps({}),
                "created_at": now,
                "updated_at": now,
            },
        )


def grant(session: Session, clock: clock_module.Clock, table: str, agent_id: int, user_id: int) -> int:
    """Make a user an administrator of an agent; 1 when they were none before, else 0."""
    role = session.scalar(
        f"SELECT role FROM {table} WHERE agent_id = :agent AND user_id = :user",
        {"agent": agent_id, "user": user_id},
    )
    if role == ROLE_ADMIN:
        return 0
    session.execute(
        f"INSERT INTO {table} (agent_id, user_id, role, granted_at) VALUES (:agent, :user, :role, :now) "
        "ON DUPLICATE KEY UPDATE role = VALUES(role)",
        {
            "agent": agent_id,
            "user": user_id,
            "role": ROLE_ADMIN,
            "now": clock_module.mysql(clock.now()),
        },
    )
    return 1


def free_slug(
    session: Session, table: str, wanted: str, suffix: str = "", taken: Callable[[str], bool] | None = None
) -> str:
    """``wanted``, or the first of ``wanted-<suffix>``, ``...-2``, ``...-3`` that no agent has."""

    def used(slug: str) -> bool:
        count = session.scalar(f"SELECT COUNT(*) FROM {table} WHERE agent_slug = :slug", {"slug": slug})
        return bool(count) or (taken is not None and taken(slug))

    slug = wanted if not suffix else _with(wanted, suffix)
    number = 2
    while used(slug):
        slug = _with(wanted, f"{suffix}-{number}" if suffix else str(number))
        number += 1
    return slug


def _with(slug: str, suffix: str) -> str:
    # A slug is made by us here, not given by anybody: shortening it loses nothing.
    return f"{slug[: MAX_SLUG - len(suffix) - 1].rstrip('-')}-{suffix}"


class OwnerGrants:
    """Every owner gets the ``admin`` grant on their agent; ``owner_id`` stays what counts."""

    name = "owner_grants"
    title = "Grants of owners"
    guard = ""
    shared = True
    network_guard = False

    def __init__(self, clock: clock_module.Clock = clock_module.SYSTEM) -> None:
        self._clock = clock

    def estimate(self, work: Work) -> Counts:
        """Owners without an ``admin`` row."""
        if work.shape(work.names.agents) is None:
            return {}
        join, where = self._lacking(work)
        if work.shape(work.names.agent_access) is None:
            join, where = "", "a.owner_id > 0"
        with work.database.session() as session:
            found = session.scalar(
                f"SELECT COUNT(*) FROM {work.names.agents} a "
                f"JOIN {work.names.users} u ON u.ID = a.owner_id {join} WHERE {where}"
            )
        return summed({"grants": int(found)})

    def run(self, work: Work) -> Counts:
        """Grant them."""
        names = work.names
        join, where = self._lacking(work)
        given = 0
        for after, upto in ranges(work, names.agents, "agent_id"):
            with work.database.session() as session:
                given += session.execute(
                    f"INSERT INTO {names.agent_access} (agent_id, user_id, role, granted_at) "
                    f"SELECT a.agent_id, a.owner_id, :role, :now FROM {names.agents} a "
                    f"JOIN {names.users} u ON u.ID = a.owner_id {join} "
                    f"WHERE {between('a.agent_id', after)} AND {where} AND x.id IS NULL",
                    {
                        "role": ROLE_ADMIN,
                        "now": clock_module.mysql(self._clock.now()),
                        "after": after,
                        "upto": upto,
                    },
                ).rowcount
                given += session.execute(
                    f"UPDATE {names.agent_access} x JOIN {names.agents} a "
                    "ON a.agent_id = x.agent_id AND a.owner_id = x.user_id SET x.role = :role "
                    f"WHERE {between('a.agent_id', after)} AND x.role <> :role",
                    {"role": ROLE_ADMIN, "after": after, "upto": upto},
                ).rowcount
        return summed({"grants": given})

    @staticmethod
    def _lacking(work: Work) -> tuple[str, str]:
        return (
            f"LEFT JOIN {work.names.agent_access} x ON x.agent_id = a.agent_id AND x.user_id = a.owner_id",
            f"a.owner_id > 0 AND (x.id IS NULL OR x.role <> '{ROLE_ADMIN}')",
        )


class ConfigShape:
    """``model: {default: {provider, model}}`` becomes ``default_provider`` and ``default_model``."""

    name = "agent_config_model_shape"
    title = "Models of agents"
    guard = "datamachine_agent_config_model_shape_migrated"
    shared = True
    network_guard = False

    def estimate(self, work: Work) -> Counts:
        """Configurations of the old shape."""
        if work.shape(work.names.agents) is None:
            return {}
        return self._each(work, write=False)

    def run(self, work: Work) -> Counts:
        """Rewrite them."""
        return self._each(work, write=True)

    def _each(self, work: Work, *, write: bool) -> Counts:
        done = 0
        found = work.shape(work.names.agents)
        keep = "" if found is None else untouched(found)
        for after, upto in ranges(work, work.names.agents, "agent_id"):
            with work.database.session() as session:
                ids = session.column(
                    f"SELECT agent_id FROM {work.names.agents} WHERE {between('agent_id', after)} "
                    "AND agent_config LIKE '%\"model\"%'",
                    {"after": after, "upto": upto},
                )
            for agent_id in ids:
                done += work.database.run(
                    lambda session, agent_id=agent_id: _reshape(session, work, agent_id, keep, write)  # type: ignore[misc]
                )
        return summed({"configurations": done})


def _reshape(session: Session, work: Work, agent_id: int, keep: str, write: bool) -> int:
    text = session.scalar(
        f"SELECT agent_config FROM {work.names.agents} WHERE agent_id = :id FOR UPDATE", {"id": agent_id}
    )
    try:
        config = php_json.loads(text or "")
    except php_json.NotJson:
        return 0
    changed = reshaped(config)
    if changed is None:
        return 0
    if write:
        session.execute(
            f"UPDATE {work.names.agents} SET agent_config = :config{keep} WHERE agent_id = :id",
            {"config": php_json.dumps(php_json.Object(changed)), "id": agent_id},
        )
    return 1


def reshaped(config: Any) -> dict[str, Any] | None:
    """A configuration in the later shape; None when it has that shape already."""
    if not isinstance(config, dict) or not isinstance(config.get("model"), dict | list):
        return None
    legacy = config["model"]
    changed = {key: value for key, value in config.items() if key != "model"}
    default = legacy.get("default") if isinstance(legacy, dict) else None
    if isinstance(default, dict):
        for key in ("provider", "model"):
            value = default.get(key)
            if isinstance(value, str) and value and not changed.get(f"default_{key}"):
                changed[f"default_{key}"] = value
    return changed
