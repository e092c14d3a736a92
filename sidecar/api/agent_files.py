"""``/files/agent``: an agent's files in whole, for people and programs that edit them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypedDict
from urllib.parse import unquote

from sidecar.api import content, etags
from sidecar.api.envelope import success
from sidecar.api.route import Answer, Argument, Permission, Request, Route
from sidecar.errors import SidecarError
from sidecar.identity import Permissions
from sidecar.memory.dates import InvalidDate
from sidecar.memory.failures import FileMissing, MemoryConflict, MemoryTooLarge
from sidecar.memory.file_service import FilesService, StoredFile
from sidecar.memory.names import BadName
from sidecar.memory.values import NOT_FOUND, ReadResult

SIGNED_IN = Permission("You must be logged in to manage files.")
OTHERS = "You do not have permission to manage files for another user."
#: Codes that mean the same at every door.
_OWN = (MemoryConflict, MemoryTooLarge, content.NotText, InvalidDate)


class Whose(TypedDict):
    """Whose files a request means; 0 is the caller's own."""

    user_id: int
    agent_id: int


def list_files(request: Request) -> Answer:
    """``{success, data: [entry, ...]}``: what the agent's layers hold, registered files first.

    An entry has ``filename``, ``size``, ``modified``, ``type`` (``core``), ``layer``, ``protected``,
    ``editable`` (by the caller), ``modes``, ``registered``, ``label`` and ``description``. Notes of days are
    one entry ``{filename: "daily", type: "daily_summary", month_count, day_count, months}``. ``user_id`` is
    whose agent's (default: the caller's own), ``agent_id`` which agent's.
    """
    with refused_as("list_agent_files_error"):
        found = request.runtime.get(FilesService).list(request.principal, **whose(request))
    return success(found)


def show_file(request: Request) -> Answer:
    """``{success, data: {filename, size, modified, content}}`` with its ``ETag``.

    The content is what is stored, unfiltered; 304 when ``If-None-Match`` names it. With ``Accept:
    text/markdown`` the answer is the file itself. A name is looked for where it is registered, then in the
    layers agent, user and shared. 404 ``get_agent_file_error``, 406 ``memory_not_text``.
    """
    with refused_as("get_agent_file_error"):
        found = _stored(request)
        answer = etags.unchanged(request.headers, found.hash)
        if answer is not None:
            return answer
        if content.wants_bytes(request):
            return content.of_bytes(found.filename, found.content, found.hash)
        document = {
            "filename": found.filename,
            "size": found.size,
            "modified": found.modified,
            "content": content.as_text(found.content),
        }
    return success(document, headers=etags.tag(found.hash))


def put_file(request: Request) -> Answer:
    """``{success, filename}`` with the new ``ETag``. The content is ``content``, else the body as it is.

    ``If-Match`` writes only over the content it names, ``If-None-Match: *`` only a new file; else 409
    ``memory_conflict`` with the stored hash in ``data.hash``. 403 ``put_agent_file_error`` for files that
    nobody edits, 400 for empty content of a protected file and for names that are no memory file's, 413
    ``memory_too_large`` above 10 MiB.
    """
    with refused_as("put_agent_file_error"):
        wanted = etags.expected(request.headers, lambda: _result(request))
        saved = request.runtime.get(FilesService).put(
            request.principal,
            name(request),
            content.given(request, raw_json=True),
            if_match=wanted.if_match,
            only_new=wanted.only_new,
            **whose(request),
        )
    return Answer({"success": True, "filename": saved.filename}, headers=etags.tag(saved.hash))


def delete_file(request: Request) -> Answer:
    """``{success, data: {message}}``; ``If-Match`` as for ``PUT``.

    403 ``delete_agent_file_error`` for protected files, 404 for absent ones.
    """
    with refused_as("delete_agent_file_error"):
        wanted = etags.expected(request.headers, lambda: _result(request))
        message = request.runtime.get(FilesService).delete(
            request.principal, name(request), if_match=wanted.if_match, **whose(request)
        )
    return success({"message": message})


@contextmanager
def refused_as(code: str) -> Iterator[None]:
    """The route's own code for what a service refuses; the service's goes along as ``ability_error_code``.

    A missing right, a conflict, too much content and a part that does not answer keep theirs.
    """
    try:
        yield
    except SidecarError as error:
        if isinstance(error, _OWN) or error.code == "rest_forbidden" or error.status in (401, 503, 504):
            raise
        data = {"ability_error_code": error.code, **error.data}
        raise type(error)(error.message, code=code, data=data) from error


def whose(request: Request) -> Whose:
    """Whose files; Forbidden ``rest_forbidden`` for another user's without ``manage_agents``."""
    user_id = int(request.params.get("user_id") or 0)
    if user_id and user_id != request.principal.user_id:
        request.runtime.get(Permissions).require(request.principal, "manage_agents", message=OTHERS)
    return {"user_id": user_id, "agent_id": int(request.params.get("agent_id") or 0)}


def name(request: Request) -> str:
    """The file's name; BadName for one that no list could show.

    WordPress hands over the path as it was sent, still encoded.
    """
    found = unquote(str(request.params["filename"]))
    if not found.isprintable() or "\\" in found:
        raise BadName(f"{found!r} is not a name for a memory file.")
    return found


def _stored(request: Request) -> StoredFile:
    return request.runtime.get(FilesService).get(request.principal, name(request), **whose(request))


def _result(request: Request) -> ReadResult:
    try:
        found = _stored(request)
    except FileMissing:
        return NOT_FOUND
    return ReadResult(True, found.content, found.hash, found.size, found.updated_at)


WHOSE: Mapping[str, Argument] = {
    "user_id": Argument("integer", minimum=0, description="Whose agent; the caller's own without it."),
    "agent_id": Argument("integer", minimum=0, description="Which agent."),
}
CONTENT = Argument("string", description="What is written; without it the body as it is.")
_ONE = r"/files/agent/(?P<filename>[^/]+)"
_NAMED: Mapping[str, Any] = {"filename": Argument("string", required=True), **WHOSE}

ROUTES = (
    Route("GET", "/files/agent", SIGNED_IN, list_files, WHOSE),
    Route("GET", _ONE, SIGNED_IN, show_file, _NAMED),
    Route("PUT", _ONE, SIGNED_IN, put_file, {**_NAMED, "content": CONTENT}),
    Route("DELETE", _ONE, SIGNED_IN, delete_file, _NAMED),
)
