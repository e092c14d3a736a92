"""What can go wrong in a flow, each with a stable code."""

from __future__ import annotations

from sidecar.errors import Conflict, Internal, InvalidInput, NotFound


class StepFailed(Internal):
    """A step cannot go on; the job fails with this message."""

    code = "step_failed"


class HandlerUnavailable(NotFound):
    """A step names a handler this version cannot run."""

    code = "handler_unavailable"


class HandlerNotFound(NotFound):
    """No handler of that slug is registered."""

    code = "handler_not_found"


class StepTypeNotFound(NotFound):
    """No step type of that slug is registered."""

    code = "step_type_not_found"


class FlowNotFound(NotFound):
    """There is no flow of that id."""

    code = "flow_not_found"


class PipelineNotFound(NotFound):
    """There is no pipeline of that id."""

    code = "pipeline_not_found"


class JobNotFound(NotFound):
    """There is no job of that id."""

    code = "job_not_found"


class FlowPaused(Conflict):
    """The flow is paused and starts no runs."""

    code = "flow_paused"


class InvalidPlan(InvalidInput):
    """The steps of a flow have no order to run in."""

    code = "invalid_execution_plan"


class AbilityNotFound(NotFound):
    """No ability of that name is registered."""

    code = "ability_not_found"
