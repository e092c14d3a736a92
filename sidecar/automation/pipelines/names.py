"""Names of pipelines and flows, and the slugs that carry them from site to site."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from sidecar.errors import InvalidInput

#: Characters of a name, and of a slug.
LONGEST, LONGEST_SLUG = 255, 180

_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f]+")
_NO_SLUG = re.compile(r"[^a-z0-9]+")


def clean(text: str, what: str = "Pipeline name") -> str:
    """One line without tags, control characters and outer space; InvalidInput when nothing is left of it."""
    name = _SPACE.sub(" ", _TAG.sub("", text)).strip()
    if not name:
        raise InvalidInput(f"{what} is required.", code="name_required")
    if len(name) > LONGEST:
        raise InvalidInput(f"{what} is longer than {LONGEST} characters.", code="name_too_long")
    return name


def of_copy(name: str) -> str:
    """What the copy of something is called."""
    return f"Copy of {name}"[:LONGEST]


def slug(name: str, default: str = "pipeline") -> str:
    """Lower case ASCII letters and digits with dashes; ``default`` for a name that has none."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return _NO_SLUG.sub("-", plain).strip("-")[:LONGEST_SLUG].strip("-") or default


def free(wanted: str, taken: Collection[str]) -> str:
    """``wanted``, or with the first number from 2 on that makes it free."""
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"
