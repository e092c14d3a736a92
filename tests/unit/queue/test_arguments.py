"""The ``args`` and ``extended_args`` columns."""

from __future__ import annotations

import hashlib

import pytest

from sidecar.errors import InvalidInput
from sidecar.queue import arguments, leases


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"job_id": 7, "flow_step_id": "2_x_2"}, '{"job_id":7,"flow_step_id":"2_x_2"}'),
        ([], "[]"),
        ({}, "[]"),
        ({"a": 'é/"x'}, '{"a":"\\u00e9\\/\\"x"}'),
        ([1, None, True, 1.5], "[1,null,true,1.5]"),
    ],
)
def test_json_is_php_s(value: arguments.Arguments, expected: str) -> None:
    assert arguments.encode(value) == expected
    assert arguments.columns(value) == (expected, None)


def test_the_191st_character_still_fits() -> None:
    fits = ["x" * (191 - 4)]
    assert arguments.columns(fits) == (arguments.encode(fits), None)


def test_longer_arguments_leave_their_md5() -> None:
    value = ["x" * (192 - 4)]
    text = arguments.encode(value)
    assert arguments.columns(value) == (hashlib.md5(text.encode()).hexdigest(), text)
    assert arguments.decode(*arguments.columns(value)) == value


def test_payloads_are_refused() -> None:
    with pytest.raises(arguments.ArgumentsTooLong):
        arguments.columns(["x" * 8000])


@pytest.mark.parametrize("broken", ["{", "7", '"x"'])
def test_broken_rows_say_so(broken: str) -> None:
    with pytest.raises(InvalidInput):
        arguments.decode(broken, None)


def test_hooks_receive_values_by_position() -> None:
    assert arguments.positional({"job_id": 3, "flow_step_id": "a"}) == [3, "a"]


@pytest.mark.parametrize(
    ("args", "job_id", "step"),
    [
        ({"job_id": 3, "flow_step_id": "a"}, 3, "a"),
        ({"job_id": "3"}, 3, "the_hook"),
        ({"job_id": None}, 0, "action:the_hook"),
        ({"job_id": "batch"}, 0, "action:the_hook"),
        ([3, "a"], 0, "action:the_hook"),
    ],
)
def test_arguments_that_name_a_job_are_that_job_s(args: arguments.Arguments, job_id: int, step: str) -> None:
    assert leases.subject("the_hook", args) == leases.Subject(job_id, step)
