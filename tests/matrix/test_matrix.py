"""Every cell of ``matrix.toml``, at every door of a real site."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from sidecar.api import routes
from sidecar.app import create_app
from sidecar.commands import catalogue
from tests.matrix import data, doors
from tests.matrix.doors import Columns, Door
from tests.matrix.world import Difference, Resource, World

NEW_FILES = 3
#: What a call may leave behind that is nobody's.
ASIDE = {"datamachine_bridge_effects", "datamachine_bridge_events"}


def test_every_route_is_in_the_matrix(matrix: data.Matrix) -> None:
    asked = {(call.method, call.name) for call in matrix.calls("rest")}
    missing = [
        f"{method} {route.path}"
        for route in routes.ROUTES
        for method in route.methods
        if not any(verb == method and re.fullmatch(route.path, path) for verb, path in asked)
        and f"rest {method} {route.path}" not in matrix.without
    ]
    assert missing == []


def test_every_command_is_in_the_matrix(matrix: data.Matrix) -> None:
    asked = {call.name for call in matrix.calls("command")}
    known = {command.name for command in catalogue.commands()}
    named = {word for word in known for text in asked if text == word or text.startswith(f"{word} ")}
    without = {name.removeprefix("command ") for name in matrix.without if name.startswith("command ")}
    assert known - named - without == set()
    assert without <= known, "the file knows commands that there are not"


def test_every_ability_is_in_the_matrix(matrix: data.Matrix, abilities: dict[str, str]) -> None:
    asked = {doors.PREFIX + call.name for call in matrix.calls("ability")}
    without = {
        doors.PREFIX + name.removeprefix("ability ") for name in matrix.without if name.startswith("ability ")
    }
    assert set(abilities) == asked | without


def test_the_file_speaks_of_every_cell(matrix: data.Matrix) -> None:
    """Loading it has checked that; this counts, so that nobody empties it unseen."""
    cells = sum(
        word != data.ABSENT
        for rule in matrix.rules
        for call in rule.calls
        for word in rule.cells.values()
        if call
    )
    assert cells > 2000


@pytest.fixture(scope="module")
def abilities() -> dict[str, str]:
    """The product's abilities with the method of their route."""
    from sidecar.automation.ability_declarations import DECLARATIONS as ENGINE
    from sidecar.identity.abilities import DECLARATIONS as AGENTS

    found = {}
    for each in (*AGENTS, *ENGINE):
        gone = each.destructive and each.idempotent
        found[each.name] = "GET" if each.readonly else "DELETE" if gone else "POST"
    return found


def test_rest_in_wordpress(world: World, matrix: data.Matrix, columns: Columns, report: Report) -> None:
    _try(world, matrix, columns, doors.WordPressRest(world, columns), report)


def test_rest_at_the_sidecars_own_door(
    world: World, matrix: data.Matrix, columns: Columns, report: Report
) -> None:
    door = doors.OwnRest(lambda who: create_app(world.runtime, authenticator=who), columns)
    _try(world, matrix, columns, door, report)


def test_abilities_over_rest(
    world: World, matrix: data.Matrix, columns: Columns, abilities: dict[str, str], report: Report
) -> None:
    rest = doors.WordPressRest(world, columns)
    _try(world, matrix, columns, doors.AbilitiesRest(rest, abilities), report)


def test_abilities_in_php(world: World, matrix: data.Matrix, columns: Columns, report: Report) -> None:
    with closing(doors.AbilitiesPhp(world, columns)) as door:
        _try(world, matrix, columns, door, report)


def test_commands(world: World, matrix: data.Matrix, columns: Columns, report: Report) -> None:
    _try(world, matrix, columns, doors.Commands(world, columns), report)


Report = Callable[[str], None]


