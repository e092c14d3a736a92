"""Files that are not Python: packed into the wheel under ``_data``, beside the package in a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from sidecar.errors import Internal

_PACKAGE = Path(__file__).resolve().parent


def folder(name: Literal["hooks", "schema", "wp-plugin"]) -> Path:
    """Where the folder of that name is."""
    for candidate in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise Internal(f"The folder {name} is missing from this installation.", code="installation_incomplete")
