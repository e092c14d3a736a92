"""The upsert step: makes sure that the AI step used its handlers' tools, as the publish step does."""

from __future__ import annotations

from sidecar.automation.steps.publish import PublishStep


class UpsertStep(PublishStep):
    """Its packet says what was made or changed."""

    kind = "upsert"
    title = "Upsert Complete"
    success = "upsert_success"
