"""One agent a slug, whatever the tables would allow, and whoever asks at the same moment."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread

import pytest

from sidecar.db import Database
from sidecar.errors import Cancelled, Conflict, SidecarError
from sidecar.identity import AgentsRepository
from sidecar.identity.creation import Creation
from sidecar.identity.locks import AgentBusy, NamedLocks, of_owner, of_slug
from sidecar.identity.renames import RenamesRepository
from sidecar.runtime import Runtime
from tests.integration.identity.conftest import Site

MANY = 100


def creation(runtime: Runtime) -> Creation:
    from sidecar.identity import AccessRepository

    db = runtime.db
    return Creation(
        db,
        runtime.get(AgentsRepository),
        runtime.get(AccessRepository),
        NamedLocks(db),
        RenamesRepository(db),
    )


@pytest.fixture(autouse=True)
def clean(shared_site: Site):
    yield
    shared_site.sql("DELETE FROM wp_datamachine_agents WHERE owner_id >= 9000")
    shared_site.sql("DELETE FROM wp_datamachine_agent_access WHERE user_id >= 9000")


def at_once(count: int, work) -> list[object]:
    """What ``work(number)`` gives, or its error's code, for all numbers in the same moment."""
    start = Barrier(count)

    def one(number: int) -> object:
        start.wait()
        try:
            return work(number)
        except SidecarError as error:
            return error.code

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_a_hundred_at_once_make_one_row_and_one_grant(runtime: Runtime, shared_site: Site) -> None:
    make = creation(runtime)
    results = at_once(MANY, lambda number: make.insert("crowded", f"Name {number}", 9000 + number, {}))
    made = [agent for agent, new in results if new]  # type: ignore[misc]
    assert len(made) == 1
    assert {agent.agent_id for agent, _ in results} == {made[0].agent_id}  # type: ignore[misc]
    assert shared_site.sql("SELECT COUNT(*) FROM wp_datamachine_agents WHERE agent_slug = 'crowded'") == [
        ["1"]
    ]
    assert shared_site.sql(
        f"SELECT user_id FROM wp_datamachine_agent_access WHERE agent_id = {made[0].agent_id}"
    ) == [[str(made[0].owner_id)]]


def test_a_limit_holds_for_many_slugs_at_once(runtime: Runtime, shared_site: Site) -> None:
    make = creation(runtime)
    results = at_once(20, lambda number: make.insert(f"mine-{number}", "Mine", 9500, {}, limit=3)[1])
    assert Counter(results) == {True: 3, "agent_limit_reached": 17}
    assert shared_site.sql("SELECT COUNT(*) FROM wp_datamachine_agents WHERE owner_id = 9500") == [["3"]]


def test_who_waits_too_long_is_told_so(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar.identity.locks.PATIENCE", 0)
    other = Database(runtime.db.settings)
    held, done = Event(), Event()

    def keep() -> None:
        with NamedLocks(other).hold(of_slug("held")):
            held.set()
            done.wait(30)

    keeper = Thread(target=keep)
    keeper.start()
    try:
        assert held.wait(10)
        with pytest.raises(AgentBusy):
            creation(runtime).insert("held", "Held", 9000, {})
    finally:
        done.set()
        keeper.join()
        other.close()
    assert creation(runtime).insert("held", "Held", 9000, {})[1] is True
    with pytest.raises(Conflict):
        creation(runtime).insert("another", "Another", 9000, {}, limit=1)


def test_a_caller_who_goes_away_leaves_no_lock_behind(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise Cancelled("The caller went away.")

    def work() -> None:
        with NamedLocks(runtime.db).hold(of_slug("left"), of_owner(9000)) as session:
            monkeypatch.setattr(session, "_checkpoint", gone)
            session.scalar("SELECT 1")

    with pytest.raises(Cancelled):
        work()
    monkeypatch.undo()
    other = Database(runtime.db.settings)
    with NamedLocks(other).try_hold(of_slug("left"), of_owner(9000)) as session:
        assert session is not None
    other.close()
