"""Text of memory files in requests and answers."""

from __future__ import annotations

from typing import Any, cast

import pytest

from sidecar.api import content
from sidecar.api.route import Request
from sidecar.errors import InvalidInput
from sidecar.identity import Principal
from sidecar.runtime import Runtime


def request(body: bytes = b"", params: dict[str, Any] | None = None, **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(cast(Runtime, None), params or {}, Principal.user(1), content=body, headers=named)


@pytest.mark.parametrize(
    ("accept", "bytes_wanted"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/markdown", True),
        ("text/plain;q=0.4, */*;q=0.1", True),
        ("TEXT/*", True),
        ("text/html", False),
        ("application/json, text/markdown;q=0.9", False),
        ("application/json;q=0.8, text/markdown;q=0.9", True),
        ("text/markdown;q=0", False),
        ("text/markdown;q=x", False),
    ],
)
def test_what_a_client_would_rather_have(accept: str, bytes_wanted: bool) -> None:
    assert content.wants_bytes(request(accept=accept)) is bytes_wanted


def test_the_argument_counts_before_the_body() -> None:
    assert content.given(request(b"body", {"content": "é"})) == "é".encode()
    assert content.given(request(b"body", {"content": ""})) == b""
    for kind in ("text/markdown", "application/octet-stream", "application/x-www-form-urlencoded", ""):
        assert content.given(request(b"\xff body", content_type=kind)) == b"\xff body"


def test_a_json_object_without_content_is_no_content() -> None:
    sent = request(b'{"contents":"x"}', content_type="application/json; charset=utf-8")
    with pytest.raises(InvalidInput, match="content"):
        content.given(sent)
    assert content.given(sent, raw_json=True) == b'{"contents":"x"}'
    with pytest.raises(InvalidInput, match="content"):
        content.given(request(content_type="multipart/form-data; boundary=x"), raw_json=True)


def test_bytes_that_are_no_text_are_not_made_into_some() -> None:
    assert content.as_text("é\r\n".encode()) == "é\r\n"
    with pytest.raises(content.NotText):
        content.as_text(b"\xe9")
    answer = content.of_bytes("x.md", b"\xe9", "0" * 40)
    assert (answer.body, answer.headers["Content-Type"]) == (b"\xe9", "text/markdown; charset=UTF-8")
    assert content.of_bytes("x.json", b"", "0" * 40).headers["Content-Type"] == "text/plain; charset=UTF-8"
