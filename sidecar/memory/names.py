"""Which file names memory accepts."""

from __future__ import annotations

import re

from sidecar.errors import InvalidInput

#: What agents keep is text. Anything a web server might run is refused by not being here.
EXTENSIONS = frozenset({"md", "markdown", "txt", "json", "jsonl", "yaml", "yml", "csv", "log"})
#: Apache runs ``x.php.md`` where handlers are added by extension.
_RUNNABLE = re.compile(
    r"\A(?:php\d?|phtml|phps|pht|phar|cgi|pl|py|rb|sh|shtml|asp|aspx|jsp|htaccess)\Z", re.I
)
_DISALLOWED = re.compile(r"[^A-Za-z0-9._-]")
#: Bytes of one part, as file systems have it, and of the whole name; folders within folders.
_LONGEST = 255
_LONGEST_WHOLE = 1024
DEEPEST = 32
#: What terminals and editors obey rather than show, and half a character of UTF-16.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\\]")


class BadName(InvalidInput):
    """The name cannot be a memory file's."""

    code = "memory_name_invalid"


def clean(filename: str) -> str:
    """The name as Data Machine's facade would use it: empty segments and odd characters are dropped.

    A segment that points elsewhere (``..``) is refused here, where Data Machine kept it.
    """
    segments = [_DISALLOWED.sub("", part) for part in filename.split("/") if part]
    if not segments or any(part in {"", ".", ".."} for part in segments):
        raise BadName(f'"{filename}" is not a name for a memory file.')
    return "/".join(segments)


def parts(filename: str) -> tuple[str, ...]:
    """The path's segments; BadName unless it stays below its layer and hides nothing.

    >>> parts("daily/2026/04/17.md")
    ('daily', '2026', '04', '17.md')
    """
    if _UNSEEN.search(filename):
        raise BadName("A memory file's name has no control characters, backslashes or broken text.")
    segments = tuple(filename.split("/"))
    if len(segments) > DEEPEST or len(filename.encode()) > _LONGEST_WHOLE:
        raise BadName("That name is too long for a memory file.")
    for part in segments:
        if not part or part.startswith(".") or len(part.encode()) > _LONGEST:
            raise BadName(f'"{filename}" is not a name for a memory file.')
    return segments


def visible(name: str) -> bool:
    """Whether a file or folder of that name, found on disk, can be asked for."""
    try:
        return parts(name) == (name,)
    except BadName:
        return False


def writable(filename: str) -> bool:
    """Whether a file of that name may be written: text, and nothing a server could run."""
    *_, name = filename.split("/")
    stem, *extensions = name.split(".")
    return (
        bool(stem)
        and bool(extensions)
        and extensions[-1].lower() in EXTENSIONS
        and not any(_RUNNABLE.match(extension) for extension in extensions)
    )
