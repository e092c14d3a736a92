"""How many doorbells a second the workers serve, and what it depends on.

Every run has a private database. Durable: it writes its log through at each commit
(``innodb_flush_log_at_trx_commit=1``); relaxed: once a second (``2``), so that a power cut loses a second.
No doorbell here needs WordPress. The rows are the same in all protocols (two changes of status and two log
rows a doorbell); they differ in their commits. "Full protocol": a doorbell's end and the start of the next
one are one commit. "Of jobs": each takes and gives back a job's lease, two commits. "Batched": one commit at
the start and one at the end of a claim.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from dev import paths
from sidecar.queue import fence, leases, processes
from sidecar.queue.claims import Claimer
from sidecar.queue.worker import LARGEST_CLAIM, Worker
from tests.bench import processor
from tests.integration.queue.lab import DATABASE, Lab, handlers

#: Seconds each run may take.
RUN = 2.0
SIZES = (1_000, 50_000, 300_000)
FOREIGN = 100_000
BATCH = LARGEST_CLAIM

Figure = dict[str, Any]
#: Microseconds of processor time of a doorbell in the last run: worker, database.
_used: list[float] = []


def run() -> list[Figure]:
    """The figures of the queue."""
    logging.getLogger("sidecar").setLevel(logging.ERROR)
    folder = Path(tempfile.mkdtemp(dir=paths.scratch_folder()))
    lab = Lab(folder, options=("--innodb-buffer-pool-size=1G", "--innodb-log-file-size=256M"))
    try:
        lab.start()
        return _figures(lab)
    finally:
        lab.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _figures(lab: Lab) -> list[Figure]:
    found: list[Figure] = []
    before = _status(lab, "Innodb_deadlocks")
    full: dict[int, float] = {}
    for size in SIZES:
        _fill(lab, size)
        if size == SIZES[1]:
            by_workers = {workers: _rate(lab, workers, "lab_nothing") for workers in (1, 2, 4, 8)}
            full[size] = by_workers[4]
            for workers, rate in by_workers.items():
                found.append(
                    _figure(f"full protocol, {workers} workers, {size:,} pending", rate, "1/s", "1000")
                )
            found += _processor("full protocol")
            for workers in (1, 8, 4):
                rate = _rate(lab, workers, "lab_count")
                against = by_workers[workers]
                found.append(
                    _figure(
                        f"batched, {workers} workers, {size:,} pending",
                        rate,
                        "1/s",
                        "2000",
                        against=f"full protocol {against:,.0f}/s",
                        ratio=rate / against,
                    )
                )
            found += _processor("batched")
            for workers in (1, 4):
                rate = _rate(lab, workers, "lab_nothing", jobs=True)
                found.append(
                    _figure(
                        f"of jobs, {workers} workers, {size:,} pending",
                        rate,
                        "1/s",
                        None,
                        against=f"full protocol {by_workers[workers]:,.0f}/s",
                        ratio=rate / by_workers[workers],
                    )
                )
            found += _processor("of jobs")
            found += _relaxed(lab, by_workers[4])
            rate = _rate(lab, 4, "lab_nothing", claim="cas")
            found.append(
                _figure(
                    f"full protocol without SKIP LOCKED, 4 workers, {size:,} pending",
                    rate,
                    "1/s",
                    None,
                    against=f"SKIP LOCKED {full[size]:,.0f}/s",
                    ratio=rate / full[size],
                )
            )
        else:
            full[size] = _rate(lab, 4, "lab_nothing")
            found.append(_figure(f"full protocol, 4 workers, {size:,} pending", full[size], "1/s", "1000"))
    found.append(
        _figure(
            "300,000 pending against 1,000",
            full[SIZES[2]] / full[SIZES[0]],
            "x",
            "0.7",
            against=f"{full[SIZES[0]]:,.0f}/s",
            ratio=full[SIZES[2]] / full[SIZES[0]],
        )
    )
    found.append(_figure(f"rows locked by a claim of {BATCH}", _rows_locked(lab), "rows", f"{4 * BATCH}"))
    # Afresh: deleting hundreds of thousands of rows would measure how fast the server purges them.
    lab.sql("TRUNCATE wp_actionscheduler_actions")
    _foreign(lab)
    for size in SIZES:
        _fill(lab, size)
        rate = _rate(lab, 4, "lab_nothing")
        found.append(
            _figure(
                f"full protocol, 4 workers, {size:,} pending among {FOREIGN:,} foreign",
                rate,
                "1/s",
                "1000",
                against=f"without them {full[size]:,.0f}/s",
                ratio=rate / full[size],
            )
        )
    deadlocks = _status(lab, "Innodb_deadlocks") - before
    found.append(_figure("deadlocks in all runs", deadlocks, "errors", "0"))
    return found


def _relaxed(lab: Lab, durable: float) -> list[Figure]:
    """The same where the log reaches the disk once a second."""
    lab.sql("SET GLOBAL innodb_flush_log_at_trx_commit = 2")
    try:
        rates = {
            "full protocol": _rate(lab, 4, "lab_nothing"),
            "of jobs": _rate(lab, 4, "lab_nothing", jobs=True),
            "batched": _rate(lab, 4, "lab_count"),
        }
    finally:
        lab.sql("SET GLOBAL innodb_flush_log_at_trx_commit = 1")
    return [
        _figure(
            f"relaxed: {name}, 4 workers, {SIZES[1]:,} pending",
            rate,
            "1/s",
            "5000" if name == "batched" else None,
            against=f"full protocol, durable {durable:,.0f}/s",
            ratio=rate / durable,
        )
        for name, rate in rates.items()
    ]


def _figure(
    name: str,
    value: float,
    unit: str,
    goal: str | None,
    *,
    against: str | None = None,
    ratio: float | None = None,
) -> Figure:
    return {
        "name": f"queue: {name}",
        "value": value,
        "unit": unit,
        "goal": goal,
        "against": against,
        "ratio": ratio,
    }


def _fill(lab: Lab, size: int) -> None:
    """Bring the pending rows of our group to ``size``."""
    lab.sql("INSERT IGNORE INTO wp_actionscheduler_groups (group_id, slug) VALUES (1, 'data-machine')")
    _insert(lab, size - lab.number("SELECT COUNT(*) FROM wp_actionscheduler_actions WHERE group_id = 1"), 1)


def _foreign(lab: Lab) -> None:
    """Somebody else's rows: due, of several groups and none."""
    _insert(lab, FOREIGN // 2, 0)
    _insert(lab, FOREIGN // 2, 77)


def _insert(lab: Lab, count: int, group: int) -> None:
    if count > 0:
        lab.sql(
            "INSERT INTO wp_actionscheduler_actions (hook, status, scheduled_date_gmt, scheduled_date_local,"
            " args, schedule, group_id) SELECT 'lab_nothing', 'pending',"
            " UTC_TIMESTAMP() - INTERVAL seq % 3600 SECOND, UTC_TIMESTAMP() - INTERVAL seq % 3600 SECOND,"
            " CONCAT('[', seq, ']'), '',"
            f" {group} FROM seq_1_to_{count}"
        )


def _rate(lab: Lab, workers: int, hook: str, *, claim: str = "", jobs: bool = False) -> float:
    """Doorbells acknowledged a second by ``workers`` processes, from a common start to the last of them."""
    args = (
        'CONCAT(\'{"job_id":\', action_id, \',"flow_step_id":"s"}\')'
        if jobs
        else "CONCAT('[', action_id, ']')"
    )
    lab.sql(
        f"UPDATE wp_actionscheduler_actions SET hook = '{hook}', status = 'pending', attempts = 0,"
        f" claim_id = 0, args = {args}"
        f" WHERE group_id = 1 AND (status <> 'pending' OR hook <> '{hook}' OR args <> {args});"
        "TRUNCATE wp_actionscheduler_logs; TRUNCATE wp_datamachine_bridge_leases"
    )
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(workers + 1)
    ends: Any = context.Array("d", workers)
    spent: Any = context.Array("d", workers)
    children = [
        context.Process(target=_work, args=(lab, barrier, (ends, spent), number, claim))
        for number in range(workers)
    ]
    for child in children:
        child.start()
    barrier.wait()
    database = processor.of_tree(lab.mysql.pid)
    started = time.monotonic()
    for child in children:
        child.join()
    if any(child.exitcode for child in children):
        raise RuntimeError(f"a worker ended with {[child.exitcode for child in children]}")
    done = lab.number(
        "SELECT COUNT(*) FROM wp_actionscheduler_actions WHERE group_id = 1 AND status = 'complete'"
    )
    used = sum(spent), processor.of_tree(lab.mysql.pid) - database
    _used[:] = [seconds * 1e6 / done for seconds in used]
    return done / (max(ends) - started)


def _processor(name: str) -> list[Figure]:
    """What the last run cost, whatever else the machine did."""
    return [
        _figure(f"{name}: processor time a doorbell, {who}", used, "µs", None)
        for who, used in zip(("worker", "database"), _used, strict=True)
    ]


def _work(lab: Lab, barrier: Barrier, clocks: Any, number: int, claim: str) -> None:
    ends, spent = clocks
    # A child of its own: nobody else reads this environment.
    os.environ["DATAMACHINE_QUEUE_CLAIM"] = claim
    runtime = lab.runtime()
    runtime.queue_handlers.update(handlers(runtime))
    with runtime.db.session() as session:
        session.scalar("SELECT 1")
    barrier.wait()
    before = time.process_time()
    worker = Worker(runtime, max_time=RUN, once=True, timing=leases.Timing())  # type: ignore[arg-type]
    code = worker.work()
    ends[number] = time.monotonic()
    spent[number] = time.process_time() - before
    sys.exit(code)


def _rows_locked(lab: Lab) -> int:
    """What InnoDB holds locked when a claim is about to commit."""
    runtime = lab.runtime()
    owner = processes.owner_name()
    with runtime.db.session() as session:
        current = fence.read(session)
    worker = runtime.db.run(lambda session: leases.register(session, owner, current.epoch, leases.Timing()))
    claimer = Claimer(runtime.db, worker, current)
    locked = 0
    try:
        with runtime.db.transaction() as session:
            connection = session.scalar("SELECT CONNECTION_ID()")
            claimer.take_in(session, BATCH)
            locked = lab.number(
                "SELECT trx_rows_locked FROM information_schema.innodb_trx"
                f" WHERE trx_mysql_thread_id = {connection}"
            )
            raise _Enough
    except _Enough:
        return locked
    finally:
        runtime.db.close()


class _Enough(Exception):
    """Rolls the claim back."""


def _status(lab: Lab, name: str) -> int:
    return int(lab.mysql.sql(f"SHOW GLOBAL STATUS LIKE '{name}'", database=DATABASE).split()[1])
