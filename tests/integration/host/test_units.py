"""Units of work: clean processes, as whom they act, what they may."""

from __future__ import annotations

import os

import pytest

from sidecar import bridge, host
from sidecar.bridge import Call, RemoteError
from sidecar.errors import SidecarError
from sidecar.host import HostPool
from tests.integration.host.conftest import HostLab, php, runs, wait_for


def test_nothing_a_unit_does_to_its_process_is_seen_by_the_next(pool: HostPool) -> None:
    with pool.unit() as first:
        php(
            first,
            """
            wp_set_current_user( 1 );
            $GLOBALS['leak'] = 'global';
            define( 'LEAK', 'constant' );
            add_filter( 'option_blogname', static fn() => 'filtered' );
            wp_cache_set( 'leak', 'cached', 'options' );
            add_filter( 'user_has_cap', static fn( $caps ) => $caps + array( 'manage_options' => true ) );
            ini_set( 'memory_limit', '100M' );
            return null;
            """,
        )
        assert php(first, "return current_user_can( 'manage_options' );") is True
    with pool.unit() as second:
        seen = php(
            second,
            """
            return array(
                get_current_user_id(), isset( $GLOBALS['leak'] ), defined( 'LEAK' ),
                get_option( 'blogname' ), wp_cache_get( 'leak', 'options' ),
                current_user_can( 'manage_options' ), ini_get( 'memory_limit' ),
            );
            """,
        )
    assert first.pid != second.pid
    assert first.connection_id != second.connection_id
    assert seen == [0, False, False, "Data Machine", False, False, "512M"]


def test_two_units_do_not_share_random_numbers(pool: HostPool) -> None:
    drawn = []
    for _ in range(2):
        with pool.unit() as unit:
            drawn.append(php(unit, "return array( mt_rand(), mt_rand(), rand() );"))
    assert drawn[0] != drawn[1]


def test_the_process_is_gone_when_the_block_ends(pool: HostPool) -> None:
    with pool.unit() as unit:
        assert runs(unit.pid)
        assert unit.pid != os.getpid()
    wait_for(lambda: not runs(unit.pid), "The end of the process")
    with pytest.raises(host.UnitEnded):
        unit.get_option("blogname")


@pytest.mark.parametrize(("context", "expected"), [("cron", [True, False]), ("rest", [False, True])])
def test_wordpress_is_loaded_in_the_declared_context(
    pool: HostPool, context: str, expected: list[bool]
) -> None:
    with pool.unit(context) as unit:  # type: ignore[arg-type]
        told = php(
            unit,
            "return array( wp_doing_cron(), defined( 'REST_REQUEST' ), did_action( 'rest_api_init' ) > 0 );",
        )
        assert unit.call("site.info", {})["home_url"].startswith("http://127.0.0.1:")
    assert told == [*expected, expected[1]]


def test_options_and_transients_go_through_wordpress(pool: HostPool) -> None:
    with pool.unit() as unit:
        assert unit.get_option("datamachine_nothing", "fallback") == "fallback"
        assert unit.update_option("datamachine_test", {"list": [1, 2.5, "é"], "none": None}) is True
        assert unit.update_option("datamachine_test", {"list": [1, 2.5, "é"], "none": None}) is False
        assert unit.get_option("datamachine_test") == {"list": [1, 2.5, "é"], "none": None}
        assert unit.set_transient("datamachine_test", [1], 60) is True
        assert unit.get_transient("datamachine_test") == [1]
        assert unit.delete_transient("datamachine_test") is True
        assert unit.get_transient("datamachine_test") is False
        assert unit.delete_option("datamachine_test") is True
        assert unit.delete_option("datamachine_test") is False


def test_posts_are_written_as_given_and_read_back(pool: HostPool) -> None:
    title = 'A "quoted" \\ title'
    with pool.unit() as unit:
        post_id = unit.insert_post({"post_title": title, "post_status": "publish"}, {"_source": "a\\b"})
        found = unit.query_posts({"p": post_id}, fields=["ID", "post_title"], meta=["_source"])
        php(unit, f"wp_delete_post( {post_id}, true ); return null;")
    assert found == [{"ID": post_id, "post_title": title, "meta": {"_source": "a\\b"}}]


def test_a_user_may_do_what_wordpress_lets_him(lab: HostLab, pool: HostPool) -> None:
    subscriber = int(
        lab.instance.wp("user", "create", "sub", "sub@example.org", "--role=subscriber", "--porcelain").stdout
    )
    with pool.unit(user_id=subscriber) as unit:
        for denied in (
            lambda: unit.update_option("blogname", "Mine now"),
            lambda: unit.insert_post({"post_title": "x", "post_status": "publish"}),
            lambda: unit.query_posts({"post_status": "draft"}),
            lambda: unit.set_transient("anybodys", 1),
            lambda: unit.get_user(1),
        ):
            with pytest.raises(RemoteError) as refused:
                denied()
            assert refused.value.code == "forbidden"
            assert refused.value.data["status"] == 403
        assert unit.get_user(subscriber)["roles"] == ["subscriber"]  # type: ignore[index]
        assert unit.user_can(1, "manage_options") is True
        assert unit.user_can(subscriber, "manage_options") is False
        assert unit.user_can(0, "read") is False


def test_nobody_in_a_rest_unit_is_not_the_system(pool: HostPool) -> None:
    with pool.unit("rest") as unit, pytest.raises(RemoteError) as refused:
        unit.update_option("blogname", "Mine now")
    assert (refused.value.code, refused.value.data["status"]) == ("forbidden", 401)


