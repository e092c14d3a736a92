"""Data steps on what agents own: pipelines, flows, jobs, conversations and log entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.automation.jobs import status as statuses
from sidecar.db import Duplicate, Session, php_json
from sidecar.db.batches import between, ranges, summed, untouched
from sidecar.db.steps import Counts, Work
from sidecar.identity.migrations import OwnerAgents
from sidecar.identity.network_move import AgentColumn

PIPELINES = AgentColumn("datamachine_pipelines", "pipeline_id")
FLOWS = AgentColumn("datamachine_flows", "flow_id")
JOBS = AgentColumn("datamachine_jobs", "job_id")
CHAT = AgentColumn("datamachine_chat_sessions", "session_id")
LOGS = AgentColumn("datamachine_logs", "id")
BUNDLES = AgentColumn("datamachine_bundle_artifacts", "artifact_record_id")

#: Every table of a blog that names an agent.
ALL = (PIPELINES, FLOWS, JOBS, CHAT, LOGS, BUNDLES)
#: Those whose rows also name the user they were made for.
OF_USERS = (PIPELINES, FLOWS, JOBS, CHAT, LOGS)
#: What works without anybody: conversations and log entries of nobody stay nobody's.
WORK = (PIPELINES, FLOWS, JOBS)

LEFT = "left without agent: another pipeline of the agent has their slug"


class BackfillAgents:
    """Rows of a user get the agent of that user."""

    name = "agent_ids"
    title = "Agents of pipelines, flows, jobs, conversations and logs"
    guard = "datamachine_agent_ids_backfilled"
    shared = False
    network_guard = False

    def __init__(self, owners: OwnerAgents) -> None:
        self._owners = owners

    def estimate(self, work: Work) -> Counts:
        """Rows whose user has an account or an agent, and the agents to be made."""
        names, counts = work.names, Counts()
        agents = work.shape(names.agents) is not None
        known = f"t.user_id IN (SELECT ID FROM {names.users})"
        if agents:
            known = f"({known} OR t.user_id IN (SELECT owner_id FROM {names.agents}))"
        makers = []
        with work.database.session() as session:
            for column in OF_USERS:
                condition = _unscoped(work, column)
                if condition is None:
                    continue
                table = names.name(column.name)
                rows = session.scalar(f"SELECT COUNT(*) FROM {table} t WHERE {condition} AND {known}")
                counts[_words(column)] = int(rows)
                makers.append(f"EXISTS (SELECT 1 FROM {table} t WHERE {condition} AND t.user_id = u.ID)")
            if makers:
                without = (
                    f"NOT EXISTS (SELECT 1 FROM {names.agents} a WHERE a.owner_id = u.ID)" if agents else "1"
                )
                counts["agents created"] = int(
                    session.scalar(
                        f"SELECT COUNT(*) FROM {names.users} u WHERE {without} AND ({' OR '.join(makers)})"
                    )
                )
        return summed(counts)

    def run(self, work: Work) -> Counts:
        """Assign them, a batch at a time."""
        counts: Counts = {}
        created, granted = self._owners.created, self._owners.granted
        with work.database.session() as session:
            none_yet = not session.scalar(f"SELECT COUNT(*) FROM {work.names.agents}")
            if none_yet and any(
                session.scalar(f"SELECT 1 FROM {work.names.name(column.name)} LIMIT 1") for column in WORK
            ):
                self._owners.ensure_default()
        for column in OF_USERS:
            counts[_words(column)] = self._table(work, column, counts)
        counts["agents created"] = self._owners.created - created
        counts["grants"] = self._owners.granted - granted
        return summed(counts)

    def _table(self, work: Work, column: AgentColumn, counts: Counts) -> int:
        table, key = work.names.name(column.name), column.key
        condition = _unscoped(work, column)
        found = work.shape(table)
        if condition is None or found is None:
            return 0
        done = 0
        for after, upto in ranges(work, table, key):
            where = f"{between(key, after)} AND agent_id IS NULL AND user_id"
            params: dict[str, Any] = {"after": after, "upto": upto}
            with work.database.session() as session:
                users = session.column(
                    f"SELECT DISTINCT user_id FROM {table} FORCE INDEX (PRIMARY) WHERE {where} > 0 "
                    "ORDER BY user_id",
                    params,
                )
                agents = {int(user): agent for user in users if (agent := self._owners.of(int(user)))}
            if agents:
                cases = " ".join(f"WHEN {user} THEN {agent}" for user, agent in agents.items())
                sets = f"agent_id = CASE user_id {cases} END{untouched(found)}"
                done += _assign(
                    work, column, (sets, f"{where} IN :users"), params | {"users": list(agents)}, counts
                )
        return done


class AssignOrphans:
    """Rows of nobody get the agent when there is exactly one."""

    name = "orphans"
    title = "Pipelines, flows and jobs of nobody"
    guard = "datamachine_orphaned_resources_assigned"
    shared = False
    network_guard = False

    def estimate(self, work: Work) -> Counts:
        """Rows without agent, when there is exactly one agent as things are."""
        counts: Counts = {}
        if self._sole(work) is None:
            return counts
        with work.database.session() as session:
            for column in WORK:
                if (found := work.shape(work.names.name(column.name))) is None:
                    continue
                condition = "agent_id IS NULL" if "agent_id" in found.columns else "1"
                counts[_words(column)] = int(
                    session.scalar(f"SELECT COUNT(*) FROM {work.names.name(column.name)} WHERE {condition}")
                )
        return summed(counts)

    def run(self, work: Work) -> Counts:
        """Assign them, a batch at a time."""
        counts: Counts = {}
        agent = self._sole(work)
        if agent is None:
            return counts
        for column in WORK:
            table, key = work.names.name(column.name), column.key
            if (found := work.shape(table)) is None:
                continue
            done = 0
            sets = f"agent_id = {agent}{untouched(found)}"
            for after, upto in ranges(work, table, key):
                where = f"{between(key, after)} AND agent_id IS NULL"
                done += _assign(work, column, (sets, where), {"after": after, "upto": upto}, counts)
            counts[_words(column)] = done
        return summed(counts)

    @staticmethod
    def _sole(work: Work) -> int | None:
        """The only agent, if it works on this blog."""
        found = work.shape(work.names.agents)
        if found is None:
            return None
        scope = "site_scope" if "site_scope" in found.columns else "NULL"
        with work.database.session() as session:
            rows = session.all(f"SELECT agent_id, {scope} AS scope FROM {work.names.agents} LIMIT 2")
        if len(rows) != 1 or rows[0]["scope"] not in (None, work.names.blog_id):
            return None
        return int(rows[0]["agent_id"])


class JobSnapshots:
    """Jobs that have not ended name the agent of their row in what their steps read.

    Rows that were given to an agent, or followed theirs into the network, would else run for nobody or for
    whoever has the old number now.
    """

    name = "job_snapshots"
    title = "Jobs that have not ended"
    guard = ""
    shared = False
    network_guard = False

    def estimate(self, work: Work) -> Counts:
        """Jobs that have not ended and name another agent."""
        found = work.shape(work.names.jobs)
        if found is None or "agent_id" not in found.columns:
            return {}
        return self._each(work, write=False)

    def run(self, work: Work) -> Counts:
        """Rewrite them."""
        return self._each(work, write=True)

    @staticmethod
    def _each(work: Work, *, write: bool) -> Counts:
        changed = 0
        unfinished = " AND ".join(f"status NOT LIKE '{word}%'" for word in statuses.FINAL)
        for after, upto in ranges(work, work.names.jobs, "job_id"):
            with work.database.session() as session:
                ids = session.column(
                    f"SELECT job_id FROM {work.names.jobs} FORCE INDEX (PRIMARY) "
                    f"WHERE {between('job_id', after)} AND agent_id > 0 AND {unfinished}",
                    {"after": after, "upto": upto},
                )
            for job_id in ids:
                changed += work.database.run(
                    lambda session, job_id=job_id: _resnap(session, work.names.jobs, job_id, write)  # type: ignore[misc]
                )
        return summed({"jobs": changed})


def _resnap(session: Session, table: str, job_id: int, write: bool) -> int:
    row = session.one(
        f"SELECT agent_id, engine_data FROM {table} WHERE job_id = :id FOR UPDATE", {"id": job_id}
    )
    try:
        data = php_json.loads(row["engine_data"] or "") if row is not None else None
    except php_json.NotJson:
        return 0
    job = data.get("job") if isinstance(data, dict) else None
    if row is None or not isinstance(job, dict) or str(job.get("agent_id") or "0") == str(row["agent_id"]):
        return 0
    if write:
        job["agent_id"] = int(row["agent_id"])
        session.update(table, {"engine_data": php_json.dumps(data)}, {"job_id": job_id})
    return 1


def _unscoped(work: Work, column: AgentColumn) -> str | None:
    """Which rows of a table have a user and no agent; None when it has no users."""
    found = work.shape(work.names.name(column.name))
    if found is None or "user_id" not in found.columns:
        return None
    return "user_id > 0" + (" AND agent_id IS NULL" if "agent_id" in found.columns else "")


def _assign(
    work: Work, column: AgentColumn, change: tuple[str, str], params: Mapping[str, Any], counts: Counts
) -> int:
    """Change one batch (SET and WHERE); how many rows."""
    sets, where = change
    table, key = work.names.name(column.name), column.key
    with work.database.session() as session:
        try:
            done = session.execute(
                f"UPDATE {table} FORCE INDEX (PRIMARY) SET {sets} WHERE {where}", params
            ).rowcount
        except Duplicate:
            # A unique key refuses the batch: one row after the other, and those it refuses stay as they are.
            done = 0
            word = f"{_words(column)} {LEFT}"
            for row in session.column(f"SELECT {key} FROM {table} WHERE {where} ORDER BY {key}", params):
                try:
                    done += session.execute(
                        f"UPDATE {table} SET {sets} WHERE {key} = :key", {"key": row}
                    ).rowcount
                except Duplicate:
                    counts[word] = counts.get(word, 0) + 1
    work.progress.advance(done)
    return done


def _words(column: AgentColumn) -> str:
    return column.name.removeprefix("datamachine_").replace("_", " ")
