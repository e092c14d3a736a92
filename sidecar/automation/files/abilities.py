"""The abilities on flows' files: what WordPress is told about them, and what they do.

A rule that was broken (a file that is not there, a type that is not allowed) is an answer with ``success``
false; a missing right is an error, and so is everything unexpected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar.abilities import Declaration, Permission, object_schema
from sidecar.automation import wordpress
from sidecar.automation.answering import answering
from sidecar.automation.files.flow_files import FlowFiles
from sidecar.automation.steps.base import number
from sidecar.bridge import RemoteError
from sidecar.errors import InvalidInput
from sidecar.identity import Principal
from sidecar.memory.ability_declarations import MEMORY
from sidecar.memory.values import raw

LIST = "datamachine/list-flow-files"
GET = "datamachine/get-flow-file"
DELETE = "datamachine/delete-flow-file"
UPLOAD = "datamachine/upload-flow-file"
CLEANUP = "datamachine/cleanup-flow-files"

_TEXT, _ID, _FLAG, _OBJECT = ({"type": kind} for kind in ("string", "integer", "boolean", "object"))
_STEP = {"flow_step_id": _TEXT | {"description": "A step of the flow, as {pipeline step}_{flow}."}}
_NAMED = {"filename": _TEXT, **_STEP}
_OUTCOME = {"success": _FLAG, "error": _TEXT}
_LISTED = object_schema({**_OUTCOME, "files": {"type": "array", "items": _OBJECT}})
_MANAGERS = Permission(manage=True)

DECLARATIONS = (
    Declaration(
        LIST,
        MEMORY,
        "List a flow's files",
        "The files that were uploaded for a flow or downloaded by it.",
        _MANAGERS,
        object_schema(_STEP, required=("flow_step_id",)),
        _LISTED,
    ),
    Declaration(
        GET,
        MEMORY,
        "Show a flow's file",
        "Name, size and time of one of a flow's files.",
        _MANAGERS,
        object_schema(_NAMED, required=("filename", "flow_step_id")),
        object_schema({**_OUTCOME, "file": _OBJECT}),
    ),
    Declaration(
        DELETE,
        MEMORY,
        "Delete a flow's file",
        "Removes one of a flow's files for good.",
        _MANAGERS,
        object_schema(_NAMED, required=("filename", "flow_step_id")),
        object_schema({**_OUTCOME, "message": _TEXT}),
    ),
    Declaration(
        UPLOAD,
        MEMORY,
        "Store a file for a flow",
        "Takes a file that was uploaded with the same request. One of the same name is replaced.",
        _MANAGERS,
        object_schema(
            {
                "file_data": object_schema(
                    {"name": _TEXT, "type": _TEXT, "tmp_name": _TEXT, "error": _ID, "size": _ID},
                )
                | {"description": "The entry of $_FILES."},
                **_STEP,
            },
            required=("file_data", "flow_step_id"),
        ),
        _LISTED,
    ),
    Declaration(
        CLEANUP,
        MEMORY,
        "Clean up a flow's files",
        "Removes a flow's files and the packets of its ended jobs, or with a job the packets of that one.",
        _MANAGERS,
        object_schema({"job_id": _ID, "flow_id": _ID}, optional=True),
        object_schema({**_OUTCOME, "deleted_count": _ID, "message": _TEXT}),
    ),
)

Given = Mapping[str, Any]
Callback = Callable[[Principal, Given], dict[str, Any]]


def callbacks(service: FlowFiles) -> dict[str, Callback]:
    """The callbacks by the names of the abilities."""

    def every(principal: Principal, given: Given) -> dict[str, Any]:
        """``{files: [{filename, size, modified}]}``."""
        return {"files": [each.entry() for each in service.all(principal, _step(given))]}

    def one(principal: Principal, given: Given) -> dict[str, Any]:
        """``{file: {filename, size, modified}}``."""
        return {"file": service.get(principal, _step(given), _name(given)).entry()}

    def delete(principal: Principal, given: Given) -> dict[str, Any]:
        """``{message}``."""
        service.delete(principal, _step(given), _name(given))
        return {"message": f"File {_name(given)} deleted"}

    def upload(principal: Principal, given: Given) -> dict[str, Any]:
        """``{files}``, all of the flow's."""
        data = given.get("file_data")
        about = data if isinstance(data, Mapping) else {}
        if number(about.get("error")) != 0:
            raise InvalidInput("The file did not arrive whole.", code="upload_failed")
        path = str(about.get("tmp_name") or "")
        found = service.upload(
            principal, _step(given), str(about.get("name") or ""), lambda: _uploaded(path), 0
        )
        return {"files": [each.entry() for each in found]}

    def cleanup(principal: Principal, given: Given) -> dict[str, Any]:
        """``{deleted_count, message}``."""
        flow_id, job_id = number(given.get("flow_id")), number(given.get("job_id"))
        if not flow_id:
            raise InvalidInput("flow_id is required.", code="flow_id_required")
        count = service.cleanup(principal, flow_id, job_id or None)
        return {"deleted_count": count, "message": f"Cleanup completed. {count} items removed."}

    return {
        name: answering(callback)
        for name, callback in {
            LIST: every,
            GET: one,
            DELETE: delete,
            UPLOAD: upload,
            CLEANUP: cleanup,
        }.items()
    }


def _uploaded(path: str) -> bytes:
    """A file that came with the PHP request that waits for us; no other file of the server."""
    pieces: list[bytes] = []
    offset = 0
    while True:
        try:
            piece = wordpress.host().call("memory.uploaded", {"path": path, "offset": offset})
        except RemoteError as error:
            raise InvalidInput(
                "That file was not uploaded with this request.", code="not_uploaded"
            ) from error
        if not piece:
            return b"".join(pieces)
        pieces.append(raw(piece))
        offset += len(pieces[-1])


def _step(given: Given) -> str:
    return str(given.get("flow_step_id") or "")


def _name(given: Given) -> str:
    return str(given.get("filename") or "")
