"""Attempts on what belongs to somebody else's agent, and to pretend to be somebody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sidecar.app import create_app
from sidecar.identity import Principal
from tests.integration.security.lab import Known, Lab, ability, code
from tests.matrix import doors

pytestmark = pytest.mark.usefixtures("unharmed")

# Jobs


def test_flows_and_jobs_of_two_agents_are_not_mixed(lab: Lab, php: doors.AbilitiesPhp) -> None:
    mine, their = lab.mine, lab.theirs
    attempts: tuple[dict[str, Any], ...] = (
        {"flow_id": their.flow_id},
        {"flow_id": their.flow_id, "job_id": mine.job_id},
        {"flow_id": mine.flow_id, "job_id": their.job_id},
        {"flow_id": str(their.flow_id)},
    )
    for given in attempts:
        for who in ("mallory", "reader"):
            assert ability(php, who, "run-flow", **given).result == "403 rest_forbidden", (who, given)
    for name in ("schedule-next-step", "execute-step"):
        answer = ability(php, "mallory", name, job_id=their.job_id, flow_step_id=mine.step)
        assert answer.result == "403 rest_forbidden"
    # A step of theirs in a job of one's own is no step of it: nothing is read from their flow.
    ability(php, "mallory", "execute-step", job_id=mine.job_id, flow_step_id=their.step)
    job = lab.state()["datamachine_jobs"][str(mine.job_id)]
    assert their.step not in json.loads(job["engine_data"]).get("flow_config", {})
    assert their.secret not in job["engine_data"]


def test_initial_data_names_nobody_else(lab: Lab, php: doors.AbilitiesPhp) -> None:
    mine, their, victim = lab.mine, lab.theirs, lab.accounts["victim"].user_id
    initial = {
        "job": {"job_id": their.job_id, "agent_id": their.agent_id, "user_id": victim},
        "flow_config": {their.step: {"step_type": "publish"}},
        "agent_id": their.agent_id,
        "user_id": victim,
    }
    answer = ability(php, "mallory", "run-flow", flow_id=mine.flow_id, initial_data=initial)
    job_id = json.loads(answer.text)["job_id"]
    job = lab.state()["datamachine_jobs"][str(job_id)]
    document = json.loads(job["engine_data"])
    assert (job["agent_id"], job["user_id"]) == (mine.agent_id, 0)
    assert (document["job"]["job_id"], document["job"]["agent_id"]) == (job_id, mine.agent_id)
    assert set(document["flow_config"]) == {mine.step, mine.writer, "memory_files"}


# Memory


@pytest.mark.parametrize("who", ["mallory", "nobody", "visitor"])
def test_memory_of_others_is_not_read_or_written(lab: Lab, who: str) -> None:
    their = lab.theirs
    for agent in (their.slug, str(their.agent_id), their.slug.upper()):
        for file in ("MEMORY.md", "SOUL.md", "USER.md", "daily/2026/11/23.md"):
            answer = lab.command(who, "memory", "read", file, f"--agent={agent}")
            assert answer.result.startswith("1 "), (agent, file)
            assert their.secret not in answer.text
            assert lab.command(who, "memory", "write", file, "S", "x", f"--agent={agent}").result.startswith(
                "1 "
            )
    for way in (f"../{their.slug}/MEMORY.md", f"../../agents/{their.slug}/MEMORY.md", "/etc/passwd.md"):
        answer = lab.command(who, "memory", "read", way, f"--agent={lab.mine.slug}")
        assert answer.result.startswith("1 "), way
        assert their.secret not in answer.text


def test_a_role_on_an_agent_is_none_on_its_owner_or_the_site(lab: Lab) -> None:
    agent = f"--agent={lab.theirs.slug}"
    for who in ("reader", "operator", "deputy"):
        assert lab.command(who, "memory", "read", "USER.md", agent).result.startswith("1 "), who
        for shared in ("SITE.md", "RULES.md"):
            assert lab.command(who, "memory", "write", shared, "S", "x", agent).result.startswith("1 "), who
    assert lab.command("reader", "memory", "write", "Notes", "x", agent).result.startswith("1 ")
    # Without --agent it is one's own memory, never the default agent's, which is an administrator's.
    default = (lab.files / "admin" / "MEMORY.md").read_text()
    for who, own in (("mallory", "secret-of-mine"), ("nobody", "")):
        answer = lab.command(who, "memory", "read", "MEMORY.md")
        assert default not in answer.text, who
        assert (answer.result == "0") == bool(own), who
        for file in ("SOUL.md", "daily/2026/11/23.md"):
            assert own in lab.command(who, "memory", "read", file).text, (who, file)


# Pretending


def test_a_request_does_not_say_who_sends_it(lab: Lab) -> None:
    pretended = {"kind": "system", "user_id": 1, "actions": ["manage_agents"], "administrator": True}
    their = lab.theirs
    path = f"/agents/{their.agent_id}"
    query = "principal[kind]=system&principal[user_id]=1&principal[administrator]=1&user=1&_user_id=1"
    for door, answer in lab.rest("mallory", "GET", f"{path}?{query}"):
        assert answer.result == "403 rest_forbidden", door
    for door, answer in lab.rest(
        "mallory",
        "PATCH",
        path,
        {"agent_name": "Mine", "principal": pretended, "user_id": 1, "context": pretended},
    ):
        assert answer.result == "403 rest_forbidden", door


def test_an_ability_does_not_take_a_principal(lab: Lab, php: doors.AbilitiesPhp) -> None:
    pretended = {"kind": "system", "user_id": 1, "actions": ["manage_agents"], "administrator": True}
    answer = ability(
        php, "mallory", "delete-agent", agent_id=lab.theirs.agent_id, principal=pretended, user_id=1
    )
    assert answer.result == "403 rest_forbidden"
    answer = ability(php, "mallory", "list-agents", scope="all", principal=pretended, site_id=1)
    assert lab.theirs.secret not in answer.text


def test_php_of_a_low_user_gets_no_further(lab: Lab, php: doors.AbilitiesPhp) -> None:
    their, mine = lab.theirs.agent_id, lab.mine.agent_id
    helper = r"DataMachine\Abilities\PermissionHelper"
    asked = (
        f"{their}", f"{their}, ''", f"{their}, 'bogus'", "0", "-1", "999999"
    )  # fmt: skip
    for who in ("nobody", "mallory"):
        calls = ", ".join(f"{helper}::can_access_agent( {each} )" for each in asked)
        owns = f"{helper}::owns_agent_resource( {their}, {lab.accounts[who].user_id} )"
        assert code(php, lab, who, f"return array( {calls}, {owns} );") == [False] * 7, who
    # A viewer is a viewer.
    said = code(
        php,
        lab,
        "reader",
        f"return array_map( fn( $role ) => {helper}::can_access_agent( {their}, $role ), "
        "array( 'viewer', 'operator', 'admin', 'owner', 'ADMIN' ) );",
    )
    assert said == [True, False, False, False, False]
    # Somebody else's agent acts for nobody but its owner, whatever a plugin says.
    said = code(
        php,
        lab,
        "mallory",
        f"{helper}::set_agent_context( {their}, {lab.accounts['mallory'].user_id} ); "
        f"$r = wp_get_ability( 'datamachine/get-agent' )->execute( array( 'agent_id' => {their} ) ); "
        f"return is_wp_error( $r ) ? $r->get_error_code() : $r;",
    )
    assert said == "invalid_principal"
    # An agent without a capability left does nothing, its own included.
    said = code(
        php,
        lab,
        "mallory",
        f"{helper}::set_agent_context( {mine}, {lab.accounts['mallory'].user_id}, array() ); "
        f"$r = wp_get_ability( 'datamachine/get-agent' )->execute( array( 'agent_id' => {mine} ) ); "
        f"return is_wp_error( $r ) ? $r->get_error_code() : $r;",
    )
    assert said == "ability_invalid_permissions"


def test_a_limited_agent_keeps_its_limit_at_the_sidecars_door(lab: Lab) -> None:
    permissions_of = {
        frozenset({"datamachine_manage_flows"}): ("200", "403 rest_forbidden"),
        frozenset({"datamachine_manage_agents"}): ("403 rest_forbidden", "200"),
        frozenset({"manage_flows", "manage_options"}): ("403 rest_forbidden", "403 rest_forbidden"),
        frozenset(): ("403 rest_forbidden", "403 rest_forbidden"),
    }
    who = lab.columns.principal("malagent")
    for ceiling, wanted in permissions_of.items():
        limited = Principal("agent", who.user_id, who.agent_id, ceiling=ceiling)
        app = create_app(lab.runtime, authenticator=Known(limited)).test_client()
        answers = [app.get(f"/datamachine/v1{path}") for path in ("/jobs", f"/agents/{lab.mine.agent_id}")]
        results = tuple(
            doors.http_answer(each.status_code, each.get_data(as_text=True)).result for each in answers
        )
        assert results == wanted, ceiling


def test_an_agent_whose_owner_is_gone_does_nothing(lab: Lab, php: doors.AbilitiesPhp) -> None:
    lab.sign_in({"leaver": {"role": "administrator"}})
    agent = lab.add_agent("orphan", "leaver")
    orphan = Principal("agent", lab.accounts["leaver"].user_id, agent.agent_id)
    app = create_app(lab.runtime, authenticator=Known(orphan)).test_client()
    assert app.get(f"/datamachine/v1/jobs/{agent.job_id}").status_code == 200
    lab.instance.wp("user", "delete", "leaver", "--yes")
    for path in ("/jobs", f"/jobs/{agent.job_id}", f"/agents/{agent.agent_id}", "/agents", "/agents/me"):
        answer = app.get(f"/datamachine/v1{path}")
        assert answer.status_code in (401, 403), path
        assert agent.secret not in answer.get_data(as_text=True)
    said = php.send(
        {
            "ability": "datamachine/get-agent",
            "input": {"agent_id": agent.agent_id},
            "user": orphan.user_id,
            "agent": agent.agent_id,
            "cli": False,
        }
    )
    assert said.result == "403 ability_invalid_permissions"


def test_a_narrowed_command_line_is_one_users(lab: Lab) -> None:
    narrow = (
        "--exec=WP_CLI::add_wp_hook( 'init', function () {"
        " add_filter( 'datamachine_cli_bypass_permissions', '__return_false' ); } );"
    )
    their = lab.theirs
    for line in (
        ("memory", "read", f"--agent={their.slug}"),
        ("flows", "run", str(their.flow_id), "--no-drain"),
        ("agents", "access", "grant", their.slug, "mallory", "--role=admin"),
    ):
        for user in ((), ("--user=mallory",)):
            said = lab.instance.wp("datamachine", *line, *user, narrow, check=False)
            assert said.returncode == 1, line
            assert "llowed" in said.stderr or "permission" in said.stderr, said.stderr
            assert their.secret not in said.stdout + said.stderr
