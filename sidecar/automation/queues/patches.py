"""Patches of a fetch step: settings one run lays over those of the handler."""

from __future__ import annotations

from typing import Any

from sidecar.automation.flows.masking import masked_handler
from sidecar.automation.queues.entries import PATCHES, Queue
from sidecar.automation.values import Document
from sidecar.db import php_json
from sidecar.errors import InvalidInput


def patch_of(given: Any) -> Document:
    """A patch as a caller sent it: a map, or JSON text of one. InvalidInput ``invalid_patch``."""
    if isinstance(given, str):
        try:
            given = php_json.loads(given)
        except php_json.NotJson:
            raise InvalidInput("The patch is not valid JSON.", code="invalid_patch") from None
    if given == []:
        return {}
    if not isinstance(given, dict):
        raise InvalidInput("A patch is a JSON object.", code="invalid_patch")
    return {str(key): value for key, value in given.items()}


def shown(queue: Queue) -> list[Document]:
    """The entries as they are answered."""
    if queue.slot != PATCHES:
        return queue.entries
    return [{**one, "patch": _masked(one.get("patch"))} for one in queue.entries]


def _masked(patch: Any) -> Any:
    return masked_handler(patch) if isinstance(patch, dict) else patch
