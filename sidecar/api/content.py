"""Text of memory files in requests and answers: JSON, forms, or the bytes themselves."""

from __future__ import annotations

from sidecar.api.body import is_json
from sidecar.api.etags import tag
from sidecar.api.route import Answer, Request
from sidecar.errors import InvalidInput, SidecarError

_MARKDOWN = (".md", ".markdown")
_TEXT = ("text/markdown", "text/plain", "text/x-markdown")


class NotText(SidecarError):
    """The file's bytes are no UTF-8, so JSON cannot hold them; ask with ``Accept: text/markdown``."""

    code = "memory_not_text"
    status = 406


def given(request: Request, *, raw_json: bool = False) -> bytes:
    """What a request wants written: the argument ``content``, else the body's bytes.

    InvalidInput ``rest_missing_callback_param`` for a JSON object or a form with files without ``content``;
    with ``raw_json`` such an object is itself what is written.
    """
    value = request.params.get("content")
    if value is not None:
        return str(value).encode("utf-8")
    kind = request.headers.get("content-type", "")
    if (is_json(kind) and not raw_json) or kind.lower().startswith("multipart/"):
        raise InvalidInput(
            "Missing parameter(s): content",
            code="rest_missing_callback_param",
            data={"params": ["content"]},
        )
    return request.content


def as_text(content: bytes) -> str:
    """For JSON; NotText."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise NotText("The file is no UTF-8 text; ask for its bytes with Accept: text/markdown.") from None


def wants_bytes(request: Request) -> bool:
    """Whether ``Accept`` prefers the text itself to JSON."""
    weights = _weights(request.headers.get("accept", ""))
    plain = max((weights.get(kind, 0.0) for kind in (*_TEXT, "text/*")), default=0.0)
    return plain > 0 and plain >= weights.get("application/json", 0.0)


def of_bytes(filename: str, content: bytes, digest: str) -> Answer:
    """A file as it is stored."""
    kind = "text/markdown" if filename.lower().endswith(_MARKDOWN) else "text/plain"
    headers = {"Content-Type": f"{kind}; charset=UTF-8", "X-Content-Type-Options": "nosniff"}
    return Answer(content, headers=headers | tag(digest))


def _weights(accept: str) -> dict[str, float]:
    """Media ranges and how much each is liked."""
    found: dict[str, float] = {}
    for part in accept.split(","):
        kind, *params = (word.strip().lower() for word in part.split(";"))
        weight = 1.0
        for param in params:
            if param.startswith("q="):
                try:
                    weight = float(param[2:])
                except ValueError:
                    weight = 0.0
        if kind:
            found[kind] = max(found.get(kind, 0.0), weight)
    return found
