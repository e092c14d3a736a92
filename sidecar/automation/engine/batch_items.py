"""What a fan-out has still to make jobs of: ``batch_state`` of the parent's engine data.

A few packets stand in the document itself, where Data Machine has them and PHP looks for them. Many would be
written anew with every chunk, and one day be larger than what the database takes in one statement: they stand
in a file of the parent's folder, and the document says where the next one begins.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sidecar.automation.engine.engine_data import Place
from sidecar.automation.files.batch_files import BatchFiles
from sidecar.automation.files.job_files import JobFiles
from sidecar.automation.steps.base import number
from sidecar.automation.values import Document, Packet
from sidecar.db import php_json
from sidecar.errors import SidecarError

FILE, POSITION = "items_file", "items_position"


class ItemsGone(SidecarError):
    """The file that held the packets is not there any more, or is spoilt."""

    code = "batch_items_missing"


class Portion(msgspec.Struct, frozen=True):
    """Some of the packets, and the state behind them."""

    packets: list[Packet]
    after: Document
    #: Whether more follow.
    more: bool


class BatchItems:
    """Puts the packets of fan-outs away and takes them out again, in order."""

    #: Bytes of JSON that the parent's document holds at most.
    small = 256 * 1024

    def __init__(self, files: JobFiles) -> None:
        self._files = BatchFiles(files)

    def keep(self, place: Place, packets: Sequence[Packet]) -> Document:
        """``{offset, total, items}``, or ``{..., items: [], items_file, items_position}``; nothing counts
        until the document that names it is committed.
        """
        state: Document = {"offset": 0, "total": len(packets), "items": list(packets)}
        if len(php_json.dumps(state["items"])) <= self.small:
            return state
        # A name of its own: a worker that lost its lease writes over nobody's file.
        name = f"batch-{secrets.token_hex(6)}.jsonl"
        self._files.write(*place, name, packets)
        return {**state, "items": [], FILE: name, POSITION: 0}

    def portion(self, place: Place, state: Mapping[str, Any], count: int) -> Portion:
        """The next packets; ItemsGone."""
        offset, after = number(state.get("offset")), dict(state)
        if not state.get(FILE):
            items = state.get("items")
            items = items if isinstance(items, list) else []
            packets = items[offset : offset + count]
            total = len(items)
        else:
            total = number(state.get("total"))
            wanted = max(0, min(count, total - offset))
            try:
                packets, after[POSITION] = self._files.read(
                    *place, str(state[FILE]), number(state.get(POSITION)), wanted
                )
            except (OSError, ValueError) as error:
                raise ItemsGone(f"The packets of the batch cannot be read: {error}") from error
            if len(packets) < wanted:
                raise ItemsGone(f"{state[FILE]} ends before the batch does.")
        after["offset"] = offset + len(packets)
        return Portion(packets, after, after["offset"] < total)


def where(state: Mapping[str, Any]) -> Document:
    """Where the next packets of a state begin."""
    return {key: state[key] for key in ("offset", POSITION) if key in state}
