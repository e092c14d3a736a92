"""The abilities on flows' steps: what they do.

A rule that was broken is an answer with ``success`` false; a missing right is an error, and so is everything
unexpected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar.abilities import Callback
from sidecar.automation.answering import answering, data
from sidecar.automation.flows import step_declarations as names
from sidecar.automation.flows import step_input
from sidecar.automation.flows.configure_steps import ConfigureSteps
from sidecar.automation.flows.masking import masked_step
from sidecar.automation.flows.step_settings import FlowSteps
from sidecar.automation.steps.base import number
from sidecar.errors import InvalidInput
from sidecar.identity import Principal

Given = Mapping[str, Any]
_Work = Callable[[Principal, Given], dict[str, Any]]


def callbacks(steps: FlowSteps, configure: ConfigureSteps) -> dict[str, Callback]:
    """By name."""

    def get(principal: Principal, given: Given) -> dict[str, Any]:
        """``{steps: [step], flow_id, step_count}``, secrets masked."""
        step_id = str(given.get("flow_step_id") or "")
        if step_id:
            flow, step = steps.get(principal, step_id)
            found = [step]
        elif number(given.get("flow_id")) > 0:
            flow = steps.of_flow(principal, number(given.get("flow_id")))
            found = flow.steps()
        else:
            raise InvalidInput("flow_id or flow_step_id is required.", code="missing_scope")
        return {
            "steps": [masked_step(step) for step in found],
            "flow_id": flow.flow_id,
            "step_count": len(found),
        }

    def update(principal: Principal, given: Given) -> dict[str, Any]:
        """``{flow_step_id, message}``."""
        step_id = str(given.get("flow_step_id") or "")
        change = step_input.change(given)
        steps.update(principal, step_id, change)
        return {
            "flow_step_id": step_id,
            "message": f"Flow step updated successfully. Fields updated: {', '.join(change.fields())}",
        }

    def bulk(principal: Principal, given: Given) -> dict[str, Any]:
        """``{flows_updated, steps_modified, updated_steps, skipped, errors, message}``."""
        if given.get("validate_only") is True:
            return check(principal, given)
        return configure.run(principal, step_input.selection(given)).document()

    def check(principal: Principal, given: Given) -> dict[str, Any]:
        """``{valid, would_update, skipped, errors, message}``."""
        return configure.check(principal, step_input.selection(given)).preview()

    work: dict[str, _Work] = {
        names.GET: get,
        names.UPDATE: update,
        names.CONFIGURE: bulk,
        names.VALIDATE: check,
    }
    return {one.name: answering(work[one.name], data) for one in names.DECLARATIONS}
