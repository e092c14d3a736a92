"""Both languages name the same capabilities and give them to the same roles."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from sidecar.identity import capabilities

FOLDER = Path(__file__).parents[2] / "wp-plugin/src/Identity"


def constant(name: str, constant: str) -> Any:
    """What a constant of one of our PHP classes holds."""
    script = (
        "define( 'ABSPATH', '/' ); require $argv[1];"
        "echo json_encode( ( new ReflectionClass( $argv[2] ) )->getConstant( $argv[3] ) );"
    )
    words = [str(FOLDER / f"{name}.php"), f"DataMachine\\Bridge\\Identity\\{name}", constant]
    printed = subprocess.run(["php", "-r", script, *words], capture_output=True, text=True, check=True)
    return json.loads(printed.stdout)


def test_roles_get_the_same_in_php_and_python() -> None:
    expected = {
        role: [capabilities.CAPABILITIES[key] for key in keys] for role, keys in capabilities.GRANTED.items()
    }
    assert constant("Capabilities", "BY_ROLE") == expected
    assert set(capabilities.MANAGING) <= set(capabilities.CAPABILITIES)


def test_php_and_python_know_the_same_actions() -> None:
    assert constant("Rights", "ACTIONS") == list(capabilities.CAPABILITIES)
    assert constant("Rights", "PREFIX") == capabilities.PREFIX
    assert [capabilities.PREFIX + key for key in capabilities.CAPABILITIES] == constant("Capabilities", "ALL")
    assert {key: capabilities.PREFIX + key for key in capabilities.CAPABILITIES} == capabilities.CAPABILITIES
