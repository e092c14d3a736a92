"""What can go wrong in a flow, each with a stable code."""

from __future__ import annotations

from sidecar.errors import Conflict, Internal, InvalidInput, NotFound


class StepFailed(Internal):
    """A step cannot go on; the job fails with this message."""

    code = "step_failed"


class HandlerUnavailable(NotFound):
    """A step names a handler this version cannot run."""

    code = "handler_unavailable"


class FlowNotFound(NotFound):
    code = "flow_not_found"


class PipelineNotFound(NotFound):
    code = "pipeline_not_found"


class JobNotFound(NotFound):
    code = "job_not_found"


class FlowPaused(Conflict):
    code = "flow_paused"


class InvalidPlan(InvalidInput):
    """The steps of a flow have no order to run in."""

    code = "invalid_execution_plan"


class AbilityNotFound(NotFound):
    code = "ability_not_found"
