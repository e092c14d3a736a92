"""Configurations evaluated by PHP mean what they mean to the site."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidecar.db import wpconfig

CONFIG = """<?php
declare( strict_types=1 );
echo 'noise on the output';
define( 'DB_NAME', getenv( 'TEST_DB_NAME' ) ?: 'fallback' );
require __DIR__ . '/extra.php';
define( 'DB_PASSWORD', 'a' . 'b"\\'' . strrev( 'dc' ) );
define( 'WP_CONTENT_DIR', dirname( __FILE__ ) . '/content' );
$table_prefix = strtolower( 'SITE_' );
if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';
"""


@pytest.fixture
def wordpress(tmp_path: Path) -> Path:
    (tmp_path / "wp-config.php").write_text(CONFIG)
    (tmp_path / "extra.php").write_text(
        "<?php define( 'DB_USER', 'other' ); define( 'DB_HOST', '127.0.0.1:3399' );"
        "define( 'MULTISITE', true );"
    )
    (tmp_path / "wp-settings.php").write_text(
        "<?php file_put_contents( __DIR__ . '/loaded', 'x' ); exit( 9 );"
    )
    return tmp_path


def test_php_evaluates_what_is_computed_and_included(wordpress: Path) -> None:
    config = wpconfig.read(wordpress, environment={})
    database = config.database
    assert (database.name, database.user, database.password) == ("fallback", "other", "ab\"'cd")
    assert (database.host, database.port, database.socket, database.prefix) == (
        "127.0.0.1",
        3399,
        None,
        "site_",
    )
    assert config.content_dir == f"{wordpress}/content"
    assert config.multisite
    assert config.source == "php"
    assert not (wordpress / "loaded").exists(), "WordPress itself must not be loaded"


def test_the_environment_wins(wordpress: Path) -> None:
    config = wpconfig.read(wordpress, environment={"DATAMACHINE_DB_HOST": "localhost:/x.sock"})
    assert config.database.socket == "/x.sock"
    assert config.database.user == "other"


def test_everything_may_come_from_the_environment(wordpress: Path) -> None:
    given = {variable: f"v_{field}" for variable, field in wpconfig.ENVIRONMENT.items()}
    config = wpconfig.read(wordpress, php="/no/such/php", environment=given)
    assert config.source == "environment"
    assert config.database.prefix == "v_table_prefix"


def test_without_php_only_literals_are_taken(wordpress: Path) -> None:
    with pytest.raises(wpconfig.ConfigUnreadable, match="PHP"):
        wpconfig.read(wordpress, php="/no/such/php", environment={})


def test_the_file_may_stand_one_folder_above(wordpress: Path) -> None:
    inner = wordpress / "public"
    inner.mkdir()
    (wordpress / "wp-settings.php").unlink()
    assert wpconfig.read(inner, environment={}).database.user == "other"


@pytest.mark.parametrize(
    "code", ["<?php exit( 3 );", "<?php nonsense(", "<?php $x = 1;", "<?php throw new Exception( 'pw' );"]
)
def test_a_broken_configuration_is_said_to_be_one(tmp_path: Path, code: str) -> None:
    (tmp_path / "wp-config.php").write_text(code)
    with pytest.raises(wpconfig.ConfigUnreadable):
        wpconfig.read(tmp_path, environment={})


def test_no_configuration_at_all(tmp_path: Path) -> None:
    with pytest.raises(wpconfig.ConfigUnreadable):
        wpconfig.read(tmp_path, environment={})
