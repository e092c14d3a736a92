"""Credentials of a handler, in place of a reference to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar import hooks
from sidecar.automation import wordpress
from sidecar.automation.errors import StepFailed
from sidecar.automation.values import Document
from sidecar.bridge.values import WPError

FILTER = "datamachine_auth_ref_to_handler_config"


def resolved(config: Document, slug: str, context: Mapping[str, Any]) -> Document:
    """The configuration a handler runs with: the filter's answer, its ``auth_ref`` resolved by a provider.

    Our own listener in PHP does the latter, and is no reason to open a WordPress: it is asked here for a
    reference that nobody else has resolved. StepFailed with the sentence of a provider that refuses.
    """
    found: Any = hooks.apply_filters(FILTER, config, slug, context)
    if isinstance(found, Mapping) and found.get("auth_ref"):
        params = {"config": dict(found), "handler": slug, "context": dict(context)}
        found = wordpress.host().call("automation.auth_ref", params)
    if isinstance(found, WPError):
        raise StepFailed(found.message or "The handler's credentials could not be resolved.")
    return dict(found) if isinstance(found, Mapping) else config
