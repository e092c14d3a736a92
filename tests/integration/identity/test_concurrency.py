"""Many at once: creations of one slug, and changes of rights against whoever checks them meanwhile.

What is asserted of a race is an order, not a time: a check that began after a change had returned knows it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

import pytest

from sidecar.api import access
from sidecar.app import create_app
from sidecar.identity import AccessService, AgentsService, Permissions, Principal
from sidecar.runtime import Runtime
from tests.integration.identity.conftest import OPERATOR, Site, subscriber

HERE = Path(__file__).parent
PROCESSES, THREADS = 4, 25
CHECKERS = 4
ROUNDS = 25


# Creation


def test_a_hundred_in_several_processes_make_one_agent(shared_site: Site) -> None:
    config = str(shared_site.instance.config)
    started = [
        subprocess.Popen(
            [
                sys.executable,
                str(HERE / "creations.py"),
                config,
                "contested",
                str(9100 + n * THREADS),
                str(THREADS),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=shared_site.instance.environment(),
        )
        for n in range(PROCESSES)
    ]
    try:
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        results = [each for process in started for each in json.loads(process.communicate(timeout=120)[0])]
    finally:
        for process in started:
            process.kill()
            process.wait()
    assert Counter(made for _, made in results) == {True: 1, False: PROCESSES * THREADS - 1}
    assert len({agent_id for agent_id, _ in results}) == 1
    rows = shared_site.sql(
        "SELECT agent_id, owner_id FROM wp_datamachine_agents WHERE agent_slug = 'contested'"
    )
    assert len(rows) == 1
    assert shared_site.sql(
        f"SELECT user_id, role FROM wp_datamachine_agent_access WHERE agent_id = {rows[0][0]}"
    ) == [[rows[0][1], "admin"]]


def test_a_storm_of_requests_gets_one_agent_and_clear_errors(runtime: Runtime, shared_site: Site) -> None:
    owner = shared_site.user("stormy")
    # Whoever creates it, the slug is one: every request is another operator's, with another owner's name.
    app = create_app(runtime, authenticator=_Known(Principal.command_line(owner)))

    def post(number: int) -> tuple[int, str]:
        answer = app.test_client().post(
            "/datamachine/v1/agents", json={"agent_slug": "Storm-Bot", "agent_name": f"Name {number}"}
        )
        body = answer.get_json()
        return answer.status_code, body["data"]["message"] if answer.status_code == 200 else body["message"]

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(post, range(100)))
    [row] = shared_site.sql("SELECT agent_id FROM wp_datamachine_agents WHERE agent_slug = 'storm-bot'")
    assert Counter(answers) == {
        (200, f'Agent "storm-bot" created (ID: {row[0]}).'): 1,
        (400, f'Agent with slug "storm-bot" already exists (ID: {row[0]}).'): 99,
    }
    assert sorted(file.name for file in shared_site.files("storm-bot").iterdir()) == [
        "MEMORY.md",
        "SOUL.md",
        "index.php",
    ]


class _Known:
    """An authenticator that knows one caller."""

    def __init__(self, principal: Principal) -> None:
        self._principal = principal

    def visit(self, _request: Any) -> access.Visit:
        return access.Visit(self._principal)


# Rights that change while they are checked


class Check(NamedTuple):
    """One check: when it began and ended (``time.monotonic``), and what it said."""

    began: float
    ended: float
    allowed: bool


@contextmanager
def checking(check: Callable[[], bool]) -> Iterator[list[Check]]:
    """Several threads that check all the time; what they were told is complete after the block."""
    found: list[Check] = []
    over = Event()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            while not over.is_set():
                began = time.monotonic()
                allowed = check()
                found.append(Check(began, time.monotonic(), allowed))
        except BaseException as error:  # noqa: BLE001  the test's own thread tells it
            failures.append(error)

    threads = [Thread(target=work) for _ in range(CHECKERS)]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert failures == []


def wait_for(found: list[Check], count: int = CHECKERS) -> None:
    """Until every checker has begun anew since now."""
    now, deadline = time.monotonic(), time.monotonic() + 60
    while sum(each.began > now for each in list(found)) < count:
        assert time.monotonic() < deadline, "nobody checks any more"
        time.sleep(0.001)


class Change(NamedTuple):
    """A change of rights: when it began and had returned, and what a check says afterwards."""

    began: float
    returned: float
    allows: bool


def stale(checks: list[Check], changes: list[Change]) -> list[tuple[Check, Change]]:
    """Checks that fell between two changes, began and ended, and said what was true before."""
    wrong = []
    for change, following in zip(changes, [*changes[1:], None], strict=True):
        end = float("inf") if following is None else following.began
        wrong += [
            (check, change)
            for check in checks
            if check.began > change.returned and check.ended < end and check.allowed != change.allows
        ]
    return wrong


def changed(allows: bool, change: Callable[[], object]) -> Change:
    """Make a change and note its times."""
    began = time.monotonic()
    change()
    return Change(began, time.monotonic(), allows)


def test_a_grant_counts_from_its_return_and_no_longer_than_to_its_end(
    runtime: Runtime, service: AgentsService, people: AccessService, shared_site: Site
) -> None:
    friend = shared_site.user("racer")
    agent_id = service.create(OPERATOR, "raced-for", owner_id=1).agent.agent_id
    permissions = runtime.get(Permissions)
    who, changes = subscriber(friend), []
    with checking(lambda: permissions.can_access(who, agent_id, "operator")) as found:
        for turn in range(ROUNDS):
            changes.append(changed(True, lambda: people.grant(OPERATOR, agent_id, friend, "operator")))
            wait_for(found)
            if turn % 2:
                changes.append(changed(False, lambda: people.revoke(OPERATOR, agent_id, friend)))
            else:
                changes.append(changed(False, lambda: people.grant(OPERATOR, agent_id, friend, "viewer")))
            wait_for(found)
    assert stale(found, changes) == []
    assert {each.allowed for each in found} == {True, False}


def test_a_revoked_user_of_a_page_is_refused_by_the_next_one(
    service: AgentsService, people: AccessService, shared_site: Site
) -> None:
    from tests.matrix.world import HERE as MATRIX

    wanted = {"pager": {"role": "subscriber", "capabilities": ["datamachine_manage_agents"]}}
    made = json.loads(
        shared_site.instance.wp("eval-file", str(MATRIX / "accounts.php"), stdin=json.dumps(wanted)).stdout
    )["pager"]
    agent_id = service.create(OPERATOR, "paged", owner_id=1).agent.agent_id
    headers = {"Cookie": made["cookie"], "X-WP-Nonce": made["nonce"]}

    def check() -> bool:
        answer = shared_site.instance.get(f"/wp-json/datamachine/v1/agents/{agent_id}", headers=headers)
        assert answer.status in (200, 403), answer.text
        return answer.status == 200

    changes = []
    with checking(check) as found:
        for _ in range(3):
            changes.append(changed(True, lambda: people.grant(OPERATOR, agent_id, made["id"], "viewer")))
            wait_for(found)
            changes.append(changed(False, lambda: people.revoke(OPERATOR, agent_id, made["id"])))
            wait_for(found)
    assert stale(found, changes) == []


CAPABILITY = "datamachine_manage_flows"
#: What an operator does in WordPress to give a right and to take it away.
WAYS = {
    "capability": (("user", "add-cap", "shifty", CAPABILITY), ("user", "remove-cap", "shifty", CAPABILITY)),
    "role": (("user", "set-role", "shifty", "administrator"), ("user", "set-role", "shifty", "subscriber")),
    "capability of the role": (
        ("cap", "add", "subscriber", CAPABILITY),
        ("cap", "remove", "subscriber", CAPABILITY),
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_right_taken_in_wordpress_is_gone_at_the_sidecars_door(
    runtime: Runtime, shared_site: Site, way: str
) -> None:
    principal = Principal.user(shared_site.user("shifty"))
    app = create_app(runtime, authenticator=_Known(principal))
    give, take = WAYS[way]

    def check() -> bool:
        status = app.test_client().get("/datamachine/v1/jobs").status_code
        assert status in (200, 403)
        return status == 200

    changes = []
    with checking(check) as found:
        wait_for(found)
        for _ in range(2):
            changes.append(changed(True, lambda: shared_site.instance.wp(*give)))
            wait_for(found)
            changes.append(changed(False, lambda: shared_site.instance.wp(*take)))
            wait_for(found)
    assert stale(found, changes) == []
    assert {each.allowed for each in found} == {True, False}
