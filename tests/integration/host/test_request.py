"""The PHP request that waits on us, as a host."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sidecar import bridge, host
from sidecar.bridge import Call, RemoteError
from sidecar.bridge.listener import Listener
from sidecar.bridge.watcher import Watcher
from sidecar.host import RequestHost, wiring
from tests.integration.host.conftest import HostLab

Answer = Callable[[Call], Any]


@pytest.fixture
def answers(lab: HostLab) -> Iterator[dict[str, Answer]]:
    """Bridge methods served by this process on the site's own socket."""
    methods: dict[str, Answer] = {}
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.bind(lab.site.socket)
    sock.listen(16)
    watcher = Watcher(lambda *_: None)
    listener = Listener(
        sock,
        bridge.by_method(methods),
        secret_of=lambda name: lab.site.secret() if name == lab.site.name else None,
        uids={os.geteuid()},
        watcher=watcher,
    )
    bridge.on_call(wiring._enter)
    watcher.start()
    listener.start()
    yield methods
    listener.drain(2.0)
    watcher.stop()
    sock.close()
    os.unlink(lab.site.socket)


def ask(lab: HostLab, code: str, *options: str) -> str:
    """Run PHP in a WP-CLI request that may call the bridge; what it printed."""
    client = "$client = \\DataMachine\\Bridge\\Bridge\\Client::instance();"
    return lab.instance.wp("eval", f"{client} {code}", *options).stdout


def test_a_handler_finds_the_request_that_waits_and_puts_it_back(
    lab: HostLab, answers: dict[str, Answer]
) -> None:
    def become(_call: Call) -> list[Any]:
        current = host.current()
        assert isinstance(current, RequestHost)
        assert current.kind == "request"
        current.call("user.switch", {"user_id": 0})
        return [current.call("site.info", {})["user_id"], current.get_option("blogname")]

    answers["become"] = become
    code = "echo json_encode( array( $client->call( 'become', array() ), get_current_user_id() ) );"
    assert ask(lab, code, "--user=1") == '[[0,"Data Machine"],1]'


def test_a_request_has_its_own_hook_order(lab: HostLab, answers: dict[str, Answer]) -> None:
    def fire(_call: Call) -> Any:
        current = host.current()
        assert current is not None
        return current.apply_filters("datamachine_order", [])

    answers["fire"] = fire
    code = (
        "foreach ( array( 20, 5 ) as $p ) { "
        "add_filter( 'datamachine_order', static fn( $v ) => array( ...$v, $p ), $p ); } "
        "echo json_encode( $client->call( 'fire', array() ) );"
    )
    assert ask(lab, code) == "[5,20]"


def test_an_anonymous_request_may_not_what_its_user_may_not(lab: HostLab, answers: dict[str, Answer]) -> None:
    def write(_call: Call) -> Any:
        current = host.current()
        assert current is not None
        try:
            current.update_option("blogname", "Hijacked")
        except RemoteError as error:
            return error.code
        return "written"

    answers["write"] = write
    plugin = lab.mu_plugins / "asks.php"
    plugin.write_text(
        "<?php add_action( 'wp_loaded', static function () { if ( isset( $_GET['ask'] ) ) { "
        "exit( \\DataMachine\\Bridge\\Bridge\\Client::instance()->call( 'write', array(), 5.0 ) ); } } );"
    )
    try:
        lab.instance.start_web(workers=2)
        assert lab.instance.get("/?ask=1").text == "forbidden"
    finally:
        plugin.unlink()


def test_a_request_host_is_of_no_use_after_its_call(lab: HostLab, answers: dict[str, Answer]) -> None:
    kept: list[host.WordPressHost] = []
    done = threading.Event()

    def keep(_call: Call) -> None:
        current = host.current()
        assert current is not None
        kept.append(current)
        done.set()

    answers["keep"] = keep
    ask(lab, "$client->call( 'keep', array() );")
    assert done.wait(5)
    with pytest.raises(host.HostUnavailable):
        kept[0].get_option("blogname")
    assert host.current() is None
