"""Flows that do not ring while a test looks at them.

The first run of a schedule is put off by seconds that come from the flow's id, so that not all flows of a
site begin together. For one id in thirty that is less than two minutes: then the site's own worker starts the
flow in the middle of a test.
"""

from __future__ import annotations

from sidecar.automation.flows.wanted import stagger
from sidecar.db import Database

#: Seconds that a test, and what it waits for, may take.
LONG = 120
#: Seconds of the schedules that tests use, at least.
INTERVAL = 3600


def skip_hasty_ids(db: Database, ahead: int = 12) -> None:
    """See that none of the next flows, of any schedule but the shortest, rings at once."""
    flows = db.tables().flows
    row = {"pipeline_id": 0, "flow_name": "skipped", "flow_config": "{}", "scheduling_config": "{}"}
    with db.session() as session:
        at = session.insert(flows, row)
        session.delete(flows, {"flow_id": at})
        while hasty := [each for each in range(at + 1, at + 1 + ahead) if stagger(each, INTERVAL) < LONG]:
            at = hasty[-1]
            session.insert(flows, {**row, "flow_id": at})
            session.delete(flows, {"flow_id": at})
