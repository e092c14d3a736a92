"""Every cell of ``matrix.toml``, at every door of a real site."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from dev.processes import wait_until
from sidecar.api import routes
from sidecar.commands import catalogue
from tests.matrix import data, doors
from tests.matrix.doors import Columns
from tests.matrix.trial import Trial
from tests.matrix.world import World
from tools import generate_abilities

Report = Callable[[str], None]


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


def test_calls_that_share_cells_are_tried_with_all_of_them(matrix: data.Matrix) -> None:
    columns = matrix.doors["wordpress"]
    for rule in (each for each in matrix.rules if each.dealt):
        for door in {call.door for call in rule.calls}:
            hands = [rule.hand(call, columns) for call in rule.calls if call.door == door]
            together = {cell for hand in hands for cell in hand}
            whole = {cell for cell, word in rule.cells.items() if cell[0] in columns and word != data.ABSENT}
            assert together == whole, rule.name
            words = {rule.cells[cell] for cell in whole}
            assert all(set(hand.values()) == words for hand in hands), rule.name


@pytest.fixture(scope="module")
def abilities() -> dict[str, str]:
    """The product's abilities with the method of their route."""
    found = {}
    for each in generate_abilities.declarations():
        gone = each.destructive and each.idempotent
        found[each.name] = "GET" if each.readonly else "DELETE" if gone else "POST"
    return found


#: Doors that take long are tried in parts.
PARTS = 3


@pytest.mark.parametrize("part", range(PARTS))
def test_rest_in_wordpress(
    world: World, matrix: data.Matrix, columns: Columns, report: Report, part: int
) -> None:
    Trial(world, matrix, columns).run(doors.WordPressRest(world, columns), report, (part, PARTS))


def test_rest_at_the_sidecars_own_door(
    world: World, matrix: data.Matrix, columns: Columns, report: Report
) -> None:
    Trial(world, matrix, columns).run(doors.OwnRest(world, columns), report)


@pytest.mark.parametrize("part", range(PARTS))
def test_abilities_over_rest(  # noqa: PLR0917  fixtures
    world: World, matrix: data.Matrix, columns: Columns, abilities: dict[str, str], report: Report, part: int
) -> None:
    rest = doors.WordPressRest(world, columns)
    Trial(world, matrix, columns).run(doors.AbilitiesRest(rest, abilities), report, (part, PARTS))


def test_abilities_in_php(world: World, matrix: data.Matrix, columns: Columns, report: Report) -> None:
    with closing(doors.AbilitiesPhp(world, columns)) as door:
        Trial(world, matrix, columns).run(door, report)


def test_commands(world: World, matrix: data.Matrix, columns: Columns, report: Report) -> None:
    Trial(world, matrix, columns).run(doors.Commands(world, columns), report)


@pytest.fixture
def narrowed(world: World) -> Iterator[None]:
    """The site's own word that its operators are users."""
    plugin = world.instance.path / "wp-content" / "mu-plugins" / "narrow.php"
    plugin.write_text("<?php add_filter( 'datamachine_cli_bypass_permissions', '__return_false' );")
    # The host looks about once a second whether PHP has changed.
    wait_until(lambda: _native(world) == 1, what="The host that has read the plugin")
    yield
    plugin.unlink()
    wait_until(lambda: _native(world) == 0, what="The host that has not read the plugin")


def _native(world: World) -> int:
    """How a command of nobody ends."""
    return world.instance.datamachine("agents", "list", check=False).returncode


def test_commands_at_real_command_lines(world: World, matrix: data.Matrix, columns: Columns) -> None:
    _at_command_lines(world, matrix, columns, "cli", [])


@pytest.mark.usefixtures("narrowed")
def test_commands_at_narrowed_command_lines(world: World, matrix: data.Matrix, columns: Columns) -> None:
    _at_command_lines(world, matrix, columns, "narr", ["--user=own"])


@pytest.mark.parametrize("column", ["tok-narrow", "tok-expired"])
def test_commands_at_command_lines_with_a_token(
    world: World, matrix: data.Matrix, columns: Columns, column: str
) -> None:
    _at_command_lines(world, matrix, columns, column, [], "agents show {agent}")


LINES = ("agents show {agent}", "flows get {flow}")


def _at_command_lines(
    world: World, matrix: data.Matrix, columns: Columns, column: str, options: list[str], *lines: str
) -> None:
    """A few lines of the matrix through WP-CLI and natively, in processes of their own."""
    trial = Trial(world, matrix, columns)
    for words in lines or LINES:
        for door in (doors.Terminal("wp", world, options), doors.Terminal("native", world, options)):
            wrong = trial.of(door, words, column)
            assert wrong == [], wrong
