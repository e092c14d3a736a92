"""Uninstalling takes what is ours, and leaves what is the user's."""

from __future__ import annotations

from dev import paths
from dev.instance import Instance


def test_uninstalling_leaves_no_trace_but_the_users_data(fresh_site: Instance) -> None:
    def rows(query: str) -> list[str]:
        return fresh_site.wp("db", "query", query, "--skip-column-names").stdout.split()

    ours = "SHOW TABLES LIKE '%datamachine\\_bridge%'"
    options = "SELECT option_name FROM wp_options WHERE option_name LIKE 'datamachine\\_bridge%'"
    index = "SHOW INDEX FROM wp_actionscheduler_actions WHERE Key_name = 'datamachine_bridge_claim'"
    before = rows("SHOW TABLES LIKE 'wp_datamachine\\_%'")
    mine = rows(ours)
    files = (paths.ROOT / "schema" / "tables").glob("datamachine_bridge_*.sql")
    assert sorted(mine) == sorted(f"wp_{file.stem}" for file in files)
    assert {"datamachine_bridge", "datamachine_bridge_access_epoch"} <= set(rows(options))
    kept = "SELECT COUNT(*) FROM wp_options WHERE option_name = 'datamachine_removed_agents'"
    fresh_site.wp("option", "add", "datamachine_removed_agents", "{}", "--format=json")
    assert rows(index)
    fresh_site.wp("plugin", "deactivate", "datamachine-bridge")
    # Not `plugin delete`: the plugin's folder is this checkout.
    fresh_site.wp("eval", "uninstall_plugin( 'datamachine-bridge/datamachine-bridge.php' );")
    assert (rows(ours), rows(options), rows(index)) == ([], [], [])
    assert sorted(rows("SHOW TABLES LIKE 'wp_datamachine\\_%'")) == sorted(set(before) - set(mine))
    assert rows(kept) == ["1"], "what the administrator removed stays removed after an installation again"
