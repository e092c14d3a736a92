"""Builds the engine for one process: what its rooms share, then each room."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar import blog
from sidecar.automation import php_rows
from sidecar.automation.access import Access
from sidecar.automation.engine import wiring as engine
from sidecar.automation.engine.abilities import Abilities
from sidecar.automation.engine.actors import Actors
from sidecar.automation.engine.batch_items import BatchItems
from sidecar.automation.engine.batches import Batches
from sidecar.automation.engine.completion import Completion
from sidecar.automation.engine.engine_data import EngineStore
from sidecar.automation.engine.failing import Failing
from sidecar.automation.engine.owners import Owners
from sidecar.automation.engine.ringing import StepScheduler
from sidecar.automation.files import wiring as files
from sidecar.automation.files.job_files import JobFiles
from sidecar.automation.flows import step_wiring as flow_steps
from sidecar.automation.flows import wiring as flows
from sidecar.automation.handlers import foreign
from sidecar.automation.handlers import wiring as handlers
from sidecar.automation.items import wiring as processed_items
from sidecar.automation.jobs import wiring as jobs
from sidecar.automation.jobs.creation import JobCreation
from sidecar.automation.jobs.families import JobFamilies
from sidecar.automation.parts import Parts
from sidecar.automation.pipelines import wiring as pipelines
from sidecar.automation.queues import wiring as queues
from sidecar.automation.queues.prompt_queues import PromptQueues
from sidecar.automation.repositories.batch_jobs import BatchJobs
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.repositories.logs import LogsRepository
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.repositories.processed_items import ProcessedItemsRepository
from sidecar.automation.settings import Settings
from sidecar.automation.steps import wiring as steps
from sidecar.automation.steps.base import Steps
from sidecar.db import wpconfig
from sidecar.identity import AgentsRepository, Permissions
from sidecar.wordpress.options import Options
from sidecar.wordpress.uploads import Uploads

if TYPE_CHECKING:
    from sidecar.runtime import Runtime
    from sidecar.settings import Site


def wire(runtime: Runtime) -> None:
    """Provide the services; subscribe the product's own listeners; offer the abilities."""
    parts = _parts(runtime)
    runtime.provide(Parts, parts)
    for room in (
        steps,
        handlers,
        foreign,
        php_rows,
        engine,
        pipelines,
        processed_items,
        flows,
        flow_steps,
        queues,
        jobs,
        files,
    ):
        room.wire(runtime, parts)


def _parts(runtime: Runtime) -> Parts:
    db, clock, options = runtime.db, runtime.clock, Options(runtime.db)
    jobs, items, queues = JobsRepository(db, clock), ProcessedItemsRepository(db, clock), PromptQueues(db)
    settings, store = Settings(options, clock), EngineStore(db, jobs)
    files = JobFiles(_base(runtime.site, options), owner=_owner(runtime.site))
    scheduler = StepScheduler(db, store, files, items, clock)
    creation = JobCreation(db, jobs)
    completion = Completion(db, jobs, items, store, files, queues, settings)
    agents, permissions = runtime.get(AgentsRepository), runtime.get(Permissions)
    parts = Parts(
        agents=agents,
        permissions=permissions,
        access=Access(permissions, agents),
        actors=Actors(agents, permissions, Owners(db, clock), runtime.process),
        abilities=Abilities(permissions, runtime.process),
        completion=completion,
        creation=creation,
        scheduler=scheduler,
        failing=Failing(scheduler, clock),
        batches=Batches(
            db, jobs, BatchJobs(db), items, store, creation, completion, settings, BatchItems(files), clock
        ),
        store=store,
        files=files,
        flows=FlowsRepository(db),
        items=items,
        jobs=jobs,
        pipelines=PipelinesRepository(db),
        queues=queues,
        settings=settings,
        steps=Steps(),
    )
    runtime.provide(Settings, settings)
    runtime.provide(Abilities, parts.abilities)
    runtime.provide(EngineStore, store)
    runtime.provide(JobFiles, files)
    runtime.provide(Steps, parts.steps)
    runtime.provide(LogsRepository, LogsRepository(db, clock))
    runtime.provide(JobFamilies, JobFamilies(db, parts.access))
    return parts


def _base(site: Site, options: Options) -> Callable[[], Path]:
    """Where files of the current blog are, found when it is first needed: finding it may start PHP."""

    def base() -> Path:
        uploads = Uploads(wpconfig.read(site.wp_path, php=site.php), options)
        return Path(uploads.files_base(blog.current()))

    return base


def _owner(site: Site) -> tuple[int, int] | None:
    """Whom files belong to: PHP's user, when this process may give them away."""
    uid = site.site_uid
    if uid is None or os.geteuid() != 0:
        return None
    import pwd

    try:
        return uid, pwd.getpwuid(uid).pw_gid
    except KeyError:
        return uid, uid
