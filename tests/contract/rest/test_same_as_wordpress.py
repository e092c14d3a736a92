"""Arguments and queries at the sidecar's own door: read by Python as WordPress and PHP read them."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dev import wordpress
from sidecar.api import arguments, phpquery
from sidecar.api.route import Argument
from sidecar.errors import InvalidInput

QUIET = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Oracle:
    """One PHP process with WordPress's ``rest-api.php``."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("oracle.php")
        self.process = subprocess.Popen(
            ["php", str(script), str(wordpress.ensure() / "wp-includes")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, question: dict[str, Any]) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    running = Oracle()
    yield running
    running.process.kill()
    running.process.wait()
    for pipe in (running.process.stdin, running.process.stdout):
        assert pipe is not None
        pipe.close()


DECLARED = [
    Argument("integer"),
    Argument("integer", minimum=1),
    Argument("integer", maximum=100),
    Argument("integer", minimum=1, maximum=100),
    Argument("boolean"),
    Argument("string"),
    Argument("string", enum=("admin",)),
    Argument("string", enum=("admin", "operator")),
    Argument("string", enum=("admin", "operator", "viewer")),
    Argument("object"),
    Argument("array"),
    Argument("array", items=Argument("string")),
    Argument("array", items=Argument("integer", minimum=0)),
    Argument("array", items=Argument("string", enum=("a", "b"))),
]

words = st.sampled_from(
    ["", " ", "0", "1", "-1", "+1", " 7", "7 ", "1.0", "1.5", ".5", "5.", "1e2", "1e-2", "0x1A", "1_000",
     "nan", "inf", "true", "TRUE", "false", "yes", "on", "admin", "operator", "a", "a,b", "a b", "a, b ,c",
     "1,2,x", "٣", "é", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "9" * 60,
     "\x00", "1\n"]
)  # fmt: skip
scalars = (
    words
    | st.text(max_size=6)
    | st.integers(-(2**63), 2**63 - 1)
    | st.integers(-3, 120)
    | st.integers(-4_000_000, 4_000_000).map(lambda number: number / 4)
    | st.booleans()
    | st.none()
)
values = (
    scalars
    | st.lists(scalars, max_size=3)
    | st.dictionaries(st.sampled_from(["0", "1", "2", "a", "b", "01"]), scalars, max_size=3)
)


@QUIET
@given(declared=st.sampled_from(DECLARED), value=values)
def test_an_argument_gets_wordpresss_answer(oracle: Oracle, declared: Argument, value: Any) -> None:
    said = oracle.ask({"schema": declared.schema(), "value": value})
    try:
        read = arguments.parse({"x": declared}, {"x": value})["x"]
    except InvalidInput as refused:
        detail = refused.data["details"]["x"]
        assert {"code": detail["code"], "message": detail["message"]} == said
    else:
        # In JSON, because PHP knows one kind of array only, and 1.0 is 1 in its texts.
        assert _plain(read) == _plain(said["value"])


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return {str(index): _plain(item) for index, item in enumerate(value)}
    return int(value) if isinstance(value, float) and value.is_integer() else value


@QUIET
@given(
    st.lists(
        st.sampled_from(
            ["a", "b", "[", "]", "[]", "=", "&", "1", "0", "-5", "%5B", "%5D", "%20", "+", ".", "%00", "%C3",
             "%zz", "[ ]", "é", ";", "%"]
        ),
        max_size=14,
    ).map("".join)
)  # fmt: skip
@example("a[0]=1&a[-5]=2&a[]=3")
@example("a[%20]=1&b[%20%20]=2")
@example("a.b=1&a b=2&a[x=3&a[x]y=4&[z]=1& q=1")
def test_a_query_is_read_as_php_reads_it(oracle: Oracle, query: str) -> None:
    said = oracle.ask({"query": base64.b64encode(query.encode()).decode()})
    assert _bytes(phpquery.parse(query)) == _decoded(said)


def _bytes(read: Any) -> Any:
    if isinstance(read, dict):
        return {key.encode("utf-8", "surrogateescape"): _bytes(value) for key, value in read.items()}
    return read.encode("utf-8", "surrogateescape")


def _decoded(said: Any) -> Any:
    if isinstance(said, dict):
        return {base64.b64decode(key[1:]): _decoded(value) for key, value in said.items()}
    return base64.b64decode(said)
