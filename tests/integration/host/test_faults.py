"""What goes wrong in a unit is that call's error, and nobody else's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from sidecar.bridge import RemoteError
from sidecar.host import HostPool, UnitEnded, UnknownOutcome
from tests.integration.host.conftest import HostLab, php, runs, wait_for


@pytest.mark.parametrize(
    ("code", "expected", "message"),
    [
        ("exit;", "host_exit", "exit()"),
        ("wp_die( 'No <b>entry</b>', 'Stop', array( 'response' => 403 ) );", "wp_die", "No entry"),
        ("ini_set( 'memory_limit', '80M' ); return str_repeat( 'x', 200 << 20 );", "host_fatal", "memory"),
        (
            "class_alias( 'WP_User', 'X1' ); eval( 'final class Y1 {} class Z1 extends Y1 {}' );",
            "host_fatal",
            "Y1",
        ),
    ],
    ids=["exit", "wp_die", "memory", "fatal"],
)
def test_the_end_of_the_process_is_the_error_of_its_call(
    pool: HostPool, code: str, expected: str, message: str
) -> None:
    with pool.unit() as unit:
        with pytest.raises(RemoteError) as died:
            php(unit, code)
        assert died.value.code == expected
        assert message in died.value.message
        if expected == "wp_die":
            assert died.value.data["status"] == 403
        with pytest.raises(UnitEnded):
            unit.get_option("blogname")
    wait_for(lambda: not runs(unit.pid), "The end of the process")
    with pool.unit() as unit:
        assert unit.get_option("blogname") == "Data Machine"


def test_an_exception_is_an_error_and_the_unit_lives_on(pool: HostPool) -> None:
    with pool.unit() as unit:
        with pytest.raises(RemoteError) as thrown:
            php(unit, "throw new DomainException( 'not today' );")
        assert thrown.value.message == "not today"
        assert thrown.value.data["class"] == "DomainException"
        assert unit.get_option("blogname") == "Data Machine"


def test_output_and_headers_of_a_unit_go_nowhere(pool: HostPool) -> None:
    with pool.unit() as unit:
        code = "echo str_repeat( 'page', 5000 ); flush(); setcookie( 'a', 'b' ); return headers_sent();"
        assert php(unit, code) is False


def test_a_process_killed_in_an_operation_leaves_an_unknown_outcome(pool: HostPool) -> None:
    with pool.unit() as unit:
        killer = threading.Timer(0.2, os.kill, args=(unit.pid, signal.SIGKILL))
        killer.start()
        with pytest.raises(UnknownOutcome):
            php(unit, "sleep( 20 );")
        killer.join()
    with pool.unit() as unit:
        assert unit.get_option("blogname") == "Data Machine"


def test_an_operation_out_of_time_has_an_unknown_outcome_and_its_process_is_ended(pool: HostPool) -> None:
    with pool.unit() as unit:
        with pytest.raises(UnknownOutcome):
            php(unit, "for ( $i = 0; $i < 200; $i++ ) { usleep( 100000 ); }", timeout=0.2)
        with pytest.raises(UnitEnded):
            unit.get_option("blogname")
    wait_for(lambda: not runs(unit.pid), "The end of the process", 15.0)


def test_a_unit_is_cancelled_from_another_thread(pool: HostPool) -> None:
    with pool.unit() as unit:
        canceller = threading.Timer(0.2, unit.cancel)
        canceller.start()
        with pytest.raises((UnknownOutcome, UnitEnded)):
            php(unit, "sleep( 20 );")
        canceller.join()
    wait_for(lambda: not runs(unit.pid), "The end of the process", 15.0)


def test_a_lost_database_connection_ends_the_unit_and_is_never_replaced(lab: HostLab, pool: HostPool) -> None:
    with pool.unit() as unit:
        assert unit.get_option("blogname") == "Data Machine"
        lab.mysql(f"KILL {unit.connection_id}")
        with pytest.raises(RemoteError) as lost:
            unit.update_option("datamachine_lost", 1)
        assert lost.value.code == "database_lost"
        with pytest.raises(UnitEnded):
            unit.get_option("blogname")
    with pool.unit() as unit:
        assert unit.get_option("datamachine_lost") is None


def test_the_database_restarts_and_units_go_on(lab: HostLab, pool: HostPool) -> None:
    with pool.unit() as unit:
        before = php(unit, "return posix_getppid();")
    lab.instance.db.stop()
    with pytest.raises(RemoteError) as refused, pool.unit():
        pass
    assert refused.value.code == "database_unavailable"
    lab.instance.db.start()
    with pool.unit() as unit:
        assert unit.get_option("blogname") == "Data Machine"
        assert php(unit, "return posix_getppid();") == before


@pytest.mark.parametrize("shared", [True, False], ids=["host process", "own host"])
def test_the_units_of_a_dead_client_are_ended(lab: HostLab, shared: bool) -> None:
    script = (
        "import sys\n"
        "from sidecar import settings\n"
        "from sidecar.host import HostPool\n"
        "with HostPool(settings.load().site()).unit() as unit:\n"
        "    print(unit.pid, flush=True)\n"
        "    unit.call('test.run', {'code': 'sleep( 60 );'})\n"
    )
    if shared:
        lab.instance.start_sidecar("host", name="host")
    try:
        client = subprocess.Popen(
            [sys.executable, "-c", script],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=lab.instance.environment(),
        )
        assert client.stdout is not None
        pid = int(client.stdout.readline())
        assert runs(pid)
        client.kill()
        client.wait()
        client.stdout.close()
        wait_for(lambda: not runs(pid), "The end of the orphaned unit", 30.0)
    finally:
        if shared:
            lab.instance.servers.pop("host").stop()
    assert not (lab.instance.run_dir / "dm" / "host.sock").exists()


def test_a_dead_zygote_is_replaced(pool: HostPool) -> None:
    with pool.unit() as unit:
        zygote = php(unit, "return posix_getppid();")
    os.kill(zygote, signal.SIGKILL)
    wait_for(lambda: not runs(zygote), "The end of the zygote")
    with pool.unit() as unit:
        assert php(unit, "return posix_getppid();") != zygote
