"""A site with a source, steps and a witness inside the test's own process, whose workers may die in it.

An item's name says what becomes of it: ``ok-1``, ``fail-2``, ``flaky-3`` (fails the first time),
``late-4`` (fails in the second step), ``skip-5``. The table ``rig`` has a row for each thing a step did.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextvars import Context
from typing import Any

from dev.instance import DATABASE, Instance
from sidecar import hooks, queue, runtime, settings
from sidecar.automation import FlowsService, PipelinesService, setup
from sidecar.automation.engine import packets
from sidecar.automation.engine.batch_items import BatchItems
from sidecar.automation.engine.context import ExecutionContext
from sidecar.automation.flows.abilities import FlowServices
from sidecar.automation.flows.step_settings import FlowSteps, StepChange
from sidecar.automation.handlers.base import Item
from sidecar.automation.jobs.abilities import JobRoom
from sidecar.automation.parts import Parts
from sidecar.automation.queues import entries
from sidecar.automation.queues.entries import PROMPTS
from sidecar.automation.queues.service import QueuesService
from sidecar.automation.setup import Part
from sidecar.automation.steps.base import StepRun
from sidecar.automation.values import Document, Flow, NewPipelineStep, Packet, StepConfig
from sidecar.clock import Clock
from sidecar.db import Session, php_json
from sidecar.hooks import manifest
from sidecar.identity import Principal
from sidecar.queue.reconciler import Reconciler
from sidecar.queue.worker import Worker
from tests.integration.engine_faults.instants import Script, Stage

CLI = Principal.command_line()
#: The plugin is the test's own process.
PLUGIN = """from tests.integration.engine_faults import rig

rig.loading.subscribe()
"""


#: Whose plugin is being loaded.
loading: Rig


class Undying(Worker):
    """Gives nothing back when it dies: a killed process does not either."""

    def _give_up(self, recovery: Any) -> None:
        return None


class Source:
    """``{items: "ok-1,fail-2"}``."""

    slug = source_type = "rig_source"

    def fetch(self, config: Mapping[str, Any], context: ExecutionContext) -> list[Item]:
        names = [name for name in str(config.get("items", "")).split(",") if name]
        return [Item(name, "", {"item_identifier": name}) for name in names]


class Work:
    """Takes a prompt, does one thing that can be counted, and ends as the item's name says."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def execute(self, run: StepRun) -> list[Packet]:
        parts = self._rig.built.get(Parts)
        item, prompt = str(run.engine.get("item_identifier") or ""), ""
        fate = item.partition("-")[0]
        first = run.config["execution_order"] == 1
        self._rig.during()
        if first:
            taken = parts.queues.take(
                run.flow_id,
                run.config,
                PROMPTS,
                lambda session, entry: parts.store.merge_in(session, run.job_id, _backup(run, entry)),
            )
            if taken.exhausted:
                parts.store.merge(run.job_id, {"job_status": "completed_no_items"})
                return run.packets
            prompt = str((taken.entry or {}).get("prompt", ""))
        if fate == ("fail" if first else "late") or (first and fate == "flaky" and self._stumbles(run, item)):
            raise ValueError(f"{item} fails")
        if first and fate == "skip":
            parts.store.merge(run.job_id, {"job_status": "agent_skipped - rig"})
            return run.packets
        self._once(run, item, prompt)
        return [packets.packet("rig", {"title": item, "body": ""}, {}, self._rig.built.clock), *run.packets]

    def _stumbles(self, run: StepRun, item: str) -> bool:
        before = self._rig.rows("SELECT 1 FROM rig WHERE item = :item AND word = 'stumbled'", item=item)
        if not before:
            self._rig.note(run.job_id, run.flow_step_id, item, "", "stumbled")
        return not before

    def _once(self, run: StepRun, item: str, prompt: str) -> None:
        current = queue.current_run()
        assert current is not None

        def do() -> Document:
            return {"row": self._rig.note(run.job_id, run.flow_step_id, item, prompt, "done")}

        def find() -> Document | None:
            rows = self._rig.rows(
                "SELECT id FROM rig WHERE job_id = :job AND step = :step AND word = 'done'",
                job=run.job_id,
                step=run.flow_step_id,
            )
            return {"row": rows[0]["id"]} if rows else None

        current.effects.once("work", do, find)


