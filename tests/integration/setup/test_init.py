"""``datamachine init``: joining a real site, again and again, and what it refuses."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dev.instance import Instance
from sidecar import settings


@pytest.fixture(scope="module")
def plain(instances: Path) -> Instance:
    """A WordPress with our plugin linked, never joined."""
    instance = Instance(instances / "join")
    instance.install_wordpress()
    yield instance  # type: ignore[misc]
    instance.destroy()


def join(site: Instance, *more: str, check: bool = True) -> tuple[int, str, str]:
    run = site.datamachine(
        "init", f"--wp-path={site.path}", f"--run-dir={site.run_dir / 'dm'}", *more, check=check
    )
    return run.returncode, run.stdout, run.stderr


def option(site: Instance) -> dict[str, str]:
    return dict(json.loads(site.wp("option", "get", "datamachine_bridge", "--format=json").stdout))


def test_a_site_is_joined_and_told(plain: Instance) -> None:
    _, said, _ = join(plain)
    loaded = settings.load(plain.config)
    site = loaded.site()
    assert oct(plain.config.stat().st_mode & 0o777) == "0o600"
    assert oct(os.stat(site.secret_file).st_mode & 0o777) == "0o640"
    assert os.stat(site.secret_file).st_gid == site.site_gid
    assert os.stat(site.run_dir).st_mode & 0o007 == 0
    assert len(site.secret()) == 64
    assert site.home_url == plain.url
    assert site.database.name == "wordpress"
    assert option(plain) == {
        "socket": site.socket,
        "secret_file": site.secret_file,
        "breaker": site.breaker,
        "site": "default",
    }
    row = plain.db.sql(
        "SELECT autoload FROM wp_options WHERE option_name = 'datamachine_bridge'", database="wordpress"
    )
    assert row.strip() == "on"
    assert "wp plugin activate datamachine-bridge" in said
    assert "datamachine migrate" in said
    # Nothing secret is printed, and nothing secret is in the database.
    assert site.secret().decode() not in said
    assert site.secret().decode() not in json.dumps(option(plain))


def test_again_changes_nothing_and_keeps_what_was_set_by_hand(plain: Instance) -> None:
    join(plain)
    before = settings.load(plain.config)
    secret = before.site().secret()
    tuned = settings.msgspec.structs.replace(before.site(), host_units=3)
    settings.save(settings.msgspec.structs.replace(before, sites={"default": tuned}), plain.config)
    join(plain)
    after = settings.load(plain.config).site()
    assert after == tuned
    assert after.secret() == secret


def test_a_second_site_stands_beside_the_first(plain: Instance) -> None:
    join(plain)
    run = plain.run_dir / "two"
    plain.datamachine("init", f"--wp-path={plain.path}", f"--run-dir={run}", "--name=two")
    try:
        assert set(settings.load(plain.config).sites) == {"default", "two"}
        assert option(plain)["site"] == "two"
    finally:
        join(plain)


@pytest.mark.parametrize("flag", ["--run-dir", "--secret-file", "--plugins-dir"])
def test_places_below_the_web_root_are_refused_before_anything_is_written(plain: Instance, flag: str) -> None:
    join(plain)
    before = plain.config.read_bytes()
    code, said, complaint = join(plain, f"{flag}={plain.path / 'wp-content' / 'private'}", check=False)
    assert code == 1
    assert "web root" in complaint
    assert said == ""
    assert plain.config.read_bytes() == before
    assert not (plain.path / "wp-content" / "private").exists()


def test_a_configuration_below_the_web_root_is_refused(plain: Instance) -> None:
    inside = plain.path / "config.json"
    run = plain.datamachine("--config", str(inside), "init", f"--wp-path={plain.path}", check=False)
    assert run.returncode == 1
    assert "web root" in run.stderr
    assert not inside.exists()


def test_a_folder_without_wordpress_is_refused(plain: Instance, tmp_path: Path) -> None:
    run = plain.datamachine("init", f"--wp-path={tmp_path}", check=False)
    assert (run.returncode, "wp-load.php" in run.stderr) == (1, True)


def test_a_wordpress_that_does_not_load_is_reported_in_its_own_words(plain: Instance) -> None:
    broken = plain.path / "wp-content" / "mu-plugins" / "broken.php"
    for code in ("fwrite( STDERR, 'no bread in the house' ); exit( 3 );", "no_bread_in_the_house();"):
        broken.write_text(f"<?php\n{code}\n")
        try:
            status, _, complaint = join(plain, check=False)
        finally:
            broken.unlink()
        assert status == 1
        assert "bread" in complaint
        assert "<html" not in complaint
        assert "Traceback" not in complaint
