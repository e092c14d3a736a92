"""Python plugin of the fault tests: a source of numbers, a step whose effects are counted, a witness.

Effects stand in the table ``mill``: a row for each time a step of a job did its work.
"""

from __future__ import annotations

import os
import time

from sidecar import hooks, queue, runtime
from sidecar.automation import wordpress
from sidecar.automation.engine import packets
from sidecar.automation.handlers.base import Item

#: Seconds a step grinds at most, so that a kill finds somebody at work.
GRIND = float(os.environ.get("DATAMACHINE_MILL_GRIND", "0.01"))
#: Every so many items become a post as well.
POST_EVERY = 20


class Numbers:
    """``{run, count}``: so many items, each with a name of its own."""

    slug = source_type = "mill_numbers"

    def fetch(self, config, context):
        return [
            Item(f"{config['run']}-{number}", "", {"item_identifier": f"{config['run']}-{number}"})
            for number in range(int(config["count"]))
        ]


class Grind:
    """Does one thing that can be counted, once."""

    def execute(self, run):
        current, item = queue.current_run(), str(run.engine.get("item_identifier") or "")
        db = runtime.current().db

        def insert():
            time.sleep(GRIND)
            with db.session() as session:
                return {
                    "row": session.insert(
                        "mill",
                        {"job_id": run.job_id, "step": run.flow_step_id, "item": item, "pid": os.getpid()},
                    )
                }

        def find():
            with db.session() as session:
                row = session.scalar(
                    "SELECT id FROM mill WHERE job_id = :job AND step = :step",
                    {"job": run.job_id, "step": run.flow_step_id},
                )
            return None if row is None else {"row": row}

        current.effects.once("grind", insert, find)
        if run.config.get("execution_order") == 1 and int(item.rpartition("-")[2]) % POST_EVERY == 0:
            self.post(current, db, item)
        made = packets.packet(
            "ground", {"title": item, "body": run.flow_step_id}, {}, runtime.current().clock
        )
        return [made, *run.packets]

    @staticmethod
    def post(current, db, item):
        """A post of WordPress, whose id the effects learn in the transaction that inserts it."""
        named = current.effects.reference("post").params()
        post = {"post_title": f"mill {item}", "post_content": "", "post_status": "publish", "post_author": 1}

        def find():
            with db.session() as session:
                return session.scalar(
                    f"SELECT post_id FROM {db.tables().bridge_effects}"
                    " WHERE job_id = :job_id AND step = :step AND call_key = :call_key"
                    " AND post_id IS NOT NULL",
                    named,
                )

        current.effects.once("post", lambda: wordpress.insert_post(post, named).post_id, find)


def ended(job_id, status):
    """Whoever hears of an end writes it down: into a file, which is there when the database is not."""
    file = os.open(os.environ["DATAMACHINE_MILL_ENDS"], os.O_WRONLY | os.O_APPEND)
    try:
        os.write(file, f"{job_id} {status}\n".encode())
    finally:
        os.close(file)


plugin = hooks.bus().registrations
plugin.register_handler("mill_numbers", Numbers(), type="fetch", label="Numbers")
plugin.register_step_type("mill_grind", Grind(), label="Grind", uses_handler=False)
hooks.add_action("datamachine_job_complete", ended, 30, 2)
hooks.add_filter("datamachine_batch_chunk_delay", lambda _seconds, _context: 0, 10, 2)
