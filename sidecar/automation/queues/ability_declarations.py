"""The abilities on queues, as WordPress is told about them."""

from __future__ import annotations

from typing import Any

from sidecar.abilities import Declaration, Permission, object_schema
from sidecar.automation.categories import CONTENT, FLOW

ADD = "datamachine/queue-add"
LIST = "datamachine/queue-list"
CLEAR = "datamachine/queue-clear"
REMOVE = "datamachine/queue-remove"
UPDATE = "datamachine/queue-update"
MOVE = "datamachine/queue-move"
MODE = "datamachine/queue-mode"
PATCH_ADD = "datamachine/config-patch-add"
PATCH_LIST = "datamachine/config-patch-list"
PATCH_CLEAR = "datamachine/config-patch-clear"
PATCH_REMOVE = "datamachine/config-patch-remove"
PATCH_UPDATE = "datamachine/config-patch-update"
PATCH_MOVE = "datamachine/config-patch-move"
CHECK_DUPLICATE = "datamachine/check-duplicate"

_TEXT, _ID, _FLAG = (dict[str, Any](type=kind) for kind in ("string", "integer", "boolean"))
_MANAGERS = Permission(manage=True)
_STEP: dict[str, Any] = {
    "flow_id": _ID | {"description": "The flow."},
    "flow_step_id": _TEXT | {"description": "A step of the flow, as {pipeline step}_{flow}."},
}
_INDEX: dict[str, Any] = _ID | {"description": "Position in the queue, 0 for the entry that comes first."}
_PATCH: dict[str, Any] = {
    "type": ["object", "array"],
    "description": "Settings that one run lays over those of the step's handler.",
}
_MODES: dict[str, Any] = {"type": "string", "enum": ["drain", "loop", "static"]}
_DONE: dict[str, Any] = {"success": _FLAG, "error": _TEXT, "message": _TEXT, **_STEP, "queue_length": _ID}


def _on_step(
    name: str, label: str, description: str, given: dict[str, Any], output: dict[str, Any],
    *, needed: tuple[str, ...] = (),
) -> Declaration:  # fmt: skip
    return Declaration(
        name,
        FLOW,
        label,
        description,
        _MANAGERS,
        object_schema({**_STEP, **given}, required=("flow_id", "flow_step_id", *needed)),
        object_schema({**_DONE, **output}),
    )


#: A strategy of somebody else says what it likes.
_ANYTHING: dict[str, Any] = {"type": ["object", "array", "string", "number", "boolean", "null"]}
_LISTED: dict[str, Any] = {"queue": {"type": "array"}, "count": _ID, "queue_mode": _TEXT}

DECLARATIONS = (
    _on_step(
        ADD,
        "Add a prompt to a queue",
        "Puts a prompt at the end of a step's queue, unless there is a post or a prompt like it.",
        {
            "prompt": _TEXT | {"description": "What the AI step is asked."},
            "skip_validation": _FLAG
            | {"default": False, "description": "Add it even if there is one like it."},
            "context": {"type": ["object", "array"], "description": "Handed to duplicate strategies."},
        },
        {"reason": _TEXT, "match": _ANYTHING, "source": _TEXT, "strategy": _TEXT},
        needed=("prompt",),
    ),
    _on_step(
        LIST,
        "List a queue",
        "The prompts that wait at a step, the next one first.",
        {},
        _LISTED,
    ),
    _on_step(CLEAR, "Clear a queue", "Removes every prompt of a step's queue.", {}, {"cleared_count": _ID}),
    _on_step(
        REMOVE,
        "Remove a prompt from a queue",
        "Removes the prompt at a position.",
        {"index": _INDEX},
        {"removed_prompt": _TEXT},
        needed=("index",),
    ),
    _on_step(
        UPDATE,
        "Change a prompt of a queue",
        "Replaces the text of the prompt at a position; position 0 of an empty queue makes one.",
        {"index": _INDEX, "prompt": _TEXT},
        {"index": _ID},
        needed=("index", "prompt"),
    ),
    _on_step(
        MOVE,
        "Move a prompt within a queue",
        "Takes the prompt at one position and puts it at another.",
        {"from_index": _INDEX, "to_index": _INDEX},
        {},
        needed=("from_index", "to_index"),
    ),
    _on_step(
        MODE,
        "Set how a queue is used",
        "static takes the first entry and leaves it, drain removes it, loop puts it at the end.",
        {"mode": _MODES},
        {"queue_mode": _TEXT},
        needed=("mode",),
    ),
    _on_step(
        PATCH_ADD,
        "Add a patch to a queue",
        "Puts settings for one run at the end of a fetch step's queue.",
        {"patch": _PATCH},
        {},
        needed=("patch",),
    ),
    _on_step(
        PATCH_LIST,
        "List a queue of patches",
        "The patches that wait at a fetch step.",
        {},
        _LISTED,
    ),
    _on_step(
        PATCH_CLEAR,
        "Clear a queue of patches",
        "Removes every patch of a fetch step's queue.",
        {},
        {"cleared_count": _ID},
    ),
    _on_step(
        PATCH_REMOVE,
        "Remove a patch from a queue",
        "Removes the patch at a position.",
        {"index": _INDEX},
        {"removed_patch": _PATCH},
        needed=("index",),
    ),
    _on_step(
        PATCH_UPDATE,
        "Change a patch of a queue",
        "Replaces the patch at a position.",
        {"index": _INDEX, "patch": _PATCH},
        {"index": _ID},
        needed=("index", "patch"),
    ),
    _on_step(
        PATCH_MOVE,
        "Move a patch within a queue",
        "Takes the patch at one position and puts it at another.",
        {"from_index": _INDEX, "to_index": _INDEX},
        {},
        needed=("from_index", "to_index"),
    ),
    Declaration(
        CHECK_DUPLICATE,
        CONTENT,
        "Check for a duplicate",
        "Whether a title is already a post of this site, or waits in a queue.",
        _MANAGERS,
        object_schema(
            {
                "title": _TEXT | {"description": "The title or prompt to look for."},
                "scope": {"type": "string", "enum": ["published", "queue", "both"], "default": "published"},
                "post_type": _TEXT | {"default": "post"},
                "lookback_days": _ID | {"default": 14, "description": "How old posts may be."},
                "source_url": _TEXT | {"description": "The address the content comes from."},
                "flow_id": _ID | {"description": "The flow whose queue is searched."},
                "flow_step_id": _TEXT,
                "context": {"type": ["object", "array"]},
            },
            required=("title",),
        ),
        object_schema(
            {
                "success": _FLAG,
                "verdict": {"type": "string", "enum": ["duplicate", "clear"]},
                "source": _TEXT,
                "match": _ANYTHING,
                "reason": _TEXT,
                "strategy": _TEXT,
                "error": _TEXT,
            }
        ),
    ),
)
