"""Attempts to get beyond a token's limit through work that others do later, and at command lines."""

from __future__ import annotations

import itertools
import json

import pytest

from dev import processes
from sidecar.hooks import dispatch
from tests.integration.security.lab import Lab

pytestmark = pytest.mark.usefixtures("unharmed", "no_failures")

FLOWS = "datamachine_manage_flows"
CHAT = "datamachine_chat"
MANAGE = "datamachine_manage_agents"
#: So that each change is one.
MOMENTS = itertools.count()
#: Remembers as whom it hears of a change, and whether he may manage the site and edit posts; a row a time.
LISTENER = """<?php
add_action( 'datamachine_agent_updated', function () {
	$agent = DataMachine\\Abilities\\PermissionHelper::get_acting_agent_id();
	$heard = array( $agent, current_user_can( 'manage_options' ), current_user_can( 'edit_posts' ) );
	$row   = array( 'option_name' => uniqid( 'h_heard_', true ), 'option_value' => wp_json_encode( $heard ) );
	$GLOBALS['wpdb']->insert( $GLOBALS['wpdb']->options, $row );
} );
"""

# Work that goes on afterwards


def test_a_job_that_a_limited_token_started_stays_below_it(lab: Lab) -> None:
    """Whoever works on it later; and a second start, by somebody who may more, does not lift the limit."""
    narrow, wide = lab.key([FLOWS], agent="chiefs"), lab.key(agent="chiefs")
    run = "/wp-json/wp-abilities/v1/abilities/datamachine/run-flow/run"
    planted = {"limit": None, "capabilities": None, "job": {"capabilities": None}}
    given = {"flow_id": lab.chiefs.flow_id, "initial_data": planted}
    started = lab.answer(narrow, "POST", run, {"input": given})
    assert started.status == 200, started.text
    job = started.json()["job_id"]
    assert limit_of(lab, job) == [FLOWS]
    lab.answer(wide, "POST", run, {"input": {"flow_id": lab.chiefs.flow_id, "job_id": job}})
    assert limit_of(lab, job) == [FLOWS]


@pytest.mark.parametrize("name", ["run-flow", "schedule-next-step", "execute-step"])
def test_a_limited_token_does_not_work_above_its_limit_through_another_job(lab: Lab, name: str) -> None:
    """What it hands to a step that somebody else has started would be published with the owner's rights."""
    job, run = lab.chiefs.job_id, f"/wp-json/wp-abilities/v1/abilities/datamachine/{name}/run"
    with lab.runtime.db.session() as session:
        tables = lab.runtime.db.tables()
        session.delete(tables.bridge_limits, {"job_id": job})
        session.update(tables.jobs, {"status": "processing"}, {"job_id": job})
    given = {
        "flow_id": lab.chiefs.flow_id,
        "job_id": job,
        "flow_step_id": lab.chiefs.step,
        "data_packets": [{"type": "fetch", "data": {"title": "planted", "body": "planted"}}],
    }
    answer = lab.answer(lab.key([FLOWS], agent="chiefs"), "POST", run, {"input": given})
    assert answer.status == 200, answer.text
    assert limit_of(lab, job) == [FLOWS]


def limit_of(lab: Lab, job: int) -> list[str] | None:
    rows = lab.rows("SELECT capabilities FROM {datamachine_bridge_limits} WHERE job_id = :id", id=job)
    return json.loads(rows[0]["capabilities"]) if rows else None


def test_what_listens_in_wordpress_runs_below_the_limit(lab: Lab) -> None:
    """A hook that a command fires reaches PHP in a process of its own: there too the token bounds."""
    place = lab.instance.path / "wp-content" / "mu-plugins" / "h-listens.php"
    place.write_text(LISTENER)
    try:
        # The host looks once a second whether WordPress's files have changed; what this process has heard of
        # listeners before holds for half a minute.
        dispatch.listeners.under(place)
        wide = lab.key(agent="chiefs")
        processes.wait_until(lambda: len(changed(lab, wide)) == 3, what="The listener")
        for capabilities, may in (
            ([MANAGE], [False, False]),
            ([MANAGE, "edit_posts"], [False, True]),
            (None, [True, True]),
        ):
            who = lab.key(capabilities, agent="chiefs")
            # Nobody waits long for who only listens: on a busy machine one goes unheard.
            for _ in range(5):
                heard = changed(lab, who)
                assert all(each == [lab.chiefs.agent_id, *may] for each in heard), (capabilities, heard)
                if len(heard) == 3:
                    break
            else:
                raise AssertionError(heard)
    finally:
        place.unlink()


def changed(lab: Lab, who: str) -> list[list[object]]:
    """Change an agent at the command line and at both doors of REST; what was heard of it."""
    moment = json.dumps(next(MOMENTS))
    answers = [lab.command(who, "agents", "config", lab.chiefs.slug, f"--set=for={moment}")]
    path, given = f"/agents/{lab.chiefs.agent_id}", {"agent_config": {"by": moment}}
    answers += [answer for _, answer in lab.rest(who, "PUT", path, given)]
    assert [answer.result for answer in answers] == ["0", "200", "200"]
    return listened(lab)


def listened(lab: Lab) -> list[list[object]]:
    """What was heard, and is forgotten now."""
    rows = lab.rows("SELECT option_name, option_value FROM {options} WHERE option_name LIKE 'h\\_heard\\_%'")
    for row in rows:
        lab.rows_deleted("options", option_name=row["option_name"])
    return [json.loads(row["option_value"]) for row in rows]


# Command lines


def test_a_bad_token_at_a_command_line_is_no_operator(lab: Lab) -> None:
    ended = lab.tokens[lab.key(expires_at="2020-01-01 00:00:00")].raw
    for raw in ("garbage", "datamachine_x", ended):
        for run in (
            lab.instance.datamachine,
            lambda *line, **env: lab.instance.wp("datamachine", *line, **env),
        ):
            said = run("agents", "list", check=False, DATAMACHINE_TOKEN=raw)
            assert said.returncode == 1, (raw, said.stdout)
            assert lab.theirs.slug not in said.stdout + said.stderr
            assert raw != ended or raw not in said.stderr


def test_a_limited_token_at_a_command_line_is_one(lab: Lab) -> None:
    raw = lab.tokens[lab.key([CHAT], agent="chiefs")].raw
    for run in (lab.instance.datamachine, lambda *line, **env: lab.instance.wp("datamachine", *line, **env)):
        for line in (
            ("agents", "delete", lab.theirs.slug, "--yes"),
            ("agents", "token", "create", lab.chiefs.slug),
        ):
            said = run(*line, check=False, DATAMACHINE_TOKEN=raw)
            assert said.returncode == 1, line
            assert "not allowed" in said.stderr, said.stderr
