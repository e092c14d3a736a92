"""The abilities of this package, in the order WordPress lists them."""

from __future__ import annotations

from sidecar.automation.engine import ability_declarations as engine
from sidecar.automation.files import abilities as files
from sidecar.automation.flows import abilities as flows
from sidecar.automation.flows import step_declarations as flow_steps
from sidecar.automation.handlers import abilities as handlers
from sidecar.automation.items import ability_declarations as items
from sidecar.automation.jobs import abilities as jobs
from sidecar.automation.pipelines import abilities as pipelines
from sidecar.automation.queues import abilities as queues

DECLARATIONS = (
    *engine.DECLARATIONS,
    *pipelines.DECLARATIONS,
    *handlers.DECLARATIONS,
    *flows.DECLARATIONS,
    *flow_steps.DECLARATIONS,
    *queues.DECLARATIONS,
    *jobs.DECLARATIONS,
    *items.DECLARATIONS,
    *files.DECLARATIONS,
)
