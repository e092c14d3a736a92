"""The rules that both languages have, by the vectors both read; ``VectorsTest.php`` is the other half."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sidecar.errors import Unauthorized
from sidecar.identity import attempts, bearer, caller, ceiling
from sidecar.identity.authentication import verdict
from sidecar.identity.expiry import moment

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
#: Parts with no rule in Python: WordPress maps capabilities, so PHP bounds them.
ONLY_PHP = {"capability_checks"}
READ_HERE = {
    "limits", "header", "headers", "hashes", "subjects", "rows", "ceilings", "abilities", "callers",
    "chain_ceilings",
}  # fmt: skip


def _cases(part: str) -> list[Any]:
    return [
        pytest.param(case, id=str(case.get("name", number) if isinstance(case, dict) else number))
        for number, case in enumerate(VECTORS[part])
    ]


def test_every_part_is_read() -> None:
    assert set(VECTORS) == READ_HERE | ONLY_PHP


def test_limits() -> None:
    limits = {"window": attempts.WINDOW, "per_address": attempts.PER_ADDRESS, "per_name": attempts.PER_NAME}
    assert limits == VECTORS["limits"]
    assert VECTORS["header"] == bearer.FALLBACK_HEADER


@pytest.mark.parametrize("case", _cases("headers"))
def test_headers(case: dict[str, Any]) -> None:
    if case.get("refused"):
        with pytest.raises(Unauthorized) as refused:
            bearer.read(case["authorization"], case["fallback"])
        assert refused.value.code == "datamachine_invalid_token"
        return
    assert bearer.read(case["authorization"], case["fallback"]) == case["token"]


@pytest.mark.parametrize("case", _cases("hashes"))
def test_hashes(case: dict[str, Any]) -> None:
    assert bearer.digest(case["token"]) == case["hash"]
    assert case["token"][: len(bearer.PREFIX)] == case["prefix"]
    assert attempts.name_of(case["token"]) == case["name"]


@pytest.mark.parametrize("case", _cases("subjects"))
def test_subjects(case: dict[str, Any]) -> None:
    assert attempts.subject(case["kind"], case["text"]) == case["subject"]


@pytest.mark.parametrize("case", _cases("rows"))
def test_rows(case: dict[str, Any]) -> None:
    row, now = case["row"], moment(case["now"])
    assert now is not None
    code = verdict(
        bearer.digest(case["presented"]),
        None if row is None else row["token_hash"],
        None if row is None else row["expires_at"],
        agent=row is not None and row["agent"],
        owner=row is not None and row["owner"],
        now=now,
    )
    assert code == case["code"]


@pytest.mark.parametrize("case", _cases("ceilings"))
def test_ceilings(case: dict[str, Any]) -> None:
    expected = case["capabilities"]
    left = ceiling.read(case["column"]).capabilities
    assert left == (None if expected is None else frozenset(expected))
    # What is shown of a column never looks like less of a limit than it is.
    shown = ceiling.decoded(case["column"])
    assert (shown is None) == (expected is None)
    assert ceiling.of(shown).capabilities == left


@pytest.mark.parametrize("case", _cases("abilities"))
def test_abilities(case: dict[str, Any]) -> None:
    assert ceiling.read(case["column"]).allows(case["ability"], case["category"]) is case["allowed"]


@pytest.mark.parametrize("case", _cases("callers"))
def test_callers(case: dict[str, Any]) -> None:
    found = caller.read(case["headers"])
    said = {"depth": found.depth, "cross_site": found.cross_site, "site": found.site, "agent": found.agent}
    assert said == {name: case[name] for name in said}
    given = case["headers"].get("X-Datamachine-Chain-Id") or case["headers"].get("X-Agents-Api-Chain-Root")
    assert found.chain_id == given if given else len(found.chain_id) == 36


@pytest.mark.parametrize("case", _cases("chain_ceilings"))
def test_chain_ceilings(case: list[Any]) -> None:
    setting, expected = case
    assert caller.ceiling(setting) == expected
