"""Pipelines out of a file: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from sidecar.automation import identifiers, log, registry, wordpress
from sidecar.automation.access import ADMIN, PIPELINES, Access
from sidecar.automation.flows import wanted as schedules
from sidecar.automation.flows.step_config import handler_slugs
from sidecar.automation.pipelines import csv_format, names, portable, reading
from sidecar.automation.pipelines.following import follow
from sidecar.automation.pipelines.reading import FlowInFile, PipelineInFile
from sidecar.automation.repositories.pipeline_flows import PipelineFlows
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.values import Document, Flow, Pipeline, ordered, place
from sidecar.clock import Clock, mysql
from sidecar.db import Database, Session
from sidecar.errors import InvalidInput
from sidecar.identity import Principal

if TYPE_CHECKING:
    from sidecar.host import HostPool


class Imported(msgspec.Struct, frozen=True):
    """Ids of the pipelines of a file in its order, and which of them are new."""

    pipeline_ids: list[int]
    created: list[int]


class PipelineImport:
    """Creates what is not there and changes what is; removes nothing.

    A pipeline is there when the agent it is for has one of the same portable slug, or of the same name where
    one of the two has no slug; on the site the file comes from it is found by its id too. Its steps are
    compared by position, its flows by slug or name.
    """

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        db: Database,
        pipelines: PipelinesRepository,
        rows: PipelineFlows,
        access: Access,
        units: HostPool,
        clock: Clock,
    ) -> None:
        self._db = db
        self._pipelines = pipelines
        self._rows = rows
        self._access = access
        self._units = units
        self._clock = clock

    def csv(self, principal: Principal, text: str, *, agent_id: int | None = None) -> Imported:
        """Import a file for the named agent, else the one that acts, else for nobody's.

        The principal is admin of every agent concerned. New flows that have a schedule are paused: nothing
        runs before somebody has looked at it. Raises InvalidInput and TooLarge, with the line in ``data``.
        """
        self._access.enter(principal, PIPELINES)
        owner = self._access.agent_of_new(principal, agent_id)
        found = reading.pipelines(csv_format.parse(text))
        self._check(found)
        plans = self._schedules(found)

        def work(session: Session, there: dict[int, Pipeline]) -> Imported:
            ids, created = list[int](), list[int]()
            for at, one in enumerate(found):
                existing = there.get(at)
                if existing is None:
                    pipeline_id = self._create(one, principal, owner)
                    created.append(pipeline_id)
                else:
                    pipeline_id = existing.pipeline_id
                pipeline, flows = self._rows.lock(session, pipeline_id)
                if existing is not None:
                    pipeline = self._change(session, pipeline, one)
                writing = _Writing(session, self._rows, self._access, principal, pipeline)
                writing.flows(one, flows, plans, fresh=existing is None)
                ids.append(pipeline_id)
            return Imported(ids, created)

        done: Imported | None = None
        while done is None:
            candidates = self._candidates(found, owner)
            there = self._there(principal, found, candidates, owner, named=agent_id is not None)
            with self._pipelines.naming(owner):
                # Else somebody made one of them meanwhile: it is there now.
                if self._candidates(found, owner) == candidates:
                    done = self._db.run(partial(work, there=there))
        log.info("Pipelines imported", {"count": len(done.pipeline_ids), "created": len(done.created)})
        return done

    def _check(self, found: Sequence[PipelineInFile]) -> None:
        """Whether this site has all that the file names; InvalidInput for the first thing it has not."""
        with wordpress.process(self._units):
            types = registry.step_types()
            handlers = {kind: registry.handlers(kind) for kind in types}
        for one in found:
            names.clean(one.name)
            for step in one.steps.values():
                if step.step_type not in types:
                    message = f"there is no step type {step.step_type or '(empty)'} here"
                    raise reading.invalid(step.line, message, "invalid_step_type")
            for flow in one.flows.values():
                names.clean(flow.name, "Flow name")
                for at, settings in flow.steps.items():
                    own = one.steps.get(at)
                    if own is None:
                        raise reading.invalid(flow.line, "a flow has a step that its pipeline has not")
                    for slug in handler_slugs(settings):
                        if slug not in handlers[own.step_type]:
                            message = f"there is no {own.step_type} handler {slug} here"
                            raise reading.invalid(flow.line, message, "handler_not_found")

    def _schedules(self, found: Sequence[PipelineInFile]) -> dict[int, Document]:
        """By the line of a flow: its schedule as it is stored, paused where it would ring."""
        plans: dict[int, Document] = {}
        now = self._clock.now().timestamp()
        with wordpress.process(self._units):
            for flow in (each for one in found for each in one.flows.values()):
                given = dict(flow.scheduling) or {"interval": "manual"}
                moment = given.get("timestamp")
                if given.get("interval") == "one_time" and not (isinstance(moment, int) and moment > now):
                    given = {key: given[key] for key in schedules.SETTINGS if key in given}
                try:
                    wish = schedules.read(given, {"interval": "manual"})
                except InvalidInput as error:
                    raise reading.invalid(flow.line, error.message.rstrip("."), error.code) from None
                plans[flow.line] = schedules.apply(wish, {}, None, enabled=not wish.rings)
        return plans

    def _candidates(self, found: Sequence[PipelineInFile], owner: int | None) -> list[Pipeline]:
        """The owner's pipelines that have a slug or a name of the file's."""
        slugs = [one.slug for one in found if one.slug]
        return self._pipelines.named(owner, slugs, [one.name for one in found])

    def _there(
        self,
        principal: Principal,
        found: Sequence[PipelineInFile],
        candidates: Sequence[Pipeline],
        owner: int | None,
        *,
        named: bool,
    ) -> dict[int, Pipeline]:
        """Those of the file that exist, by their place in it."""
        sources = self._pipelines.many([one.source_id for one in found if one.source_id])
        # Where the file comes home its agents' pipelines are changed where they are.
        by_id = {each.pipeline_id: each for each in sources if not named or each.agent_id == owner}
        there: dict[int, Pipeline] = {}
        taken: set[int] = set()
        for at, one in enumerate(found):
            source = by_id.get(one.source_id)
            same = [each for each in [source, *candidates] if each is not None and _same(one, each)]
            pipeline = next((each for each in same if each.pipeline_id not in taken), None)
            if pipeline is not None:
                taken.add(pipeline.pipeline_id)
                message = f'You do not have permission to edit the pipeline "{one.name}".'
                self._access.row(principal, pipeline.agent_id, pipeline.user_id, ADMIN, message)
                there[at] = pipeline
        return there

    def _create(self, one: PipelineInFile, principal: Principal, owner: int | None) -> int:
        def config(pipeline_id: int) -> Document:
            built: Document = {}
            for at in sorted(one.steps):
                step_id = identifiers.new_pipeline_step_id(pipeline_id)
                built[step_id] = _step(step_id, one.steps[at].step_type, at, one.steps[at].config)
            return portable.joined(built, one.extra)

        return self._pipelines.create(
            names.clean(one.name),
            user_id=principal.user_id,
            agent_id=owner,
            now=mysql(self._clock.now()),
            slug=names.slug(one.slug or one.name),
            config=config,
        )

    def _change(self, session: Session, pipeline: Pipeline, one: PipelineInFile) -> Pipeline:
        """The pipeline with the file's steps; InvalidInput ``import_conflict`` where it has other ones."""
        config: Document = {}
        present = pipeline.steps()
        for at, step in enumerate(present):
            key, wish = str(step["pipeline_step_id"]), one.steps.get(at)
            if wish is not None and wish.step_type != step["step_type"]:
                raise reading.invalid(
                    wish.line,
                    f'step {at} of "{one.name}" is a {step["step_type"]} step here, '
                    f"a {wish.step_type} step in the file",
                    "import_conflict",
                )
            config[key] = step if wish is None else {**step, **wish.config}
        order = max((place(step) for step in present), default=-1)
        for at in sorted(each for each in one.steps if each >= len(present)):
            order += 1
            key = identifiers.new_pipeline_step_id(pipeline.pipeline_id)
            config[key] = _step(key, one.steps[at].step_type, order, one.steps[at].config)
        rest = {key: value for key, value in pipeline.pipeline_config.items() if key not in config}
        changed = portable.joined({**config, **rest}, one.extra)
        if changed != pipeline.pipeline_config:
            self._rows.store(session, pipeline.pipeline_id, changed)
        return msgspec.structs.replace(pipeline, pipeline_config=changed)


