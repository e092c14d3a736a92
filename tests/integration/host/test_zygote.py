"""WordPress is loaded once, and again when it would load differently."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sidecar.host import HostBusy, HostPool, HostUnavailable, Maintenance, UnitHost
from sidecar.host.watch import INTERVAL
from tests.integration.host.conftest import HostLab, php, wait_for


def parent(unit: UnitHost) -> int:
    return int(php(unit, "return posix_getppid();"))


def loaded(pool: HostPool) -> int:
    """The zygote a unit comes from now."""
    with pool.unit() as unit:
        return parent(unit)


@contextmanager
def written(path: Path, content: str) -> Iterator[None]:
    """A file that is there inside the block."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    try:
        yield
    finally:
        path.unlink()


def test_units_come_from_one_zygote_while_nothing_changes(pool: HostPool) -> None:
    assert loaded(pool) == loaded(pool)


def test_a_plugin_that_is_activated_is_loaded_for_the_next_unit(lab: HostLab, pool: HostPool) -> None:
    plugin = lab.instance.path / "wp-content" / "plugins" / "later.php"
    with written(
        plugin, "<?php\n/* Plugin Name: Later */\nadd_action( 'datamachine_later', '__return_true' );\n"
    ):
        with pool.unit() as unit:
            before, generation = parent(unit), unit.generation
            assert unit.has_listeners("datamachine_later") is False
        lab.instance.wp("plugin", "activate", "later")
        with pool.unit() as unit:
            assert parent(unit) != before
            assert unit.generation != generation
            assert unit.has_listeners("datamachine_later") is True
        lab.instance.wp("plugin", "deactivate", "later")
        with pool.unit() as unit:
            assert unit.has_listeners("datamachine_later") is False


@pytest.mark.parametrize(
    "command",
    [
        ("option", "update", "home", "http://127.0.0.1:1/elsewhere"),
        ("option", "update", "upload_path", "wp-content/other"),
        ("role", "create", "reviewer", "Reviewer"),
    ],
    ids=["address", "uploads", "roles"],
)
def test_a_change_of_what_wordpress_assumes_loads_it_again(
    lab: HostLab, pool: HostPool, command: tuple[str, ...]
) -> None:
    before = loaded(pool)
    home = lab.instance.wp("option", "get", "home").stdout.strip()
    lab.instance.wp(*command)
    try:
        assert loaded(pool) != before
    finally:
        lab.instance.wp("option", "update", "home", home)
        lab.instance.wp("option", "update", "upload_path", "")
        lab.instance.wp("role", "delete", "reviewer", check=False)


def test_a_plugin_that_changes_its_site_at_every_load_does_not_stop_work(
    lab: HostLab, pool: HostPool
) -> None:
    # Behind WordPress's back, so that what was loaded is never what the database says.
    sql = "UPDATE wp_options SET option_value = UUID() WHERE option_name = 'upload_path'"
    code = f"<?php\nwp_load_alloptions();\n$GLOBALS['wpdb']->query( \"{sql}\" );\n"
    lab.instance.wp("option", "update", "upload_path", "x")
    try:
        with written(lab.mu_plugins / "flapping.php", code):
            time.sleep(INTERVAL)
            for _ in range(2):
                with pool.unit() as unit:
                    assert unit.get_option("blogname") == "Data Machine"
    finally:
        lab.instance.wp("option", "update", "upload_path", "")


def test_a_changed_file_is_loaded_again(lab: HostLab, pool: HostPool) -> None:
    file = lab.mu_plugins / "changing.php"
    with written(file, "<?php\nfunction datamachine_test_version() { return 1; }\n"):
        time.sleep(INTERVAL)
        with pool.unit() as unit:
            assert php(unit, "return datamachine_test_version();") == 1
        file.write_text("<?php\nfunction datamachine_test_version() { return 22; }\n")
        time.sleep(INTERVAL)
        with pool.unit() as unit:
            assert php(unit, "return datamachine_test_version();") == 22
    time.sleep(INTERVAL)
    with pool.unit() as unit:
        assert php(unit, "return function_exists( 'datamachine_test_version' );") is False


