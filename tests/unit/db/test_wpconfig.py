"""wp-config.php: what is a literal, what a host means, which collation follows."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidecar.db import wpconfig

LITERAL = """<?php
// define( 'DB_NAME', 'commented' );
define( 'DB_NAME', 'wordpress' );
/** a password with quotes */
define('DB_USER', 'user');
define( "DB_PASSWORD", 'p\\'a\\\\ss;word' );
define( 'DB_HOST', 'localhost:/run/x.sock' );
define( 'DB_CHARSET', 'utf8' );
$table_prefix = 'abc_';
if ( ! defined( 'ABSPATH' ) ) { define( 'ABSPATH', __DIR__ . '/' ); }
require_once ABSPATH . 'wp-settings.php';
"""


def test_literals_are_parsed() -> None:
    assert wpconfig.parse_literals(LITERAL) == {
        "DB_NAME": "wordpress",
        "DB_USER": "user",
        "DB_PASSWORD": "p'a\\ss;word",
        "DB_HOST": "localhost:/run/x.sock",
        "DB_CHARSET": "utf8",
        "table_prefix": "abc_",
    }


def test_the_folder_for_files_is_a_literal_or_refused() -> None:
    """Guessed wrong, files would be written where nobody looks for them."""
    here = "define( 'DATAMACHINE_FILES_DIR', '/srv/kept/' );\n$table_prefix"
    found = wpconfig.parse_literals(LITERAL.replace("$table_prefix", here, 1))
    assert found["DATAMACHINE_FILES_DIR"] == "/srv/kept/"
    computed = here.replace("'/srv/kept/'", "dirname( __DIR__ ) . '/kept'")
    with pytest.raises(wpconfig.ConfigUnreadable):
        wpconfig.parse_literals(LITERAL.replace("$table_prefix", computed, 1))


@pytest.mark.parametrize(
    ("folder", "meant"),
    [("/srv/kept/", "/srv/kept"), ("relative", ""), ("/", ""), (None, "")],
)
def test_the_folder_for_files_in_the_environment(tmp_path: Path, folder: str | None, meant: str) -> None:
    (tmp_path / "wp-config.php").write_text(LITERAL)
    names = ("HOST", "NAME", "USER", "PASSWORD", "PREFIX")
    environment = {f"DATAMACHINE_DB_{name}": "x" for name in names}
    if folder is not None:
        environment["DATAMACHINE_FILES_DIR"] = folder
    assert wpconfig.read(tmp_path, environment=environment).files_dir == meant


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'wordpress'", "getenv( 'X' )"),
        ("'wordpress'", "'a' . 'b'"),
        ("'wordpress'", '"a$b"'),
        (
            "define('DB_USER', 'user');",
            "if ( $x ) define('DB_USER', 'a'); else define('DB_USER', 'b');",
        ),
        ("define('DB_USER', 'user');", ""),
        ("'abc_'", "getenv( 'P' )"),
        ("$table_prefix = 'abc_';", "$table_prefix = 'a_'; $table_prefix = 'b_';"),
        ("<?php", "<?php require 'other.php';"),
    ],
)
def test_anything_else_is_refused(old: str, new: str) -> None:
    assert old in LITERAL
    with pytest.raises(wpconfig.ConfigUnreadable):
        wpconfig.parse_literals(LITERAL.replace(old, new, 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("localhost", ("localhost", 3306, None)),
        ("localhost:/a/b.sock", ("localhost", 3306, "/a/b.sock")),
        ("db.example.org:3307", ("db.example.org", 3307, None)),
        ("127.0.0.1:3307:/x", ("127.0.0.1", 3307, "/x")),
        ("[::1]:3307", ("::1", 3307, None)),
        ("::1", ("::1", 3306, None)),
        (":/only.sock", ("", 3306, "/only.sock")),
    ],
)
def test_hosts_mean_what_wordpress_takes_them_for(text: str, expected: tuple[str, int, str | None]) -> None:
    assert wpconfig.parse_host(text) == expected


def test_a_host_that_is_none_is_refused() -> None:
    with pytest.raises(wpconfig.ConfigUnreadable):
        wpconfig.parse_host("localhost:abc")


@pytest.mark.parametrize(
    ("charset", "collate", "expected"),
    [
        ("utf8", "", ("utf8mb4", "utf8mb4_unicode_520_ci")),
        ("utf8mb4", "", ("utf8mb4", "utf8mb4_unicode_520_ci")),
        ("utf8mb4", "utf8mb4_unicode_ci", ("utf8mb4", "utf8mb4_unicode_520_ci")),
        ("utf8", "utf8_general_ci", ("utf8mb4", "utf8mb4_unicode_520_ci")),
        ("utf8mb4", "utf8mb4_general_ci", ("utf8mb4", "utf8mb4_general_ci")),
        ("utf8", "utf8_swedish_ci", ("utf8mb4", "utf8mb4_swedish_ci")),
    ],
)
def test_the_session_has_the_collation_of_wordpress(
    charset: str, collate: str, expected: tuple[str, str]
) -> None:
    assert wpconfig.wordpress_charset(charset, collate) == expected
