"""The one rule by which a token of ours is found in a request's headers, as both languages read them."""

from __future__ import annotations

import hashlib
import re

from sidecar.errors import Unauthorized

#: Every token begins like this. The scheme is matched in this case only, as it ever was.
PREFIX = "datamachine_"
#: For servers that hide ``Authorization``.
FALLBACK_HEADER = "X-Datamachine-Authorization"
#: Characters of a token after its beginning, at most.
LONGEST = 500

INVALID = "datamachine_invalid_token"
MESSAGE = "Invalid or expired agent token."

#: Printable ASCII without spaces and commas: a comma joins two headers into one.
_OURS = re.compile(rf"Bearer +({PREFIX}[!-+\--~]{{1,{LONGEST}}})")
#: A token of ours is meant, whatever else stands there.
_MEANT = re.compile(rf"(?:^|[\s,])Bearer\s+{PREFIX}", re.ASCII)
_BLANK = " \t\r\n"


def read(authorization: str | None, fallback: str | None) -> str | None:
    """The token of ours in ``Authorization`` or the fallback header; None without one.

    Unauthorized ``datamachine_invalid_token`` when one is meant but malformed, stands beside another
    credential in the same header, or differs from the other header's. Several headers of one name arrive
    joined by commas, and query parameters are nowhere read.
    """
    found = {token for token in (_one(authorization), _one(fallback)) if token is not None}
    if len(found) > 1:
        raise refusal()
    return found.pop() if found else None


def refusal() -> Unauthorized:
    """The one answer to every token that does not open the door: it does not say why."""
    return Unauthorized(MESSAGE, code=INVALID)


def digest(token: str) -> str:
    """What is stored of a token: the lower-case hexadecimal SHA-256 of the whole text."""
    return hashlib.sha256(token.encode()).hexdigest()


def _one(header: str | None) -> str | None:
    text = (header or "").strip(_BLANK)
    match = _OURS.fullmatch(text)
    if match:
        return match[1]
    if _MEANT.search(text):
        raise refusal()
    return None
