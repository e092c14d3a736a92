"""The engine's abilities: every hop of a job is one, and whoever listens to abilities sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from sidecar import hooks
from sidecar.automation import registry
from sidecar.automation.engine import acting
from sidecar.automation.errors import AbilityNotFound
from sidecar.errors import Forbidden
from sidecar.hooks import dispatch
from sidecar.host import context as hosts
from sidecar.identity import Permissions, Principal

#: ``callback(principal, input)`` gives the result; it asks whose flow or job it is.
Callback = Callable[[Principal, Mapping[str, Any]], Any]

RUN_FLOW = "datamachine/run-flow"
SCHEDULE_NEXT_STEP = "datamachine/schedule-next-step"
EXECUTE_STEP = "datamachine/execute-step"
EXECUTE_WORKFLOW = "datamachine/execute-workflow"
GET_STEP_TYPES = "datamachine/get-step-types"
#: Processes an operator started.
COMMAND_LINE = ("work", "cli")


class Abilities:
    """Abilities by name. ``process`` is the kind of process this is."""

    def __init__(self, permissions: Permissions, process: str) -> None:
        self._permissions = permissions
        self._process = process
        self._callbacks: dict[str, Callback] = {}

    def add(self, name: str, callback: Callback) -> None:
        """Offer an ability."""
        self._callbacks[name] = callback

    def names(self) -> list[str]:
        """All of them, in the order they were added."""
        return list(self._callbacks)

    def execute(self, principal: Principal, name: str, arguments: Mapping[str, Any] | None) -> Any:
        """Only the callback: for WordPress, which has checked the permission and fires the events itself."""
        callback = self._callbacks.get(name)
        if callback is None:
            raise AbilityNotFound(f'There is no ability "{name}" in the engine.')
        with registry.reading(), acting.led_by(principal):
            return callback(principal, arguments or {})

    def run(self, principal: Principal, name: str, arguments: Mapping[str, Any]) -> Any:
        """Check the permission, tell who listens, execute.

        Fires ``wp_before_execute_ability`` and ``wp_after_execute_ability`` as WordPress does around an
        ability. Forbidden ``ability_invalid_permissions`` for those who manage nothing.
        """
        with registry.reading():
            if not self._permitted(principal):
                raise Forbidden(
                    f'The ability "{name}" is not permitted here.', code="ability_invalid_permissions"
                )
            _tell("before", name, arguments)
            result = self.execute(principal, name, arguments)
            _tell("after", name, arguments, result)
            return result

    def _permitted(self, principal: Principal) -> bool:
        """The filter of the command line fires at every hop, as listeners know it; it only ends an operator's
        rights, and gives none to anybody else."""
        if self._process in COMMAND_LINE:
            bypass = hooks.apply_filters("datamachine_cli_bypass_permissions", True)
            if principal.kind == "cli" and not bypass:
                return False
        return self._permissions.can_manage(principal)


def _tell(
    phase: Literal["before", "after"], name: str, arguments: Mapping[str, Any], result: Any = None
) -> None:
    """WordPress's own event around an ability, where somebody may hear it."""
    host = hosts.current()
    if host is not None and not dispatch.silent(host, f"wp_{phase}_execute_ability"):
        host.ability_event(phase, name, dict(arguments), result)
