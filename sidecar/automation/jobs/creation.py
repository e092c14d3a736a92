"""The one place where rows of jobs are born: by flows, ephemeral workflows, fan-out, tasks and retries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar import hooks, queue
from sidecar.automation import log
from sidecar.automation.engine.engine_data import EngineStore, decode
from sidecar.automation.engine.plain import plain
from sidecar.automation.errors import JobNotFound
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.repositories.promises import BEGIN, Promises
from sidecar.automation.repositories.writing import once
from sidecar.automation.values import Document, Flow, Job, NewJob, Pipeline
from sidecar.db import Database, Session, php_json

#: What a row names where there is no stored flow.
DIRECT = "direct"


class JobCreation:
    """Makes jobs and gives them what they carry. Whoever calls it rings for the first step."""

    def __init__(self, db: Database, jobs: JobsRepository) -> None:
        self._db = db
        self._jobs = jobs
        self._begun = Promises(db, BEGIN)

    def create(
        self,
        new: NewJob,
        *,
        flow: Flow | None = None,
        pipeline: Pipeline | None = None,
        data: Mapping[str, Any] | None = None,
        key: str = "",
        start: bool = False,
    ) -> Job:
        """Insert a ``pending`` job, tell of it, and store what it carries.

        ``flow`` and ``pipeline``: what its snapshot is taken of, None for an ephemeral workflow or a task.
        ``data``: engine data below the snapshot; a child's has its parent's ``job``, which becomes its own.
        ``key``: tells this job from others that the same doorbell makes, so that an attempt after a crash
        finds it again instead of making another. ``start``: leave it ``processing``.

        Fires ``datamachine_job_created(job_id, row)`` (again when an attempt died before the next commit) and
        the filter ``datamachine_engine_snapshot(snapshot, job_id, flow_row, pipeline_row)``.
        """
        job_id = int(once(self._db, key or f"job:{new.flow_id}", lambda session: self._insert(session, new)))
        return self.bring_up(job_id, flow=flow, pipeline=pipeline, data=data, start=start)

    def _insert(self, session: Session, new: NewJob) -> int:
        job_id = self._jobs.insert(session, new)
        self._promise(session, job_id)
        return job_id

    def _promise(self, session: Session, job_id: int) -> None:
        """A doorbell that makes a job rings for it again after a crash; nobody else does."""
        if queue.current_run() is None:
            self._begun.give(session, job_id)

    def begun(self, job_id: int) -> None:
        """Say so when the job's first step is rung for, or the wish for it is stored: somebody goes on."""
        if queue.current_run() is None:
            with self._db.session() as session:
                self._begun.kept(session, job_id)

    def bring_up(
        self,
        job_id: int,
        *,
        flow: Flow | None = None,
        pipeline: Pipeline | None = None,
        data: Mapping[str, Any] | None = None,
        start: bool = False,
    ) -> Job:
        """What :meth:`create` does once there is a row."""
        job = self._jobs.get(job_id)
        if job is None:
            raise JobNotFound(f"Job {job_id} not found.")
        hooks.do_action("datamachine_job_created", job_id, job.row())
        if flow is not None:
            log.debug(
                "Job created", {"job_id": job_id, "flow_id": flow.flow_id, "pipeline_id": flow.pipeline_id}
            )
        self.equip(job, flow=flow, pipeline=pipeline, data=data, start=start)
        return job

    def equip(
        self,
        job: Job,
        *,
        flow: Flow | None = None,
        pipeline: Pipeline | None = None,
        data: Mapping[str, Any] | None = None,
        start: bool = False,
    ) -> bool:
        """Store the snapshot of a job that is still ``pending``; False when it has begun already.

        A doorbell that is answered again after a crash gets the answer it got before.
        """
        document = snapshot(job, flow, pipeline, data or {})
        filtered = hooks.apply_filters(
            "datamachine_engine_snapshot",
            document,
            job.job_id,
            {} if flow is None else flow.row(),
            {} if pipeline is None else pipeline.row(),
        )
        if isinstance(filtered, Mapping):
            # Who and what the job is stays ours: files, claims and rights hang on it.
            document = {**plain(filtered), "job": document["job"]} if filtered else document
        task_type = document.get("task_type")
        text = php_json.dumps(document)

        def begin(session: Session) -> bool:
            begun = self._jobs.begin(
                session, job.job_id, text, task_type if isinstance(task_type, str) else None, start=start
            )
            if begun:
                self._promise(session, job.job_id)
            return begun

        begun = bool(once(self._db, f"begin:{job.job_id}", begin))
        if begun:
            EngineStore.told(job.job_id, document)
        return begun


def snapshot(job: Job, flow: Flow | None, pipeline: Pipeline | None, data: Mapping[str, Any]) -> Document:
    """What a job carries: later changes of its flow do not reach it.

    ``data`` (an ``active_workspace`` among it) and what the job already carried lie underneath.
    """
    document: Document = {**decode(job.engine_data), **data}
    document["job"] = _about(job, flow)
    if flow is None:
        return document
    return {
        **document,
        "flow": {"name": flow.flow_name, "description": "", "scheduling": _schedule(flow)},
        "pipeline": {"name": pipeline.pipeline_name if pipeline else "", "description": ""},
        "flow_config": flow.flow_config,
        "pipeline_config": pipeline.pipeline_config if pipeline else {},
    }


def _schedule(flow: Flow) -> Document:
    """Without what opens the flow's webhook: everybody who sees the job sees this."""
    return {key: value for key, value in flow.scheduling_config.items() if not key.startswith("webhook_")}


def _about(job: Job, flow: Flow | None) -> Document:
    """``job`` of the engine data: who and what it is. Data Machine has one order of keys for each kind."""
    about: Document = {"job_id": job.job_id}
    agent = {} if job.agent_id is None else {"agent_id": job.agent_id}
    flow_id = flow.flow_id if flow is not None else _number(job.flow_id)
    if not isinstance(flow_id, int):
        about = {"user_id": job.user_id, **about, **agent}
        return about | ({} if job.parent_job_id is None else {"parent_job_id": job.parent_job_id})
    about |= {
        "flow_id": flow_id,
        "pipeline_id": flow.pipeline_id if flow is not None else _number(job.pipeline_id),
    }
    if job.parent_job_id is not None:
        return {
            **about,
            **agent,
            "user_id": job.user_id,
            "created_at": job.created_at,
            "parent_job_id": job.parent_job_id,
        }
    return {**about, "user_id": job.user_id, "created_at": job.created_at, **agent}


def _number(text: str | None) -> int | str:
    return int(text) if text and text.isdecimal() else (text or "")
