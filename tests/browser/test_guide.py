"""The client that the guide shows, run as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page

from dev.instance import Instance
from tests.browser.conftest import AGENT, log_in

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "authorize-in-the-browser.md"


def run(page: Page, site: Instance, folder: Path, button: str) -> tuple[int, str, str]:
    """Exit code and output of the guide's program after the person pressed a button."""
    found = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    program = folder / "client.py"
    program.write_text(found[1], encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(program), site.url, AGENT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as client:
        try:
            assert client.stdout is not None
            assert client.stdout.readline() == "Open this address:\n"
            page.goto(client.stdout.readline().strip())
            if "wp-login.php" in page.url:
                log_in(page, "owner")
            assert "Example client" in page.locator("dl").inner_text()
            page.get_by_role("button", name=button).click()
            page.wait_for_url("http://127.0.0.1:*/callback?**")
            output, errors = client.communicate(timeout=60)
        finally:
            client.kill()
    return client.returncode, output, errors


def test_the_guides_client_acts_as_the_agent(page: Page, house: Instance, tmp_path: Path) -> None:
    assert run(page, house, tmp_path, "Authorize") == (0, "Acting as Browser & Bot\n", "")


def test_the_guides_client_says_that_it_was_denied(page: Page, house: Instance, tmp_path: Path) -> None:
    assert run(page, house, tmp_path, "Deny") == (1, "", "Not authorized: access_denied\n")
