"""Uninstalling takes what is ours, and leaves what is the user's."""

from __future__ import annotations

from dev.instance import Instance


def test_uninstalling_leaves_no_trace_but_the_users_data(fresh_site: Instance) -> None:
    def rows(query: str) -> list[str]:
        return fresh_site.wp("db", "query", query, "--skip-column-names").stdout.split()

    ours = "SHOW TABLES LIKE '%datamachine\\_bridge%'"
    options = "SELECT option_name FROM wp_options WHERE option_name LIKE 'datamachine\\_bridge%'"
    index = "SHOW INDEX FROM wp_actionscheduler_actions WHERE Key_name = 'datamachine_bridge_claim'"
    before = rows("SHOW TABLES LIKE 'wp_datamachine\\_%'")
    mine = rows(ours)
    assert len(mine) == 4
    assert rows(options)
    assert rows(index)
    fresh_site.wp("plugin", "deactivate", "datamachine-bridge")
    # Not `plugin delete`: the plugin's folder is this checkout.
    fresh_site.wp("eval", "uninstall_plugin( 'datamachine-bridge/datamachine-bridge.php' );")
    assert (rows(ours), rows(options), rows(index)) == ([], [], [])
    assert sorted(rows("SHOW TABLES LIKE 'wp_datamachine\\_%'")) == sorted(set(before) - set(mine))