def test_a_file_that_changes_while_wordpress_loads_is_loaded_again(lab: HostLab, tmp_path: Path) -> None:
    read, go_on = tmp_path / "read", tmp_path / "go on"
    versions: list[int] = []

    def ask(own: HostPool) -> None:
        with own.unit() as unit:
            versions.append(php(unit, "return datamachine_test_version();"))

    def write(number: int) -> None:
        file.write_text(f"<?php\nfunction datamachine_test_version() {{ return {number}; }}\n")

    file = lab.mu_plugins / "a-version.php"
    waits = f"<?php\ntouch( '{read}' );\nwhile ( ! file_exists( '{go_on}' ) ) {{ usleep( 10000 ); }}\n"
    with written(file, ""), written(lab.mu_plugins / "b-waits.php", waits), lab.pool() as own:
        write(1)
        first = threading.Thread(target=ask, args=(own,))
        first.start()
        wait_for(read.exists, "The loading")
        write(22)
        go_on.touch()
        first.join()
        wait_for(lambda: ask(own) or versions[-1] == 22, "The new version")
        assert versions[0] == 1


def test_a_site_that_does_not_load_says_why_and_is_tried_again(lab: HostLab) -> None:
    with lab.pool() as own:
        with written(lab.mu_plugins / "broken.php", "<?php\nthis_function_is_missing();\n"):
            with pytest.raises(HostUnavailable) as failed, own.unit():
                pass
            assert "this_function_is_missing" in failed.value.message
        deadline = time.monotonic() + 60
        while True:
            try:
                assert loaded(own) > 0
                break
            except HostUnavailable:
                assert time.monotonic() < deadline, "the mended site was not tried again"
                time.sleep(0.2)


def test_maintenance_is_waited_out(lab: HostLab, pool: HostPool) -> None:
    file = lab.instance.path / ".maintenance"
    before = loaded(pool)
    file.write_text(f"<?php $upgrading = {int(time.time())};")
    timer = threading.Timer(0.7, file.unlink)
    started = time.monotonic()
    timer.start()
    after = loaded(pool)
    timer.join()
    assert time.monotonic() - started >= 0.6
    assert after != before


def test_maintenance_that_does_not_end_is_reported(lab: HostLab, pool: HostPool) -> None:
    file, now = lab.instance.path / ".maintenance", int(time.time())
    with (
        written(file, f"<?php $upgrading = {now};"),
        pytest.raises(Maintenance),
        pool.unit(wait=0.3),
    ):
        pass
    with written(file, f"<?php $upgrading = {now - 3600};"):
        assert loaded(pool) > 0


def test_the_number_of_units_is_bounded(lab: HostLab) -> None:
    with lab.pool(host_units=1) as own:
        with own.unit() as first:
            with pytest.raises(HostBusy), own.unit(wait=0.3):
                pass
            assert first.get_option("blogname") == "Data Machine"
        with own.unit(wait=5.0) as second:
            assert second.pid != first.pid


def test_many_units_at_once_each_get_a_process(lab: HostLab) -> None:
    pids: list[int] = []
    failures: list[BaseException] = []

    def work(own: HostPool) -> None:
        try:
            for _ in range(5):
                with own.unit() as unit:
                    assert unit.update_option(f"datamachine_many_{unit.pid}", unit.pid) is True
                    pids.append(unit.pid)
        except Exception as error:  # noqa: BLE001  (told to the main thread)
            failures.append(error)

    with lab.pool(host_units=3) as own:
        threads = [threading.Thread(target=work, args=(own,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert len(set(pids)) == 30


def test_the_zygote_holds_no_database_connection(lab: HostLab, pool: HostPool) -> None:
    with pool.unit() as unit:
        zygote = parent(unit)
        listed = "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'wordpress'"
        # The server may still be at closing those of units that have ended.
        wait_for(lambda: lab.mysql(listed).split() == [str(unit.connection_id)], "The unit's alone")
    sockets = [os.readlink(f"/proc/{zygote}/fd/{n}") for n in os.listdir(f"/proc/{zygote}/fd")]
    # Its control, its listener; standard input is a copy of the control.
    assert len([name for name in sockets if name.startswith("socket:")]) <= 3
