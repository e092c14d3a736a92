"""Builds the engine for one process and joins it with hooks, queue and bridge."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sidecar import blog, queue
from sidecar.abilities import Registry
from sidecar.automation import catalogue, wordpress
from sidecar.automation.access import Access
from sidecar.automation.engine import listeners
from sidecar.automation.engine.abilities import Abilities
from sidecar.automation.engine.actors import Actors
from sidecar.automation.engine.completion import Completion
from sidecar.automation.engine.engine_data import EngineStore
from sidecar.automation.engine.hops import Engine
from sidecar.automation.engine.queue_handlers import ABANDONED, QueueHandlers
from sidecar.automation.engine.ringing import StepScheduler
from sidecar.automation.engine.runs import FlowRuns
from sidecar.automation.engine.step_execution import StepExecution
from sidecar.automation.files import wiring as wiring_files
from sidecar.automation.files.job_files import JobFiles
from sidecar.automation.flows.service import FlowsService
from sidecar.automation.handlers.rss import Rss
from sidecar.automation.handlers.skip_item import SkipItem
from sidecar.automation.handlers.wordpress_posts import WordPressPosts
from sidecar.automation.handlers.wordpress_publish import PostTracking, WordPressPublish
from sidecar.automation.jobs.departures import Departures
from sidecar.automation.jobs.health import FlowHealth
from sidecar.automation.jobs.service import JobsService
from sidecar.automation.logbook import Logbook
from sidecar.automation.pipelines.service import PipelinesService
from sidecar.automation.queues.prompt_queues import PromptQueues
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.repositories.logs import LogsRepository
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.repositories.processed_items import ProcessedItemsRepository
from sidecar.automation.repositories.published import PublishedPosts
from sidecar.automation.settings import Settings
from sidecar.automation.steps import tool_sources
from sidecar.automation.steps.ai import AIStep
from sidecar.automation.steps.base import Steps, number
from sidecar.automation.steps.fetch import FetchStep
from sidecar.automation.steps.models import AgentModels
from sidecar.automation.steps.publish import PublishStep
from sidecar.conversation import ToolExecutor
from sidecar.conversation.sources import ToolSources
from sidecar.conversation.tools import Once
from sidecar.db import wpconfig
from sidecar.identity import AgentsRepository, Permissions, Principal
from sidecar.queue.reconciler import Reconciler
from sidecar.wordpress.options import Options
from sidecar.wordpress.uploads import Uploads

if TYPE_CHECKING:
    from sidecar.bridge import Call
    from sidecar.runtime import Runtime
    from sidecar.settings import Site


def wire(runtime: Runtime) -> None:
    """Provide the services; subscribe the product's own listeners; offer the engine's abilities."""
    db, clock = runtime.db, runtime.clock
    jobs, flows = JobsRepository(db, clock), FlowsRepository(db)
    pipelines, items = PipelinesRepository(db), ProcessedItemsRepository(db, clock)
    options = Options(db)
    settings, store, queues = Settings(options, clock), EngineStore(jobs), PromptQueues(db)
    files = JobFiles(_base(runtime.site, options), owner=_owner(runtime.site))
    executor, sources = runtime.get(ToolExecutor), runtime.get(ToolSources)

    completion = Completion(db, jobs, items, store, files, queues, settings)
    runs = FlowRuns(flows, pipelines, jobs, store, runtime.get(AgentsRepository))
    scheduler = StepScheduler(db, store, files, clock)
    fetchers = {handler.slug: handler for handler in (WordPressPosts(clock), Rss(clock))}
    agents = runtime.get(AgentsRepository)
    models = AgentModels(agents, settings)
    steps = Steps(
        fetch=FetchStep(fetchers, items, queues, store, clock),
        ai=AIStep(models, queues, store, executor, sources, _once, clock),
        publish=PublishStep(clock),
    )
    execution = StepExecution(jobs, flows, store, files, completion, steps, clock)

    permissions = runtime.get(Permissions)
    access, actors = Access(permissions, agents), Actors(agents, permissions, runtime.process)
    abilities = Abilities(permissions, runtime.process)
    Engine(flows, jobs, access, runs, scheduler, execution, actors).offer(abilities)
    _register(runtime.get(Registry), abilities)

    executor.implement(catalogue.PUBLISH_TOOL, WordPressPublish(store, PublishedPosts(db, clock), _effect_of))
    executor.implement(catalogue.SKIP_TOOL, SkipItem(store))
    executor.observe(PostTracking(store))
    sources.add("static_registry", tool_sources.static_registry)
    sources.add("adjacent_handlers", tool_sources.adjacent_handlers)
    sources.present_as(wordpress.facade)

    runtime.provide(Settings, settings)
    runtime.provide(Abilities, abilities)
    runtime.provide(EngineStore, store)
    runtime.provide(JobFiles, files)
    runtime.provide(Steps, steps)
    runtime.provide(LogsRepository, LogsRepository(db, clock))
    runtime.provide(JobsService, JobsService(jobs, access))
    runtime.provide(PipelinesService, PipelinesService(pipelines, flows, access, runtime.hosts, clock))
    runtime.provide(
        FlowsService, FlowsService(flows, pipelines, jobs, abilities, access, runtime.hosts, clock)
    )

    wiring_files.wire(runtime, pipelines, flows, jobs, files, access)

    _answer(runtime, store)
    listeners.subscribe(
        runtime.bus,
        abilities,
        actors,
        Departures(jobs),
        completion,
        items,
        Logbook(runtime.get(LogsRepository), settings),
        FlowHealth(jobs),
    )
    handlers = QueueHandlers(
        abilities, actors, flows, jobs, store, files, completion, execution, runtime.hosts
    )
    runtime.queue_handlers["datamachine_execute_step"] = handlers.execute_step
    runtime.queue_handlers["datamachine_run_flow_now"] = handlers.run_flow
    runtime.queue_handlers[ABANDONED] = handlers.end_abandoned
    runtime.get(Reconciler).add(handlers.abandoned)


def _register(registry: Registry, abilities: Abilities) -> None:
    """What WordPress may execute, once it has permitted it."""
    for name in abilities.names():
        registry.add(name, functools.partial(_execute, abilities, name))


def _execute(abilities: Abilities, name: str, principal: Principal, given: Mapping[str, Any]) -> Any:
    return abilities.execute(principal, name, given)


def _answer(runtime: Runtime, store: EngineStore) -> None:
    """The bridge method that ``EngineData`` calls."""

    def engine_data(call: Call) -> Any:
        """``engine.data {job_id, data?, replace?}``: read, or merge, or replace a job's document."""
        job_id, data = number(call.params.get("job_id")), call.params.get("data")
        if data is None:
            return store.load(job_id).all()
        if call.params.get("replace"):
            return store.store(job_id, data if isinstance(data, dict) else {})
        store.merge(job_id, data if isinstance(data, dict) else {})
        return True

    runtime.handlers["engine.data"] = engine_data


def _once() -> Once | None:
    """Calls of tools happen once a step, over all its attempts."""
    run = queue.current_run()
    return None if run is None else run.effects.once


def _effect_of(call_key: str) -> dict[str, Any] | None:
    run = queue.current_run()
    return None if run is None or not call_key else run.effects.reference(call_key).params()


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
