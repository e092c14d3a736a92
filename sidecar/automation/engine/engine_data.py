"""engine_data: the one JSON document of a job, read and written whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from sidecar import queue
from sidecar.automation import log
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.repositories.writing import write
from sidecar.automation.values import Document, Job, document
from sidecar.db import Database, Session, php_json

#: Stands for a pipeline and a flow where none is stored.
DIRECT = "direct"
#: A key that PHP's arrays hold as a number.
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}")
#: Pipeline, flow and job.
Place = tuple[int | str, int | str, int]
#: Of the job of each run.
_places: WeakKeyDictionary[queue.Run, Place] = WeakKeyDictionary()


class EngineData:
    """A document as the step that runs sees it. Reading looks at the top, then under ``metadata``."""

    def __init__(self, data: Mapping[str, Any], job_id: int) -> None:
        self._data = dict(data)
        self.job_id = job_id

    def get(self, key: str, default: Any = None) -> Any:
        if key in self._data:
            return self._data[key]
        return self.map("metadata").get(key, default)

    def map(self, key: str) -> Document:
        """A value that should be a map; anything else is the empty one."""
        return document(self._data.get(key))

    def all(self) -> Document:
        return dict(self._data)

    def keys(self) -> list[str]:
        return list(self._data)

    @property
    def job(self) -> Document:
        """``{job_id, flow_id, pipeline_id, user_id, created_at[, agent_id]}``."""
        return self.map("job")

    @property
    def agent_id(self) -> int:
        """The agent the job runs for, 0 for none."""
        value = self.job.get("agent_id")
        return int(value) if isinstance(value, int | str) and str(value).isdecimal() else 0

    @property
    def place(self) -> Place:
        """Where the files of the job are: pipeline, flow (both ``direct`` without a stored flow) and job."""
        return _place(self.job.get("pipeline_id")), _place(self.job.get("flow_id")), self.job_id

    @property
    def flow_config(self) -> Document:
        return self.map("flow_config")

    @property
    def pipeline_config(self) -> Document:
        return self.map("pipeline_config")

    def flow_step(self, flow_step_id: str) -> Document:
        return document(self.flow_config.get(flow_step_id))

    def pipeline_step(self, pipeline_step_id: str) -> Document:
        return document(self.pipeline_config.get(pipeline_step_id))


class EngineStore:
    """Engine data in ``jobs.engine_data``."""

    def __init__(self, db: Database, jobs: JobsRepository) -> None:
        self._db = db
        self._jobs = jobs

    def load(self, job_id: int) -> EngineData:
        """The document of a job; empty when there is none."""
        return self._read(job_id, self._jobs.engine_data(job_id))

    def of(self, job: Job) -> EngineData:
        """The document of a row that was just read."""
        return self._read(job.job_id, job.engine_data)

    @staticmethod
    def _read(job_id: int, text: str | None) -> EngineData:
        engine = EngineData(decode(text), job_id)
        run = queue.current_run()
        if run is not None and run.job_id == job_id:
            _places[run] = engine.place
        return engine

    def place(self, job_id: int) -> Place:
        """Where the files of a job are. A run knows those of its own job, once its document was read."""
        run = queue.current_run()
        known = _places.get(run) if run is not None and run.job_id == job_id else None
        return known or self.load(job_id).place

    def store(self, job_id: int, data: Mapping[str, Any]) -> bool:
        """Replace the document; False when the job does not exist. A ``task_type`` in it also fills the
        column.
        """
        with write(self._db) as session:
            stored = self._jobs.store_engine_data(session, job_id, *_columns(data))
        if stored:
            self.told(job_id, data)
        return stored

    def merge(self, job_id: int, data: Mapping[str, Any]) -> EngineData:
        """Merge as PHP's ``array_replace_recursive`` does, and store.

        Lists merge by index, null overwrites. Two that merge at the same time both stay.
        """
        with write(self._db) as session:
            engine = self.merge_in(session, job_id, data)
        self.told(job_id, engine.all())
        return engine

    def merge_in(self, session: Session, job_id: int, data: Mapping[str, Any]) -> EngineData:
        """As :meth:`merge` inside a transaction; whoever commits it calls :meth:`told`."""
        return self.change_in(session, job_id, lambda document: replace_recursive(document, data))

    def change_in(self, session: Session, job_id: int, work: Callable[[Document], Document]) -> EngineData:
        """Put what ``work`` makes of the document in its place, under a lock on the job's row."""
        changed = work(decode(self._jobs.engine_data_locked(session, job_id)))
        self._jobs.store_engine_data(session, job_id, *_columns(changed))
        return EngineData(changed, job_id)

    @staticmethod
    def told(job_id: int, data: Mapping[str, Any]) -> None:
        """The line of the log that every store of engine data leaves."""
        log.debug("Stored engine_data successfully", {"job_id": job_id, "data_keys": list(data)})


def _columns(data: Mapping[str, Any]) -> tuple[str, str | None]:
    task_type = data.get("task_type")
    return php_json.dumps(dict(data)), task_type if isinstance(task_type, str) else None


def _place(value: Any) -> int | str:
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() and int(value) else DIRECT


def decode(text: str | None) -> Document:
    """The document of a column; what is no JSON map counts as empty."""
    if not text:
        return {}
    return document(php_json.loads(text))


def document_of(job: Job) -> Document:
    """The document of a row; a column that was spoilt counts as empty, for those who only look."""
    try:
        return decode(job.engine_data)
    except php_json.NotJson:
        return {}


def replace_recursive(base: Mapping[Any, Any], update: Mapping[Any, Any]) -> Document:
    """PHP's ``array_replace_recursive($base, $update)`` for two maps."""
    merged: dict[Any, Any] = dict(base)
    for key, value in update.items():
        old = merged.get(key)
        if isinstance(value, Mapping | list) and isinstance(old, Mapping | list):
            merged[key] = _array(replace_recursive(_entries(old), _entries(value)))
        else:
            merged[key] = value
    return merged


def _entries(value: Mapping[Any, Any] | list[Any]) -> dict[Any, Any]:
    """With the keys that PHP gives an array: a number is one, whether JSON said so or not."""
    if isinstance(value, list):
        return dict(enumerate(value))
    return {int(key) if _NUMBER.fullmatch(str(key)) else key: item for key, item in value.items()}


def _array(value: dict[Any, Any]) -> Any:
    """A list again when the keys are 0..n-1 in order; PHP knows no other difference."""
    if all(key == at for at, key in enumerate(value)):
        return list(value.values())
    return {str(key): item for key, item in value.items()}
