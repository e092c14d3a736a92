"""The abilities on memory files and their sections, and on what an agent writes about itself.

A rule that was broken is an answer with ``success`` false, as in Data Machine 0.102.8; a missing right, and
everything unexpected, is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from sidecar.abilities import Callback
from sidecar.errors import InvalidInput, SidecarError
from sidecar.identity import Principal
from sidecar.identity.abilities import flag, positive
from sidecar.memory import ability_declarations as names
from sidecar.memory.host_store import wire_all
from sidecar.memory.reach import DEFAULT_FILE, Reach, checked
from sidecar.memory.self_memory import Denied, Request, SelfMemory, changed
from sidecar.memory.service import SectionMissing
from sidecar.memory.values import text

#: Gives the answer for a broken rule.
Failure = Callable[[SidecarError], dict[str, Any]]


class MemoryAbilities:
    """The callbacks. WordPress has validated the input, but converts nothing: ``"7"`` is an integer."""

    def __init__(self, reach: Reach, self_memory: SelfMemory) -> None:
        self._reach = reach
        self._self_memory = self_memory

    def callbacks(self) -> dict[str, Callback]:
        """By the ability's name."""
        return {
            names.GET: answering(self.get, failed),
            names.UPDATE: answering(self.update, failed),
            names.SEARCH: answering(self.search, _not_searched),
            names.SECTIONS: answering(self.sections, failed),
            names.WRITE_SELF: answering(self.write_self, _denied),
        }

    def get(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, file, content}``, of a section ``{success, section, content}``."""
        section = content_of(given, "section")
        with self._reach.file(principal, file_of(given), **whose(given)) as file:
            if section:
                return {"success": True, "section": section, "content": file.get_section(section)}
            return {"success": True, "file": file.filename, "content": file.get_all()}

    def update(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, message, file_size[, warning]}``."""
        section, content = (checked(content_of(given, name)) for name in ("section", "content"))
        mode = given.get("mode")
        if mode not in {"set", "append"}:
            raise InvalidInput('mode must be "set" or "append".')
        with self._reach.file(principal, file_of(given), **whose(given), writes=True) as file:
            change = file.set_section if mode == "set" else file.append_to_section
            return {"success": True, **changed(change(section, content))}

    def search(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, query, matches: [{section, line, content, context}], match_count}``."""
        query, section = content_of(given, "query"), content_of(given, "section") or None
        with self._reach.file(principal, file_of(given), **whose(given)) as file:
            found = file.search(query, section=section)
        return {
            "success": True,
            "query": found.query,
            "matches": [
                {
                    "section": each.section,
                    "line": each.line,
                    "content": each.content,
                    "context": each.context,
                }
                for each in found.matches
            ],
            "match_count": found.match_count,
        }

    def sections(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, file, sections}``."""
        with self._reach.file(principal, file_of(given), **whose(given)) as file:
            return {"success": True, "file": file.filename, "sections": file.get_sections()}

    def write_self(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """See :meth:`SelfMemory.write`."""
        request = Request(
            section=content_of(given, "section"),
            content=content_of(given, "content"),
            agent_id=positive(given.get("agent_id")),
            file=file_of(given),
            section_type=str(given.get("section_type") or "operating_note"),
            mode="set" if given.get("mode") == "set" else "append",
            reason=content_of(given, "reason"),
            requires_approval=flag(given.get("requires_approval")),
            given=given,
        )
        return self._self_memory.write(principal, request)


def answering(callback: Callback, failure: Failure) -> Callback:
    """The callback with its broken rules as answers, and its texts as the bridge takes them."""

    def answer(principal: Any, given: Mapping[str, Any]) -> Any:
        try:
            return wire_all(callback(principal, given))
        except SidecarError as error:
            # 500 is a store that did not take a write: the caller is told which.
            if error.status > 500 or error.code == "rest_forbidden":
                raise
            return wire_all(failure(error))

    return answer


def failed(error: SidecarError) -> dict[str, Any]:
    """``{success: false, message}``; for a section that is not there also ``available_sections``."""
    more = error.data if isinstance(error, SectionMissing) else {}
    return {"success": False, "message": error.message, **more}


class Whose(TypedDict):
    """The ids a request names, 0 for none."""

    user_id: int
    agent_id: int


def whose(given: Mapping[str, Any]) -> Whose:
    """Whose memory a request means."""
    return Whose(user_id=positive(given.get("user_id")) or 0, agent_id=positive(given.get("agent_id")) or 0)


def file_of(given: Mapping[str, Any]) -> str:
    """The memory file a request means."""
    return content_of(given, "file") or DEFAULT_FILE


def content_of(given: Mapping[str, Any], name: str) -> str:
    """A text of the input, '' for none; one that is no UTF-8 keeps its bytes."""
    value = given.get(name)
    return text(value) if isinstance(value, bytes) else "" if value is None else str(value)


def _not_searched(error: SidecarError) -> dict[str, Any]:
    return {**failed(error), "matches": [], "match_count": 0}


def _denied(error: SidecarError) -> dict[str, Any]:
    answer = {"success": False, "error": error.message, "error_code": error.code}
    return answer if isinstance(error, Denied) else {**answer, "message": error.message}
