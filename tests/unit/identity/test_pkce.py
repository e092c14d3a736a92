"""PKCE: only the verifier a challenge was made of, and only S256's shapes."""

from __future__ import annotations

import base64
import hashlib

import pytest

from sidecar.identity import pkce

#: The example of RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def test_the_standards_own_example() -> None:
    assert pkce.is_challenge(CHALLENGE)
    assert pkce.matches(VERIFIER, CHALLENGE)


@pytest.mark.parametrize("verifier", ["a" * 43, "~" * 128, "A-._~" * 10])
def test_every_verifier_of_the_standard(verifier: str) -> None:
    assert pkce.matches(verifier, challenge(verifier))


@pytest.mark.parametrize(
    "verifier",
    # The challenge itself would match by the method "plain", which is none of ours.
    ["", "wrong", VERIFIER[:-1] + "l", VERIFIER + "k", VERIFIER.lower(), CHALLENGE],
)
def test_another_verifier(verifier: str) -> None:
    assert not pkce.matches(verifier, CHALLENGE)


@pytest.mark.parametrize("verifier", ["a" * 42, "a" * 129, "a" * 42 + "+", "é" * 43, "a" * 43 + "\n"])
def test_what_is_no_verifier_never_matches_not_even_its_own_challenge(verifier: str) -> None:
    assert not pkce.matches(verifier, challenge(verifier))


@pytest.mark.parametrize(
    "text", ["", CHALLENGE + "=", CHALLENGE[:-1], CHALLENGE + "a", CHALLENGE[:-1] + "+", CHALLENGE + "\n"]
)
def test_what_is_no_challenge(text: str) -> None:
    assert not pkce.is_challenge(text)
