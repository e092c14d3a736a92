"""Which memory files there are: what ``MemoryFileRegistry`` in PHP holds, as Python sees it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from sidecar.memory.values import AGENT

#: The mode of files that belong into every prompt.
ALL = "all"


class RegisteredFile(msgspec.Struct, frozen=True):
    """One entry of ``MemoryFileRegistry``."""

    filename: str
    layer: str
    composable: bool = False
    #: Below WordPress's root, for files that other programs look for there; '' for none.
    convention_path: str = ""
    priority: int = 50
    #: Cannot be deleted, nor emptied.
    protected: bool = False
    #: False: nobody edits it; a text: who has that capability of WordPress.
    editable: bool | str = True
    modes: tuple[str, ...] = (ALL,)
    label: str = ""
    description: str = ""

    def document(self) -> dict[str, Any]:
        """As the registry's array in PHP, for its filters."""
        return {
            "filename": self.filename,
            "priority": self.priority,
            "layer": self.layer,
            "protected": self.protected,
            "editable": self.editable,
            "composable": self.composable,
            "convention_path": self.convention_path,
            "modes": list(self.modes),
            "label": self.label,
            "description": self.description,
        }

    def in_mode(self, mode: str) -> bool:
        """Whether a prompt of that mode holds it; '' stands for every mode."""
        return not mode or ALL in self.modes or mode in self.modes


class Registry:
    """All of them in the registry's order: by priority, then as they were registered."""

    def __init__(self, files: Sequence[RegisteredFile]) -> None:
        self._files = tuple(files)
        self._by_name = {each.filename: each for each in self._files}

    def __len__(self) -> int:
        return len(self._files)

    def __iter__(self) -> Iterator[RegisteredFile]:
        return iter(self._files)

    def get(self, filename: str) -> RegisteredFile | None:
        """A registered file by its name."""
        return self._by_name.get(filename)

    def layer_of(self, filename: str) -> str:
        """The layer a file belongs to; an unregistered one is the agent's."""
        found = self._by_name.get(filename)
        return AGENT if found is None else found.layer

    def of_layer(self, layer: str) -> tuple[RegisteredFile, ...]:
        """Those of one layer."""
        return tuple(each for each in self._files if each.layer == layer)

    def for_mode(self, mode: str) -> tuple[RegisteredFile, ...]:
        """Those that a prompt of that mode holds; all of them for ''."""
        return tuple(each for each in self._files if each.in_mode(mode))
