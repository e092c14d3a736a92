"""The abilities that export and import."""

from __future__ import annotations

from typing import Any

from sidecar.automation.answering import Given, answering, code
from sidecar.automation.answering import Work as Callback
from sidecar.automation.pipelines import ability_declarations as names
from sidecar.automation.pipelines.exporting import PipelineExport
from sidecar.automation.pipelines.importing import PipelineImport
from sidecar.automation.steps.base import number
from sidecar.errors import InvalidInput
from sidecar.identity import Principal


def callbacks(exporting: PipelineExport, importing: PipelineImport) -> dict[str, Callback]:
    """By name."""

    def export(principal: Principal, given: Given) -> dict[str, Any]:
        """``{data, count}``."""
        named = given.get("pipeline_ids") or []
        ids = [number(each) for each in named] if isinstance(named, list) else []
        if named and not any(each > 0 for each in ids):
            raise InvalidInput("pipeline_ids must be ids of pipelines.", code="invalid_pipeline_ids")
        text, count = exporting.csv(principal, [each for each in ids if each > 0])
        return {"data": text, "count": count}

    def load(principal: Principal, given: Given) -> dict[str, Any]:
        """``{imported, count, message}``."""
        data = given.get("data")
        if not isinstance(data, str) or not data.strip():
            raise InvalidInput("data is required", code="invalid_import_data")
        done = importing.csv(principal, data, agent_id=number(given.get("agent_id")) or None)
        count = len(done.pipeline_ids)
        return {
            "imported": done.pipeline_ids,
            "count": count,
            "message": f"Successfully imported {count} pipeline(s)",
        }

    return {names.EXPORT: answering(export, code), names.IMPORT: answering(load, code)}
