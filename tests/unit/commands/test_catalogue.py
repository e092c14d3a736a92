"""The tree of commands, and what is generated from it."""

from __future__ import annotations

import pytest

from sidecar.commands import catalogue
from sidecar.commands.synopsis import Assoc, Command, Flag, Positional
from tools import generate


def command(*path: str, aliases: tuple[tuple[str, ...], ...] = ()) -> Command:
    return Command(path, "", (), lambda _call: iter(()), aliases=aliases)


def test_a_command_cannot_have_commands_below_it() -> None:
    with pytest.raises(ValueError, match="'flows' is a command and cannot have 'list'"):
        catalogue.check_tree([command("flows", "list"), command("flows")])
    with pytest.raises(ValueError, match="cannot have"):
        catalogue.check_tree([command("flows"), command("x", aliases=(("flows", "y"),))])


def test_a_name_is_taken_once() -> None:
    with pytest.raises(ValueError, match="Two commands are called 'a b'"):
        catalogue.check_tree([command("a", "b"), command("a", "c", aliases=(("a", "b"),))])


def test_parameters_stand_in_the_order_wp_cli_gives_them() -> None:
    with pytest.raises(ValueError, match="positional, then assoc, then flag"):
        Command(("x",), "", (Flag("f"), Assoc("a")), lambda _call: iter(()))
    written = Command(
        ("x",),
        "",
        (Positional("p"), Positional("q", optional=True, repeating=True), Assoc("a", value="v"), Flag("f")),
        lambda _call: iter(()),
    )
    assert written.synopsis() == "<p> [<q>...] [--a=<v>] [--f]"


def test_both_names_of_a_noun_lead_to_the_same_command() -> None:
    for singular, plural in (("agent list", "agents list"), ("job show", "jobs show"), ("flow", "flows")):
        assert catalogue.find(singular) is catalogue.find(plural)
    with pytest.raises(catalogue.UnknownCommand):
        catalogue.find("agents")


def test_every_command_and_parameter_says_what_it_is() -> None:
    for each in catalogue.commands():
        assert each.summary.endswith("."), each.name
        for parameter in each.parameters:
            assert parameter.description.endswith("."), (each.name, parameter.name)


def test_generated_files_are_what_their_sources_say() -> None:
    assert generate.stale() == []
