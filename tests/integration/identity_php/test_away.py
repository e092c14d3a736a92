"""With the sidecar away, what only it knows is refused, and nothing else is harmed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.identity_php.conftest import Lab, make


@pytest.fixture(scope="module")
def alone(instances: Path) -> Iterator[Lab]:
    instance = make(instances / "identity-alone", sidecar=False)
    try:
        yield Lab(instance)
    finally:
        instance.destroy()


def test_no_answer_is_no(alone: Lab) -> None:
    people = alone.people
    ask = [
        ["can_access_agent", alone.theirs],
        ["owns_agent_resource", alone.theirs, 0],
        ["resolve_scoped_agent_id", {}],
        ["resolve_scoped_agent_id", {"agent_id": alone.theirs}],
        ["resolve_all_accessible_agent_ids"],
        ["can", "chat"],
    ]
    owner, admin = (alone.page({"user": user, "ask": ask}) for user in (people.owner, people.admin))
    assert owner == {"answers": [False, False, 0, None, [], True], "filter": [], "errors": []}
    assert admin["answers"] == [True, True, None, alone.theirs, [], True]
    agent = alone.page({"agent": [alone.theirs, people.owner, ["datamachine_chat"]], "ask": ask})
    assert agent["answers"] == [False, False, alone.theirs, None, [], True]
    assert not alone.instance.debug_log.exists(), alone.instance.debug_log.read_text()


def test_rows_are_not_found(alone: Lab) -> None:
    got = alone.evaluate(
        f"""$agents = new DataMachine\\Core\\Database\\Agents\\Agents();
        $answer = array( $agents->get_agent( {alone.theirs} ), $agents->get_by_slug( 'theirs' ),
            $agents->get_all(), $agents->get_by_owner_id( 1 ) )"""
    )
    assert got == [None, None, [], None]
