"""The configuration file: what it says, and what is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sidecar import settings
from sidecar.settings import DatabaseSettings, SettingsError, Site, SiteNotFound


def make(name: str = "default", **changes: Any) -> Site:
    values: dict[str, Any] = {
        "name": name,
        "wp_path": "/srv/site",
        "run_dir": "/run/dm",
        "secret_file": "/etc/dm/secret",
        "database": DatabaseSettings(user="u", name="n", password="hunter2-hunter2"),
    }
    return Site(**{**values, **changes})


def test_what_is_saved_is_loaded_again_and_private(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "config.json"
    written = settings.Settings(sites={"default": make(), "two": make("two", host_units=3)})
    settings.save(written, file)
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    loaded = settings.load(file)
    assert loaded.sites == written.sites
    assert loaded.path == str(file)
    assert [entry.name for entry in file.parent.iterdir()] == ["config.json"]


def test_paths_follow_from_the_run_folder() -> None:
    site = make()
    assert (site.socket, site.host_socket, site.breaker) == (
        "/run/dm/bridge.sock",
        "/run/dm/host.sock",
        "/run/dm/breaker",
    )
    assert site.http == "unix:/run/dm/http.sock"
    assert make(http_bind="127.0.0.1:8080").http == "127.0.0.1:8080"


@pytest.mark.parametrize(
    "changes",
    [
        {"wp_path": "relative"},
        {"run_dir": "/" + "x" * 120},
        {"host_units": 0},
        {"http_bind": "0.0.0.0:80"},
        {"host_mode": "fastcgi"},
    ],
)
def test_a_rule_that_is_broken_is_named(changes: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        settings.check(make(**changes), "default")


@pytest.mark.parametrize("name", ["", "../x", "a b"])
def test_a_site_is_named_plainly(name: str) -> None:
    with pytest.raises(SettingsError):
        settings.check(make(name), name)


def test_a_file_others_may_read_is_refused(tmp_path: Path) -> None:
    file = settings.save(settings.Settings(sites={"default": make()}), tmp_path / "config.json")
    file.chmod(0o640)
    with pytest.raises(SettingsError) as refused:
        settings.load(file)
    assert "chmod 600" in refused.value.message


def test_errors_and_representations_hold_no_password(tmp_path: Path) -> None:
    assert "hunter2" not in repr(make())
    file = tmp_path / "config.json"
    document = {
        "sites": {"default": {"wp_path": "/x", "database": {"user": "u", "password": "hunter2-hunter2"}}}
    }
    file.write_text(json.dumps(document))
    file.chmod(0o600)
    with pytest.raises(SettingsError) as refused:
        settings.load(file)
    assert "hunter2" not in refused.value.message


def test_an_unknown_key_is_a_mistake(tmp_path: Path) -> None:
    file = settings.save(settings.Settings(sites={"default": make()}), tmp_path / "config.json")
    document = json.loads(file.read_text())
    document["sites"]["default"]["host_unit"] = 3
    file.write_text(json.dumps(document))
    with pytest.raises(SettingsError, match="host_unit"):
        settings.load(file)


def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.ENVIRONMENT, str(tmp_path / "x.json"))
    assert settings.default_path() == tmp_path / "x.json"
    with pytest.raises(SettingsError) as missing:
        settings.load()
    assert missing.value.code == "settings_missing"
    monkeypatch.delenv(settings.ENVIRONMENT)
    expected = "/etc/datamachine" if os.geteuid() == 0 else str(Path.home())
    assert str(settings.default_path()).startswith(expected)


def test_a_site_is_chosen_by_name_or_because_it_is_the_only_one() -> None:
    one = settings.Settings(sites={"shop": make("shop")})
    assert one.site().name == "shop"
    two = settings.Settings(sites={"shop": make("shop"), "blog": make("blog")})
    assert two.site("blog").name == "blog"
    with pytest.raises(SiteNotFound):
        two.site()


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("short\n")
    with pytest.raises(SettingsError):
        make(secret_file=str(secret)).secret()
    secret.write_text("x" * 64 + "\n")
    assert make(secret_file=str(secret)).secret() == b"x" * 64
