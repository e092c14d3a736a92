"""Python plugin of the crash tests: kills its own process when a hook fires for the n-th time.

``DATAMACHINE_CRASH_AT`` is ``hook:n``; the count lives in a file, so that it goes on over all processes and
the crash happens once.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

from sidecar import hooks

HOOKS = (
    "datamachine_log",
    "datamachine_job_created",
    "datamachine_schedule_next_step",
    "action_scheduler_stored_action",
    "wp_insert_post",
    "set_object_terms",
    "added_post_meta",
    "datamachine_mark_item_processed",
    "datamachine_job_complete",
    "action_scheduler_after_execute",
)


def watch(name: str) -> None:
    """Subscribe early at ``name``."""

    def crash(*_args):
        hook, _, when = os.environ.get("DATAMACHINE_CRASH_AT", "").partition(":")
        if hook != name:
            return
        count = Path(os.environ["DATAMACHINE_CRASH_COUNT"])
        seen = int(count.read_text() or 0) + 1
        count.write_text(str(seen))
        if seen == int(when):
            os.kill(os.getpid(), signal.SIGKILL)

    hooks.add_action(name, crash, 5)


for hook_name in HOOKS:
    watch(hook_name)