def _try(world: World, matrix: data.Matrix, columns: Columns, door: Door, report: Report) -> None:
    """Every cell at one door; all that differ are told at once."""
    wrong: list[str] = []
    tried = 0
    answers: dict[tuple[str, str], doors.Answer] = {}
    for call, column, name, word in _cells(matrix, door):
        tried += 1
        resource = world.resources[_resource(matrix, column, name)]
        wrong += [
            f"{call}  as {column} on {name}: {what}"
            for what in _problems(world, matrix, columns, door, call, column, resource, word, name, answers)
        ]
    report(f"{door.name}: {tried} cells")
    assert wrong == [], f"{len(wrong)} of {tried} cells:\n" + "\n".join(wrong)
    assert tried > 50


def _cells(matrix: data.Matrix, door: Door) -> Iterator[tuple[data.Call, str, str, str]]:
    for rule in matrix.rules:
        for call in rule.calls:
            if call.door == door.kind:
                for (column, name), word in rule.cells.items():
                    if word != data.ABSENT and column in matrix.doors[door.name]:
                        yield call, column, name, word


def _resource(matrix: data.Matrix, column: str, name: str) -> str:
    """Which resource is meant; ``own`` of somebody who owns nothing is any (what is made is new)."""
    described = matrix.columns[column]
    if name != "own":
        return name
    account = str(described.get("account", ""))
    return account if account in {"site", "own", "own-"} else "unscoped"


def _problems(
    world: World,
    matrix: data.Matrix,
    columns: Columns,
    door: Door,
    call: data.Call,
    column: str,
    resource: Resource,
    word: str,
    name: str,
    answers: dict[tuple[str, str], doors.Answer],
) -> Iterator[str]:
    """What is not as the file says. A list is asked once, and searched for each resource."""
    asked = call.filled(_values(world, resource))
    wanted = matrix.expected(door.name, asked, word)
    known = answers.get((column, str(asked))) if not call.effect else None
    answer = known or door.ask(column, asked)
    answers[column, str(asked)] = answer
    if answer.result != wanted:
        yield f"{answer.result}, not {wanted} ({word})"
    different = {} if known else world.difference()
    try:
        if word in data.DONE and call.effect:
            yield from _effect(world, columns, column, asked, resource, word, different)
            return
        yield from (f"changed {place}{found}: {found.names()}" for place, found in different.items())
        if word == "yes" and asked.shows not in answer.text:
            yield f"does not show {asked.shows}: {answer.text[:300]}"
        elif word != "yes" and name != "own" and resource.secret in answer.text:
            yield f"tells {resource.secret}: {answer.text[:300]}"
    finally:
        world.restore(different)


def _values(world: World, resource: Resource) -> dict[str, Any]:
    people = {name: world.accounts[name].user_id for name in ("lord", "guest", "fresh")}
    return {
        **people,
        "agent": resource.agent_id,
        "slug": resource.slug or "nobody",
        "pipeline": resource.pipeline_id,
        "flow": resource.flow_id,
        "job": resource.job_id,
        "step": resource.step,
        "secret": resource.secret,
        "grants": resource.grants,
        "new": NEW_FILES,
    }


def _effect(
    world: World,
    columns: Columns,
    column: str,
    call: data.Call,
    resource: Resource,
    word: str,
    different: dict[str, Difference],
) -> Iterator[str]:
    """Exactly what was announced has changed, and only what belongs to the resource."""
    found = {place: str(what) for place, what in different.items() if place not in ASIDE}
    if found not in data.effects(call.effect):
        yield f"changed {found}, not {call.effect}"
    made = different.get("datamachine_agents", Difference()).added
    if made:
        owner = columns.account(column).user_id
        yield from (f"made for {row['owner_id']}" for row in made.values() if row["owner_id"] != owner)
        return
    mine = columns.agent(column) if word == "self" else resource.agent_id
    for place, what in different.items():
        if place.startswith("datamachine_") and place not in ASIDE:
            yield from (
                f"changed {place} of agent {row['agent_id']}"
                for row in what.rows()
                if (row["agent_id"] or 0) != mine
            )