class _Writing:
    """The flows of one pipeline."""

    def __init__(
        self, session: Session, rows: PipelineFlows, access: Access, principal: Principal, pipeline: Pipeline
    ) -> None:
        self._session = session
        self._rows = rows
        self._access = access
        self._principal = principal
        self._pipeline = pipeline

    def flows(
        self, one: PipelineInFile, present: Sequence[Flow], plans: dict[int, Document], *, fresh: bool
    ) -> None:
        """Create or change those of the file; all others follow the pipeline's steps."""
        left = list(present)
        slugs = {flow.portable_slug for flow in present if flow.portable_slug}
        for wish in one.flows.values():
            known = next((flow for flow in left if _same_flow(wish, flow)), None)
            if known is None:
                slug = names.free(names.slug(wish.slug or wish.name, "flow"), slugs)
                slugs.add(slug)
                flow_id = self._insert(wish, slug, plans[wish.line])
                self._store(flow_id, {}, wish, fresh=True)
                continue
            left.remove(known)
            if not fresh:
                message = f'You do not have permission to edit the flow "{wish.name}".'
                self._access.row(self._principal, known.agent_id, known.user_id, ADMIN, message)
            self._store(known.flow_id, known.flow_config, wish, fresh=False)
        for flow in left:
            self._store(flow.flow_id, flow.flow_config, None, fresh=False)

    def _insert(self, wish: FlowInFile, slug: str, scheduling: Document) -> int:
        return self._rows.insert_flow(
            self._session,
            {
                "pipeline_id": self._pipeline.pipeline_id,
                "user_id": self._principal.user_id,
                "agent_id": self._pipeline.agent_id,
                "flow_name": names.clean(wish.name, "Flow name"),
                "portable_slug": slug,
                "scheduling_config": scheduling,
            },
        )

    def _store(self, flow_id: int, before: Document, wish: FlowInFile | None, *, fresh: bool) -> None:
        config = follow(before, self._pipeline.steps(), self._pipeline.pipeline_id, flow_id)
        if wish is not None:
            keys = [
                identifiers.flow_step_id(str(step["pipeline_step_id"]), flow_id)
                for step in ordered(self._pipeline.pipeline_config)
            ]
            for at, settings in wish.steps.items():
                config[keys[at]] = portable.configured(config[keys[at]], settings, fresh=fresh)
            config = portable.joined(config, wish.extra)
        if fresh or config != before:
            self._rows.store_flow(self._session, flow_id, config)


def _step(step_id: str, step_type: str, order: int, config: Document) -> Document:
    identity = {"pipeline_step_id": step_id, "step_type": step_type, "execution_order": order}
    return identity | {"label": step_type} | config


def _same(one: PipelineInFile, pipeline: Pipeline) -> bool:
    if one.slug and pipeline.portable_slug:
        return one.slug == pipeline.portable_slug
    return one.name == pipeline.pipeline_name


def _same_flow(wish: FlowInFile, flow: Flow) -> bool:
    if wish.slug and flow.portable_slug:
        return wish.slug == flow.portable_slug
    return wish.name == flow.flow_name
