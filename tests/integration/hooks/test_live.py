"""Forwarded hooks in a real WordPress process, its own WP_Hook deciding the order."""

from __future__ import annotations

from tests.integration.hooks.conftest import Hooked


def test_order_of_php_and_python_with_negative_priorities(hooked: Hooked) -> None:
    answer = hooked.php(
        """
        foreach ( array( -10, -5, 0, 10, 15, 20, 25 ) as $p ) {
            add_filter( 't_order', fn( $v ) => "$v php$p", $p );
        }
        $out = apply_filters( 't_order', 'start' );
        """
    )
    # At one priority what was added first runs first: forwarders stand since the plugin loaded.
    assert answer == "start php-10 py-5 php-5 php0 py10a py10b php10 php15 py20 php20 php25"


def test_an_unchanged_object_keeps_its_identity(hooked: Hooked) -> None:
    answer = hooked.php(
        """
        $post = new WP_Post( (object) array( 'ID' => 7, 'post_title' => 'x' ) );
        $user = wp_get_current_user();
        $list = array( 5 => 'five', 'a' => array( 1.0, null, "\\xff" ) );
        $out  = array(
            apply_filters( 't_same', $post ) === $post,
            apply_filters( 't_same', $user ) === $user,
            apply_filters( 't_same', $list ) === $list,
            apply_filters( 't_same', 1.0 ) === 1.0,
            apply_filters( 't_same', null ) === null,
        );
        """
    )
    assert answer == [True] * 5


def test_php_python_php_python(hooked: Hooked) -> None:
    answer = hooked.php(
        """
        add_filter( 't_nested_php', fn( $v, $d ) => apply_filters( 't_nested', "$v php$d", $d ), 10, 2 );
        $out = apply_filters( 't_nested', 'start', 2 );
        """
    )
    assert answer == "start py2 php1 py1 php0 end"


def test_run_time_subscriptions_count_for_this_request_only(hooked: Hooked) -> None:
    code = "$out = array( apply_filters( 't_run_time', 'v' ), apply_filters( 't_run_time', 'v' ) );"
    # As in WordPress: a later priority still runs this time, an earlier one from the next run on.
    expected = ["v now late", "v early now late late"]
    assert hooked.php(code) == expected
    assert hooked.php(code) == expected


def test_removal_while_running_counts_for_this_request_only(hooked: Hooked) -> None:
    code = "$out = apply_filters( 't_remove', 'v' );"
    assert hooked.php(code) == "v removing"
    assert hooked.php(code) == "v removing"
    assert hooked.php("remove_all_filters( 't_remove', 5 );" + code) == "v removed"


def test_run_state_is_wordpresss(hooked: Hooked) -> None:
    answer = hooked.php(
        """
        add_filter( 't_outer', fn( $v ) => apply_filters( 't_state', $v ) );
        apply_filters( 't_state', 1 );
        $out = apply_filters( 't_outer', 1 );
        """
    )
    assert answer == ["t_state", True, False, 2, 1, True, False]


def test_a_plugins_exception_stays_with_it(hooked: Hooked) -> None:
    assert hooked.php("$out = apply_filters( 't_raises', 'v' );") == "v survived"


def test_a_plugin_that_does_not_load_is_listed_and_harms_nobody(hooked: Hooked) -> None:
    rows = hooked.instance.datamachine("plugins", "list", "--format=csv").stdout
    assert "a_broken" in rows
    assert "ModuleNotFoundError" in rows
    assert "under_test" in rows


def test_registrations_are_replayed_without_a_call(hooked: Hooked) -> None:
    answer = hooked.php(
        """
        $agent = wp_get_agent( 'cook' );
        $types = apply_filters( 'datamachine_agent_bundle_artifact_types', array( 'memory' ) );
        $known = wp_get_ability( 'kitchen/cook' );
        $spent = DataMachine\\Bridge\\Bridge\\Client::instance()->spent();
        wp_set_current_user( 1 );
        $dish  = $known->execute( array( 'dish' => 'soup' ) );
        wp_set_current_user( 0 );
        $no    = $known->execute( array( 'dish' => 'x' ) );
        $out   = array( $agent->get_label(), $types, $dish, is_wp_error( $no ) );
        """
    )
    assert answer == ["Cook", ["memory", "recipe"], {"dish": "SOUP"}, True]


def test_a_page_without_live_hooks_never_connects(hooked: Hooked) -> None:
    answer = hooked.php(
        """
        $before = $GLOBALS['wpdb']->num_queries;
        DataMachine\\Bridge\\Hooks\\Module::register( DataMachine\\Bridge\\Plugin::instance() );
        $queries = $GLOBALS['wpdb']->num_queries - $before;
        ob_start();
        do_action( 'wp_head' );
        ob_end_clean();
        $channel = new ReflectionProperty( DataMachine\\Bridge\\Bridge\\Client::class, 'channel' );
        $out = array( $channel->getValue( DataMachine\\Bridge\\Bridge\\Client::instance() ), $queries );
        """
    )
    assert answer == [None, 0]


def test_the_filter_shows_on_the_front_page(hooked: Hooked) -> None:
    hooked.instance.start_web()
    page = hooked.instance.get("/")
    assert page.status == 200
    assert "(seen by Python)" in page.text


def test_the_trace_names_hook_time_and_who_answered(hooked: Hooked) -> None:
    hooked.stop()
    hooked.instance.start_sidecar(DATAMACHINE_TRACE_HOOKS="1")
    try:
        hooked.php("$out = apply_filters( 't_order', 'v' );")
        log = (hooked.instance.logs / "sidecar.log").read_text()
        lines = [line for line in log.splitlines() if " hook t_order " in line]
        assert len(lines) == 4
        assert all("µs answered by under_test (" in line for line in lines)
    finally:
        hooked.stop()
        hooked.start()
