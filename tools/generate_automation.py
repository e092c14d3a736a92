"""The PHP side's copy of the product's step types and handlers."""

from __future__ import annotations

from sidecar.automation.catalogue import HANDLERS, STEP_TYPES
from tools.php_literal import php

FILE = "wp-plugin/generated/automation.php"


def generate() -> dict[str, str]:
    """The file by its path from the root of the repository."""
    lines = [
        "<?php",
        "/**",
        " * Step types and handlers of the product itself, by slug.",
        " *",
        " * Generated from sidecar/automation/catalogue.py by tools/generate.py. Do not edit.",
        " *",
        " * @package DataMachine\\Bridge",
        " */",
        "",
        "declare(strict_types=1);",
        "",
        "if ( ! defined( 'ABSPATH' ) ) {",
        "\texit;",
        "}",
        "",
        f"return {php({'step_types': STEP_TYPES, 'handlers': HANDLERS})};",
        "",
    ]
    return {FILE: "\n".join(lines)}
