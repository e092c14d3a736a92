"""An example plugin: text files as a source, a step that shortens, and text files as a destination.

Put it into the plugins folder that `datamachine doctor` names, say where the files are with the environment
variable ``TEXT_FOLDER``, and restart the sidecar. Flows then offer the handlers "Text files" and the step
type "Shorten".
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sidecar.automation.handlers.base import Item
from sidecar.conversation import ToolCall

NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


class Folder:
    """Where the files are. A flow names a folder in it; nobody's configuration leads out of it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def named(self, config: Mapping[str, Any]) -> Path:
        name = str(config.get("folder") or "inbox")
        if not NAME.fullmatch(name):
            raise ValueError(f"A folder's name is lowercase letters, digits and dashes, not {name!r}.")
        return self._root / name


class TextSource:
    """Takes in every ``.txt`` file of a folder, the newest first.

    The engine leaves out what the flow has had, cuts to `max_items` and claims the rest: a file that has
    changed is a new item, because its identifier has changed.
    """

    source_type = "text_file"

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def fetch(self, config: Mapping[str, Any], context: Any) -> Iterator[Item]:
        files = [path for path in self._folder.named(config).glob("*.txt") if path.is_file()]
        for path in sorted(files, key=lambda file: file.stat().st_mtime, reverse=True):
            yield Item(
                title=path.stem.replace("-", " "),
                content=path.read_text(encoding="utf-8", errors="replace"),
                metadata={
                    "item_identifier": f"{path.name}:{path.stat().st_mtime_ns}",
                    "file_name": path.name,
                },
            )


class TextFile:
    """Writes what a model wrote into a file of its title."""

    TOOL: Mapping[str, Any] = {
        "description": "Writes a text into a file.",
        "parameters": {
            "title": {"type": "string", "required": True, "description": "What the file is about."},
            "text": {"type": "string", "required": True, "description": "The text."},
        },
    }

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def run(self, call: ToolCall) -> dict[str, Any]:
        path = self._path(call)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(call.parameters["text"]), encoding="utf-8")
        return {"success": True, "data": {"file": path.name}}

    def recover(self, call: ToolCall) -> dict[str, Any] | None:
        """A worker died while the file was written: writing it again does no harm."""
        return None

    def _path(self, call: ToolCall) -> Path:
        name = NOT_IN_A_NAME.sub("-", str(call.parameters["title"]).lower()).strip("-") or "untitled"
        return self._folder.named(call.definition["handler_config"]) / f"{name[:80]}.txt"


class Shorten:
    """A type of step: cuts the text of the newest packet to so many words."""

    def execute(self, run: Any) -> list[dict[str, Any]]:
        if not run.packets:
            return []
        newest, *others = run.packets
        words = str(newest["data"].get("body", "")).split()
        most = int(run.config.get("handler_config", {}).get("words", 50))
        shorter = " ".join(words[:most]) + (" …" if len(words) > most else "")
        return [{**newest, "data": {**newest["data"], "body": shorter}}, *others]


FOLDER = {
    "type": "text",
    "label": "Folder",
    "description": "A folder below the one the plugin was told of.",
    "default": "inbox",
}


def register(plugin: Any) -> None:
    """Called once, while the sidecar starts."""
    folder = Folder(Path(os.environ.get("TEXT_FOLDER", "/var/lib/datamachine-text")))
    plugin.register_handler(
        "text_source",
        TextSource(folder),
        type="fetch",
        label="Text files",
        description="Takes in text files of a folder",
        settings={
            "folder": FOLDER,
            "max_items": {"type": "number", "label": "Max Items Per Run", "default": 1, "min": 0, "max": 100},
        },
    )
    plugin.register_handler(
        "text_file",
        TextFile(folder),
        type="publish",
        label="Text files",
        description="Writes text files into a folder",
        settings={"folder": {**FOLDER, "default": "outbox"}},
        tool=TextFile.TOOL,
    )
    plugin.register_step_type(
        "shorten",
        Shorten(),
        label="Shorten",
        description="Cuts texts",
        settings={"words": {"type": "number", "label": "Words", "default": 50, "min": 1}},
    )
