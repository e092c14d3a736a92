"""A real browser, people who use it, and an agent that programs want to act as."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dev.instance import Instance
from dev.packages import find_browser
from tests.browser.client import Client, listening

AGENT = "browser-bot"
PASSWORD = "correct horse battery staple"
LOGINS = {"owner": "browser-ada", "stranger": "browser-eve"}
#: Milliseconds to wait for what a page should show: the machine may be busy with other tests.
expect.set_options(timeout=30_000)
_PEOPLE = """
foreach ( json_decode( '%s' ) as $who => $login ) {
	wp_insert_user( array( 'user_login' => $login, 'user_pass' => '%s', 'user_email' => "$login@example.org",
		'display_name' => ucfirst( $who ) . ' of the house', 'role' => 'author' ) );
}
"""
#: As if the day had passed that a form is good for.
_NONCE_LIFE = """<?php
add_filter( 'nonce_life', fn( $life ) => (int) get_option( 'browser_nonce_life', $life ) );
"""


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The distribution's Chromium; its files go to a folder of this run, whoever runs it."""
    home = tmp_path_factory.mktemp("chromium")
    program = find_browser()
    assert program is not None, "Chromium is missing: run `make packages`."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            env={**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home)},
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def house(site: Instance) -> Iterator[Instance]:
    """The session's site with people who know their password, and an agent of the owner's."""
    site.wp("eval", _PEOPLE % (json.dumps(LOGINS), PASSWORD))
    site.datamachine("agents", "create", AGENT, "--name=Browser & Bot", f"--owner={LOGINS['owner']}")
    plugin = site.path / "wp-content" / "mu-plugins" / "browser-nonce-life.php"
    plugin.write_text(_NONCE_LIFE)
    yield site
    plugin.unlink()


@pytest.fixture
def client(house: Instance) -> Iterator[Client]:
    with listening(house, AGENT) as client:
        yield client


@pytest.fixture
def page(chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """A window of somebody who is not logged in. Messages of the page's own console are faults."""
    context = chromium.new_context()
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
    yield page
    context.close()
    assert faults == []


def log_in(page: Page, who: str) -> None:
    """Fill in the form that WordPress shows; afterwards the page behind it is there."""
    # The form takes the focus itself after a moment, and text typed just then ends up in the wrong field.
    page.wait_for_function("['user_login', 'user_pass'].includes(document.activeElement.id)")
    page.fill("#user_login", LOGINS[who])
    page.fill("#user_pass", PASSWORD)
    with page.expect_navigation():
        page.click("#wp-submit")
