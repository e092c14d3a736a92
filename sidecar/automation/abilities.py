"""The engine's abilities: every hop of a job is one, and whoever listens to abilities sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar import hooks, queue
from sidecar.automation import registry
from sidecar.automation.errors import AbilityNotFound
from sidecar.errors import Forbidden
from sidecar.host import context as hosts

Callback = Callable[[Mapping[str, Any]], Any]

RUN_FLOW = "datamachine/run-flow"
SCHEDULE_NEXT_STEP = "datamachine/schedule-next-step"
EXECUTE_STEP = "datamachine/execute-step"
GET_STEP_TYPES = "datamachine/get-step-types"
#: Processes an operator started: they may do everything, unless a filter says otherwise.
COMMAND_LINE = ("work", "cli")


class Abilities:
    """Abilities by name. ``process`` is the kind of process this is."""

    def __init__(self, process: str) -> None:
        self._process = process
        self._callbacks: dict[str, Callback] = {}

    def add(self, name: str, callback: Callback) -> None:
        """Offer an ability; ``callback(input)`` gives its result."""
        self._callbacks[name] = callback

    def execute(self, name: str, arguments: Mapping[str, Any] | None) -> Any:
        """Only the callback: for WordPress, which has checked the permission and fires the events itself."""
        callback = self._callbacks.get(name)
        if callback is None:
            raise AbilityNotFound(f'There is no ability "{name}" in the engine.')
        with registry.reading():
            return callback(arguments or {})

    def run(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Check the permission, tell who listens, execute.

        Fires ``wp_before_execute_ability`` and ``wp_after_execute_ability`` as WordPress does around an
        ability.
        """
        with registry.reading():
            self._must_be_allowed(name)
            host = hosts.current()
            if host is not None:
                host.ability_event("before", name, dict(arguments))
            result = self.execute(name, arguments)
            if host is not None:
                host.ability_event("after", name, dict(arguments), result)
            return result

    def _must_be_allowed(self, name: str) -> None:
        """The command line may, a queue run may; anybody else is judged by WordPress."""
        if self._process in COMMAND_LINE and hooks.apply_filters("datamachine_cli_bypass_permissions", True):
            return
        if queue.current_run() is not None:
            return
        host = hosts.current()
        if host is not None and host.call("automation.can_manage", {}) is True:
            return
        raise Forbidden(f'The ability "{name}" is not permitted here.', code="ability_invalid_permissions")
