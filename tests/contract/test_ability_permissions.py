"""Who may run an ability: PHP judges by the rule that Python declares."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sidecar.abilities import Permission

REGISTRAR = Path(__file__).parents[2] / "wp-plugin/src/Abilities/Registrar.php"
SCRIPT = """
namespace DataMachine\\Abilities {
	class PermissionHelper {
		public static array $caller;
		public static function can( string $action ): bool {
			return in_array( $action, self::$caller['actions'], true );
		}
		public static function can_manage(): bool {
			return array() !== preg_grep( '/^manage_/', self::$caller['actions'] );
		}
		public static function acting_user_id(): int {
			return self::$caller['user'];
		}
	}
}
namespace {
	define( 'ABSPATH', '/' );
	require $argv[1];
	\\DataMachine\\Abilities\\PermissionHelper::$caller = json_decode( $argv[3], true );
	$judge = new ReflectionMethod( 'DataMachine\\Bridge\\Abilities\\Registrar', 'permitted' );
	echo json_encode( $judge->invoke( null, json_decode( $argv[2], true ) ) );
}
"""


@pytest.mark.parametrize(
    ("rule", "user", "actions", "allowed"),
    [
        (Permission(manage=True), 0, [], False),
        (Permission(manage=True), 7, ["chat"], False),
        (Permission(manage=True), 7, ["manage_settings"], True),
        (Permission(any_of=("chat", "use_tools")), 7, ["use_tools"], True),
        (Permission(any_of=("chat",)), 7, ["manage_flows"], False),
        (Permission(any_of=("chat",), manage=True), 7, ["manage_flows"], True),
        (Permission(login=True), 0, [], False),
        (Permission(login=True), 7, [], True),
        (Permission(), 7, ["manage_agents"], False),
    ],
)
def test_the_rule_is_judged(rule: Permission, user: int, actions: list[str], allowed: bool) -> None:
    def encoded(value: Any) -> str:
        return json.dumps(value)

    arguments = [encoded(rule.wordpress()), encoded({"user": user, "actions": actions})]
    printed = subprocess.run(
        ["php", "-r", SCRIPT, str(REGISTRAR), *arguments], capture_output=True, text=True, check=False
    )
    assert (printed.stderr, printed.returncode) == ("", 0), printed.stdout
    assert json.loads(printed.stdout) is allowed
