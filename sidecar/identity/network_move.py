"""Agents of single blogs of a network move into the network's table.

The first versions of Data Machine kept agents, grants and tokens in tables of each blog. An agent that moves
gets a new id, so every row of its blog that names it is rewritten. Old and new ids overlap; therefore ids are
first moved out of the way, above ``ALOFT``, table by table, and only when no old one is left put down again.
Each of these statements can be run again, so that a run that was interrupted at any moment goes on.

Nothing is removed: the tables of the blogs stay as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from sidecar.db import Duplicate, Session, Tables, shape
from sidecar.db.batches import between, ranges, summed, untouched
from sidecar.db.steps import Counts, Work
from sidecar.db.tables import MAIN_BLOG
from sidecar.identity.migrations import free_slug

#: Above every id that an agent can have.
ALOFT = 1 << 62
#: Agents that move in one transaction.
TOGETHER = 50


class AgentFolders(Protocol):
    """Offered by the memory package: directories of agents on a blog, found without WordPress."""

    def exists(self, blog_id: int, slug: str) -> bool:
        """Whether there is such a directory."""
        ...

    def rename(self, blog_id: int, old: str, new: str) -> bool:
        """Give a directory another name; False when there is none of the old name, or the new one exists."""
        ...


class AgentColumn(msgspec.Struct, frozen=True):
    """A table of a blog whose rows name an agent in ``agent_id``; ``name`` has no prefix."""

    name: str
    key: str


class _Renamed(msgspec.Struct):
    old: str
    new: str


class _Blog(msgspec.Struct):
    """How far one blog is: ``agents``, ``reserve``, ``lift``, ``settle``, ``folders``, ``done``."""

    phase: str = "agents"
    #: New id by old one; JSON has text keys.
    ids: dict[str, int] = msgspec.field(default_factory=dict)
    renamed: list[_Renamed] = msgspec.field(default_factory=list)


class _State(msgspec.Struct):
    scoped: bool = False
    blogs: dict[str, _Blog] = msgspec.field(default_factory=dict)
    counts: dict[str, int] = msgspec.field(default_factory=dict)


class NetworkMove:
    """The step; ``columns`` are the tables of a blog whose rows are rewritten."""

    name = "agents_network"
    title = "Agents of single blogs"
    guard = "datamachine_agents_network_migrated"
    shared = True
    network_guard = True

    def __init__(self, columns: Sequence[AgentColumn], folders: AgentFolders) -> None:
        self._columns = columns
        self.folders = folders

    def estimate(self, work: Work) -> Counts:
        """Agents that have no blog yet, agents in tables of blogs, and rows of those blogs."""
        counts: Counts = {}
        if not work.network:
            return counts
        with work.database.session() as session:
            if work.shape(work.names.agents) is not None:
                counts["agents of the main site"] = int(
                    session.scalar(f"SELECT COUNT(*) FROM {work.names.agents} WHERE site_scope IS NULL")
                )
            for names in _moving(work):
                old = _old(names, "agents")
                counts["agents"] = counts.get("agents", 0) + int(
                    session.scalar(f"SELECT COUNT(*) FROM {old}")
                )
                for column in self.present(work, names):
                    rows = session.scalar(
                        f"SELECT COUNT(*) FROM {names.name(column.name)} WHERE agent_id > 0"
                    )
                    word = _words(column.name)
                    counts[word] = counts.get(word, 0) + int(rows)
        return summed(counts)

    def run(self, work: Work) -> Counts:
        """Move them all."""
        if not work.network:
            return {}
        state = msgspec.convert(work.state, _State) if work.state else _State()
        if not state.scoped:
            self._scope(work, state)
        for names in _moving(work):
            state.blogs.setdefault(str(names.blog_id), _Blog())
            _Mover(self, work, names, state).run()
        return summed(state.counts)

    def _scope(self, work: Work, state: _State) -> None:
        """Agents from before the network belong to the main site, as Data Machine decides it."""
        found = work.shape(work.names.agents)
        keep = "" if found is None else untouched(found)

        def scope(session: Session) -> None:
            count = session.execute(
                f"UPDATE {work.names.agents} SET site_scope = :main{keep} WHERE site_scope IS NULL",
                {"main": MAIN_BLOG},
            ).rowcount
            state.counts["agents of the main site"] = count
            state.scoped = True
            work.keep(msgspec.to_builtins(state))

        work.database.run(scope)

    def present(self, work: Work, names: Tables) -> list[AgentColumn]:
        """Those of the tables that exist on a blog with the column."""
        present = []
        for column in self._columns:
            found = work.shape(names.name(column.name))
            if found is not None and "agent_id" in found.columns:
                present.append(column)
        return present


class _Mover:
    """The move of one blog, from phase to phase."""

    def __init__(self, step: NetworkMove, work: Work, names: Tables, state: _State) -> None:
        self._step = step
        self._work = work
        self._names = names
        self._state = state

    @property
    def _blog(self) -> _Blog:
        return self._state.blogs[str(self._names.blog_id)]

    def run(self) -> None:
        """Go on where the blog is."""
        phases = {
            "agents": self._agents,
            "reserve": self._reserve,
            "lift": self._lift,
            "settle": self._settle,
            "folders": self._rename,
        }
        for phase, work in phases.items():
            if self._blog.phase == phase:
                work()

    def _keep(self, phase: str) -> None:
        self._blog.phase = phase
        with self._work.database.transaction():
            self._work.keep(msgspec.to_builtins(self._state))

    def _count(self, word: str, number: int) -> None:
        self._state.counts[word] = self._state.counts.get(word, 0) + number

    # Rows of agents

    def _agents(self) -> None:
        old = _old(self._names, "agents")
        while True:
            last = max((int(key) for key in self._blog.ids), default=0)
            with self._work.database.session() as session:
                rows = session.all(
                    f"SELECT * FROM {old} WHERE agent_id > :last ORDER BY agent_id LIMIT {TOGETHER}",
                    {"last": last},
                )
            if not rows:
                break
            before = msgspec.json.encode(self._state)

            def move(session: Session, rows: list[dict[str, Any]] = rows, before: bytes = before) -> None:
                # A second attempt after a deadlock begins from what was kept.
                kept = msgspec.json.decode(before, type=_State)
                self._state.blogs, self._state.counts = kept.blogs, kept.counts
                for row in rows:
                    self._agent(session, row)
                self._work.keep(msgspec.to_builtins(self._state))

            self._work.database.run(move)
        self._keep("reserve")

    def _agent(self, session: Session, row: dict[str, Any]) -> None:
        joined = self._joined(session, row)
        new_id = joined or self._moved(session, row)
        self._count("agents joined" if joined else "agents", 1)
        self._blog.ids[str(row["agent_id"])] = new_id
        for kind, key, word in (("agent_access", "id", "grants"), ("agent_tokens", "token_id", "tokens")):
            source = _old(self._names, kind)
            if self._work.shape(source) is None:
                continue
            for each in session.all(
                f"SELECT * FROM {source} WHERE agent_id = :id ORDER BY {key}", {"id": row["agent_id"]}
            ):
                target = self._work.names.name(f"datamachine_{kind}")
                self._count(word, 1 if self._copy(session, target, {**each, "agent_id": new_id}, key) else 0)

    def _joined(self, session: Session, row: dict[str, Any]) -> int:
        """The same person's agent of the same slug: one agent, which then works on both sites; 0 for none."""
        table = self._work.names.agents
        same = session.one(
            f"SELECT agent_id, site_scope FROM {table} WHERE agent_slug = :slug AND owner_id = :owner "
            "ORDER BY agent_id LIMIT 1 FOR UPDATE",
            {"slug": row["agent_slug"], "owner": row["owner_id"]},
        )
        if same is None:
            return 0
        if same["site_scope"] not in (None, self._names.blog_id):
            found = self._work.shape(table)
            keep = "" if found is None else untouched(found)
            session.execute(
                f"UPDATE {table} SET site_scope = NULL{keep} WHERE agent_id = :id", {"id": same["agent_id"]}
            )
        return int(same["agent_id"])

    def _moved(self, session: Session, row: dict[str, Any]) -> int:
        """A new row of the network's table; under another slug where somebody else's agent has this one."""
        table, blog, slug = self._work.names.agents, self._names.blog_id, str(row["agent_slug"])
        if session.scalar(f"SELECT COUNT(*) FROM {table} WHERE agent_slug = :slug", {"slug": slug}):
            taken = slug
            slug = free_slug(
                session, table, slug, str(blog), lambda each: self._step.folders.exists(blog, each)
            )
            self._blog.renamed.append(_Renamed(taken, slug))
        return self._copy(session, table, {**row, "agent_slug": slug, "site_scope": blog}, "agent_id")

    def _copy(self, session: Session, table: str, row: dict[str, Any], without: str) -> int:
        """Insert those columns of a row that the table has; 0 when it has the row already."""
        found = self._work.shape(table)
        columns = set(found.columns) if found is not None else set()
        try:
            return session.insert(
                table, {name: value for name, value in row.items() if name in columns and name != without}
            )
        except Duplicate:
            return 0

    def _reserve(self) -> None:
        """Ids of agents that were deleted get new ones nobody has: the old might be somebody else's now."""
        known = {int(key) for key in self._blog.ids}
        gone: set[int] = set()
        with self._work.database.session() as session:
            for column in self._step.present(self._work, self._names):
                found = session.column(
                    f"SELECT DISTINCT agent_id FROM {self._names.name(column.name)} WHERE agent_id > 0"
                )
                gone |= {int(each) for each in found} - known

        def reserve(session: Session) -> None:
            for old in sorted(gone):
                slug = free_slug(session, self._work.names.agents, f"deleted-{self._names.blog_id}-{old}")
                row = {"agent_slug": slug, "agent_name": slug, "owner_id": 0}
                placeholder = session.insert(self._work.names.agents, row)
                session.delete(self._work.names.agents, {"agent_id": placeholder})
                self._blog.ids[str(old)] = placeholder
            self._keep("lift")

        self._work.database.run(reserve)

    # Rows that name agents

    def _lift(self) -> None:
        ids = self._blog.ids
        if ids:
            cases = " ".join(f"WHEN {int(old)} THEN {new + ALOFT}" for old, new in ids.items())
            sets = f"agent_id = CASE agent_id {cases} END"
            self._rewrite(sets, "agent_id IN :ids", {"ids": [int(old) for old in ids]}, counted=True)
        self._keep("settle")

    def _settle(self) -> None:
        self._rewrite("agent_id = agent_id - :aloft", "agent_id >= :aloft", {"aloft": ALOFT}, counted=False)
        self._keep("folders")

    def _rewrite(self, sets: str, where: str, params: dict[str, Any], *, counted: bool) -> None:
        for column in self._step.present(self._work, self._names):
            table = self._names.name(column.name)
            found = self._work.shape(table)
            keep = "" if found is None else untouched(found)
            for after, upto in ranges(self._work, table, column.key):
                with self._work.database.session() as session:
                    rows = session.execute(
                        f"UPDATE {table} FORCE INDEX (PRIMARY) SET {sets}{keep} "
                        f"WHERE {between(column.key, after)} AND {where}",
                        {**params, "after": after, "upto": upto},
                    ).rowcount
                if counted:
                    self._count(_words(column.name), rows)
                    self._work.progress.advance(rows)

    def _rename(self) -> None:
        for each in self._blog.renamed:
            if self._step.folders.rename(self._names.blog_id, each.old, each.new):
                self._count("directories renamed", 1)
        self._keep("done")


def _moving(work: Work) -> list[Tables]:
    """Blogs beside the main one that have agents of their own."""
    blogs = [work.database.tables(blog) for blog in work.blogs if blog != MAIN_BLOG]
    with work.database.session() as session:
        existing = shape.read(session, [_old(names, "agents") for names in blogs])
    return [names for names in blogs if _old(names, "agents") in existing]


def _old(names: Tables, kind: str) -> str:
    """A blog's own table of a kind that the network shares now."""
    return f"{names.prefix}datamachine_{kind}"


def _words(table: str) -> str:
    return table.removeprefix("datamachine_").replace("_", " ")
