"""People, agents and a plugin with opinions, on the session's site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.instance import ADMIN, Instance
from tests.integration.authorize.browsing import AGENT, Browser

PASSWORD = "correct horse battery staple"
#: Login by who it is; no capabilities of the product beyond those everybody has.
LOGINS = {"owner": "e-ada", "deputy": "e-ben", "operator": "e-cleo", "stranger": "e-eve"}
LISTED = ["bridge.example", "https://ext.example/*", "https://exact.example/cb"]
_PEOPLE = """
foreach ( json_decode( '%s' ) as $who => $login ) {
	$id = username_exists( $login ) ?: wp_insert_user( array( 'user_login' => $login, 'user_pass' => '%s',
		'user_email' => "$login@example.org", 'display_name' => "$who's", 'role' => 'subscriber' ) );
	echo "$who:$id\n";
}
"""


@pytest.fixture(scope="package")
def people(site: Instance) -> dict[str, int]:
    """Ids by who it is."""
    printed = site.wp("eval", _PEOPLE % (json.dumps(LOGINS), PASSWORD)).stdout
    return {name: int(number) for name, number in (line.split(":") for line in printed.split())}


@pytest.fixture(scope="package")
def plugin(site: Instance) -> Iterator[None]:
    file = site.path / "wp-content" / "mu-plugins" / "e-authorize.php"
    file.write_text((Path(__file__).parent / "plugin.php").read_text())
    yield
    file.unlink()


@pytest.fixture(scope="package")
def agents(site: Instance, people: dict[str, int], plugin: None) -> dict[str, int]:
    """Ids by slug; all are the owner's, and the deputy and the operator have roles on them."""
    known: dict[str, dict[str, object]] = {
        AGENT: {"allowed_redirect_uris": LISTED},
        "e-filtered": {},
        "e-scoped": {"default_scope": "logs"},
        "e-narrow": {"default_scope": "read_only"},
        "e-typo": {"default_scope": "reed_only"},
    }
    ids = {}
    for slug, config in known.items():
        settings = (f"--name={slug} & Co", f"--owner={LOGINS['owner']}", f"--config={json.dumps(config)}")
        made = site.datamachine("agents", "create", slug, *settings, "--format=json").stdout
        ids[slug] = int(json.loads(made[made.index("{") :])["agent_id"])
        for who, role in (("deputy", "admin"), ("operator", "operator")):
            site.datamachine("agents", "access", "grant", slug, LOGINS[who], f"--role={role}")
    return ids


@pytest.fixture(scope="package")
def browsers(site: Instance, people: dict[str, int], agents: dict[str, int]) -> dict[str, Browser]:
    """Everybody logged in; ``visitor`` is nobody, ``administrator`` has no role on the agents."""
    found = {who: Browser(site).log_in(login, PASSWORD) for who, login in LOGINS.items()}
    found["administrator"] = Browser(site).log_in(ADMIN, site.password)
    found["visitor"] = Browser(site)
    return found


@pytest.fixture
def owner(browsers: dict[str, Browser]) -> Browser:
    return browsers["owner"]
