"""A pipeline together with its flows, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sidecar.automation.errors import PipelineNotFound
from sidecar.automation.repositories import flows, pipelines
from sidecar.automation.values import Document, Flow, Pipeline
from sidecar.db import Database, Session, php_json


class PipelineFlows:
    """Locks the pipeline first, then its flows by their ids: whoever changes both does it in this order."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def lock(self, session: Session, pipeline_id: int) -> tuple[Pipeline, list[Flow]]:
        """Both, locked until the transaction ends; PipelineNotFound."""
        names = self._db.tables()
        row = session.one(
            f"SELECT {pipelines.COLUMNS} FROM {names.pipelines} WHERE pipeline_id = :id FOR UPDATE",
            {"id": pipeline_id},
        )
        if row is None:
            raise PipelineNotFound("Pipeline not found")
        rows = session.all(
            f"SELECT {flows.COLUMNS} FROM {names.flows} WHERE pipeline_id = :id ORDER BY flow_id FOR UPDATE",
            {"id": pipeline_id},
        )
        return pipelines.pipeline_of(row), [flows.flow_of(each) for each in rows]

    def store(self, session: Session, pipeline_id: int, config: Document) -> None:
        """Replace the pipeline's configuration."""
        session.update(
            self._db.tables().pipelines,
            {"pipeline_config": php_json.dumps(config)},
            {"pipeline_id": pipeline_id},
        )

    def store_flow(self, session: Session, flow_id: int, config: Document) -> None:
        """Replace the configuration of one of its flows."""
        session.update(self._db.tables().flows, {"flow_config": php_json.dumps(config)}, {"flow_id": flow_id})

    def insert_flow(self, session: Session, values: dict[str, Any]) -> int:
        """Insert a row; its id. The two documents are maps. Duplicate for a portable slug that is taken."""
        row = {
            **values,
            "flow_config": php_json.dumps(values.get("flow_config") or {}),
            "scheduling_config": php_json.dumps(values["scheduling_config"]),
        }
        return session.insert(self._db.tables().flows, {k: v for k, v in row.items() if v is not None})

    def update_flow(self, session: Session, flow_id: int, values: dict[str, Any]) -> None:
        """Change columns of a row; maps become JSON."""
        row = {
            key: php_json.dumps(value) if isinstance(value, dict) else value for key, value in values.items()
        }
        session.update(self._db.tables().flows, row, {"flow_id": flow_id})

    def delete(self, session: Session, pipeline_id: int) -> None:
        """Remove the pipeline and all of its flows."""
        names = self._db.tables()
        session.delete(names.flows, {"pipeline_id": pipeline_id})
        session.delete(names.pipelines, {"pipeline_id": pipeline_id})

    def forget_items(self, session: Session, flow_step_ids: Sequence[str]) -> int:
        """Remove what these steps of flows have taken in."""
        if not flow_step_ids:
            return 0
        return session.execute(
            f"DELETE FROM {self._db.tables().processed_items} WHERE flow_step_id IN :steps",
            {"steps": list(flow_step_ids)},
        ).rowcount
