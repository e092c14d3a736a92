"""Values, handles and nesting between a real PHP process and real bridge processes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.bridge.conftest import Bridge, Php

VECTORS = json.loads((Path(__file__).parents[2] / "contract" / "codec_vectors.json").read_text())["vectors"]


def test_every_kind_of_value_comes_back_as_it_was(php: Php, bridge: Bridge) -> None:
    """In an array, so that each value travels in both directions, and by itself, as "same"."""
    expressions = {
        vector["name"]: vector["php"]
        for vector in VECTORS
        if vector["name"] not in ("too deep", "not a number")
    }
    code = "$bad = array();"
    for name, expression in expressions.items():
        code += f"""
            $value = {expression};
            $back = $client->call( 'append', array( 'args' => array( array( $value ) ) ) );
            if ( $back !== array( $value, 1 ) ) {{ $bad[] = {json.dumps(name)}; }}
            $same = $client->call( 'echo', array( 'args' => array( $value ) ) );
            if ( $same !== $value ) {{ $bad[] = 'same: ' . {json.dumps(name)}; }}
        """
    assert php(code + "return $bad;") == []


def test_a_property_changed_in_python_changes_the_object_of_php(php: Php, bridge: Bridge) -> None:
    assert php("""
        $post = new WP_Post( (object) array( 'ID' => 7, 'post_title' => 'Hi' ) );
        $back = $client->call( 'retitle', array( 'args' => array( $post ) ) );
        return array( $back === $post, $post->ID, $post->post_title );
    """) == [True, 7, "changed"]


def test_callables_and_objects_are_called_across(php: Php, bridge: Bridge) -> None:
    assert php("""
        $counter = new class { public function add( int $n ): int { return $n + 1; } };
        $double  = static fn ( int $n ): int => $n * 2;
        $tool    = $client->call( 'tool' );
        return array(
            $client->call( 'use', array( 'callback' => $double, 'object' => $counter ) ),
            $tool( 5 ),
        );
    """) == [42, [5, "from Python"]]


def test_an_operation_may_be_called_while_php_waits(php: Php, bridge: Bridge) -> None:
    assert php("""
        $operations['add'] = static fn ( int $a, int $b ): int => $a + $b;
        $operations['break'] = static fn () => throw new LogicException( 'not today' );
        return array(
            $client->call( 'operation', array( 'name' => 'add', 'params' => array( 'a' => 1, 'b' => 2 ) ) ),
            $try( fn () => $client->call( 'operation', array( 'name' => 'break', 'params' => array() ) ) ),
            $client->call( 'operation', array( 'name' => 'add', 'params' => array( 'a' => 2, 'b' => 2 ) ) ),
        );
    """) == [3, ["RemoteError", "php_exception", "not today"], 4]


def test_calls_nest_eight_deep_and_no_deeper(php: Php, bridge: Bridge) -> None:
    shallow, deep, after = php("""
        $operations['nested'] = static function ( int $level ) use ( $client ): array {
            $below = array( 'level' => $level - 1 );
            return array( $level, ...( $level > 0 ? $client->call( 'nest', $below ) : array() ) );
        };
        return array(
            $client->call( 'nest', array( 'level' => 3 ) ),
            $try( fn () => $client->call( 'nest', array( 'level' => 4 ) ) ),
            $client->call( 'nest', array( 'level' => 0 ) ),
        );
    """)
    assert shallow == [3, 2, 1, 0]
    assert deep[0] == "RemoteError"
    assert after == [0]


@pytest.mark.parametrize("unit", ["x", "ü", "\\xff"])
def test_text_and_bytes_larger_than_a_frame_arrive_whole(php: Php, bridge: Bridge, unit: str) -> None:
    assert php(f"""
        $unit = "{unit}";
        $text = $client->call( 'large', array( 'unit' => $unit, 'count' => 3000000 ), 30.0 );
        return str_repeat( $unit, 3000000 ) === $text;
    """)


def test_a_structure_larger_than_a_frame_arrives_whole(php: Php, bridge: Bridge) -> None:
    assert php("""
        $operations['count'] = static fn ( array $items ): int => count( $items );
        $items = $client->call( 'items', array( 'count' => 400000 ), 30.0 );
        $same  = $client->call( 'echo', array( 'args' => array( $items ) ), 30.0 );
        return array( count( $items ), $items[399999], $same === $items );
    """) == [400000, 399999, True]


def test_a_large_argument_of_a_nested_call_arrives_whole(php: Php, bridge: Bridge) -> None:
    assert php("""
        $operations['size'] = static function ( string $text, array $items ): array {
            return array( strlen( $text ), count( $items ) );
        };
        $params = array( 'text' => str_repeat( 'y', 2000000 ), 'items' => range( 1, 300000 ) );
        return $client->call( 'operation', array( 'name' => 'size', 'params' => $params ), 30.0 );
    """) == [2000000, 300000]


def test_what_memory_cannot_hold_is_an_exception_and_no_fatal_error(php: Php, bridge: Bridge) -> None:
    assert php(
        """
        return array(
            $try( fn () => $client->call( 'large', array( 'unit' => 'x', 'count' => 40000000 ), 30.0 ) ),
            $try( fn () => $client->call( 'items', array( 'count' => 3000000 ), 30.0 ) ),
            $client->call( 'echo', array( 'args' => array( 'still there' ) ), 1.0 ),
        );
    """,
        "-d",
        "memory_limit=32M",
    ) == ["TooLarge", "TooLarge", "still there"]


def test_what_python_would_not_read_is_not_sent(php: Php, bridge: Bridge) -> None:
    assert php(
        """
        $operations['huge'] = static fn (): string => str_repeat( 'x', 70000000 );
        $huge = array( 'name' => 'huge', 'params' => array() );
        return array(
            $try( fn () => $client->call( 'echo', array( 'args' => array( str_repeat( 'x', 70000000 ) ) ) ) ),
            $try( fn () => $client->call( 'operation', $huge ) )[0],
            $client->call( 'echo', array( 'args' => array( 'still there' ) ) ),
        );
    """,
        "-d",
        "memory_limit=1G",
    ) == ["TooLarge", "RemoteError", "still there"]


def test_python_knows_who_asks(php: Php, bridge: Bridge) -> None:
    first, second, third = php("""
        $GLOBALS['current_user'] = (object) array( 'ID' => 3 );
        $GLOBALS['blog_id']      = '2';
        $GLOBALS['locale']       = 'de_DE';
        $first = $client->call( 'context' );
        $second = $client->call( 'context' );
        $GLOBALS['current_user'] = (object) array( 'ID' => 4 );
        return array( $first, $second, $client->call( 'context' ) );
    """)
    assert first == second
    assert len(first.pop("request_id")) == 16
    assert first == {"user_id": 3, "blog_id": 2, "locale": "de_DE", "source": "cli", "depth": 0}
    assert third["user_id"] == 4
