"""The engine data of jobs as answers show it: without the secrets of its flow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sidecar.automation.flows.masking import masked_engine_data
from sidecar.automation.values import Job
from sidecar.db import php_json

#: What a text with a secret in it has somewhere; most have not, and are not taken apart.
_PERHAPS = re.compile(r"pass|secret|token|key|authorization", re.IGNORECASE)


def text(job: Job) -> str | None:
    """The column's text; the same bytes where it holds no secret."""
    if not job.engine_data or not _PERHAPS.search(job.engine_data):
        return job.engine_data
    try:
        found = php_json.loads(job.engine_data)
    except php_json.NotJson:
        return job.engine_data
    if not isinstance(found, Mapping):
        return job.engine_data
    masked = masked_engine_data(found)
    return job.engine_data if masked == found else php_json.dumps(masked)


def document(job: Job) -> Any:
    """The job's document; an empty map for none and for text that is no JSON."""
    if not job.engine_data:
        return {}
    try:
        found = php_json.loads(job.engine_data)
    except php_json.NotJson:
        return {}
    return masked_engine_data(found) if isinstance(found, Mapping) else found
