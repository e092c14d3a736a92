"""``/memory``: what a runtime reads and writes of its agent's memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from sidecar.api import content, etags
from sidecar.api.envelope import success
from sidecar.api.own_memory import OwnMemory, Stored
from sidecar.api.route import Answer, Argument, Permission, Request, Route
from sidecar.errors import Forbidden, InvalidInput, NotFound, SidecarError
from sidecar.identity.capabilities import MANAGING
from sidecar.memory import MemoryFile, Written
from sidecar.memory.composition import Composed, CompositionService
from sidecar.memory.search import search
from sidecar.memory.service import ABSENT

ALLOWED = Permission("You do not have permission to use this memory.", any_of=("chat", *MANAGING))
#: Lines that a search shows at most.
MOST = 50


class NotComposed(SidecarError):
    """The file was not built from its sections."""

    code = "memory_not_composed"
    status = 422


_KINDS: Mapping[str, type[SidecarError]] = {
    "memory_file_not_registered": NotFound,
    "memory_first_time": Forbidden,
}


def list_files(request: Request) -> Answer:
    """``{success, data: [{filename, layer, bytes, hash, modified, editable}, ...]}``: what may be read.

    ``hash`` is the sha1 that ``ETag`` and ``If-Match`` speak of, ``editable`` whether the caller may write
    the file. ``prefix`` lists a folder of the agent's instead, for example ``daily``.
    """
    found = OwnMemory(request).every(request.params["prefix"].strip("/"))
    return success([each.document() for each in found])


def show_file(request: Request) -> Answer:
    """``{success, data: {filename, layer, bytes, hash, modified, editable, content}}`` with its ``ETag``.

    With ``Accept: text/markdown`` the answer is the file's own bytes. 304 when ``If-None-Match`` names what
    is stored, 404 ``memory_file_not_found``, 406 ``memory_not_text``. Nothing is made by reading.
    """
    memory = OwnMemory(request)
    with memory.open(_path(request), request.params.get("layer")) as file:
        stored = memory.stored(file)
    found = stored.found
    answer = etags.unchanged(request.headers, found.hash)
    if answer is not None:
        return answer
    if content.wants_bytes(request):
        return content.of_bytes(stored.scope.filename, found.content, found.hash)
    document = stored.document() | {"content": content.as_text(found.content)}
    return success(document, headers=etags.tag(found.hash))


def put_file(request: Request) -> Answer:
    """``{success, data: {filename, layer, bytes, hash, message}}`` with the new ``ETag``.

    The body is the content itself, or a JSON object with ``content``; ``warning`` is added when the file is
    larger than a prompt should carry. ``If-Match`` writes only over the content it names, ``If-None-Match:
    *`` only a new file; else 409 ``memory_conflict`` with the stored hash in ``data.hash``. 403
    ``memory_file_read_only``, 400 ``memory_name_invalid``, 413 ``memory_too_large``.
    """
    memory = OwnMemory(request)
    with memory.open(_path(request), request.params.get("layer"), writes=True) as file:
        given = content.given(request)
        memory.fillable(file, given)
        wanted = etags.expected(request.headers, file.read)
        return _written(
            file, file.replace_all(given, if_match=ABSENT if wanted.only_new else wanted.if_match)
        )


def delete_file(request: Request) -> Answer:
    """``{success, data: {filename, layer, message}}``; 404 for no file, ``If-Match`` as for ``PUT``."""
    memory = OwnMemory(request)
    with memory.open(_path(request), request.params.get("layer"), writes=True) as file:
        memory.removable(file)
        wanted = etags.expected(request.headers, file.read)
        memory.stored(file)
        done = file.delete(if_match=wanted.if_match)
        return success({"filename": file.filename, "layer": file.scope.layer, "message": done.message})


def append(request: Request) -> Answer:
    """``{success, data: {filename, layer, bytes, hash, message}}`` with the new ``ETag``.

    ``content`` is added to ``section`` of ``file``, which are made when they are missing, or without a
    section at the end of the file. Somebody else's change at the same moment is kept.
    """
    params, memory = request.params, OwnMemory(request)
    with memory.open(params["file"], params.get("layer"), writes=True) as file:
        section = params.get("section")
        if section is None:
            return _written(file, file.append(params["content"]))
        return _written(file, file.append_to_section(section, params["content"]))


def find(request: Request) -> Answer:
    """``{success, data: {query, matches: [{file, layer, section, line, content, context}], match_count}}``.

    Lines with ``query``, whatever its case: of ``file``, else of every file the agent may read, its notes of
    days too. ``match_count`` counts all of them, the first 50 are shown.
    """
    query = request.params["query"]
    if not query.strip():
        raise InvalidInput("There is nothing to search for.", code="memory_query_empty")
    matches: list[dict[str, Any]] = []
    memory, count = OwnMemory(request), 0
    for stored in _searched(request, memory):
        found = search(
            stored.found.content.decode("utf-8", "replace"), query, section=request.params.get("section")
        )
        count += found.match_count
        where = {"file": stored.scope.filename, "layer": stored.scope.layer}
        matches += [where | msgspec.to_builtins(each) for each in found.matches[: MOST - len(matches)]]
    return success({"query": query, "matches": matches, "match_count": count})


def list_sections(request: Request) -> Answer:
    """``{success, data: {file, layer, sections: [name, ...]}}``; 404 ``memory_file_not_found``."""
    with OwnMemory(request).open(request.params["file"], request.params.get("layer")) as file:
        names = file.get_sections()
        return success({"file": file.filename, "layer": file.scope.layer, "sections": names})


def compose(request: Request) -> Answer:
    """``{success, data: [{filename, success, changed, sections, message, code}, ...]}``: one file, or all.

    The same site gives the same bytes; ``changed`` says whether the file had others. Of all files one that
    could not be composed has ``success`` false and a ``code``. A named ``file`` that cannot be composed is
    the answer's error: 404 ``memory_file_not_registered``, 403 ``memory_first_time`` for who may not make
    it, else 422.
    """
    filename = request.params.get("file") or None
    done = request.runtime.get(CompositionService).compose(
        request.principal, filename, blog_id=request.blog_id, context=_composed_for(request)
    )
    if filename is not None and not done[0].success:
        kind = _KINDS.get(done[0].code, NotComposed)
        raise kind(done[0].message, code=done[0].code, data={"filename": done[0].filename})
    return success([_composed(each) for each in done])


def _composed(done: Composed) -> dict[str, Any]:
    # The service's own sentence names the place on disk.
    told = f"Regenerated {done.filename} ({done.sections} sections)." if done.success else done.message
    return {
        "filename": done.filename,
        "success": done.success,
        "changed": done.changed,
        "sections": done.sections,
        "message": told,
        "code": done.code,
    }


def _composed_for(request: Request) -> dict[str, int]:
    return {"agent_id": request.principal.agent_id} if request.principal.agent_id else {}


def _searched(request: Request, memory: OwnMemory) -> list[Stored]:
    if "file" in request.params:
        with memory.open(request.params["file"], request.params.get("layer")) as file:
            return [memory.stored(file)]
    return [*memory.every(), *memory.every("daily")]


def _written(file: MemoryFile, done: Written) -> Answer:
    data: dict[str, Any] = {
        "filename": file.filename,
        "layer": file.scope.layer,
        "bytes": done.file_size,
        "hash": done.hash,
        "message": done.message,
    }
    if done.warning is not None:
        data["warning"] = done.warning
    return success(data, headers=etags.tag(done.hash))


def _path(request: Request) -> str:
    """WordPress hands over the path as it was sent, still encoded."""
    return unquote(str(request.params["path"]))


WHOSE: Mapping[str, Argument] = {
    "agent_id": Argument("integer", minimum=0, description="Another agent that the caller has a role on."),
}
LAYER = Argument(
    "string",
    enum=("shared", "agent", "user", "network"),
    description="Where a file is that is not in the layer it is registered for.",
)
_ONE = r"/memory/files/(?P<path>.+)"
_NAMED: Mapping[str, Argument] = {"path": Argument("string", required=True), "layer": LAYER, **WHOSE}
_FILE = Argument("string", default="MEMORY.md")

ROUTES = (
    Route("GET", "/memory", ALLOWED, list_files, {"prefix": Argument("string", default=""), **WHOSE}),
    Route("GET", _ONE, ALLOWED, show_file, _NAMED),
    Route("PUT", _ONE, ALLOWED, put_file, {**_NAMED, "content": Argument("string")}),
    Route("DELETE", _ONE, ALLOWED, delete_file, _NAMED),
    Route(
        "POST",
        "/memory/append",
        ALLOWED,
        append,
        {
            "content": Argument("string", required=True),
            "file": _FILE,
            "section": Argument("string"),
            "layer": LAYER,
            **WHOSE,
        },
    ),
    Route(
        "GET",
        "/memory/search",
        ALLOWED,
        find,
        {
            "query": Argument("string", required=True),
            "file": Argument("string"),
            "section": Argument("string"),
            "layer": LAYER,
            **WHOSE,
        },
    ),
    Route("GET", "/memory/sections", ALLOWED, list_sections, {"file": _FILE, "layer": LAYER, **WHOSE}),
    Route("POST", "/memory/compose", ALLOWED, compose, {"file": Argument("string"), **WHOSE}),
)
