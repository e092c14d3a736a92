"""Attempts to guess a token, to hide it from whom it should be seen by, and to present two."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from urllib.parse import urlsplit

import pytest

from tests.integration.security.lab import REFUSED, Lab

pytestmark = pytest.mark.usefixtures("unharmed", "no_failures")

# Guessing


def wrong(lab: Lab) -> dict[str, str]:
    raw = lab.tokens[lab.key()].raw
    flipped = raw[:-1] + ("0" if raw[-1] != "0" else "1")
    return {
        "one character": flipped,
        "upper case": raw[:-64] + raw[-64:].upper(),
        "shorter": raw[:-1],
        "longer": raw + "0",
        "another slug": raw.replace(lab.mine.slug, lab.theirs.slug),
        "its hash": "datamachine_"
        + str(lab.rows("SELECT token_hash FROM {datamachine_agent_tokens} LIMIT 1")[0]["token_hash"]),
        "a wildcard": "datamachine_%",
        "SQL": "datamachine_'OR'1'='1",
        "a comment": "datamachine_x'/**/UNION/**/SELECT/**/1--",
    }


def test_near_misses_open_nothing(lab: Lab) -> None:
    for name, raw in wrong(lab).items():
        lab.tokens["wrong"] = type(lab.tokens[lab.key()])(0, raw, None)
        for door, answer in lab.rest("wrong", "GET", "/agents/me"):
            assert answer.result == REFUSED, (door, name)
    del lab.tokens["wrong"]


def test_a_hash_is_compared_whole_whatever_is_found(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """By construction: every token is compared in constant time, with or without a row."""
    compared: list[tuple[bytes, bytes]] = []
    known = hmac.compare_digest

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return known(one, other)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    good, ended = lab.tokens[lab.key()].raw, lab.tokens[lab.key(expires_at="2020-01-01 00:00:00")].raw
    for raw, row in ((good, True), (ended, True), ("datamachine_nobody", False)):
        compared.clear()
        lab.own_answer("GET", "/agents/me", [("Authorization", f"Bearer {raw}")])
        digest = hashlib.sha256(raw.encode()).hexdigest().encode()
        # The bridge proves itself with the same function; it knows no hashes of tokens.
        assert [other for one, other in compared if one == digest] == [digest if row else b""], raw


def test_php_compares_in_constant_time_too(lab: Lab) -> None:
    """What cannot be watched is read: the one place that decides on a row calls hash_equals first."""
    source = (
        lab.instance.path
        / "wp-content"
        / "plugins"
        / "datamachine-bridge"
        / "src"
        / "Identity"
        / "Tokens.php"
    ).read_text()
    rule = source[source.index("public static function refusal(") :]
    rule = rule[: rule.index("\n\t}")]
    first = next(line for line in rule.splitlines()[1:] if not line.strip().startswith("//"))
    assert first.strip().startswith("$known = hash_equals( self::hash( $presented )")
    assert "token_hash'] =" not in rule
    assert source.count("hash_equals(") == 1


def test_failures_are_counted_wherever_they_come_in(lab: Lab) -> None:
    """Thirty from one address, at both doors together; a good token is let in all the same."""
    good, statuses = lab.tokens[lab.key()].headers, []
    for number in range(34):
        wrong = {
            "Authorization": f"Bearer datamachine_guess{number}_{number}",
            "X-Forwarded-For": f"203.0.113.{number}",
        }
        if number % 2:
            answer = lab.instance.request("GET", "/wp-json/datamachine/v1/agents/me", headers=wrong)
            statuses.append(answer.status)
        else:
            statuses.append(lab.own_answer("GET", "/agents/me", list(wrong.items())).status)
    assert statuses == [401] * 30 + [429] * 4
    refused = lab.instance.request(
        "GET", "/wp-json/wp/v2/types", headers={"Authorization": "Bearer datamachine_x_1"}
    )
    assert refused.status == 429
    assert refused.json()["code"] == "datamachine_too_many_attempts"
    assert 0 < int(refused.headers["Retry-After"]) <= 600
    assert lab.instance.request("GET", "/wp-json/datamachine/v1/agents/me", headers=good).status == 200
    assert lab.own_answer("GET", "/agents/me", list(good.items())).status == 200


def test_guesses_at_one_agent_from_everywhere_do_not_lock_it_out(lab: Lab) -> None:
    token = lab.tokens[lab.key()]
    for number in range(61):
        wrong = [("Authorization", f"Bearer datamachine_{lab.mine.slug}_{number}")]
        lab.own_answer("GET", "/agents/me", wrong, address=f"198.51.100.{number}")
    late = lab.own_answer("GET", "/agents/me", wrong, address="198.51.100.200")
    assert late.status == 429
    other = [("Authorization", "Bearer datamachine_somebody-else_1")]
    assert lab.own_answer("GET", "/agents/me", other, address="198.51.100.201").status == 401
    good = list(token.headers.items())
    assert lab.own_answer("GET", "/agents/me", good, address="198.51.100.200").status == 200


# Smuggling


def smuggled(raw: str, other: str) -> dict[str, list[tuple[str, str]]]:
    """Headers by what they try; ``raw`` and ``other`` are good tokens."""
    return {
        "two tokens": [("Authorization", f"Bearer {raw}"), ("Authorization", f"Bearer {other}")],
        "a token and a password": [
            ("Authorization", "Basic YWRtaW46eA=="),
            ("Authorization", f"Bearer {raw}"),
        ],
        "a list": [("Authorization", f"Bearer {raw}, Bearer {other}")],
        "a list of one kind": [("Authorization", f"Bearer {raw},{other}")],
        "both headers": [
            ("Authorization", f"Bearer {raw}"),
            ("X-Datamachine-Authorization", f"Bearer {other}"),
        ],
        "words after it": [("Authorization", f"Bearer {raw} {other}")],
        "a tab": [("Authorization", f"Bearer\t{raw}")],
        "a broken second one": [
            ("Authorization", f"Bearer {raw}"),
            ("X-Datamachine-Authorization", "Bearer datamachine_"),
        ],
    }


def test_two_credentials_are_refused_at_the_sidecars_door(lab: Lab) -> None:
    raw, other = lab.tokens[lab.key()].raw, lab.tokens[lab.key(agent="chiefs")].raw
    for name, headers in smuggled(raw, other).items():
        answer = lab.own_answer("GET", "/agents/me", headers)
        assert (answer.status, answer.code) == (401, "datamachine_invalid_token"), name
        lab.forget_failures()


def test_two_credentials_are_refused_in_wordpress(lab: Lab) -> None:
    """Through a real socket: what the web server makes of two headers of one name is part of the answer."""
    raw, other = lab.tokens[lab.key()].raw, lab.tokens[lab.key(agent="chiefs")].raw
    for name, headers in smuggled(raw, other).items():
        status, text = by_socket(lab, "GET", "/wp-json/datamachine/v1/agents/me", headers)
        # PHP's own server keeps one of two headers with one name; then that one alone speaks.
        one_is_left = name in ("two tokens", "a token and a password") and status == 200
        if not one_is_left:
            assert (status, json.loads(text)["code"]) == (401, "datamachine_invalid_token"), name
        lab.forget_failures()


def test_a_token_in_an_address_a_body_or_a_cookie_is_none(lab: Lab) -> None:
    raw = lab.tokens[lab.key()].raw
    rest = "/wp-json/datamachine/v1/agents/me"
    for query in (
        "token",
        "access_token",
        "bearer",
        "authorization",
        "Authorization",
        "HTTP_AUTHORIZATION",
        "raw_token",
    ):
        for text in (raw, f"Bearer%20{raw}"):
            assert lab.instance.request("GET", f"{rest}?{query}={text}").status == 401, query
            assert lab.own_answer("GET", f"/agents/me?{query}={text}", []).status == 401, query
    assert lab.instance.request("GET", rest, headers={"Cookie": f"Authorization=Bearer {raw}"}).status == 401
    assert lab.own_answer("GET", "/agents/me", [("Cookie", f"Authorization=Bearer {raw}")]).status == 401
    form = f"authorization=Bearer+{raw}&access_token={raw}".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    refused = lab.instance.request("POST", "/wp-json/datamachine/v1/agents", headers=headers, body=form)
    assert refused.status in (400, 401)


def test_a_token_wins_over_a_cookie_and_its_limit_too(lab: Lab) -> None:
    """An administrator's browser session does not lift a limited token."""
    both = {**lab.accounts["chief"].headers, **lab.tokens[lab.key([])].headers}
    refused = lab.instance.request("POST", "/wp-json/wp/v2/posts?title=x", headers=both)
    assert refused.status == 403
    me = lab.instance.request("GET", "/wp-json/datamachine/v1/agents/me", headers=both)
    assert me.json()["data"]["agent_slug"] == lab.mine.slug


def test_a_chain_of_agents_ends(lab: Lab) -> None:
    token = lab.tokens[lab.key()].headers
    for depth, status in (("2", 200), ("3", 429), ("99999999999", 429), ("-1", 200), ("3, 0", 429)):
        headers = {**token, "X-Datamachine-Chain-Depth": depth}
        inside = lab.instance.request("GET", "/wp-json/datamachine/v1/agents/me", headers=headers)
        own = lab.own_answer("GET", "/agents/me", list(headers.items()))
        assert (inside.status, own.status) == (status, status), depth


def by_socket(lab: Lab, method: str, path: str, headers: list[tuple[str, str]]) -> tuple[int, str]:
    """A request byte by byte."""
    place = urlsplit(lab.instance.url)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {place.netloc}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    with socket.create_connection((place.hostname or "", place.port or 80), timeout=30) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        received = b""
        while piece := connection.recv(65536):
            received += piece
    head, _, body = received.decode("utf-8", "replace").partition("\r\n\r\n")
    return int(head.split()[1]), body
