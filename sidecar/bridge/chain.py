"""The header that counts how often a chain PHP to Python to PHP by HTTP has crossed.

``X-Datamachine-Chain-Depth: <depth>.<unix time>.<HMAC>``. Signed, because a stranger who could set it would
switch off hooks of the requests he makes. PHP stops at a depth of three.
"""

from __future__ import annotations

import hmac
import time

from sidecar.bridge.context import current_call

HEADER = "X-Datamachine-Chain-Depth"


def headers(secret: bytes, *, now: int | None = None) -> dict[str, str]:
    """What a request to the site by HTTP carries while a call of it is served; nothing outside a call."""
    call = current_call()
    if call is None:
        return {}
    return {HEADER: value(call.context.depth + 1, secret, int(time.time()) if now is None else now)}


def value(depth: int, secret: bytes, now: int) -> str:
    """The header's value."""
    proof = hmac.digest(secret, f"chain-depth\n{depth}\n{now}".encode(), "sha256").hex()
    return f"{depth}.{now}.{proof}"
