"""What WordPress is told about the abilities on memory."""

from __future__ import annotations

from typing import Any

from sidecar.abilities import Category, Declaration, Permission, object_schema
from sidecar.abilities.declaration import Schema

GET = "datamachine/get-agent-memory"
UPDATE = "datamachine/update-agent-memory"
SEARCH = "datamachine/search-agent-memory"
SECTIONS = "datamachine/list-agent-memory-sections"
WRITE_SELF = "datamachine/write-self-memory"
DAILY_READ = "datamachine/daily-memory-read"
DAILY_WRITE = "datamachine/daily-memory-write"
DAILY_LIST = "datamachine/daily-memory-list"
DAILY_SEARCH = "datamachine/search-daily-memory"
DAILY_DELETE = "datamachine/daily-memory-delete"
INJECTABLE = "datamachine/list-injectable-memory-files"
LIST_FILES = "datamachine/list-agent-files"
GET_FILE = "datamachine/get-agent-file"
WRITE_FILE = "datamachine/write-agent-file"
DELETE_FILE = "datamachine/delete-agent-file"
UPLOAD_FILE = "datamachine/upload-agent-file"

MEMORY = Category("datamachine-memory", "Memory", "What agents remember, and their files.")

_TEXT, _ID, _FLAG, _OBJECT = ({"type": kind} for kind in ("string", "integer", "boolean", "object"))
_LIST = {"type": "array", "items": _TEXT}
_MANAGERS = Permission(manage=True)
_OUTCOME: dict[str, Schema] = {"success": _FLAG, "message": _TEXT}
_FILE_OUTCOME: dict[str, Schema] = {"success": _FLAG, "error": _TEXT}
_WHOSE: dict[str, Schema] = {
    "user_id": _ID | {"default": 0, "description": "Whose own agent; 0 is the one who asks."},
    "agent_id": {"type": ["integer", "null"], "description": "The agent; wins over user_id."},
}
_FILE: dict[str, Schema] = {
    "file": _TEXT | {"default": "MEMORY.md", "description": "A memory file, for example SOUL.md."}
}
_SECTION = _TEXT | {"description": "A heading of the second level, without the marks."}
_DATE = _TEXT | {"description": "YYYY-MM-DD; today in UTC when absent."}
_NAME = _TEXT | {"description": "The file's name."}
_LAYER = {"type": "string", "enum": ["shared", "agent", "user"]}
_UPLOAD = object_schema(
    {"name": _TEXT, "type": _TEXT, "tmp_name": _TEXT, "error": _ID, "size": _ID},
    required=("name", "tmp_name"),
) | {"description": "An entry of PHP's $_FILES, of the same request."}


def _changed(**more: Any) -> dict[str, Any]:
    return object_schema({**_OUTCOME, "file_size": _ID, "warning": _TEXT, **more})


