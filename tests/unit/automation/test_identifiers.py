"""Ids of steps."""

from __future__ import annotations

import pytest

from sidecar.automation import identifiers
from sidecar.automation.steps.base import number

STEP = "12_4ab4d7f8-7fcc-4dd0-ad72-d18ae1bb331b"


def test_a_flow_step_id_comes_apart_at_its_last_underscore():
    whole = identifiers.flow_step_id(STEP, 7)
    assert identifiers.split_flow_step_id(whole) == (STEP, 7)


@pytest.mark.parametrize("text", ["", "7", "_7", "a_b", "ephemeral_step_x", "a_٣", f"a_{'9' * 5000}"])
def test_what_ends_in_no_flow_id_is_none(text):
    assert identifiers.split_flow_step_id(text) is None


def test_a_pipeline_step_id_comes_apart_at_its_first_underscore():
    assert identifiers.split_pipeline_step_id(STEP) == (12, "4ab4d7f8-7fcc-4dd0-ad72-d18ae1bb331b")
    assert identifiers.split_pipeline_step_id("x_1") is None
    assert identifiers.split_pipeline_step_id("12_") is None


def test_new_ids_differ():
    first, second = identifiers.new_pipeline_step_id(3), identifiers.new_pipeline_step_id(3)
    assert first != second
    assert identifiers.split_pipeline_step_id(first).pipeline_id == 3


def test_long_items_are_told_apart_within_what_a_key_holds():
    short, one, other = "é" * 191, f"{'x' * 300}1", f"{'x' * 300}2"
    assert identifiers.item_key(short) == short
    assert len({identifiers.item_key(one), identifiers.item_key(other)}) == 2
    assert len(identifiers.item_key(one)) == 191
    # Whoever stored one as it is, meant the same.
    assert identifiers.item_forms([short, one]) == {short: short, one: one, identifiers.item_key(one): one}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("12", 12),
        (12, 12),
        ("direct", 0),
        (-1, 0),
        (None, 0),
        (True, 0),
        ("9" * 19, 2**63 - 1),
        ("9" * 5000, 2**63 - 1),
        ("0" * 30 + "7", 7),
    ],
)
def test_ids_are_numbers_of_64_bits(given, found):
    assert number(given) == found
