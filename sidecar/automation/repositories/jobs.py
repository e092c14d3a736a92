"""``datamachine_jobs``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sidecar import queue
from sidecar.automation.jobs import status as statuses
from sidecar.automation.repositories import limits
from sidecar.automation.repositories.writing import once, write
from sidecar.automation.values import Belonging, Job, NewJob
from sidecar.clock import SYSTEM, Clock, mysql
from sidecar.db import Database, Session
from sidecar.identity import Scope

COLUMNS = (
    "job_id, user_id, pipeline_id, flow_id, source, label, parent_job_id, status, engine_data, created_at,"
    " completed_at, agent_id, task_type"
)
ORDERS = frozenset({"job_id", "created_at", "completed_at", "status"})
#: Characters of the column ``label``.
LABEL = 255
#: Characters of the column ``task_type``.
TASK_TYPE = 100
#: What each run has asked for.
_belongings: WeakKeyDictionary[queue.Run, dict[int, Belonging]] = WeakKeyDictionary()
#: Rows whose status is no final one.
_UNFINISHED = " AND ".join(f"LEFT(status, {len(word)}) <> '{word}'" for word in statuses.FINAL)


class JobsRepository:
    """Rows of jobs."""

    def __init__(self, db: Database, clock: Clock = SYSTEM) -> None:
        self._db = db
        self._clock = clock

    @property
    def _table(self) -> str:
        return self._db.tables().jobs

    # Reading

    def get(self, job_id: int) -> Job | None:
        with self._db.session() as session:
            row = session.one(f"SELECT {COLUMNS} FROM {self._table} WHERE job_id = :id", {"id": job_id})
        return None if row is None else as_job(row)

    def belonging(self, job_id: int) -> Belonging | None:
        """Whose a job is, and below which limit; without its engine data, which may be large.

        Read once in a run of the queue: every hop of a step asks.
        """
        run = queue.current_run()
        if run is None:
            return self._belonging(job_id)
        known = _belongings.setdefault(run, {})
        found = known.get(job_id) or self._belonging(job_id)
        if found is not None:
            known[job_id] = found
        return found

    def _belonging(self, job_id: int) -> Belonging | None:
        with self._db.session() as session:
            row = session.one(
                f"SELECT j.agent_id, j.user_id, l.capabilities FROM {self._table} j"
                f" LEFT JOIN {self._db.tables().bridge_limits} l ON l.job_id = j.job_id"
                " WHERE j.job_id = :id",
                {"id": job_id},
            )
        if row is None:
            return None
        return Belonging(
            None if row["agent_id"] is None else int(row["agent_id"]),
            int(row["user_id"]),
            limits.read(row["capabilities"]),
        )

    def engine_data(self, job_id: int) -> str | None:
        """The text of the column."""
        with self._db.session() as session:
            found = session.scalar(
                f"SELECT engine_data FROM {self._table} WHERE job_id = :id", {"id": job_id}
            )
        return None if found is None else str(found)

    def status(self, job_id: int) -> str | None:
        with self._db.session() as session:
            found = session.scalar(f"SELECT status FROM {self._table} WHERE job_id = :id", {"id": job_id})
        return None if found is None else str(found)

    def latest_of_flows(self, flow_ids: Sequence[int]) -> dict[int, Job]:
        """The newest job of each flow, without its engine data."""
        if not flow_ids:
            return {}
        columns = ", ".join(f"j.{name}" for name in COLUMNS.split(", ") if name != "engine_data")
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {columns}, NULL AS engine_data FROM {self._table} j JOIN (SELECT MAX(job_id)"
                " AS newest FROM"
                f" {self._table} WHERE flow_id IN :flows GROUP BY flow_id) n ON j.job_id = n.newest",
                {"flows": [str(flow) for flow in flow_ids]},
            )
        return {int(row["flow_id"]): as_job(row) for row in rows}

    def find(
        self,
        *,
        job_id: int | None = None,
        status: str | None = None,
        flow_id: str | None = None,
        pipeline_id: str | None = None,
        source: str | None = None,
        user_id: int | None = None,
        scope: Scope | None = None,
        parent_job_id: int | None = None,
        hide_children: bool = False,
        since: str | None = None,
        orderby: str = "job_id",
        order: str = "DESC",
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[list[Job], int]:
        """Jobs with the names of their pipelines and flows, and how many there are in all.

        ``status`` matches by prefix; ``scope`` says which jobs are seen.
        """
        conditions, params = ["1 = 1"], dict[str, Any]()
        equals = {
            "job_id": job_id,
            "flow_id": flow_id,
            "pipeline_id": pipeline_id,
            "user_id": user_id,
            "parent_job_id": parent_job_id,
        }
        for name, value in equals.items():
            if value is not None:
                conditions.append(f"j.{name} = :{name}")
                params[name] = value
        if source is not None:
            # The second word, which no source has, keeps the server from intersecting two indexes, which
            # reads every row of an agent, and lets it count in one that covers all of this.
            conditions.append("j.source IN :source")
            params["source"] = [source, "-"]
        if status:
            conditions.append("j.status LIKE :status")
            params["status"] = status.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        if since:
            conditions.append("j.created_at >= :since")
            params["since"] = since
        if hide_children:
            # The second half, which nothing we write needs, keeps the server from intersecting two indexes,
            # which reads every row of an agent where the order asked for has an index of its own.
            conditions.append("(j.parent_job_id IS NULL OR j.parent_job_id = 0)")
        if scope is not None:
            seen, named = scope.condition("j")
            conditions.append(seen)
            params.update(named)
        where = " AND ".join(conditions)
        # One agent's jobs are counted in an index, faster than a second statement is sent; other conditions
        # may mean a second look at many rows.
        plain = len(conditions) == 2 and scope is not None and len(scope.agent_ids) == 1
        counted = plain and scope is not None and scope.unscoped_of is None
        in_all = f" (SELECT COUNT(*) FROM {self._table} j WHERE {where}) AS in_all," if counted else ""
        by = orderby if orderby in ORDERS else "job_id"
        direction = "ASC" if order.upper() == "ASC" else "DESC"
        tables = self._db.tables()
        columns = ", ".join(f"j.{name}" for name in COLUMNS.split(", "))
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {columns}, p.pipeline_name, f.flow_name,{in_all}"
                f" (SELECT COUNT(*) FROM {self._table} c WHERE c.parent_job_id = j.job_id) AS child_count"
                # Ids first, out of an index: sorting whole rows reads every engine document.
                f" FROM (SELECT j.job_id FROM {self._table} j WHERE {where} ORDER BY j.{by} {direction},"
                f" j.job_id {direction} LIMIT :limit OFFSET :offset) page"
                f" JOIN {self._table} j ON j.job_id = page.job_id"
                f" LEFT JOIN {tables.pipelines} p ON p.pipeline_id = j.pipeline_id AND j.pipeline_id"
                " <> 'direct'"
                f" LEFT JOIN {tables.flows} f ON f.flow_id = j.flow_id AND j.flow_id <> 'direct'"
                f" ORDER BY j.{by} {direction}, j.job_id {direction}",
                {**params, "limit": limit, "offset": offset},
            )
            if len(rows) < limit and (rows or offset == 0):
                # The page is the last one: counting again would be a second look at the same rows.
                return [as_job(row) for row in rows], offset + len(rows)
            if rows and counted:
                return [as_job(row) for row in rows], int(rows[0]["in_all"])
            total = session.scalar(f"SELECT COUNT(*) FROM {self._table} j WHERE {where}", params)
        return [as_job(row) for row in rows], int(total or 0)

    def named(self, job_id: int) -> Job | None:
        """One job with the names of its pipeline and flow."""
        return next(iter(self.find(job_id=job_id, limit=1)[0]), None)

    def unfinished(self, job_ids: Sequence[int], scope: Scope) -> list[int]:
        """Those of the jobs that run or are about to, in their order."""
        if not job_ids:
            return []
        seen, params = scope.condition()
        with self._db.session() as session:
            rows = session.all(
                f"SELECT job_id FROM {self._table} WHERE job_id IN :ids AND {seen}"
                " AND status IN :running ORDER BY job_id",
                {**params, "ids": list(job_ids), "running": [statuses.PENDING, statuses.PROCESSING]},
            )
        return [int(row["job_id"]) for row in rows]

    def summary(self, scope: Scope | None = None) -> dict[str, int]:
        """How many jobs there are by base status, most first."""
        seen, params = ("1 = 1", {}) if scope is None else scope.condition()
        with self._db.session() as session:
            rows = session.all(
                f"SELECT status, COUNT(*) AS jobs FROM {self._table} WHERE {seen} GROUP BY status", params
            )
        return dict(sorted(by_word(rows).items(), key=lambda item: -item[1]))

    def abandoned(self, session: Session) -> list[tuple[int, str, str]]:
        """Jobs that run, as far as they know, but whose lease failed more than a minute ago; in which step
        ('' where nobody knows), and why.
        """
        leases = self._db.tables().bridge_leases
        rows = session.all(
            f"SELECT l.job_id, IF(l.step = l.hook, '', l.step) AS step, l.last_error FROM {leases} l"
            f" JOIN {self._table} j ON j.job_id = l.job_id"
            " WHERE l.state = 'failed' AND j.status IN ('pending', 'processing')"
            " AND l.updated_at < UTC_TIMESTAMP(6) - INTERVAL 60 SECOND LIMIT 100"
        )
        return [(int(row["job_id"]), str(row["step"] or ""), str(row["last_error"] or "")) for row in rows]

    def idle_of_agent(self, agent_id: int, after: int, limit: int) -> list[int]:
        """Jobs of an agent that have not ended and that nobody works on right now, by id, above ``after``."""
        ended = " AND ".join(f"j.status NOT LIKE '{word}%'" for word in statuses.FINAL)
        with self._db.session() as session:
            rows = session.all(
                f"SELECT j.job_id FROM {self._table} j WHERE j.agent_id = :agent AND j.job_id > :after"
                f" AND {ended} AND NOT EXISTS (SELECT 1 FROM {self._db.tables().bridge_leases} l"
                " WHERE l.job_id = j.job_id AND l.state = 'running') ORDER BY j.job_id LIMIT :limit",
                {"agent": agent_id, "after": after, "limit": limit},
            )
        return [int(row["job_id"]) for row in rows]

    # Writing

    def create(self, job: NewJob, *, key: str = "") -> int:
        """Insert a ``pending`` job; a doorbell that is answered a second time gets the same one.

        ``key``: what tells this job from others that the same doorbell makes (default: its flow). The limit
        of a parent holds for its children.
        """

        return int(once(self._db, key or f"job:{job.flow_id}", lambda session: self.insert(session, job)))

    def insert(self, session: Session, job: NewJob) -> int:
        """As :meth:`create`, inside a transaction."""
        values: dict[str, Any] = {
            "user_id": job.user_id,
            "source": job.source,
            "label": None if job.label is None else job.label[:LABEL],
            "status": statuses.PENDING,
            "pipeline_id": job.pipeline_id,
            "flow_id": job.flow_id,
        }
        more = {
            "agent_id": job.agent_id,
            "parent_job_id": job.parent_job_id,
            "task_type": None if job.task_type is None else job.task_type[:TASK_TYPE],
        }
        values |= {name: value for name, value in more.items() if value is not None}
        job_id = session.insert(self._table, values)
        # In one transaction: without its limit the job would do more than it was started for.
        if job.limit is not None:
            limits.narrow(session, self._db.tables(), job_id, job.limit, self._clock.now())
        if job.parent_job_id:
            limits.inherit(session, self._db.tables(), job_id, job.parent_job_id, self._clock.now())
        return job_id

    def limit(self, job_id: int, capabilities: frozenset[str]) -> None:
        """Bound what the job's steps may do, below a limit it may have already."""
        run = queue.current_run()
        if run is not None:
            _belongings.pop(run, None)
        with write(self._db) as session:
            limits.narrow(session, self._db.tables(), job_id, capabilities, self._clock.now())

    def start(self, job_id: int) -> bool:
        """Status ``processing``, from pending or waiting; False when it is that already or has ended."""
        with write(self._db) as session:
            return self.transition(session, job_id, statuses.PROCESSING)

    def begin(
        self, session: Session, job_id: int, text: str, task_type: str | None = None, *, start: bool = False
    ) -> bool:
        """Store the first engine data of a job that is still ``pending``, let it start; whether it was."""
        return (
            session.execute(
                f"UPDATE {self._table} SET engine_data = :text, task_type = COALESCE(:task, task_type),"
                " status = IF(:start, :processing, status) WHERE job_id = :id AND status = :pending",
                {
                    "text": text,
                    "task": None if task_type is None else task_type[:TASK_TYPE],
                    "start": start,
                    "processing": statuses.PROCESSING,
                    "pending": statuses.PENDING,
                    "id": job_id,
                },
            ).rowcount
            > 0
        )

    def transition(
        self, session: Session, job_id: int, to: str, *, from_: Sequence[str] | None = None
    ) -> bool:
        """Change the status where the state machine allows it; whether the row changed.

        ``from_``: active words to change from (default: all that may become ``to``). A final status also
        gets ``completed_at``. Joins the session's transaction. Only who gets True may tell anybody.
        """
        ends = statuses.is_final(to)
        if from_ is None and not ends:
            from_ = statuses.REACHED_FROM.get(statuses.base(to), ())
        if from_ is not None:
            allowed = [word for word in from_ if statuses.may_become(word, to)]
            if not allowed:
                return False
            condition = "status IN :allowed"
        else:
            allowed = []
            condition = _UNFINISHED
        completed = ", completed_at = :now" if ends else ""
        return (
            session.execute(
                f"UPDATE {self._table} SET status = :to{completed} WHERE job_id = :id AND {condition}",
                {
                    "to": statuses.column(to),
                    "id": job_id,
                    **({"now": mysql(self._clock.now())} if ends else {}),
                    **({"allowed": allowed} if allowed else {}),
                },
            ).rowcount
            > 0
        )

    def engine_data_locked(self, session: Session, job_id: int) -> str | None:
        """The text of the column, its row locked until the session's commit."""
        found = session.scalar(
            f"SELECT engine_data FROM {self._table} WHERE job_id = :id FOR UPDATE", {"id": job_id}
        )
        return None if found is None else str(found)

    def store_engine_data(
        self, session: Session, job_id: int, text: str, task_type: str | None = None
    ) -> bool:
        """Replace the document; False when there is no such job."""
        values: dict[str, Any] = {"engine_data": text}
        if task_type is not None:
            values["task_type"] = task_type[:TASK_TYPE]
        return session.update(self._table, values, {"job_id": job_id}) > 0


def by_word(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Rows ``{status, jobs}`` added up by base status."""
    counts: dict[str, int] = {}
    for row in rows:
        word = statuses.base(str(row["status"]))
        counts[word] = counts.get(word, 0) + int(row["jobs"])
    return counts


def as_job(row: dict[str, Any]) -> Job:
    """A row of the columns COLUMNS, perhaps with the names that listings add."""
    return Job(
        job_id=int(row["job_id"]),
        user_id=int(row["user_id"]),
        pipeline_id=_text(row["pipeline_id"]),
        flow_id=_text(row["flow_id"]),
        source=str(row["source"]),
        label=_text(row["label"]),
        parent_job_id=_int(row["parent_job_id"]),
        status=str(row["status"]),
        engine_data=_text(row["engine_data"]),
        created_at=str(row["created_at"]),
        completed_at=_text(row["completed_at"]),
        agent_id=_int(row["agent_id"]),
        task_type=_text(row["task_type"]),
        pipeline_name=_text(row.get("pipeline_name")),
        flow_name=_text(row.get("flow_name")),
        child_count=int(row.get("child_count") or 0),
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _int(value: Any) -> int | None:
    return None if value is None else int(value)