DECLARATIONS = (
    Declaration(
        GET,
        MEMORY,
        "Read agent memory",
        "A memory file, or one section of it.",
        _MANAGERS,
        object_schema({**_WHOSE, **_FILE, "section": _SECTION}, optional=True),
        object_schema(
            {**_OUTCOME, "file": _TEXT, "section": _TEXT, "content": _TEXT, "available_sections": _LIST}
        ),
    ),
    Declaration(
        UPDATE,
        MEMORY,
        "Write agent memory",
        "Replaces a section of a memory file, or adds to it.",
        _MANAGERS,
        object_schema(
            {
                **_WHOSE,
                **_FILE,
                "section": _SECTION,
                "content": _TEXT,
                "mode": {"type": "string", "enum": ["set", "append"]},
            },
            required=("section", "content", "mode"),
        ),
        _changed(),
    ),
    Declaration(
        SEARCH,
        MEMORY,
        "Search agent memory",
        "Lines of a memory file that contain a text, whatever its case.",
        _MANAGERS,
        object_schema({**_WHOSE, **_FILE, "query": _TEXT, "section": _SECTION}, required=("query",)),
        object_schema(
            {
                **_OUTCOME,
                "query": _TEXT,
                "matches": {"type": "array", "items": _OBJECT},
                "match_count": _ID,
            }
        ),
    ),
    Declaration(
        SECTIONS,
        MEMORY,
        "List sections of agent memory",
        "The headings of a memory file in order.",
        _MANAGERS,
        object_schema({**_WHOSE, **_FILE}, optional=True),
        object_schema({**_OUTCOME, "file": _TEXT, "sections": _LIST}),
    ),
    Declaration(
        WRITE_SELF,
        MEMORY,
        "Write own memory",
        "Notes of the acting agent about its work; some have to be approved first.",
        Permission(any_of=("chat",)),
        object_schema(
            {
                "section": _SECTION,
                "content": _TEXT,
                "agent_id": {"type": ["integer", "null"], "description": "The acting agent when absent."},
                **_FILE,
                "section_type": _TEXT | {"default": "operating_note"},
                "mode": {"type": "string", "enum": ["append", "set"], "default": "append"},
                "reason": _TEXT | {"description": "For whoever approves it."},
                "requires_approval": _FLAG | {"default": False},
            },
            required=("section", "content"),
        ),
        _changed(
            error=_TEXT,
            error_code=_TEXT,
            agent_id=_ID,
            file=_TEXT,
            section=_TEXT,
            section_type=_TEXT,
            owner=_TEXT,
            staged=_FLAG,
            action_id=_TEXT,
        ),
    ),
    Declaration(
        DAILY_READ,
        MEMORY,
        "Read daily memory",
        "The notes of one day.",
        _MANAGERS,
        object_schema({**_WHOSE, "date": _DATE}, optional=True),
        object_schema({**_OUTCOME, "date": _TEXT, "content": _TEXT}),
    ),
    Declaration(
        DAILY_WRITE,
        MEMORY,
        "Write daily memory",
        "Adds to the notes of one day, or replaces them. Off unless the site's settings say otherwise.",
        _MANAGERS,
        object_schema(
            {
                **_WHOSE,
                "content": _TEXT,
                "date": _DATE,
                "mode": {"type": "string", "enum": ["write", "append"], "default": "append"},
            },
            required=("content",),
        ),
        object_schema(_OUTCOME),
    ),
    Declaration(
        DAILY_LIST,
        MEMORY,
        "List daily memory",
        "The days that have notes, by month, newest month first.",
        _MANAGERS,
        object_schema(_WHOSE, optional=True),
        object_schema({**_OUTCOME, "months": _OBJECT}),
    ),
    Declaration(
        DAILY_SEARCH,
        MEMORY,
        "Search daily memory",
        "Lines of the days' notes that contain a text, whatever its case.",
        _MANAGERS,
        object_schema(
            {
                **_WHOSE,
                "query": _TEXT,
                "from": {"type": ["string", "null"], "description": "The first day, YYYY-MM-DD."},
                "to": {"type": ["string", "null"], "description": "The last day, YYYY-MM-DD."},
            },
            required=("query",),
        ),
        object_schema(
            {
                **_OUTCOME,
                "query": _TEXT,
                "matches": {"type": "array", "items": _OBJECT},
                "match_count": _ID,
            }
        ),
    ),
    Declaration(
        DAILY_DELETE,
        MEMORY,
        "Delete daily memory",
        "Removes the notes of one day. Off unless the site's settings say otherwise.",
        _MANAGERS,
        object_schema({**_WHOSE, "date": _DATE}, optional=True),
        object_schema(_OUTCOME),
    ),
    Declaration(
        INJECTABLE,
        MEMORY,
        "List memory files of a prompt",
        "The files that a conversation of a mode begins with, in their order.",
        _MANAGERS,
        object_schema(
            {
                **_WHOSE,
                "mode": _TEXT | {"default": "chat", "description": "chat, pipeline, system or a plugin's."},
            },
            optional=True,
        ),
        object_schema({**_OUTCOME, "files": {"type": "array", "items": _OBJECT}}),
    ),
    Declaration(
        LIST_FILES,
        MEMORY,
        "List agent files",
        "The files of an agent in all its layers.",
        _MANAGERS,
        object_schema(_WHOSE, optional=True),
        object_schema({**_FILE_OUTCOME, "files": {"type": "array", "items": _OBJECT}}),
    ),
    Declaration(
        GET_FILE,
        MEMORY,
        "Read an agent file",
        "A whole file of an agent.",
        _MANAGERS,
        object_schema({**_WHOSE, "filename": _NAME}, required=("filename",)),
        object_schema({**_FILE_OUTCOME, "file": _OBJECT}),
    ),
    Declaration(
        WRITE_FILE,
        MEMORY,
        "Write an agent file",
        "Replaces a whole file of an agent, or makes it.",
        _MANAGERS,
        object_schema(
            {**_WHOSE, "filename": _NAME, "content": _TEXT, "layer": _LAYER},
            required=("filename", "content"),
        ),
        object_schema({**_FILE_OUTCOME, "filename": _TEXT, "layer": _TEXT}),
    ),
    Declaration(
        DELETE_FILE,
        MEMORY,
        "Delete an agent file",
        "Removes a file of an agent; files every agent has stay.",
        _MANAGERS,
        object_schema({**_WHOSE, "filename": _NAME}, required=("filename",)),
        object_schema({**_FILE_OUTCOME, "message": _TEXT}),
    ),
    Declaration(
        UPLOAD_FILE,
        MEMORY,
        "Upload an agent file",
        "Keeps a text file that was uploaded with the same request.",
        _MANAGERS,
        object_schema({**_WHOSE, "file_data": _UPLOAD, "layer": _LAYER}, required=("file_data",)),
        object_schema({**_FILE_OUTCOME, "files": {"type": "array", "items": _OBJECT}}),
    ),
)
