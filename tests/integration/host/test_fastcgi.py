"""Where PHP cannot fork: one unit a request, through PHP-FPM."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sidecar.bridge import Call, RemoteError
from sidecar.host import HostPool, HostUnavailable, UnitEnded, UnknownOutcome
from tests.integration.host.conftest import HostLab, php, runs, wait_for


@pytest.fixture
def fastcgi(lab: HostLab, fpm: str) -> Iterator[HostPool]:
    with lab.pool(host_mode="fastcgi", fastcgi=fpm) as own:
        yield own


@pytest.mark.parametrize("context", ["cron", "rest"])
def test_a_unit_is_a_request_of_php_fpm(fastcgi: HostPool, context: str) -> None:
    with fastcgi.unit(context, user_id=1) as unit:  # type: ignore[arg-type]
        facts = unit.call("site.info", {})
        assert php(unit, "return PHP_SAPI;") == "fpm-fcgi"
        assert (facts["user_id"], facts["doing_cron"], facts["rest"]) == (
            1,
            context == "cron",
            context == "rest",
        )
        assert unit.update_option("datamachine_fpm", context) is True
        assert unit.connection_id > 0


def test_requests_share_a_worker_and_nothing_else(fastcgi: HostPool) -> None:
    pids = set()
    for _ in range(4):
        with fastcgi.unit() as unit:
            pids.add(unit.pid)
            seen = php(
                unit,
                "$was = array( get_current_user_id(), isset( $GLOBALS['leak'] ) ); wp_set_current_user( 1 ); "
                "$GLOBALS['leak'] = 1; return $was;",
            )
            assert seen == [0, False]
    assert len(pids) <= 2


def test_php_calls_python_from_php_fpm_and_at_shutdown(fastcgi: HostPool) -> None:
    heard: list[str] = []

    def answer(call: Call) -> str:
        heard.append(call.params["word"])
        return "heard"

    fastcgi.serve_with(answer)
    with fastcgi.unit() as unit:
        call = "\\DataMachine\\Bridge\\Bridge\\Client::instance()->call( 'note', array( 'word' => '{}' ) )"
        code = (
            f"add_action( 'shutdown', static fn() => {call.format('bye')} ); return {call.format('hello')};"
        )
        assert php(unit, code) == "heard"
    assert heard == ["hello", "bye"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("exit;", "host_exit"),
        ("wp_die( 'Stop' );", "wp_die"),
        ("ini_set( 'memory_limit', '80M' ); return str_repeat( 'x', 200 << 20 );", "host_fatal"),
    ],
    ids=["exit", "wp_die", "memory"],
)
def test_the_end_of_the_request_is_the_error_of_its_call(fastcgi: HostPool, code: str, expected: str) -> None:
    with fastcgi.unit() as unit:
        with pytest.raises(RemoteError) as died:
            php(unit, code)
        assert died.value.code == expected
        with pytest.raises(UnitEnded):
            unit.get_option("blogname")
    with fastcgi.unit() as unit:
        assert unit.get_option("blogname") == "Data Machine"


def test_a_request_out_of_time_ends_its_worker(fastcgi: HostPool) -> None:
    with fastcgi.unit() as unit, pytest.raises(UnknownOutcome):
        php(unit, "sleep( 20 );", timeout=0.2)
    wait_for(lambda: not runs(unit.pid), "The end of the worker", 15.0)


def test_a_site_that_does_not_load_says_why(lab: HostLab, fastcgi: HostPool) -> None:
    broken = lab.mu_plugins / "broken.php"
    broken.write_text("<?php\nthis_function_is_missing();\n")
    try:
        with pytest.raises(HostUnavailable) as failed, fastcgi.unit():
            pass
        assert "this_function_is_missing" in failed.value.message
    finally:
        broken.unlink()


def test_nobody_listening_is_said_so(lab: HostLab) -> None:
    nowhere = "/nonexistent/fpm.sock"
    with (
        lab.pool(host_mode="fastcgi", fastcgi=nowhere) as own,
        pytest.raises(HostUnavailable) as refused,
        own.unit(),
    ):
        pass
    assert "/nonexistent/fpm.sock" in refused.value.message


def test_php_that_cannot_fork_is_noticed(lab: HostLab, fpm: str) -> None:
    unable = lab.instance.folder / "php-without-fork"
    unable.write_text('#!/bin/sh\nexec php -d disable_functions=pcntl_fork "$@"\n')
    unable.chmod(0o755)
    with lab.pool(php=str(unable), fastcgi=fpm) as own, own.unit() as unit:
        assert php(unit, "return PHP_SAPI;") == "fpm-fcgi"
    with lab.pool(fastcgi=fpm) as own, own.unit() as unit:
        assert php(unit, "return PHP_SAPI;") == "cli"
    with lab.pool(php=str(unable)) as own, pytest.raises(HostUnavailable) as failed, own.unit():
        pass
    assert "pcntl" in failed.value.message


def test_a_visitor_gets_nothing_from_the_entry_files(lab: HostLab) -> None:
    lab.instance.start_web(workers=1)
    base = "/wp-content/plugins/datamachine-bridge/src/Host"
    for file in ("fastcgi.php", "zygote.php"):
        answer = lab.instance.get(f"{base}/{file}", headers={"Datamachine-Unit-Socket": "/tmp/x"})
        assert (answer.status, answer.body) == (404, b"")
