"""On a network: agents of one blog, and the ceiling of who administers all of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev.instance import Instance
from tests.integration.bearer.conftest import HERE, Lab, error

#: ``admin`` may do all of these, being who he is; nothing of it is in a role.
POWERS = "'manage_network', 'manage_network_users', 'create_users', 'unfiltered_html', 'anything_at_all'"


@pytest.fixture(scope="module")
def network(instances: Path) -> Iterator[Lab]:
    instance = Instance(instances / "bearer-network", multisite=True)
    try:
        instance.install()
        instance.wp("site", "create", "--slug=two")
        shutil.copy(HERE / "bearer.php", instance.path / "wp-content/mu-plugins/bearer.php")
        instance.start_web()
        lab = Lab(instance)
        for scope in ("1", "2"):
            lab.agent(f"of-{scope}", 1, scope)
        yield lab
    finally:
        instance.destroy()


def two(lab: Lab, raw: str, path: str, method: str = "GET", data: Any = None) -> Any:
    """A request to the second blog."""
    body = None if data is None else json.dumps(data).encode()
    said = {"Authorization": f"Bearer {raw}", "Content-Type": "application/json"}
    return lab.instance.request(method, f"/two/wp-json{path}", body=body, headers=said)


def test_a_network_wide_agent_acts_on_every_blog(network: Lab) -> None:
    raw = network.token("boss")
    assert network.ask(raw, "/bearer/v1/public").json()["agent"] == network.agents["boss"]
    assert two(network, raw, "/bearer/v1/public").json()["agent"] == network.agents["boss"]
    lost = "DELETE FROM wp_datamachine_agent_tokens"
    network.sql(lost)
    assert network.ask(raw, "/bearer/v1/public").status == 401
    assert two(network, raw, "/bearer/v1/public").status == 401


def test_an_agent_of_one_blog_does_not_exist_on_others(network: Lab) -> None:
    gone = (401, "datamachine_agent_not_found")
    first, second = network.token("of-1"), network.token("of-2")
    assert network.ask(first, "/bearer/v1/public").status == 200
    assert error(two(network, first, "/bearer/v1/public")) == gone
    assert error(network.ask(second, "/bearer/v1/public")) == gone
    assert two(network, second, "/bearer/v1/public").status == 200


def test_who_administers_the_network_is_bounded_too(network: Lab) -> None:
    for limit in ([], ["read"]):
        raw = network.token("boss", limit)
        assert network.ask(raw, "/wp/v2/settings").status == 403
        assert network.ask(raw, "/wp/v2/plugins").status == 403
        assert two(network, raw, "/wp/v2/settings").status == 403
        data = {"username": "evil", "email": "evil@example.org", "password": "x"}
        assert network.ask(raw, "/wp/v2/users", "POST", data=data).status == 403
        said = network.ask(raw, "/wp/v2/users/1", "PUT", data={"password": "x"})
        assert said.status == 403
    assert network.ask(network.token("boss"), "/wp/v2/settings").status == 200
    assert network.ask(network.token("boss", ["manage_options"]), "/wp/v2/settings").status == 200


def test_a_list_leaves_what_it_names_of_a_networks_powers(network: Lab) -> None:
    number = network.of(network.token("boss", ["manage_network", "manage_options"]), "token_id")
    empty = network.of(network.token("boss", []), "token_id")
    got = network.evaluate(
        f"""use DataMachine\\Abilities\\PermissionHelper as P;
        $act    = 'DataMachine\\Bridge\\Identity\\HostOperations::act_as';
        $can    = fn() => array_values( array_filter( array( {POWERS} ), 'current_user_can' ) );
        $tell   = fn() => array( $can(), P::is_administrator(), P::is_network_administrator(),
            DataMachine\\Bridge\\Identity\\Principal::describe()['network'] );
        $tell_with = function ( $token ) use ( $act, $tell ) {{
            $act( array( 'agent_id' => {network.agents["boss"]}, 'token_id' => $token ) );
            return $tell();
        }};
        wp_set_current_user( 1 );
        $answer = array( $tell_with( {number} ), $tell_with( {empty} ) );
        switch_to_blog( 2 );
        $answer[] = $tell();
        restore_current_blog();
        P::clear_agent_context();
        $answer[] = $can()"""
    )
    assert got == [
        [["manage_network"], True, True, True],
        [[], False, False, False],
        [[], False, False, False],
        ["manage_network", "manage_network_users", "create_users", "unfiltered_html", "anything_at_all"],
    ]


def test_a_suspended_owner_is_no_owner(network: Lab) -> None:
    raw = network.token("writer")
    assert network.ask(raw, "/bearer/v1/public").status == 200
    network.sql("UPDATE wp_users SET spam = 1 WHERE user_login = 'author'")
    assert error(network.ask(raw, "/bearer/v1/public")) == (401, "datamachine_owner_not_found")
    network.sql("UPDATE wp_users SET spam = 0 WHERE user_login = 'author'")
    assert network.ask(raw, "/bearer/v1/public").status == 200
