"""Ephemeral workflows: steps that are run once and stored nowhere but in their job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.automation.values import Document
from sidecar.identity import Principal


class Workflows:
    """The ability ``datamachine/execute-workflow``."""

    def execute(
        self,
        principal: Principal,
        workflow: Mapping[str, Any],
        *,
        timestamp: int | None = None,
        initial_data: Mapping[str, Any] | None = None,
        dry_run: bool = False,
        agent_id: int | None = None,
    ) -> Document:
        """Start ``{steps: [...]}`` now, or at ``timestamp`` (unix seconds) when that is in the future.

        ``agent_id``: whose work it is (default: the acting agent); the principal needs to be its operator.
        Returns ``{success, execution_type, execution_mode: "direct", job_id, step_count, message[, timestamp,
        scheduled_time][, dry_run]}``; InvalidInput ``invalid_workflow``.
        """
        raise NotImplementedError
