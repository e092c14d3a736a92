"""The PHP side's copy of the product's step types, handlers and intervals."""

from __future__ import annotations

from sidecar.automation.catalogue import HANDLERS, STEP_SETTINGS, STEP_TYPES, WITH_SETTINGS
from sidecar.automation.flows.intervals import ALIASES, INTERVALS
from tools import php_literal

FILE = "wp-plugin/generated/automation.php"


def generate() -> dict[str, str]:
    """The file by its path from the root of the repository."""
    head = (
        "Step types, handlers and intervals of the product itself, by slug.\n\n"
        "Generated from sidecar/automation/{catalogue,flows/intervals}.py by tools/generate.py. Do not edit."
    )
    entries = {
        "step_types": STEP_TYPES,
        "step_settings": STEP_SETTINGS,
        "handlers": HANDLERS,
        "with_settings": [*HANDLERS, *WITH_SETTINGS],
        "intervals": INTERVALS,
        "interval_aliases": ALIASES,
    }
    return {FILE: php_literal.file(head, php_literal.php(entries))}
