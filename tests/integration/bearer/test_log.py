"""With the sidecar running, what WordPress refused is in the log."""

from __future__ import annotations

import json

from dev.instance import DATABASE, Instance

WRONG = "datamachine_bear-bot_" + "0" * 64


def test_a_refused_token_is_a_line_of_the_log(site: Instance) -> None:
    said = site.get("/wp-json/", headers={"Authorization": f"Bearer {WRONG}"})
    assert (said.status, said.json()["code"]) == (401, "datamachine_invalid_token")
    found = site.db.sql(
        "SELECT level, message, context FROM wp_datamachine_logs "
        "WHERE context LIKE '%datamachine_bear-bot%' ORDER BY id DESC LIMIT 1",
        database=DATABASE,
    )
    level, message, context = found.strip().split("\t")
    assert (level, message) == ("warning", "Agent auth: invalid or expired token presented")
    assert json.loads(context)["token_prefix"] == "datamachine_bear-bot..."
    assert "0000" not in context
