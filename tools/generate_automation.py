"""The PHP side's copy of the product's step types and handlers."""

from __future__ import annotations

from sidecar.automation.catalogue import HANDLERS, STEP_TYPES
from tools import php_literal

FILE = "wp-plugin/generated/automation.php"


def generate() -> dict[str, str]:
    """The file by its path from the root of the repository."""
    head = (
        "Step types and handlers of the product itself, by slug.\n\n"
        "Generated from sidecar/automation/catalogue.py by tools/generate.py. Do not edit."
    )
    return {FILE: php_literal.file(head, php_literal.php({"step_types": STEP_TYPES, "handlers": HANDLERS}))}