def test_acting_as_a_user_ends_with_its_block(pool: HostPool) -> None:
    with pool.unit() as unit:
        with unit.as_user(1):
            assert unit.call("site.info", {})["user_id"] == 1
        assert unit.call("site.info", {})["user_id"] == 0
        with pytest.raises(RemoteError) as missing, unit.as_user(987654):
            pass
        assert missing.value.code == "user_not_found"


def test_names_on_the_wire_are_never_resolved_into_code(pool: HostPool) -> None:
    with pool.unit() as unit:
        for name in ("phpinfo", "wp_delete_user", "hook", "DataMachine.Zygote", "unit.serve"):
            with pytest.raises(RemoteError) as refused:
                unit.call(name, {})
            assert refused.value.code == "unknown_operation"
        with pytest.raises(RemoteError) as refused:
            unit.run_tool("system", {"command": "true"}, {})
        assert refused.value.code == "tool_not_found"
        with pytest.raises(RemoteError) as refused:
            unit.run_tool("", {}, {})
        assert refused.value.code == "invalid_parameter"


def test_listeners_are_counted_without_our_own_and_all_counts_for_every_hook(pool: HostPool) -> None:
    with pool.unit() as unit:
        assert unit.has_listeners("datamachine_never_heard_of") is False
        assert unit.has_listeners("init") is True
        php(unit, "add_action( 'all', static function () {} ); return null;")
        assert unit.has_listeners("datamachine_never_heard_of") is True


def test_ability_events_fire_only_when_heard_and_carry_the_real_ability(pool: HostPool) -> None:
    with pool.unit() as unit:
        assert unit.call("ability.event", {"phase": "before", "name": "no/such", "input": None}) is False
        php(
            unit,
            """
            add_action( 'wp_after_execute_ability', static function ( ...$args ): void {
                $args[3]          = $args[3] instanceof WP_Ability;
                $GLOBALS['heard'] = $args;
            }, 10, 4 );
            return null;
            """,
        )
        unit.ability_event("after", "core/get-site-info", {"a": 1}, {"b": 2})
        assert php(unit, "return $GLOBALS['heard'];") == ["core/get-site-info", {"a": 1}, {"b": 2}, True]


@pytest.mark.parametrize(
    ("hook", "answer", "code"),
    [
        ("wp_pre_execute_ability", "new WP_Error( 'wait_for_approval', 'Ask first.' )", "wait_for_approval"),
        ("wp_pre_execute_ability", "null", "ability_refused"),
        ("wp_ability_permission_result", "false", "ability_refused"),
        ("wp_ability_permission_result", "new WP_Error( 'no', 'No.' )", "no"),
        ("wp_ability_permission_result", "'yes'", "ability_refused"),
    ],
)
def test_a_plugin_that_gates_abilities_gates_pythons(
    pool: HostPool, hook: str, answer: str, code: str
) -> None:
    with pool.unit() as unit:
        unit.ability_event("before", "core/get-site-info", {})
        php(unit, f"add_filter( '{hook}', static fn() => {answer} ); return null;")
        with pytest.raises(RemoteError) as refused:
            unit.ability_event("before", "core/get-site-info", {})
        assert (refused.value.code, refused.value.data["status"]) == (code, 403)


def test_php_calls_python_from_inside_a_unit_and_finds_its_host(lab: HostLab) -> None:
    seen: list[object] = []

    def answer(call: Call) -> object:
        seen.append(host.current())
        current = host.current()
        assert current is not None
        return [call.method, current.get_option("blogname"), call.context.source]

    with lab.pool() as own:
        own.serve_with(answer)
        with own.unit() as unit:
            code = (
                "return \\DataMachine\\Bridge\\Bridge\\Client::instance()->call( 'echo', array( 'a' => 1 ) );"
            )
            assert php(unit, code) == ["echo", "Data Machine", "host"]
            assert seen == [unit]


def test_shutdown_fires_once_and_may_still_call_python(lab: HostLab) -> None:
    heard: list[str] = []

    def answer(call: Call) -> None:
        heard.append(str(call.params["word"]))

    with lab.pool() as own:
        own.serve_with(answer)
        with own.unit() as unit:
            php(
                unit,
                """
                add_action( 'shutdown', static function (): void {
                    $client = \\DataMachine\\Bridge\\Bridge\\Client::instance();
                    $client->call( 'note', array( 'word' => 'bye' ) );
                } );
                return null;
                """,
            )
            assert heard == []
    assert heard == ["bye"]


def test_a_handle_lives_as_long_as_its_call(lab: HostLab) -> None:
    kept: list[object] = []

    def answer(call: Call) -> object:
        tool = call.params["tool"]
        kept.append(tool)
        current = host.current()
        assert current is not None
        return current.run_tool(tool, {"n": 20}, {})

    with lab.pool() as own:
        own.serve_with(answer)
        with own.unit() as unit:
            code = """
                $tool = static fn( array $parameters ): int => $parameters['n'] + 1;
                $client = \\DataMachine\\Bridge\\Bridge\\Client::instance();
                return $client->call( 'use', array( 'tool' => $tool ) );
            """
            assert php(unit, code) == 21
            with pytest.raises(SidecarError):
                unit.run_tool(kept[0], {"n": 1}, {})


def test_a_unit_cannot_be_had_without_the_secret(lab: HostLab) -> None:
    with lab.pool() as own, own.unit() as unit:
        listen = next(lab.instance.run_dir.glob("dm/z*.sock"))
        with pytest.raises(bridge.HandshakeFailed):
            bridge.connect(str(listen), lab.site.name, b"0" * 64, lambda _: None, timeout=5.0)
        assert unit.get_option("blogname") == "Data Machine"
