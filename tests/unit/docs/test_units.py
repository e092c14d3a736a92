"""The files for systemd name commands and places that exist."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from sidecar import cli, settings

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "packaging" / "systemd"
UNITS = sorted(path for path in FOLDER.rglob("*") if path.suffix in {".service", ".socket", ".target"})
SITE = settings.Site(
    wp_path="/var/www/html",
    run_dir="/run/datamachine/default",
    secret_file="/etc/datamachine/default.secret",
    database=settings.DatabaseSettings(user="wordpress", name="wordpress"),
)


def unit(path: Path) -> configparser.ConfigParser:
    # The same key may stand twice in a unit; none of those that are read here does.
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text(encoding="utf-8"))
    return parser


def named(suffix: str) -> list[Path]:
    return [path for path in UNITS if path.suffix == suffix]


@pytest.mark.parametrize("path", named(".service"), ids=lambda path: path.name)
def test_a_service_runs_a_command_that_exists(path: Path) -> None:
    program, command = unit(path)["Service"]["ExecStart"].split()
    assert program == "/opt/datamachine/bin/datamachine"
    assert command in cli.cli.commands
    assert unit(path)["Service"]["Environment"] == f"{settings.ENVIRONMENT}={settings.SYSTEM_FILE}"


def test_every_kind_of_process_has_a_unit() -> None:
    kinds = {unit(path)["Service"]["ExecStart"].split()[1] for path in named(".service")}
    assert kinds == {"up", "bridge", "http", "host", "work"}


def test_sockets_are_where_wordpress_looks() -> None:
    sockets = {path.name: unit(path)["Socket"]["ListenStream"] for path in named(".socket")}
    assert sockets == {
        "datamachine.socket": SITE.socket,
        "datamachine-bridge.socket": SITE.socket,
        "datamachine-http.socket": SITE.http.removeprefix("unix:"),
    }


def test_their_folder_is_made_at_every_boot_for_the_same_user() -> None:
    lines = (FOLDER / "datamachine.tmpfiles.conf").read_text(encoding="utf-8").splitlines()
    made = {line.split()[1]: line.split()[2:5] for line in lines if line.startswith("d ")}
    assert list(made) == ["/run/datamachine", SITE.run_dir]
    for path in named(".service"):
        assert made[SITE.run_dir] == ["0750", *[unit(path)["Service"]["User"]] * 2]


def test_the_guide_names_the_files() -> None:
    guide = (ROOT / "docs" / "how-to" / "production.md").read_text(encoding="utf-8")
    for name in ("datamachine.tmpfiles.conf", "datamachine.{socket,service}", "systemd/split"):
        assert name in guide
