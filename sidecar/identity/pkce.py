"""Proof key for code exchange (RFC 7636), the method S256 and no other."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

#: The base64url form of 32 bytes, without padding.
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
#: What the standard allows: fewer characters could be guessed.
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)


def is_challenge(text: str) -> bool:
    """Whether a text can be the challenge of some verifier."""
    return _CHALLENGE.fullmatch(text) is not None


def matches(verifier: str, challenge: str) -> bool:
    """Whether ``verifier`` is what ``challenge`` was made of, compared in constant time."""
    if _VERIFIER.fullmatch(verifier) is None:
        return False
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=")
    return hmac.compare_digest(made, challenge.encode("utf-8"))
