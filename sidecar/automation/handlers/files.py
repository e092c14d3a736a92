"""Files that people uploaded for a flow, as items."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sidecar.automation.engine.context import ExecutionContext
from sidecar.automation.files.flow_folders import FlowFile, FlowFolders
from sidecar.automation.handlers.base import Item
from sidecar.clock import Clock

#: Seconds after which a processed file may be cleared away.
OLD = 7 * 86_400
#: Bytes of a text that are shown to the steps behind.
LARGEST_TEXT = 1 << 20
_TEXTS = ("text/", "application/json", "application/xml")
#: What fetch handlers download for items of other sources lies beside the uploads.
_DOWNLOADS = ("rss_image_", "api_image_")


class Files:
    """``files``: one item a file, oldest upload first. Only files in the flow's own folder are read, whatever
    paths a configuration names.
    """

    slug = "files"
    source_type = "files"

    def __init__(self, folders: FlowFolders, root: Callable[[], Path], clock: Clock) -> None:
        self._folders = folders
        self._root = root
        self._clock = clock

    def fetch(self, config: Mapping[str, Any], context: ExecutionContext) -> Sequence[Item]:
        there = sorted(
            self._folders.all(context.pipeline_id, context.flow_id),
            key=lambda file: (file.modified, file.filename),
        )
        chosen = _named(config.get("uploaded_files"))
        if chosen is None:
            wanted = [file for file in there if not file.filename.startswith(_DOWNLOADS)]
        else:
            wanted = [file for file in there if file.filename in chosen]
            for name in sorted(chosen - {file.filename for file in wanted}):
                context.log("error", "Files: Uploaded file is missing.", {"filename": name})
        if config.get("auto_cleanup_enabled"):
            wanted = self._without_old(wanted, context)
        return [self._item(file, context) for file in wanted]

    def prepare(self, item: Item, _config: Mapping[str, Any], context: ExecutionContext) -> None:
        """Read a text file that is taken."""
        about = item.file_info or {}
        media_type = str(about.get("mime_type") or "")
        if media_type.startswith(_TEXTS) and int(about.get("file_size") or 0) <= LARGEST_TEXT:
            body = self._folders.read(context.pipeline_id, context.flow_id, str(about["file_name"]))
            item.content = (body or b"").decode("utf-8", "replace")
        picture = str(about["file_path"]) if media_type.startswith("image/") else ""
        item.metadata["_engine_data"] = {"source_url": "", "image_file_path": picture}

    def _without_old(self, files: list[FlowFile], context: ExecutionContext) -> list[FlowFile]:
        """Remove processed files that were uploaded long ago."""
        before = self._clock.now().timestamp() - OLD
        old = [file for file in files if file.modified < before]
        if not old or context.direct:
            return files
        fresh = context.fresh([file.filename for file in old])
        for file in old:
            if file.filename not in fresh:
                self._folders.delete(context.pipeline_id, context.flow_id, file.filename)
                context.log("info", "Files: Old file removed.", {"filename": file.filename})
        return [file for file in files if file.modified >= before or file.filename in fresh]

    def _item(self, file: FlowFile, context: ExecutionContext) -> Item:
        flow = f"flow-{context.flow_id}"
        path = self._root() / f"pipeline-{context.pipeline_id}" / flow / f"{flow}-files" / file.filename
        media_type = mimetypes.guess_type(file.filename)[0] or "application/octet-stream"
        uploaded = datetime.fromtimestamp(file.modified, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Item(
            title=file.filename,
            content="",
            metadata={
                "source_type": self.source_type,
                "item_identifier": file.filename,
                "original_id": file.filename,
                "original_title": file.filename,
                "original_date_gmt": uploaded,
                "source_url": "",
            },
            file_info={
                "type": media_type,
                "mime_type": media_type,
                "file_name": file.filename,
                "file_path": str(path),
                "file_size": file.size,
            },
        )


def _named(value: Any) -> set[str] | None:
    """The names of the files a configuration chooses; None when it chooses none: then all are wanted."""
    if not isinstance(value, list) or not value:
        return None
    found = set()
    for one in value:
        name = one
        if isinstance(one, Mapping):
            name = one.get("persistent_path") or one.get("filename") or one.get("original_name") or ""
        if isinstance(name, str) and name:
            found.add(name.replace("\\", "/").rpartition("/")[2])
    return found
