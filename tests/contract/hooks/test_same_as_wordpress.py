"""The bus against WordPress's own class-wp-hook.php: random programs give the same order and values."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dev import wordpress
from sidecar.hooks import Bus, scope
from sidecar.hooks.catalogue import Book, Catalogue

HOOKS = ("a", "b", "all")
NAMES = ("p", "q", "r", "s")


class Machine:
    """Runs a program on the bus, as the PHP file beside this one runs it on WordPress."""

    def __init__(self, program: dict[str, Any]) -> None:
        self.bus = Bus(Catalogue([Book("test", "")]))
        self.log: list[Any] = []
        self.fuel = program["fuel"]
        self.callbacks = {name: self._callback(name, script) for name, script in program["callbacks"].items()}

    def _callback(self, name: str, script: dict[str, Any]) -> Any:
        def callback(*args: Any) -> Any:
            self.log.append(["call", name, list(args), self._current(), self.bus.doing_filter("a")])
            self.run(script["ops"])
            value = args[0] if args and args[0] is not None else "nothing"
            return (value if isinstance(value, str) else "x") + script["suffix"]

        return callback

    def _current(self) -> Any:
        return self.bus.current_filter() or False

    def run(self, ops: list[list[Any]]) -> None:
        for op in ops:
            self.fuel -= 1
            if self.fuel < 0:
                return
            match op:
                case ["add", hook, name, priority, accepted]:
                    self.bus.add_filter(hook, self.callbacks[name], priority, accepted)
                case ["remove", hook, name, priority]:
                    self.log.append(["removed", self.bus.remove_filter(hook, self.callbacks[name], priority)])
                case ["remove_all", hook, priority]:
                    self.bus.remove_all_filters(hook, priority)
                case ["filter", hook, args]:
                    self.log.append(["value", self.bus.apply_filters(hook, *args)])
                case ["action", hook, args]:
                    self.bus.do_action(hook, *args)
                case ["ask", hook, name]:
                    bus = self.bus
                    at = bus.has_filter(hook, self.callbacks[name])
                    self.log.append(
                        [
                            "state",
                            bus.has_filter(hook),
                            at,
                            bus.did_action(hook),
                            bus.did_filter(hook),
                            bus.doing_filter(hook),
                        ]
                    )


def play(program: dict[str, Any]) -> Any:
    machine = Machine(program)
    with scope():
        machine.run(program["ops"])
        machine.log.append(["end", machine._current()])
    return json.loads(json.dumps(machine.log))


class Oracle:
    """One PHP process that answers programs."""

    def __init__(self, plugin_php: Path) -> None:
        script = Path(__file__).with_name("wp_hook_oracle.php")
        self.process = subprocess.Popen(
            ["php", "-n", str(script), str(plugin_php)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, program: dict[str, Any]) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(program) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        try:
            return json.loads(line)
        except ValueError:
            raise AssertionError(f"PHP said: {line}{self.process.stdout.read()}") from None


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    running = Oracle(wordpress.ensure() / "wp-includes" / "plugin.php")
    yield running
    running.process.kill()
    running.process.communicate()


hook = st.sampled_from(HOOKS)
plain_hook = st.sampled_from(("a", "b"))
name = st.sampled_from(NAMES)
priority = st.sampled_from((-5, 0, 3, 10, 11, 20))
operation = st.one_of(
    st.tuples(st.just("add"), hook, name, priority, st.integers(0, 4)),
    st.tuples(st.just("add"), plain_hook, name, priority, st.just(1)),
    st.tuples(st.just("remove"), plain_hook, name, priority),
    st.tuples(st.just("remove_all"), plain_hook, st.none() | priority),
    st.tuples(
        st.just("filter"), plain_hook, st.lists(st.sampled_from(("v", "w", 1, None)), min_size=1, max_size=3)
    ),
    st.tuples(st.just("action"), plain_hook, st.lists(st.sampled_from(("v", 7, [1])), max_size=3)),
    st.tuples(st.just("ask"), plain_hook, name),
)
scripts = st.fixed_dictionaries(
    {"ops": st.lists(operation, max_size=4), "suffix": st.sampled_from(("1", "2", ""))}
)
programs = st.fixed_dictionaries(
    {
        "fuel": st.just(60),
        "callbacks": st.fixed_dictionaries(dict.fromkeys(NAMES, scripts)),
        "ops": st.lists(operation, min_size=1, max_size=14),
    }
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(program=programs)
def test_random_programs_agree_with_wordpress(oracle: Oracle, program: dict[str, Any]) -> None:
    program = json.loads(json.dumps(program))
    assert play(program) == oracle(program)


small = st.one_of(
    st.tuples(
        st.just("add"),
        st.just("a"),
        st.sampled_from(("p", "q", "r")),
        st.sampled_from((5, 10, 20)),
        st.just(1),
    ),
    st.tuples(
        st.just("remove"), st.just("a"), st.sampled_from(("p", "q", "r")), st.sampled_from((5, 10, 20))
    ),
)
self_changing = st.fixed_dictionaries(
    {
        "fuel": st.just(60),
        "callbacks": st.fixed_dictionaries(
            {
                callback: st.fixed_dictionaries(
                    {"ops": st.lists(small, max_size=4), "suffix": st.just(callback)}
                )
                for callback in NAMES
            }
        ),
        "ops": st.permutations(("p", "q", "r")).map(
            lambda names: [
                *(("add", "a", callback, at, 1) for callback, at in zip(names, (5, 10, 20), strict=True)),
                ("filter", "a", ["v"]),
                ("filter", "a", ["w"]),
            ]
        ),
    }
)


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(program=self_changing)
def test_a_hook_that_changes_while_it_runs_agrees_with_wordpress(
    oracle: Oracle, program: dict[str, Any]
) -> None:
    program = json.loads(json.dumps(program))
    assert play(program) == oracle(program)


def program(ops: list[Any], **callbacks: list[Any]) -> dict[str, Any]:
    scripts = {name: {"ops": callbacks.get(name, []), "suffix": name} for name in NAMES}
    return json.loads(json.dumps({"fuel": 60, "callbacks": scripts, "ops": ops}))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            program([("add", "a", "p", 10, 1), ("add", "a", "q", -5, 1), ("filter", "a", ["v"])]),
            id="negative priorities run first",
        ),
        pytest.param(
            program(
                [
                    ("add", "a", "p", 10, 1),
                    ("add", "a", "q", 10, 1),
                    ("add", "a", "r", 20, 1),
                    ("filter", "a", ["v"]),
                ],
                p=[("remove", "a", "q", 10), ("remove", "a", "r", 20)],
            ),
            id="removal while running: the same priority still runs, a later one does not",
        ),
        pytest.param(
            program(
                [("add", "a", "p", 10, 1), ("filter", "a", ["v"]), ("filter", "a", ["v"])],
                p=[("add", "a", "q", 10, 1), ("add", "a", "r", 5, 1), ("add", "a", "s", 20, 1)],
            ),
            id="added while running: only a later priority runs this time",
        ),
        pytest.param(
            program(
                [("add", "a", "p", 10, 1), ("add", "a", "q", 20, 1), ("filter", "a", ["v"])],
                p=[("remove", "a", "p", 10), ("filter", "a", ["n"])],
            ),
            id="a nested run after its own removal",
        ),
        pytest.param(
            program(
                [("add", "a", "p", 10, 1), ("add", "a", "q", 11, 1), ("filter", "a", ["v"])],
                p=[("remove", "a", "p", 10), ("add", "a", "r", 10, 1)],
            ),
            id="the running priority comes back",
        ),
        pytest.param(
            program(
                [
                    ("add", "a", "q", 5, 1),
                    ("add", "a", "p", 10, 1),
                    ("add", "a", "s", 20, 1),
                    ("filter", "a", ["v"]),
                ],
                p=[("remove", "a", "p", 10)],
            ),
            id="a middle priority that empties itself skips the next one",
        ),
        pytest.param(
            program(
                [
                    ("add", "a", "q", 5, 1),
                    ("add", "a", "p", 10, 1),
                    ("add", "a", "s", 20, 1),
                    ("filter", "a", ["v"]),
                ],
                p=[("remove", "a", "p", 10), ("add", "a", "r", 10, 1)],
            ),
            id="a middle priority that comes back does not",
        ),
        pytest.param(
            program(
                [("add", "a", "p", 10, 1), ("action", "a", []), ("action", "a", [7, 8]), ("ask", "a", "p")]
            ),
            id="an action without arguments passes an empty string",
        ),
        pytest.param(
            program(
                [
                    ("add", "all", "p", 10, 0),
                    ("add", "a", "q", 10, 2),
                    ("filter", "a", [1, 2]),
                    ("filter", "b", [3]),
                ]
            ),
            id="the hook named all sees everything",
        ),
    ],
)
def test_known_corners_agree_with_wordpress(oracle: Oracle, case: dict[str, Any]) -> None:
    assert play(case) == oracle(case)
