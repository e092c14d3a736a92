"""What the rooms of this package share: made once for a process, handed to each room's ``wiring``."""

from __future__ import annotations

from dataclasses import dataclass

from sidecar.automation.access import Access
from sidecar.automation.engine.abilities import Abilities
from sidecar.automation.engine.actors import Actors
from sidecar.automation.engine.batches import Batches
from sidecar.automation.engine.completion import Completion
from sidecar.automation.engine.engine_data import EngineStore
from sidecar.automation.engine.failing import Failing
from sidecar.automation.engine.ringing import StepScheduler
from sidecar.automation.files.job_files import JobFiles
from sidecar.automation.jobs.creation import JobCreation
from sidecar.automation.queues.prompt_queues import PromptQueues
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.repositories.processed_items import ProcessedItemsRepository
from sidecar.automation.settings import Settings
from sidecar.automation.steps.base import Steps
from sidecar.identity import AgentsRepository, Permissions


@dataclass(frozen=True)
class Parts:
    """Repositories, and the services every room needs."""

    agents: AgentsRepository
    permissions: Permissions
    access: Access
    actors: Actors
    #: The engine's own hops as abilities.
    abilities: Abilities
    completion: Completion
    #: Where every row of a job is born.
    creation: JobCreation
    scheduler: StepScheduler
    failing: Failing
    batches: Batches
    store: EngineStore
    files: JobFiles
    flows: FlowsRepository
    items: ProcessedItemsRepository
    jobs: JobsRepository
    pipelines: PipelinesRepository
    queues: PromptQueues
    settings: Settings
    #: What runs each type of step; rooms add to it while they are wired.
    steps: Steps
