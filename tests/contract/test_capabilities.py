"""Both languages name the same capabilities and give them to the same roles."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from sidecar.identity import capabilities

FILE = Path(__file__).parents[2] / "wp-plugin/src/Identity/Capabilities.php"


def test_roles_get_the_same_in_php_and_python() -> None:
    script = (
        "define( 'ABSPATH', '/' ); require $argv[1];"
        "$class = new ReflectionClass( 'DataMachine\\Bridge\\Identity\\Capabilities' );"
        "echo json_encode( $class->getConstant( 'BY_ROLE' ) );"
    )
    printed = subprocess.run(["php", "-r", script, str(FILE)], capture_output=True, text=True, check=True)
    expected = {
        role: [capabilities.CAPABILITIES[key] for key in keys] for role, keys in capabilities.GRANTED.items()
    }
    assert json.loads(printed.stdout) == expected
    assert set(capabilities.MANAGING) <= set(capabilities.CAPABILITIES)