def _backup(run: StepRun, entry: Document) -> Document:
    backup = {
        "slot": PROMPTS,
        "mode": entries.mode(run.config),
        "prompt": str(entry["prompt"]),
        "flow_id": run.flow_id,
        "flow_step_id": run.flow_step_id,
        "added_at": "",
    }
    return {"queued_prompt_backup": backup}


class Rig:
    """The runtime of the test's process, and what the tests do with it."""

    def __init__(self, instance: Instance, clock: Clock | None = None) -> None:
        self.instance = instance
        #: What listeners of ``datamachine_job_complete`` heard, by job.
        self.told: dict[int, list[str]] = defaultdict(list)
        #: Called in the middle of every step.
        self.during: Callable[[], Any] = lambda: None
        #: Called by whoever tells an end, before anybody has heard it.
        self.telling: Callable[[int], Any] = lambda _job_id: None
        instance.db.sql(
            "CREATE TABLE IF NOT EXISTS rig (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, job_id bigint,"
            " step varchar(191), item varchar(191), prompt varchar(191), word varchar(20)) ENGINE=InnoDB",
            database=DATABASE,
        )
        (instance.python_plugins / "rig.py").write_text(PLUGIN)
        global loading
        loading = self
        self.built = runtime.build(settings.load(instance.config).site(), "work", clock=clock)
        with self.built.hosts.unit(context="cron") as unit:
            manifest.publish(unit, self.built.get(manifest.Manifest))
        # Fan-outs of two stand in the document, larger ones in a file.
        self._small, BatchItems.small = BatchItems.small, 500
        self.room = self.built.get(JobRoom)
        self.flows = self.built.get(FlowServices)
        self.queues = self.built.get(QueuesService)

    def subscribe(self) -> None:
        """What a plugin does while it loads."""
        brought = hooks.bus().registrations
        brought.register_handler("rig_source", Source(), type="fetch", label="Source")
        brought.register_step_type("rig_work", Work(self), label="Work", uses_handler=False)
        hooks.add_action("datamachine_job_complete", lambda job_id: self.telling(int(job_id)), 1, 1)
        hooks.add_action("datamachine_job_complete", self._ended, 30, 2)
        hooks.add_filter("datamachine_batch_chunk_delay", lambda _seconds, _context: 0, 10, 2)

    def close(self) -> None:
        BatchItems.small = self._small
        self.built.close()

    def _ended(self, job_id: Any, status: Any) -> None:
        self.told[int(job_id)].append(str(status))

    # The database

    def rows(self, statement: str, **params: Any) -> Sequence[dict[str, Any]]:
        with self.built.db.session() as session:
            return session.all(statement, params)

    def do(self, statement: str, **params: Any) -> int:
        with self.built.db.session() as session:
            return session.execute(statement, params).rowcount

    def note(self, job_id: int, step: str, item: str, prompt: str, word: str) -> int:
        with self.built.db.session() as session:
            return _insert(session, job_id=job_id, step=step, item=item, prompt=prompt, word=word)

    def jobs(self, flow_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Jobs of some flows with their engine data, by id."""
        rows = self.rows(
            "SELECT * FROM wp_datamachine_jobs WHERE flow_id IN :flows ORDER BY job_id",
            flows=[str(flow_id) for flow_id in flow_ids] or ["-"],
        )
        return {
            int(row["job_id"]): {**row, "data": php_json.loads(row["engine_data"] or "{}")} for row in rows
        }

    def jobs_row(self, job_id: int) -> dict[str, Any]:
        """One job with its engine data."""
        (row,) = self.rows("SELECT * FROM wp_datamachine_jobs WHERE job_id = :job", job=job_id)
        return {**row, "data": php_json.loads(row["engine_data"] or "{}")}

    def done(self, job_id: int) -> Sequence[dict[str, Any]]:
        """What the steps of a job did."""
        return self.rows("SELECT * FROM rig WHERE job_id = :job AND word = 'done'", job=job_id)

    def leftovers(self, job_ids: Sequence[int]) -> list[str]:
        """Doorbells and leases that outlived their jobs, and rows that failed."""
        found: list[dict[str, Any]] = []
        for job_id in job_ids:
            for name in ("job_id", "parent_job_id"):
                found += self.rows(
                    "SELECT action_id, hook, status, args FROM wp_actionscheduler_actions"
                    " WHERE (args = :alone OR args LIKE :begin)"
                    " AND status NOT IN ('complete', 'canceled')",
                    alone=f'{{"{name}":{job_id}}}',
                    begin=f'{{"{name}":{job_id},%',
                )
        found += self.rows(
            "SELECT lease_key, state FROM wp_datamachine_bridge_leases"
            " WHERE job_id IN :jobs AND state IN ('running', 'ready')",
            jobs=list(job_ids) or [0],
        )
        found += self.rows(
            "SELECT job_id, status, attempt FROM wp_datamachine_bridge_effects"
            " WHERE job_id IN :jobs AND status IN ('unbegun', 'untold')",
            jobs=list(job_ids) or [0],
        )
        return [str(row) for row in found]

    def queue(self, flow: Flow) -> list[str]:
        """The prompts that wait."""
        held = self.queues.show(CLI, flow.flow_id, self.work_step(flow)).entries
        return [str(one["prompt"]) for one in held]

    # The site's owner

    def flow(self, items: str, *, steps: int = 2, retry: Document | None = None) -> Flow:
        parts = [
            Part(NewPipelineStep("fetch"), StepConfig("rig_source", {"items": items, "max_items": 0})),
            *[Part(NewPipelineStep("rig_work"))] * steps,
        ]
        pipelines, flows = self.built.get(PipelinesService), self.built.get(FlowsService)
        found = setup.create(pipelines, flows, CLI, "rig", parts)
        if retry is not None:
            flows.update(CLI, found.flow_id, scheduling={"retry_policy": retry})
        return found

    def start(self, flow: Flow) -> int:
        return int(self.built.get(FlowsService).run(CLI, flow.flow_id).job_id)

    def change_items(self, fetch_step: str, items: str) -> None:
        self.built.get(FlowSteps).update(CLI, fetch_step, StepChange(handler_config={"items": items}))

    @staticmethod
    def work_step(flow: Flow) -> str:
        return next(str(step["flow_step_id"]) for step in flow.steps() if step["step_type"] == "rig_work")

    # Workers and time

    def work(self, doorbells: int | None = None, *, kind: type[Worker] = Worker) -> None:
        """One life of a worker, in a context of its own as a process has."""
        Context().run(kind(self.built, once=True, max_jobs=doorbells).work)

    def work_under(self, stage: Stage, script: Script, doorbells: int, kind: type[Worker]) -> None:
        """One life of a worker that a script befalls."""
        with stage.playing(script):
            self.work(doorbells, kind=kind)

    def work_elsewhere(self) -> None:
        """A worker in another thread does what is due."""
        failed: list[BaseException] = []

        def life() -> None:
            try:
                self.work()
            except BaseException as error:  # told where the test looks  # noqa: BLE001
                failed.append(error)

        thread = threading.Thread(target=life)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]

    def under_way(self, flow_ids: Sequence[int]) -> list[Any]:
        """Jobs that have not ended, and doorbells and leases that outlive their jobs."""
        jobs = self.jobs(flow_ids)
        return [each for each in jobs if jobs[each]["completed_at"] is None] + self.leftovers(list(jobs))

    def let_time_pass(self) -> None:
        """Whatever waits for a time is due, and who is dead is known to be dead."""
        self.do(
            "UPDATE wp_actionscheduler_actions SET scheduled_date_gmt = UTC_TIMESTAMP() - INTERVAL 1 SECOND"
            " WHERE status = 'pending' AND scheduled_date_gmt > UTC_TIMESTAMP()"
        )
        self.revive()

    def revive(self) -> None:
        """Who is dead is known to be dead."""
        self.do(
            "UPDATE wp_datamachine_bridge_leases SET updated_at = updated_at - INTERVAL 5 MINUTE,"
            " lease_until = lease_until - INTERVAL 5 MINUTE, heartbeat_at = heartbeat_at - INTERVAL 5 MINUTE"
        )
        # The owner's process is the test's own, which lives: it has lost the thread after ten minutes.
        self.do(
            "UPDATE wp_datamachine_bridge_effects SET created_at = created_at - INTERVAL 11 MINUTE"
            " WHERE status IN ('unbegun', 'untold')"
        )

    def settle(self, unfinished: Any) -> None:
        """Work and let time pass until ``unfinished()`` is empty."""
        for _ in range(30):
            self.work()
            if not unfinished():
                return
            self.let_time_pass()
            self.built.get(Reconciler).reconcile()
        raise AssertionError(f"never ends: {unfinished()}")


def _insert(session: Session, **values: Any) -> int:
    return session.insert("rig", values)
