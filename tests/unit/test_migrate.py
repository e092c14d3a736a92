"""What a person sees of a migration."""

from __future__ import annotations

import io

import pytest

from sidecar import migrate
from sidecar.db.migrations import Report
from sidecar.db.steps import StepReport
from sidecar.identity.migrations import reshaped


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("out", [Terminal(), io.StringIO()])
def test_a_bar_is_shown_on_a_terminal_only(out: io.StringIO) -> None:
    with migrate.Shown(out) as shown:
        shown.start("Agents of things", 10)
        shown.advance(4)
        shown.end()
    assert ("Agents of things" in out.getvalue()) is out.isatty()
    assert ("10/10" in out.getvalue()) is out.isatty()


def report(**values: object) -> Report:
    step = StepReport(name="s", title="Agents of things", blog=2, counts={"jobs": 7, "grants": 1})
    return Report(version=2, steps=[step], **values)  # type: ignore[arg-type]


def test_counts_are_told_by_their_words() -> None:
    lines = migrate.described(report(before={1: 0}, created=["wp_a"], columns=["wp_b.agent_id"]))
    assert lines == [
        "Created wp_a",
        "Added wp_b.agent_id",
        "Agents of things: 7 jobs, 1 grants",
        "Schema version 2: changed.",
    ]


def test_a_network_names_the_site_and_a_dry_run_only_would() -> None:
    lines = migrate.described(report(before={1: 0, 2: 0}, dry_run=True, statements=["CREATE x"]))
    assert lines == ["CREATE x;", "Agents of things (site 2): would change 7 jobs, 1 grants"]
    assert migrate.described(Report(version=2, dry_run=True)) == ["Nothing to do."]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (
            {"model": {"default": {"provider": "openai", "model": "m1"}}, "tool_policy": {"mode": "deny"}},
            {"tool_policy": {"mode": "deny"}, "default_provider": "openai", "default_model": "m1"},
        ),
        (
            {"default_model": "kept", "model": {"default": {"provider": "", "model": "m1"}}},
            {"default_model": "kept"},
        ),
        ({"model": []}, {}),
        ({"model": {"other": 1}}, {}),
        ({"model": "text"}, None),
        ({"description": "model"}, None),
        ([], None),
    ],
)
def test_the_model_of_a_configuration(config: object, expected: object) -> None:
    assert reshaped(config) == expected
