"""Who is the product on this site, which site it is, and which manifest counts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sidecar import settings
from sidecar.db import Database
from sidecar.hooks import fence
from tests.integration.hooks.conftest import Hooked

OWN = "datamachine-bridge/datamachine-bridge.php"


def identity(hooked: Hooked) -> fence.Identity:
    db = Database(settings.load(hooked.instance.config).site().database)
    try:
        found = fence.identity(db)
    finally:
        db.close()
    assert found is not None
    return found


def stub(hooked: Hooked, slug: str, header: str = "", code: str = "") -> str:
    folder = hooked.instance.path / "wp-content" / "plugins" / slug
    folder.mkdir(exist_ok=True)
    (folder / f"{slug}.php").write_text(f"<?php\n/**\n * Plugin Name: {slug}\n{header} */\n{code}")
    return slug


def state(hooked: Hooked) -> Any:
    return hooked.php(
        """
        $plugin = DataMachine\\Bridge\\Plugin::instance();
        $out = array(
            $plugin->mode(),
            (bool) has_action( 'datamachine_execute_step' ),
            (bool) has_action( 'datamachine_bridge_deliver' ),
            (bool) has_filter( 't_order' ),
            get_option( 'active_plugins' )[0],
        );
        """
    )


#: What Data Machine's file does as soon as it is loaded.
NAMES = """
define( 'DATAMACHINE_VERSION', '0.102.8' );
function datamachine_get_engine_data( int $job_id ): array { return array(); }
"""


def test_companion_while_data_machine_is_active(hooked: Hooked) -> None:
    before = identity(hooked)
    assert (before.mode, state(hooked)) == ("standalone", ["standalone", True, True, True, OWN])
    slug = stub(hooked, "data-machine", code=NAMES)
    told = hooked.instance.wp("plugin", "activate", slug)
    assert "already defined" not in told.stderr + told.stdout
    during = identity(hooked)
    assert (during.mode, during.epoch) == ("companion", before.epoch + 1)
    assert state(hooked) == ["companion", False, True, True, OWN]
    hooked.instance.wp("plugin", "deactivate", slug)
    after = identity(hooked)
    assert (after.mode, after.epoch) == ("standalone", before.epoch + 2)
    assert state(hooked) == ["standalone", True, True, True, OWN]
    assert after.site_uuid == before.site_uuid


def test_data_machine_is_activated_without_being_named(hooked: Hooked) -> None:
    before = identity(hooked)
    slug = stub(hooked, "data-machine", code=NAMES)
    others = json.loads(hooked.instance.wp("plugin", "list", "--format=json").stdout)
    left = ",".join(each["name"] for each in others if each["name"] != slug)
    told = hooked.instance.wp("plugin", "activate", "--all", f"--exclude={left}")
    assert "already defined" not in told.stderr + told.stdout
    assert (identity(hooked).mode, identity(hooked).epoch) == ("companion", before.epoch + 1)
    hooked.instance.wp("plugin", "deactivate", slug)
    hooked.instance.wp("plugin", "delete", slug)


TAKES = """
register_deactivation_hook( __FILE__, function () {
	foreach ( array( 'administrator', 'subscriber' ) as $role ) {
		get_role( $role )->remove_cap( 'datamachine_create_own_agent' );
	}
} );
"""


def test_capabilities_that_data_machine_takes_along_come_back(hooked: Hooked) -> None:
    slug = stub(hooked, "data-machine")
    with (hooked.instance.path / "wp-content" / "plugins" / slug / f"{slug}.php").open("a") as file:
        file.write(TAKES)
    may = "$out = get_role( 'subscriber' )->has_cap( 'datamachine_create_own_agent' );"
    assert hooked.php(may) is True
    hooked.instance.wp("plugin", "activate", slug)
    # The request that ends it has loaded as its companion; the next one is ours.
    hooked.instance.wp("plugin", "deactivate", slug)
    assert hooked.php(may) is True
    hooked.instance.wp("cap", "remove", "subscriber", "datamachine_create_own_agent")
    assert hooked.php(may) is False, "what an administrator takes stays taken"
    hooked.instance.wp("cap", "add", "subscriber", "datamachine_create_own_agent")
    hooked.instance.wp("plugin", "delete", slug)


def test_requires_plugins_headers_are_satisfied_by_us(hooked: Hooked) -> None:
    slug = stub(hooked, "needs-them", " * Requires Plugins: data-machine, agents-api\n")
    # The stub of the other test must not answer for the original.
    hooked.instance.wp("plugin", "delete", "data-machine", check=False)
    hooked.instance.wp("plugin", "activate", slug)
    assert state(hooked)[4] == OWN
    hooked.instance.wp("plugin", "deactivate", slug)


def test_deactivation_and_activation_begin_new_epochs(hooked: Hooked) -> None:
    before = identity(hooked)
    hooked.instance.wp("plugin", "deactivate", "datamachine-bridge")
    assert (identity(hooked).mode, identity(hooked).epoch) == ("inactive", before.epoch + 1)
    hooked.instance.wp("plugin", "activate", "datamachine-bridge")
    assert (identity(hooked).mode, identity(hooked).epoch) == ("standalone", before.epoch + 2)


def test_a_copy_stays_off_until_the_operator_decides(hooked: Hooked) -> None:
    before = identity(hooked)
    live = hooked.php("$out = apply_filters( 't_order', 'v' );")
    assert live.endswith("py20")
    moved = hooked.instance.url.replace("127.0.0.1", "localhost")
    hooked.sql(f"UPDATE wp_options SET option_value = '{moved}' WHERE option_name = 'home'")
    try:
        assert hooked.php("$out = apply_filters( 't_order', 'v' );") == "v"
        assert hooked.php("$out = apply_filters( 'datamachine_can_access_agent', true );") is False
        assert identity(hooked).is_copy is True
        db = Database(settings.load(hooked.instance.config).site().database)
        with pytest.raises(fence.SiteCopied, match="datamachine site moved"):
            fence.check(db)
        db.close()
        assert "bridge and workers are off" in hooked.instance.datamachine("site", "show").stdout
        hooked.instance.datamachine("site", "moved")
        after = identity(hooked)
        assert (after.is_copy, after.site_uuid, after.home_url) == (False, before.site_uuid, moved)
        assert after.epoch > before.epoch
        assert hooked.php("$out = apply_filters( 't_order', 'v' );") == live
    finally:
        hooked.sql(f"UPDATE wp_options SET option_value = '{hooked.instance.url}' WHERE option_name = 'home'")
        hooked.instance.datamachine("site", "copy")
    copied = identity(hooked)
    assert copied.is_copy is False
    assert copied.site_uuid != before.site_uuid


def test_an_older_or_equal_manifest_is_ignored(hooked: Hooked) -> None:
    answer = hooked.php(
        """
        $stored  = get_option( 'datamachine_bridge_manifest' );
        $now     = $stored['generation'];
        $publish = function ( array $change ) use ( $stored ) {
            $params = array( 'manifest' => $change + $stored );
            return DataMachine\\Bridge\\Hooks\\Manifest::publish( $params )['stored'];
        };
        $out = array(
            $publish( array( 'hash' => 'x', 'generation' => $now ) ),
            $publish( array( 'hash' => 'x', 'generation' => $now - 1 ) ),
            $publish( array( 'generation' => $now + 5 ) ),
            $publish( array( 'hash' => 'x', 'format' => 99, 'generation' => $now + 5 ) ),
            get_option( 'datamachine_bridge_manifest' ) === $stored,
        );
        """
    )
    assert answer == [False, False, False, False, True]


def test_a_restart_with_the_same_plugins_writes_nothing(hooked: Hooked) -> None:
    read = "$out = get_option( 'datamachine_bridge_manifest' );"
    before = hooked.php(read)
    hooked.stop()
    hooked.start()
    assert hooked.php(read) == before
    published = json.loads((hooked.instance.run_dir / "dm" / "manifest.json").read_text())
    assert (published["stored"], published["generation"]) == (False, before["generation"])
