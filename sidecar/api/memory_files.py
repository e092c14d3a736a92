"""``/pipelines/{id}/memory-files``, ``/flows/{id}/memory-files``: what their prompts hold besides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sidecar.api import engine
from sidecar.api.envelope import success
from sidecar.api.route import EDITABLE, Answer, Argument, Permission, Request, Route
from sidecar.automation.files.memory_files import MemoryFiles
from sidecar.automation.repositories.attachments import ConfigChanged, Kind

#: By kind: the parameter of the path, and what the answer's ``data`` is.
_IDS: Mapping[Kind, str] = {"pipeline": "pipeline_id", "flow": "flow_id"}
_SHAPES: Mapping[Kind, Callable[[list[str]], Any]] = {
    "pipeline": lambda names: names,
    "flow": lambda names: {"memory_files": names},
}


def show_pipeline(request: Request) -> Answer:
    """``{success, data: [name, ...]}``. 404 ``pipeline_not_found``."""
    return _show(request, "pipeline")


def update_pipeline(request: Request) -> Answer:
    """``{success, data: [name, ...], message}``: exactly ``memory_files`` are attached, of any kind of body.

    Names are cleaned as WordPress cleans them, empty ones are dropped; 400 ``memory_name_invalid`` for a kind
    of file that memory never holds. 404 ``pipeline_not_found``, 409 ``update_failed``.
    """
    return _update(request, "pipeline")


def show_flow(request: Request) -> Answer:
    """``{success, data: {memory_files: [name, ...]}}``. 404 ``flow_not_found``."""
    return _show(request, "flow")


def update_flow(request: Request) -> Answer:
    """``{success, data: {memory_files: [name, ...]}, message}``; rules as for a pipeline."""
    return _update(request, "flow")


def _show(request: Request, kind: Kind) -> Answer:
    service = request.runtime.get(MemoryFiles)
    names = service.attached(request.principal, kind, request.params[_IDS[kind]])
    return success(_SHAPES[kind](names))


def _update(request: Request, kind: Kind) -> Answer:
    service = request.runtime.get(MemoryFiles)
    with _update_failed():
        names = service.replace(
            request.principal, kind, request.params[_IDS[kind]], request.params["memory_files"]
        )
    message = f"{kind.capitalize()} memory files updated successfully."
    return success(_SHAPES[kind](names), message)


@contextmanager
def _update_failed() -> Iterator[None]:
    """Clients know ``update_failed`` for what could not be written."""
    try:
        yield
    except ConfigChanged as error:
        data = {"ability_error_code": error.code, **error.data}
        raise ConfigChanged(error.message, code="update_failed", data=data) from error


def _routes(kind: Kind, allowed: Permission, show: Any, update: Any) -> tuple[Route, ...]:
    path = rf"/{kind}s/(?P<{_IDS[kind]}>\d+)/memory-files"
    named = {_IDS[kind]: Argument("integer", required=True)}
    files = Argument("array", required=True, items=Argument("string"), description="Names of memory files.")
    return (
        Route("GET", path, allowed, show, named),
        Route(EDITABLE, path, allowed, update, {**named, "memory_files": files}),
    )


ROUTES = (
    *_routes("pipeline", engine.PIPELINES, show_pipeline, update_pipeline),
    *_routes("flow", engine.FLOWS, show_flow, update_flow),
)
