"""Bridge methods ``memory.*``: the disk store for PHP's proxy, and the facade third parties call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from sidecar.bridge import Call, Handle
from sidecar.errors import InvalidInput, SidecarError
from sidecar.memory import answers, places
from sidecar.memory.host_store import wire_all
from sidecar.memory.pieces import content_of
from sidecar.memory.service import FileMissing, MemoryFile, MemoryService, SectionMissing, Written
from sidecar.memory.store import Store
from sidecar.memory.values import Scope, text
from sidecar.settings import Site


class StoreHandlers:
    """Whole files for ``DataMachine\\Bridge\\Memory\\StoreProxy``.

    Parameters are the scope and ``site``, what ``memory.site`` would answer. The seam has been asked by then.
    """

    def __init__(self, site: Site, disk: Callable[[places.SiteFacts], Store]) -> None:
        self._site = site
        self._disk = disk

    def handlers(self) -> dict[str, Callable[[Call], Any]]:
        return {
            "memory.read": self.read,
            "memory.write": self.write,
            "memory.exists": self.exists,
            "memory.delete": self.delete,
            "memory.list_layer": self.list_layer,
            "memory.list_subtree": self.list_subtree,
        }

    def read(self, call: Call) -> dict[str, Any]:
        store, scope = self._of(call)
        found = store.read(scope)
        return answers.read(found)

    def write(self, call: Call) -> dict[str, Any]:
        store, scope = self._of(call)
        if_match = call.params.get("if_match")
        if not isinstance(if_match, str | None):
            raise InvalidInput("memory.write takes if_match as text.")
        return answers.written(store.write(scope, content_of(call.params.get("content")), if_match))

    def exists(self, call: Call) -> bool:
        store, scope = self._of(call)
        return store.exists(scope)

    def delete(self, call: Call) -> dict[str, Any]:
        store, scope = self._of(call)
        return answers.written(store.delete(scope))

    def list_layer(self, call: Call) -> list[dict[str, Any]]:
        store, scope = self._of(call)
        return answers.entries(store.list_layer(scope))

    def list_subtree(self, call: Call) -> list[dict[str, Any]]:
        store, scope = self._of(call)
        return answers.entries(store.list_subtree(scope, str(call.params.get("prefix", ""))))

    def _of(self, call: Call) -> tuple[Store, Scope]:
        try:
            scope = msgspec.convert(call.params, Scope)
            facts = places.facts(call.params.get("site"), self._site)
        except msgspec.ValidationError as error:
            raise InvalidInput(f"{call.method}: {error}") from error
        return self._disk(facts), scope


class FacadeHandler:
    """``memory.facade``: ``DataMachine\\Core\\FilesRepository\\AgentMemory``, whose methods answer arrays."""

    def __init__(self, service: MemoryService) -> None:
        self._service = service
        self._methods: dict[str, Callable[[MemoryFile, list[Any]], dict[str, Any]]] = {
            "get_all": lambda file, _: {"file": file.filename, "content": file.get_all()},
            "get_sections": lambda file, _: {"file": file.filename, "sections": file.get_sections()},
            "get_section": lambda file, args: {"section": args[0], "content": file.get_section(args[0])},
            "set_section": lambda file, args: _changed(file.set_section(args[0], args[1])),
            "append_to_section": lambda file, args: _changed(file.append_to_section(args[0], args[1])),
            "delete_section": lambda file, args: _changed(file.delete_section(args[0])),
            "replace_all": lambda file, args: _changed(file.replace_all(args[0])),
            "delete": lambda file, _: {"message": file.delete().message},
            "search": _search,
        }

    def handle(self, call: Call) -> dict[str, Any]:
        """``{method, args, user_id, agent_id, filename, layer}``; failures are answers, as callers expect."""
        params = call.params
        method = self._methods.get(str(params.get("method")))
        if method is None:
            raise InvalidInput(f"AgentMemory has no method {params.get('method')!r}.")
        try:
            with self._service.open(
                user_id=int(params.get("user_id") or 0),
                agent_id=int(params.get("agent_id") or 0),
                filename=str(params.get("filename")),
                layer=params.get("layer") or None,
            ) as file:
                found = method(file, [_argument(each) for each in params.get("args") or []])
                return {"success": True, **wire_all(found)}
        except FileMissing as error:
            answer: dict[str, Any] = {"success": False, "message": error.message}
            if params.get("method") == "search":
                answer |= {"matches": [], "match_count": 0}
            return answer
        except SectionMissing as error:
            return {"success": False, "message": error.message, **error.data}
        except SidecarError as error:
            if error.status >= 503:
                raise
            return {"success": False, "message": error.message}


def _argument(value: Any) -> Any:
    """What is long arrives in pieces."""
    return text(content_of(value)) if isinstance(value, Handle) else value


def _search(file: MemoryFile, args: list[Any]) -> dict[str, Any]:
    query, section, lines = [*args, None, None][:3]
    found = file.search(str(query), section=section, context_lines=2 if lines is None else int(lines))
    return {
        "query": found.query,
        "matches": [msgspec.to_builtins(match) for match in found.matches],
        "match_count": found.match_count,
    }


def _changed(written: Written) -> dict[str, Any]:
    result: dict[str, Any] = {"message": written.message, "file_size": written.file_size}
    if written.warning is not None:
        result["warning"] = written.warning
    return result
