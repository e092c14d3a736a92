"""The agents table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sidecar import clock as clock_module
from sidecar.db import Database, Row, Session, php_json
from sidecar.errors import InvalidInput
from sidecar.identity import token_rows
from sidecar.identity.expiry import expired
from sidecar.identity.values import Agent, Token

#: Lengths WordPress refuses to exceed; MySQL would cut or fail later.
MAX_SLUG = 200
MAX_NAME = 200

#: For an alias ``a``.
COLUMNS = (
    "a.agent_id, a.agent_slug, a.agent_name, a.owner_id, a.site_scope, a.agent_config, a.created_at, "
    "a.updated_at"
)


class AgentsRepository:
    """Rows of ``{base_prefix}datamachine_agents``, shared by all sites of a network."""

    def __init__(self, db: Database, clock: clock_module.Clock = clock_module.SYSTEM) -> None:
        self._db = db
        self._clock = clock

    @property
    def _table(self) -> str:
        return self._db.tables().agents

    def get(self, agent_id: int) -> Agent | None:
        """By id."""
        return self._first("agent_id = :value", agent_id) if agent_id > 0 else None

    def acting(self, agent_id: int, token_id: int) -> tuple[Agent, Token | None] | None:
        """An agent with the token it acts through, None in its place when that is gone or over."""
        with self._db.session() as session:
            row = session.one(
                f"SELECT {COLUMNS}, {token_rows.COLUMNS} FROM {self._table} a "
                f"LEFT JOIN {self._db.tables().agent_tokens} t "
                "ON t.token_id = :token AND t.agent_id = a.agent_id WHERE a.agent_id = :agent",
                {"agent": agent_id, "token": token_id},
            )
        if row is None:
            return None
        alive = row["token_id"] is not None and not expired(row["expires_at"], self._clock.now())
        return agent_of(row), token_rows.token_of(row) if alive else None

    def by_slug(self, slug: str) -> Agent | None:
        """By slug; the oldest where a later schema allows several."""
        return self._first("agent_slug = :value", slug) if slug else None

    def first_of(self, owner_id: int) -> Agent | None:
        """The agent meant by "this user's agent"."""
        return self._first("owner_id = :value", owner_id) if owner_id > 0 else None

    def owned_by(self, owner_id: int) -> list[Agent]:
        """All agents of a user, oldest first."""
        return self._all("WHERE owner_id = :owner", {"owner": owner_id})

    def by_ids(self, ids: Iterable[int]) -> list[Agent]:
        """Agents with these ids, oldest first."""
        wanted = sorted({value for value in ids if value > 0})
        return self._all("WHERE agent_id IN :ids", {"ids": wanted}) if wanted else []

    def all(self, *, site_id: int | None = None) -> list[Agent]:
        """All agents, oldest first; with ``site_id`` those of that blog and of the whole network."""
        if site_id is None:
            return self._all("", {})
        return self._all("WHERE (site_scope = :site OR site_scope IS NULL)", {"site": site_id})

    def exists(self, agent_id: int) -> bool:
        """Whether the row is there; inside a transaction it stays there until its end."""
        with self._db.session() as session:
            return bool(
                session.scalar(
                    f"SELECT agent_id FROM {self._table} WHERE agent_id = :agent LOCK IN SHARE MODE",
                    {"agent": agent_id},
                )
            )

    def insert(self, slug: str, name: str, owner_id: int, config: Mapping[str, Any]) -> int:
        """A new row's id; Duplicate when the slug is taken. Joins an open transaction.

        Times are written in UTC: the table's own defaults follow the database server's zone.
        """
        check_slug(slug)
        check_name(name)
        now = clock_module.mysql(self._clock.now())
        with self._db.session() as session:
            return session.insert(
                self._table,
                {
                    "agent_slug": slug,
                    "agent_name": name,
                    "owner_id": owner_id,
                    "agent_config": _text(config),
                    "created_at": now,
                    "updated_at": now,
                },
            )

    def update(
        self, agent_id: int, *, name: str | None = None, config: Mapping[str, Any] | None = None
    ) -> bool:
        """Change name, configuration (the whole of it) or both; False when there is no such agent."""
        values: dict[str, Any] = {}
        if name is not None:
            values["agent_name"] = check_name(name)
        if config is not None:
            values["agent_config"] = _text(config)
        return self._set(agent_id, values)

    def change_config(
        self, agent_id: int, change: Callable[[dict[str, Any]], dict[str, Any] | None]
    ) -> Agent | None:
        """Change the configuration as one step that no other writer comes between.

        ``change`` gets what is stored and gives what shall be, or None to leave it; it may run again.
        The agent as it was; None when there is none.
        """

        def work(session: Session) -> Agent | None:
            row = session.one(
                f"SELECT {COLUMNS} FROM {self._table} a WHERE agent_id = :agent FOR UPDATE",
                {"agent": agent_id},
            )
            if row is None:
                return None
            agent = agent_of(row)
            wanted = change(dict(agent.agent_config))
            if wanted is not None:
                self._set(agent_id, {"agent_config": _text(wanted)})
            return agent

        return self._db.run(work)

    def set_slug(self, agent_id: int, old: str, new: str) -> bool:
        """Change the slug, if it still is ``old``. Joins an open transaction."""
        with self._db.session() as session:
            values = {"agent_slug": check_slug(new), "updated_at": clock_module.mysql(self._clock.now())}
            return session.update(self._table, values, {"agent_id": agent_id, "agent_slug": old}) > 0

    def set_site_scope(self, agent_id: int, blog_id: int | None) -> bool:
        """Bind the agent to one blog, or (None) to the whole network."""
        return self._set(agent_id, {"site_scope": blog_id})

    def delete(self, agent_id: int, slug: str) -> bool:
        """Remove the row of that id, if it has that slug; False when there was none. Joins a transaction."""
        with self._db.session() as session:
            return session.delete(self._table, {"agent_id": agent_id, "agent_slug": slug}) > 0

    def _set(self, agent_id: int, values: Mapping[str, Any]) -> bool:
        # Times are explicit here too: the column's own rule would write the database server's zone.
        values = {**values, "updated_at": clock_module.mysql(self._clock.now())}
        with self._db.session() as session:
            return session.update(self._table, values, {"agent_id": agent_id}) > 0

    def _first(self, condition: str, value: int | str) -> Agent | None:
        with self._db.session() as session:
            row = session.one(
                f"SELECT {COLUMNS} FROM {self._table} a WHERE {condition} ORDER BY agent_id ASC LIMIT 1",
                {"value": value},
            )
        return agent_of(row) if row is not None else None

    def _all(self, where: str, params: Mapping[str, Any]) -> list[Agent]:
        with self._db.session() as session:
            return _rows(
                session, f"SELECT {COLUMNS} FROM {self._table} a {where} ORDER BY agent_id ASC", params
            )


def check_slug(slug: str) -> str:
    """The slug; InvalidInput ``agent_slug_too_long`` when the column would cut it."""
    if len(slug) > MAX_SLUG:
        raise InvalidInput(
            f"An agent slug has at most {MAX_SLUG} characters, this one has {len(slug)}.",
            code="agent_slug_too_long",
        )
    return slug


def check_name(name: str) -> str:
    """The display name; InvalidInput ``agent_name_too_long`` when the column would cut it."""
    if len(name) > MAX_NAME:
        raise InvalidInput(
            f"An agent name has at most {MAX_NAME} characters, this one has {len(name)}.",
            code="agent_name_too_long",
        )
    return name


def _text(config: Mapping[str, Any]) -> str:
    """The column's text; an empty configuration is an empty PHP array (``[]``)."""
    return php_json.dumps(dict(config))


def _rows(session: Session, sql: str, params: Mapping[str, Any]) -> list[Agent]:
    return [agent_of(row) for row in session.all(sql, params)]


def agent_of(row: Row) -> Agent:
    """The agent of a row selected with :data:`COLUMNS`."""
    scope = row["site_scope"]
    return Agent(
        agent_id=int(row["agent_id"]),
        agent_slug=str(row["agent_slug"]),
        agent_name=str(row["agent_name"]),
        owner_id=int(row["owner_id"]),
        site_scope=None if scope is None else int(scope),
        agent_config=_config(row["agent_config"]),
        created_at=str(row["created_at"]),
        updated_at=str(row["updated_at"]),
    )


def _config(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    try:
        value = php_json.loads(text)
    except php_json.NotJson:
        return {}
    return value if isinstance(value, dict) else {}
