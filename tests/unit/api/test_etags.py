"""What tags in headers demand of a stored file."""

from __future__ import annotations

import pytest

from sidecar.api import etags
from sidecar.memory.failures import MemoryConflict
from sidecar.memory.values import NOT_FOUND, ReadResult

ONE, TWO = ReadResult.of(b"one"), ReadResult.of(b"two")


def wanted(stored: ReadResult, **headers: str) -> etags.Expected:
    return etags.expected({name.replace("_", "-"): value for name, value in headers.items()}, lambda: stored)


def test_one_hash_is_the_stores_to_compare() -> None:
    assert wanted(TWO, if_match=f'"{ONE.hash}"') == etags.Expected(ONE.hash)
    assert wanted(TWO, if_match=f'W/"{ONE.hash.upper()}"') == etags.Expected(ONE.hash)
    assert wanted(TWO, if_match=ONE.hash) == etags.Expected(ONE.hash)
    assert wanted(TWO, if_match=f'"{ONE.hash}-gzip"') == etags.Expected(ONE.hash)
    assert wanted(TWO, if_match='"of another kind"') == etags.Expected("of another kind")


def test_of_several_the_current_one_is_taken() -> None:
    both = f'"{ONE.hash}", W/"{TWO.hash}"'
    assert wanted(TWO, if_match=both) == etags.Expected(TWO.hash)
    assert wanted(TWO, if_match="*") == etags.Expected(TWO.hash)
    for stored in (ReadResult.of(b"three"), NOT_FOUND):
        with pytest.raises(MemoryConflict) as refused:
            wanted(stored, if_match=both)
        assert refused.value.data["hash"] == stored.hash
    with pytest.raises(MemoryConflict):
        wanted(NOT_FOUND, if_match="*")
    # Nothing that could be a tag is no tag of any file.
    with pytest.raises(MemoryConflict):
        wanted(ONE, if_match="nonsense")


def test_a_new_file_and_one_that_changed() -> None:
    assert wanted(ONE) == etags.Expected()
    assert wanted(ONE, if_none_match="*") == etags.Expected(only_new=True)
    assert wanted(ONE, if_none_match=f'"{TWO.hash}"') == etags.Expected()
    with pytest.raises(MemoryConflict):
        wanted(ONE, if_none_match=f'"{ONE.hash}"')


def test_what_the_client_has_is_not_sent_again() -> None:
    answer = etags.unchanged({"if-none-match": f'"x", W/"{ONE.hash}"'}, ONE.hash)
    assert answer is not None
    assert (answer.status, answer.body, answer.headers) == (304, None, {"ETag": f'"{ONE.hash}"'})
    assert etags.unchanged({"if-none-match": "*"}, ONE.hash) is not None
    assert etags.unchanged({"if-none-match": f'"{TWO.hash}"'}, ONE.hash) is None
    assert etags.unchanged({}, ONE.hash) is None
