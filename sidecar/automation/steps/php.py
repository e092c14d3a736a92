"""Steps that are written in PHP: they run in the WordPress process of the job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.automation import catalogue, wordpress
from sidecar.automation.steps.base import Step, StepRun
from sidecar.automation.values import Packet
from sidecar.bridge import RemoteError
from sidecar.errors import SidecarError
from sidecar.hooks.handlers import PYTHON

#: Names of the product's own entries: no PHP class is behind them.
_OURS = frozenset(entry["class"] for entry in (*catalogue.STEP_TYPES.values(), *catalogue.HANDLERS.values()))

#: How PHP answers what an operation threw and nobody in it caught.
THROWN = "php_exception"


class PhpThrew(SidecarError):
    """PHP code threw what its step does not handle: the job fails, as one whose step was stopped."""

    code = "php_threw"


class PhpStep:
    """A type of step whose class exists in PHP: `automation.step` runs its ``execute(payload)``.

    The step may run again when its worker dies before its packets are stored.
    """

    def __init__(self, step_type: str, class_name: str) -> None:
        self.step_type = step_type
        self.class_name = class_name

    def execute(self, run: StepRun) -> list[Packet]:
        """The packets that the PHP step returned. Exceptions are packets of its base class; an error that
        the step does not catch raises :class:`PhpThrew`, and what ends PHP's process ends the unit.
        """
        try:
            found = wordpress.host().call(
                "automation.step",
                {
                    "step_type": self.step_type,
                    "job_id": run.job_id,
                    "flow_step_id": run.flow_step_id,
                    "data": run.packets,
                },
            )
        except RemoteError as error:
            raise thrown(error) from error
        return packets_of(found)


def find(slug: str, definition: Mapping[str, Any]) -> Step | None:
    """A PHP step for a registry entry that names a class; None for one that does not."""
    name = class_of(definition)
    return PhpStep(slug, name) if name else None


def class_of(entry: Mapping[str, Any]) -> str:
    """The PHP class of a registry entry, '' for one without and for a name that only Python answers to."""
    name = entry.get("class")
    ours = isinstance(name, str) and (name.startswith(PYTHON) or name in _OURS)
    return name if isinstance(name, str) and not ours else ""


def thrown(error: RemoteError) -> SidecarError:
    """What a failed operation means to the engine: code that threw is no failure that a step reports."""
    if error.code != THROWN:
        return error
    kind = error.data.get("class") if isinstance(error.data, Mapping) else None
    return PhpThrew(f"{kind}: {error.message}" if kind else error.message, data={"class": kind})


def packets_of(value: Any) -> list[Packet]:
    """Packets as PHP gave them; what is no map is left out."""
    found = value if isinstance(value, list) else []
    return [dict(one) for one in found if isinstance(one, Mapping)]
