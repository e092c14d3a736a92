"""Who acts inside WordPress: operations that Python asks, contexts within contexts, the class of tokens."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.bearer.conftest import TOKENS, Lab, digest

PRELUDE = """use DataMachine\\Abilities\\PermissionHelper as P;
    use DataMachine\\Bridge\\Host\\Operations;
    use DataMachine\\Bridge\\Identity\\Rights;
    add_filter( 'datamachine_cli_bypass_permissions', '__return_false' );
    $act = static function ( $agent, $token = null, $capabilities = null ) {
        try {
            return Operations::dispatch( 'identity.act_as',
                array( 'agent_id' => $agent, 'token_id' => $token, 'capabilities' => $capabilities ) );
        } catch ( DataMachine\\Bridge\\Bridge\\RemoteError $error ) {
            return $error->error_code();
        }
    };
    $can = static fn( ...$names ) => array_values( array_filter( $names, 'current_user_can' ) );
    """


def answer(lab: Lab, code: str) -> Any:
    return lab.evaluate(PRELUDE + code)


def token(lab: Lab, slug: str = "boss", capabilities: Any = None, expires: str = "NULL") -> int:
    return int(lab.of(lab.token(slug, capabilities, expires), "token_id"))


def test_act_as_takes_on_the_tokens_ceiling(lab: Lab) -> None:
    boss, number = lab.agents["boss"], token(lab, "boss", ["read", "datamachine_chat"])
    assert answer(
        lab,
        f"""wp_set_current_user( 1 ); $before = $can( 'read', 'manage_options' );
        $answer = array( $before, $act( {boss}, {number} ), $can( 'read', 'manage_options' ),
            P::get_acting_agent_id(), P::get_acting_token_id(), P::get_acting_capabilities(),
            P::get_allowed_actions(), P::is_administrator(), Rights::of( 1 )->administrator,
            has_filter( 'content_save_pre', 'wp_filter_post_kses' ) !== false )""",
    ) == [
        ["read", "manage_options"],
        True,
        ["read"],
        boss,
        number,
        ["read", "datamachine_chat"],
        ["chat"],
        False,
        True,
        True,
    ]


def test_act_as_below_a_further_limit(lab: Lab) -> None:
    boss, number = lab.agents["boss"], token(lab, "boss", ["read", "edit_posts"])
    got = answer(
        lab,
        f"""wp_set_current_user( 1 );
        $answer = array( $act( {boss}, {number}, array( 'read', 'manage_options' ) ),
            $can( 'read', 'edit_posts', 'manage_options' ),
            $act( {boss}, null, array( 'edit_posts' ) ), $can( 'read', 'edit_posts' ),
            $act( {boss}, null, array() ), $can( 'read' ),
            $act( {boss} ), $can( 'read', 'manage_options' ) )""",
    )
    assert got == [True, ["read"], True, ["edit_posts"], True, [], True, ["read", "manage_options"]]


@pytest.mark.parametrize(
    "case", ["nobody", "another user", "no agent", "no token", "another agent's", "ended"]
)
def test_act_as_refuses(lab: Lab, case: str) -> None:
    boss, writer = lab.agents["boss"], lab.agents["writer"]
    user, agent, number = {
        "nobody": (0, boss, "null"),
        "another user": (lab.user("author"), boss, "null"),
        "no agent": (1, 4711, "null"),
        "no token": (1, boss, 999999),
        "another agent's": (1, boss, token(lab, "writer")),
        "ended": (1, boss, token(lab, "boss", None, "'2020-01-01 00:00:00'")),
    }[case]
    got = answer(
        lab,
        f"wp_set_current_user( {user} ); $answer = array( $act( {agent}, {number} ), P::in_agent_context() )",
    )
    assert got == ["forbidden", False]
    assert writer != boss


def test_capabilities_of_a_user_whatever_acts(lab: Lab) -> None:
    boss, number = lab.agents["boss"], token(lab, "boss", [])
    ask = "Operations::dispatch( 'identity.capabilities', array( 'user_id' => {} ) )"
    admin, acting, author, nobody = answer(
        lab,
        f"""wp_set_current_user( 1 ); $answer = array( {ask.format(1)} ); $act( {boss}, {number} );
        array_push( $answer, {ask.format(1)}, {ask.format(lab.user("author"))}, {ask.format(4711)} )""",
    )
    assert {"manage_options", "datamachine_manage_flows", "read", "edit_users"} <= set(admin)
    assert acting == admin
    assert {"read", "publish_posts", "datamachine_chat"} <= set(author)
    assert not {"manage_options", "edit_others_posts", "datamachine_manage_flows"} & set(author)
    assert nobody == []


def test_a_limit_goes_along_into_contexts_within(lab: Lab) -> None:
    boss, writer, author = lab.agents["boss"], lab.agents["writer"], lab.user("author")
    number = token(lab, "boss", ["read", "datamachine_chat"])
    got = answer(
        lab,
        f"""wp_set_current_user( 1 ); $act( {boss}, {number} );
        $inside = static fn() => array( P::get_acting_agent_id(), get_current_user_id(),
            $can( 'read', 'publish_posts', 'create_app_password' ), P::get_allowed_actions() );
        $answer = array( P::run_as_agent_context( {writer}, {author}, $inside ), $inside() );
        P::set_agent_context( {boss}, 1, array( 'datamachine_chat', 'manage_options' ) );
        $answer[] = P::get_acting_capabilities();
        P::clear_agent_context();
        $answer[] = $can( 'read', 'manage_options' );
        $guard    = array( 'DataMachine\\\\Bridge\\\\Identity\\\\CeilingGuard', 'capability' );
        $answer[] = array( has_filter( 'map_meta_cap', $guard ),
            has_filter( 'content_save_pre', 'wp_filter_post_kses' ) )""",
    )
    assert got == [
        [writer, author, ["read"], ["chat"]],
        [boss, 1, ["read"], ["chat"]],
        ["datamachine_chat"],
        ["read", "manage_options"],
        [False, False],
    ]


def test_other_users_rights_are_theirs(lab: Lab) -> None:
    boss, number, author = lab.agents["boss"], token(lab, "boss", []), lab.user("author")
    got = answer(
        lab,
        f"""wp_set_current_user( 1 ); $act( {boss}, {number} );
        $answer = array( user_can( {author}, 'publish_posts' ), user_can( 1, 'publish_posts' ) )""",
    )
    assert got == [True, False]


def test_pages_have_none_of_the_filters(lab: Lab) -> None:
    got = answer(
        lab,
        """$answer = array();
        $hooks  = array( 'map_meta_cap', 'rest_request_before_callbacks', 'wp_ability_permission_result' );
        foreach ( $hooks as $hook ) {
            foreach ( $GLOBALS['wp_filter'][ $hook ]->callbacks[ PHP_INT_MAX ] ?? array() as $callback ) {
                $answer[] = $hook;
            }
        }
        foreach ( array( 'Bearer', 'Tokens', 'TokenRows', 'Ceiling', 'CeilingGuard', 'Attempts' ) as $name ) {
            $answer[] = class_exists( "DataMachine\\\\Bridge\\\\Identity\\\\$name", false );
        }
        $answer[] = class_exists( "DataMachine\\\\Bridge\\\\Identity\\\\$name" )""",
    )
    assert got == [*[False] * 6, True]


def test_the_class_of_tokens_reads_rows(lab: Lab) -> None:
    lab.agent("reader", 1)
    raw = lab.token("reader", ["read"], "'2030-01-01 00:00:00'")
    old, broken = lab.token("reader", None, "'2020-01-01 00:00:00'"), lab.token("reader", "text")
    number = int(lab.of(raw, "token_id"))
    lab.sql(f"UPDATE {TOKENS} SET created_at = '2026-01-01 00:00:00', label = 'é' WHERE token_id = {number}")
    row = {
        "token_id": str(number),
        "agent_id": str(lab.agents["reader"]),
        "token_prefix": "datamachine_",
        "label": "é",
        "capabilities": ["read"],
        "last_used_at": None,
        "expires_at": "2030-01-01 00:00:00",
        "created_at": "2026-01-01 00:00:00",
    }
    reader = lab.agents["reader"]
    got = answer(
        lab,
        f"""$tokens = new DataMachine\\Core\\Database\\Agents\\AgentTokens();
        $answer = array( $tokens->get_token( {number} ), $tokens->resolve_token( '{raw}' ),
            $tokens->resolve_token( '{old}' ), $tokens->resolve_token( 'datamachine_x' ),
            $tokens->get_token( 999999 ), $tokens->count_tokens( {reader} ),
            array_column( $tokens->list_tokens( {reader} ), 'capabilities' ),
            $tokens->list_tokens( 999999 ), $tokens->create_token( {reader}, 'reader' ),
            $tokens->revoke_token( {number}, {reader} ), $tokens->revoke_all_for_agent( {reader} ) );
        $tokens->touch_last_used( {number} ); $tokens->touch_last_used( 999999 );
        $answer[] = null !== $tokens->get_token( {number} )['last_used_at']""",
    )
    # The sidecar, which makes and revokes, is away.
    assert got == [row, row, None, None, None, 3, [[], None, ["read"]], [], None, False, 0, True]
    assert digest(raw) not in str(got)
    assert digest(broken) not in str(got)


def test_a_command_with_a_wrong_token_does_not_run(lab: Lab) -> None:
    said = lab.instance.wp("datamachine", "agents", "list", check=False, DATAMACHINE_TOKEN="datamachine_x")
    assert (said.stdout, said.returncode) == ("", 1)
    assert said.stderr == "Error: DATAMACHINE_TOKEN: Invalid or expired agent token.\n"
    good = lab.token("writer")
    said = lab.instance.wp(
        "datamachine", "agents", "list", "--user=admin", check=False, DATAMACHINE_TOKEN=good
    )
    assert said.returncode == 1
    assert "another user than --user names" in said.stderr
