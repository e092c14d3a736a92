"""``/files``: the files of the flow that a step belongs to."""

from __future__ import annotations

from urllib.parse import unquote

from sidecar.api.envelope import refused_as, success
from sidecar.api.route import Answer, Argument, Permission, Request, Route
from sidecar.automation.files.flow_files import FlowFiles
from sidecar.errors import InvalidInput

#: Whoever manages anything, in WordPress's own words; the service asks for more.
MANAGERS = Permission(
    "Sorry, you are not allowed to do that.", any_of=("manage_flows", "manage_settings", "manage_agents")
)


def list_files(request: Request) -> Answer:
    """``{success, data: [{filename, size, modified}, ...]}`` of the flow of ``flow_step_id``.

    400, or 404 for a flow or step that is not there, ``list_files_error``.
    """
    with refused_as("list_files_error"):
        found = request.runtime.get(FlowFiles).all(request.principal, _step(request))
    return success([each.entry() for each in found])


def upload_file(request: Request) -> Answer:
    """``{success, data: {files: [{filename, size, modified}, ...]}}`` after storing the form's ``file``.

    400 ``missing_file`` without one; ``upload_file_error`` with 400 for what WordPress would not take (type,
    name, content of another type), 404 for an unknown flow or step, 413 above WordPress's limit.
    """
    file = request.uploads.get("file")
    if file is None:
        raise InvalidInput("No file was uploaded.", code="missing_file")
    with refused_as("upload_file_error"):
        found = request.runtime.get(FlowFiles).upload(
            request.principal, _step(request), file.name, lambda: file.content, len(file.content)
        )
    return success({"files": [each.entry() for each in found]})


def delete_file(request: Request) -> Answer:
    """``{success, data: {message}}``. 404 ``delete_file_error`` for a file that is not there."""
    # WordPress hands over the path as it was sent, still encoded.
    name = unquote(str(request.params["filename"]))
    with refused_as("delete_file_error"):
        request.runtime.get(FlowFiles).delete(request.principal, _step(request), name)
    return success({"message": f"File {name} deleted"})


def _step(request: Request) -> str:
    return str(request.params.get("flow_step_id") or "")


_STEP = {"flow_step_id": Argument("string", description="A step of the flow, as {pipeline step}_{flow}.")}

ROUTES = (
    Route("GET", "/files", MANAGERS, list_files, _STEP),
    Route("POST", "/files", MANAGERS, upload_file, _STEP, uploads=True),
    Route(
        "DELETE",
        r"/files/(?P<filename>[^/]+)",
        MANAGERS,
        delete_file,
        {"filename": Argument("string", required=True), **_STEP},
    ),
)
