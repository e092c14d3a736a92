"""Slugs that only WordPress can make exactly, as far as memory needs them."""

from __future__ import annotations

import re

_KEPT = re.compile(r"[^a-z0-9_ -]")
_DASHES = re.compile(r"[\s-]+")


def from_login(login: str, nicename: str) -> str:
    """``sanitize_title( user_login )``.

    Plain logins follow the rule itself. For others WordPress has already made the slug once: the nicename,
    which differs only when two users would have shared one.
    """
    if not login.isascii():
        return nicename
    text = login.lower().replace(".", "-").replace("/", "-").replace("@", "")
    return _DASHES.sub("-", _KEPT.sub("", text)).strip("-")
