"""What the driver raises, as errors of ours, without secrets."""

from __future__ import annotations

import pymysql.err
import pytest
import sqlalchemy.exc

from sidecar.db import errors
from sidecar.errors import SidecarError


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (1213, errors.Contention),
        (1205, errors.Contention),
        (2006, errors.DatabaseUnavailable),
        (2013, errors.DatabaseUnavailable),
        (1040, errors.DatabaseUnavailable),
        (1045, errors.DatabaseUnavailable),
        (1062, errors.Duplicate),
        (1406, errors.InvalidValue),
        (1264, errors.InvalidValue),
        (1366, errors.InvalidValue),
        (1153, errors.InvalidValue),
        (1146, errors.SchemaMissing),
        (1064, errors.DatabaseError),
    ],
)
def test_numbers_become_kinds(number: int, kind: type[SidecarError]) -> None:
    raw = pymysql.err.OperationalError(number, "text")
    assert type(errors.translate(raw)) is kind
    wrapped = sqlalchemy.exc.OperationalError("SELECT 1", {}, raw)
    assert type(errors.translate(wrapped)) is kind


def test_a_lost_connection_has_no_number() -> None:
    assert type(errors.translate(pymysql.err.InterfaceError(0, ""))) is errors.DatabaseUnavailable


def test_values_stay_out_of_messages() -> None:
    duplicate = errors.translate(
        pymysql.err.IntegrityError(1062, "Duplicate entry 'se-cret's' for key 'wp_t.token_hash'")
    )
    assert "cret" not in duplicate.message
    assert duplicate.data == {"key": "token_hash"}
    wrong = errors.translate(
        pymysql.err.DataError(1366, "Incorrect string value: 'se\\xF0cret' for column `w`.`t`.`c` at row 1")
    )
    assert "cret" not in wrong.message
    assert "column" in wrong.message


def test_errors_of_ours_pass_unchanged() -> None:
    own = errors.Duplicate("x")
    assert errors.translate(own) is own
