"""Lines for runtimes are read back as they were meant, whatever stands in an address or a slug."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from sidecar.commands import runtime_lines
from sidecar.wordpress import rest_url

TOKEN = f"datamachine_my-bot_{'0f' * 32}"
ODD = "http://example.org/it's $HOME `x`/wp-json/datamachine/v1"


@pytest.mark.parametrize("runtime", list(runtime_lines.RUNTIMES))
def test_the_token_stands_in_the_file_and_in_no_command(runtime: str) -> None:
    lines = runtime_lines.ready(runtime, "my-bot", "http://example.org/wp-json/datamachine/v1", TOKEN)
    assert lines.content.count(TOKEN) == 1
    assert TOKEN not in lines.place
    assert all(TOKEN not in command for command in lines.use)


@pytest.mark.parametrize("runtime", ["env", "opencode", "kimaki", "ci"])
@pytest.mark.parametrize("url", ["https://example.org/wp-json/datamachine/v1", ODD])
def test_a_shell_reads_the_variables_back(runtime: str, url: str, tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text(runtime_lines.ready(runtime, "bot", url, TOKEN).content + "\n")
    script = f'set -a; . {file}; exec env -i "U=$DATAMACHINE_URL" "T=$DATAMACHINE_TOKEN" env'
    said = subprocess.run(["sh", "-euc", script], capture_output=True, text=True, check=True)
    assert said.stdout == f"U={url}\nT={TOKEN}\n"


def test_settings_of_claude_code_are_json() -> None:
    lines = runtime_lines.ready("claude-code", "bot", ODD, TOKEN)
    assert json.loads(lines.content) == {"env": {"DATAMACHINE_URL": ODD, "DATAMACHINE_TOKEN": TOKEN}}


def test_a_slug_is_no_path_and_no_command() -> None:
    for runtime in runtime_lines.RUNTIMES:
        lines = runtime_lines.ready(runtime, "caf%c3%a9/../x;y z", "http://h/wp-json/datamachine/v1", TOKEN)
        for text in (lines.place, *lines.use):
            assert [part for part in ("../", ";y", "y z", "%c3") if part in text] == []


@pytest.mark.parametrize(
    ("home", "permalinks", "url"),
    [
        ("https://example.org", "/%postname%/", "https://example.org/wp-json/datamachine/v1"),
        (
            "https://example.org/blog/",
            "/%year%/%postname%/",
            "https://example.org/blog/wp-json/datamachine/v1",
        ),
        ("http://h", "/index.php/%postname%/", "http://h/index.php/wp-json/datamachine/v1"),
        ("http://h", "", "http://h/index.php?rest_route=/datamachine/v1"),
    ],
)
def test_where_the_routes_are(home: str, permalinks: str, url: str) -> None:
    assert rest_url(home, permalinks, "datamachine/v1") == url
