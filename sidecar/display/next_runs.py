"""When flows run next, as Action Scheduler has it."""

from __future__ import annotations

from collections.abc import Sequence

from sidecar.db import Database, php_json

HOOK = "datamachine_run_flow_now"


def of_flows(db: Database, flow_ids: Sequence[int], blog_id: int = 1) -> dict[int, str]:
    """The next due time (UTC) of each flow that has a pending run."""
    if not flow_ids:
        return {}
    # A flow's doorbells are found by the text of their arguments: the list that holds its id.
    by_args = {php_json.dumps([flow_id]): flow_id for flow_id in flow_ids}
    with db.session() as session:
        rows = session.all(
            f"SELECT args, MIN(scheduled_date_gmt) AS due FROM {db.tables(blog_id).actionscheduler_actions} "
            "WHERE hook = :hook AND status = 'pending' AND args IN :args GROUP BY args",
            {"hook": HOOK, "args": list(by_args)},
        )
    return {by_args[str(row["args"])]: str(row["due"]) for row in rows if str(row["args"]) in by_args}
