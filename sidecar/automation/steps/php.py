"""Steps that are written in PHP: they run in the WordPress process of the job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.automation.steps.base import Step, StepRun
from sidecar.automation.values import Packet


class PhpStep:
    """A step type whose class exists in PHP: `automation.step` runs its `execute(payload)`."""

    def __init__(self, step_type: str, class_name: str) -> None:
        self.step_type = step_type
        self.class_name = class_name

    def execute(self, run: StepRun) -> list[Packet]:
        """The packets that the PHP step returned. Its exceptions are packets too; a fatal error ends the
        process, and the run with it.
        """
        raise NotImplementedError


def find(slug: str, definition: Mapping[str, Any]) -> Step | None:
    """A PHP step for a registry entry that names a class; None for one that does not."""
    name = definition.get("class")
    return PhpStep(slug, name) if isinstance(name, str) and name else None
