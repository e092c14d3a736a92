"""``/agents/{agent_id}/access`` and the scope of ``/jobs`` through both doors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sidecar.identity import AccessService, Principal
from tests.integration.doors.agents import Doors

FORBIDDEN = (403, "rest_forbidden", "You do not have permission to manage jobs.")
CLI = Principal.command_line()


@pytest.fixture
def gamma(doors: Doors) -> Iterator[int]:
    """An agent of ``warden`` on which only the owner has a grant."""
    agent_id = doors.agent("access-gamma", "warden")
    yield agent_id
    service = doors.runtime.get(AccessService)
    for person in service.list(CLI, agent_id):
        if person.user_id != doors.people["warden"].id:
            service.revoke(CLI, agent_id, person.user_id)
    service.grant(CLI, agent_id, doors.people["warden"].id, "admin")


def test_grants_are_listed_with_their_people(doors: Doors, gamma: int) -> None:
    reply = doors.same("GET", f"/agents/{gamma}/access", "warden")
    [row] = reply.json["data"]
    assert list(row) == ["user_id", "display_name", "user_email", "role", "granted_at"]
    owner = doors.people["warden"]
    assert row == {
        "user_id": owner.id,
        "display_name": "Warden",
        "user_email": "door-warden@example.org",
        "role": "admin",
        "granted_at": row["granted_at"],
    }


def test_an_account_that_is_gone_has_no_name(doors: Doors, gamma: int) -> None:
    site = doors.site
    user_id = int(site.wp("user", "create", "leaver", "leaver@example.org", "--porcelain").stdout)
    doors.runtime.get(AccessService).grant(CLI, gamma, user_id, "viewer")
    site.db.sql(f"DELETE FROM wordpress.wp_users WHERE ID = {user_id}")
    rows = doors.same("GET", f"/agents/{gamma}/access", "warden").json["data"]
    [row] = [row for row in rows if row["user_id"] == user_id]
    assert (row["display_name"], row["user_email"]) == ("(unknown user)", "")
    gone = doors.ask("sidecar", "DELETE", f"/agents/{gamma}/access/{user_id}", "warden")
    assert gone.json["data"]["revoked"] is True


def test_a_grant_is_given_changed_and_taken(doors: Doors, gamma: int) -> None:
    reader = doors.people["reader"].id
    path = f"/agents/{gamma}/access"
    first = doors.same("POST", path, "warden", body={"user_id": reader})
    assert list(first.json["data"].items()) == [
        ("agent_id", gamma),
        ("user_id", reader),
        ("display_name", "Reader"),
        ("role", "viewer"),
    ]
    again = doors.same("POST", path, "warden", body={"user_id": str(reader), "role": "operator"})
    assert again.json["data"]["role"] == "operator"
    listed = doors.same("GET", path, "warden").json["data"]
    assert [(row["user_id"], row["role"]) for row in listed] == [
        (doors.people["warden"].id, "admin"),
        (reader, "operator"),
    ]
    taken = doors.ask("wordpress", "DELETE", f"{path}/{reader}", "warden")
    assert list(taken.json["data"].items()) == [("agent_id", gamma), ("user_id", reader), ("revoked", True)]
    missing = doors.same("DELETE", f"{path}/{reader}", "warden")
    assert missing.refusal == (404, "revoke_failed", "No access grant found for this user.")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, (400, "rest_missing_callback_param", "Missing parameter(s): user_id")),
        ({"user_id": "x"}, (400, "rest_invalid_param", "Invalid parameter(s): user_id")),
        ({"user_id": 1.5}, (400, "rest_invalid_param", "Invalid parameter(s): user_id")),
        ({"user_id": 1, "role": "owner"}, (400, "rest_invalid_param", "Invalid parameter(s): role")),
        ({"user_id": 1, "role": 5}, (400, "rest_invalid_param", "Invalid parameter(s): role")),
        ({"user_id": 0}, (404, "user_not_found", "User not found.")),
        ({"user_id": -1}, (404, "user_not_found", "User not found.")),
        ({"user_id": 99999999}, (404, "user_not_found", "User not found.")),
        ({"user_id": 10**40}, (404, "user_not_found", "User not found.")),
    ],
)
def test_what_cannot_be_a_grant_is_refused(
    doors: Doors, gamma: int, body: dict[str, Any], refusal: tuple[int, str, str]
) -> None:
    assert doors.same("POST", f"/agents/{gamma}/access", "warden", body=body).refusal == refusal
    assert len(doors.same("GET", f"/agents/{gamma}/access", "warden").json["data"]) == 1


def test_the_owners_own_grant_stays(doors: Doors, gamma: int) -> None:
    owner = doors.people["warden"].id
    refusal = doors.same("DELETE", f"/agents/{gamma}/access/{owner}", "admin").refusal
    assert refusal == (
        400,
        "cannot_revoke_owner",
        "Cannot revoke the owner's access. Transfer ownership first.",
    )
    # A lower one changes nothing about what an owner may do.
    lower = doors.same("POST", f"/agents/{gamma}/access", "warden", body={"user_id": owner, "role": "viewer"})
    assert lower.json["data"]["role"] == "viewer"
    assert doors.same("GET", f"/agents/{gamma}/access", "warden").status == 200
    huge = doors.same("DELETE", f"/agents/{gamma}/access/{'9' * 30}", "warden")
    assert huge.refusal == (404, "revoke_failed", "No access grant found for this user.")


@pytest.fixture(scope="module")
def jobs(doors: Doors) -> dict[str, int]:
    """Jobs of two agents, of none, and of none but a user."""
    runtime = doors.runtime
    agents = {"mine": doors.agent("jobs-mine", "warden"), "theirs": doors.agent("jobs-theirs")}
    made = {}
    with runtime.db.session() as session:
        for name, agent_id, user_id in (
            ("mine", agents["mine"], 0),
            ("theirs", agents["theirs"], doors.people["warden"].id),
            ("unscoped", None, 0),
            ("reader's", None, doors.people["reader"].id),
        ):
            values = {
                "pipeline_id": "direct",
                "flow_id": "direct",
                "source": "scoped",
                "status": "completed - scoped",
                "agent_id": agent_id,
                "user_id": user_id,
            }
            made[name] = session.insert(runtime.db.tables().jobs, values)
    return made | {f"agent {name}": agent_id for name, agent_id in agents.items()}


def seen(doors: Doors, jobs: dict[str, int], who: str, query: str = "") -> set[str]:
    found = doors.same("GET", f"/jobs?status=completed%20-%20scoped{query}", who).json
    names = {str(job_id): name for name, job_id in jobs.items() if not name.startswith("agent ")}
    assert found["total"] == len(found["data"])
    return {names[item["job_id"]] for item in found["data"]}


def test_a_list_of_jobs_is_what_the_caller_may_see(doors: Doors, jobs: dict[str, int]) -> None:
    assert seen(doors, jobs, "admin") == {"mine", "theirs", "unscoped", "reader's"}
    assert seen(doors, jobs, "warden") == {"mine", "unscoped"}
    assert seen(doors, jobs, "runner") == {"unscoped"}
    # Empty is as if absent.
    assert seen(doors, jobs, "warden", "&agent_id=") == {"mine", "unscoped"}
    # The user filter narrows what is seen, and never widens it.
    owner = doors.people["warden"].id
    assert seen(doors, jobs, "admin", f"&user_id={owner}") == {"theirs"}
    assert seen(doors, jobs, "warden", f"&user_id={owner}") == set()


def test_a_named_agent_is_its_jobs_alone(doors: Doors, jobs: dict[str, int]) -> None:
    mine, theirs = jobs["agent mine"], jobs["agent theirs"]
    assert seen(doors, jobs, "warden", f"&agent_id={mine}") == {"mine"}
    assert seen(doors, jobs, "admin", f"&agent_id={theirs}") == {"theirs"}
    # The agent beats the user.
    reader = doors.people["reader"].id
    assert seen(doors, jobs, "admin", f"&agent_id={theirs}&user_id={reader}") == {"theirs"}
    for nothing in ("0", "999999", "abc", "9" * 30, "-1"):
        assert seen(doors, jobs, "admin", f"&agent_id={nothing}") == set()


def test_a_foreign_agent_is_refused(doors: Doors, jobs: dict[str, int]) -> None:
    for foreign in (jobs["agent theirs"], 0, 999999, "abc"):
        assert doors.same("GET", f"/jobs?agent_id={foreign}", "warden").refusal == FORBIDDEN
    access = doors.runtime.get(AccessService)
    owner = doors.people["warden"].id
    access.grant(CLI, jobs["agent theirs"], owner, "viewer")
    try:
        assert seen(doors, jobs, "warden", f"&agent_id={jobs['agent theirs']}") == {"theirs"}
        assert seen(doors, jobs, "warden") == {"mine", "theirs", "unscoped"}
    finally:
        access.revoke(CLI, jobs["agent theirs"], owner)
    assert seen(doors, jobs, "warden") == {"mine", "unscoped"}


def test_one_job_is_for_those_who_see_its_agent(doors: Doors, jobs: dict[str, int]) -> None:
    for name, status in (("mine", 200), ("unscoped", 200), ("theirs", 403), ("reader's", 403)):
        reply = doors.same("GET", f"/jobs/{jobs[name]}", "warden")
        assert reply.status == status, name
        if status == 403:
            assert reply.refusal[1] == "rest_forbidden"
    assert doors.same("GET", f"/jobs/{jobs['theirs']}", "admin").status == 200
    assert doors.same("GET", f"/jobs/{'9' * 30}", "admin").refusal == (404, "job_not_found", "Job not found.")


def test_an_acting_agent_is_the_default_scope(doors: Doors, jobs: dict[str, int]) -> None:
    mine = jobs["agent mine"]
    listed = doors.acting("/jobs?status=completed%20-%20scoped", "warden", mine).json["data"]
    assert [item["job_id"] for item in listed] == [str(jobs["mine"])]
    assert doors.acting("/agents/me", "warden", mine).json["data"]["agent_id"] == mine
    assert [item["agent_id"] for item in doors.acting("/agents", "warden", mine).json["data"]] == [mine]
    # An administrator's agent is still only itself, unless it names another one.
    theirs = jobs["agent theirs"]
    admins = "/jobs?status=completed%20-%20scoped"
    listed = doors.acting(admins, "admin", theirs).json["data"]
    assert [item["job_id"] for item in listed] == [str(jobs["theirs"])]
    named = doors.acting(f"{admins}&agent_id={mine}", "admin", theirs).json["data"]
    assert [item["job_id"] for item in named] == [str(jobs["mine"])]


def test_a_ceiling_is_above_nothing(doors: Doors, jobs: dict[str, int]) -> None:
    theirs = jobs["agent theirs"]
    for path in ("/jobs", f"/jobs/{jobs['theirs']}", f"/agents/{theirs}", f"/agents/{theirs}/access"):
        refused = doors.acting(path, "admin", theirs, ["datamachine_chat"])
        assert (refused.status, refused.json["code"]) == (403, "rest_forbidden"), path
    # Who one is needs no right.
    assert doors.acting("/agents/me", "admin", theirs, []).json["data"]["agent_id"] == theirs
    enough = doors.acting(f"/agents/{theirs}", "admin", theirs, ["datamachine_manage_agents"])
    assert enough.json["data"]["agent_id"] == theirs
