"""Pictures that come with items: what they are, and a copy among the flow's files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from sidecar.automation.engine.context import ExecutionContext
from sidecar.automation.files.flow_folders import FlowFolders
from sidecar.automation.handlers.outgoing import FetchError, Outgoing, shown
from sidecar.automation.values import Document
from sidecar.clock import Clock

_SIGNS = (
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"GIF87a", "image/gif", "gif"),
    (b"GIF89a", "image/gif", "gif"),
)
_LONGEST_NAME = 80


class Picture(msgspec.Struct, frozen=True):
    """A stored picture; ``size`` in bytes."""

    path: str
    media_type: str
    size: int

    def file_info(self) -> Document:
        """As packets show it."""
        return {
            "type": self.media_type,
            "mime_type": self.media_type,
            "file_path": self.path,
            "file_size": self.size,
        }


def kind(body: bytes) -> tuple[str, str] | None:
    """Media type and extension by the first bytes; None for what is no picture."""
    for sign, media_type, extension in _SIGNS:
        if body.startswith(sign):
            return media_type, extension
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp", "webp"
    return None


class Images:
    """Downloads pictures. Their addresses are strangers': private networks stay closed to them."""

    def __init__(
        self, outgoing: Outgoing, folders: FlowFolders, root: Callable[[], Path], clock: Clock
    ) -> None:
        self._outgoing = outgoing
        self._folders = folders
        self._root = root
        self._clock = clock

    def download(self, url: str, prefix: str, context: ExecutionContext) -> Picture | None:
        """Store the picture behind an address with the flow's files; None, and a line in the log, if there is
        none.
        """
        try:
            body = self._outgoing.get(url, what="image").body
        except FetchError as error:
            context.log("warning", "Image could not be downloaded.", {"error": str(error), "url": shown(url)})
            return None
        found = kind(body)
        if found is None:
            context.log(
                "warning", "Image could not be downloaded.", {"error": "No image.", "url": shown(url)}
            )
            return None
        media_type, extension = found
        second = int(self._clock.now().timestamp())
        name = f"{prefix}_{second}_{_stem(url)}.{extension}"
        if self._folders.read(context.pipeline_id, context.flow_id, name) not in (None, body):
            # Each item of a feed may have its own "featured.jpg".
            which = hashlib.sha256(body).hexdigest()[:8]
            name = f"{prefix}_{second}_{_stem(url)}-{which}.{extension}"
        self._folders.write(context.pipeline_id, context.flow_id, name, body)
        flow = f"flow-{context.flow_id}"
        folder = self._root() / f"pipeline-{context.pipeline_id}" / flow / f"{flow}-files"
        return Picture(str(folder / name), media_type, len(body))


def _stem(url: str) -> str:
    """The name of a picture in its address, in plain characters; the extension is what it really is."""
    name = unquote(urlsplit(url).path).rpartition("/")[2].rpartition(".")[0]
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)
    return plain.strip("-")[:_LONGEST_NAME] or "image"
