"""``ETag``, ``If-Match`` and ``If-None-Match`` of memory files: what HTTP calls their hashes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from sidecar.api.route import Answer
from sidecar.memory.failures import MemoryConflict
from sidecar.memory.values import ReadResult

#: One tag of a list, weak or not; a hash without quotes is what some clients send.
_TAG = re.compile(r'(?:W/)?"([^"]*)"|([0-9a-fA-F]{40})')
#: What web servers add to the tag of an answer they compressed.
_COMPRESSED = re.compile(r"(?:--?|;)(?:gzip|br|deflate|zstd)\Z")
_ANY = "*"


class Expected(msgspec.Struct, frozen=True):
    """What the stored file has to be before it is changed."""

    #: The hash it must have; None for any.
    if_match: str | None = None
    #: Whether there must be none.
    only_new: bool = False


def tag(digest: str) -> dict[str, str]:
    """The header of a file with that sha1."""
    return {"ETag": f'"{digest}"'}


def names(header: str | None, digest: str) -> bool:
    """Whether a header lists that hash, or is ``*``."""
    if header is None or not digest:
        return False
    return header.strip() == _ANY or digest in _hashes(header)


def unchanged(headers: Mapping[str, str], digest: str) -> Answer | None:
    """304 for a client that has the content already."""
    return Answer(None, 304, tag(digest)) if names(headers.get("if-none-match"), digest) else None


def expected(headers: Mapping[str, str], read: Callable[[], ReadResult]) -> Expected:
    """What a request demands of the file it changes; ``read`` gives the stored one, when that matters.

    One hash in ``If-Match`` is compared by the store, at the moment it writes. Of several, or of ``*``, the
    current one is taken, so that the store compares again. MemoryConflict ``memory_conflict`` (409, data
    ``hash``: that of what is stored, '' for nothing) when the demand is not met now.
    """
    match, none_match = headers.get("if-match"), headers.get("if-none-match")
    if none_match is not None:
        if none_match.strip() == _ANY:
            return Expected(only_new=True)
        if names(none_match, read().hash):
            raise conflict(read().hash)
    if match is None:
        return Expected()
    listed = _hashes(match)
    if len(listed) == 1 and match.strip() != _ANY:
        return Expected(listed[0])
    found = read()
    if not names(match, found.hash):
        raise conflict(found.hash)
    return Expected(found.hash)


def conflict(digest: str) -> MemoryConflict:
    """409: the file is not what the request says it was."""
    return MemoryConflict(
        "The file has changed since it was read." if digest else "There is no such file any more.",
        data={"error": "conflict", "hash": digest},
    )


def _hashes(header: str) -> list[str]:
    found = (quoted or bare for quoted, bare in _TAG.findall(header))
    return [_COMPRESSED.sub("", each).lower() for each in found]
