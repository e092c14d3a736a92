"""The abilities on an agent's whole files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar.abilities import Callback
from sidecar.errors import InvalidInput, SidecarError
from sidecar.host import context as host_context
from sidecar.identity import Principal
from sidecar.identity.abilities import positive
from sidecar.memory import ability_declarations as names
from sidecar.memory.abilities import answering, content_of, whose
from sidecar.memory.file_service import FilesService, StoredFile
from sidecar.memory.values import MAX_BYTES, raw, text

#: Reads on in a file that PHP says was uploaded with its own request.
UPLOADED = "memory.uploaded"
_NO_UPLOAD = "No file was uploaded with this request."


class FileAbilities:
    """The callbacks."""

    def __init__(self, files: Callable[[], FilesService]) -> None:
        self._files = files

    def callbacks(self) -> dict[str, Callback]:
        """By the ability's name."""
        found: dict[str, Callback] = {
            names.LIST_FILES: self.list,
            names.GET_FILE: self.get,
            names.WRITE_FILE: self.write,
            names.DELETE_FILE: self.delete,
            names.UPLOAD_FILE: self.upload,
        }
        return {name: answering(callback, _failed) for name, callback in found.items()}

    def list(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, files}``, see :meth:`FilesService.list`."""
        return {"success": True, "files": self._files().list(principal, **whose(given))}

    def get(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, file: {filename, size, modified, content}}``."""
        found = self._files().get(principal, content_of(given, "filename"), **whose(given))
        return {"success": True, "file": document(found)}

    def write(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, filename, layer}``."""
        saved = self._files().put(
            principal,
            content_of(given, "filename"),
            content_of(given, "content"),
            layer=content_of(given, "layer") or None,
            **whose(given),
        )
        return {"success": True, "filename": saved.filename, "layer": saved.layer}

    def delete(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, message}``."""
        message = self._files().delete(principal, content_of(given, "filename"), **whose(given))
        return {"success": True, "message": message}

    def upload(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, files}``: the agent's files afterwards."""
        data = given.get("file_data")
        if not isinstance(data, Mapping):
            raise InvalidInput(_NO_UPLOAD)
        content = _uploaded(data)
        # A path in front of the name is the sender's own business.
        name = content_of(data, "name").replace("\\", "/").rsplit("/", 1)[-1]
        self._files().put(principal, name, content, layer=content_of(given, "layer") or None, **whose(given))
        return self.list(principal, given)


def document(found: StoredFile) -> dict[str, Any]:
    """A file as PHP and REST have it."""
    return {
        "filename": found.filename,
        "size": found.size,
        "modified": found.modified,
        "content": text(found.content),
    }


def _uploaded(data: Mapping[str, Any]) -> bytes:
    """The content, from the PHP request that took the upload: no other process knows that it was one."""
    host = host_context.current()
    path = content_of(data, "tmp_name")
    if (positive(data.get("error")) or 0) > 0 or not path or host is None or host.kind != "request":
        raise InvalidInput(_NO_UPLOAD)
    content = b""
    while piece := raw(host.call(UPLOADED, {"path": path, "offset": len(content)})):
        content += piece
        if len(content) > MAX_BYTES:
            raise InvalidInput("The file is too large.")
    return content


def _failed(error: SidecarError) -> dict[str, Any]:
    return {"success": False, "error": error.message}
