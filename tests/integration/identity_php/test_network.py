"""Rights on a network: a blog's administrators are not the network's, and all blogs see what changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev.instance import DATABASE, Instance


class Network:
    """Two blogs; ``boss`` administers the second one, ``admin`` the network."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        instance.wp("site", "create", "--slug=two")
        instance.start_web()
        instance.start_sidecar("bridge", name="bridge")
        self.two = f"--url={instance.url}/two/"
        self.wp("user", "create", "boss", "boss@example.org", "--role=administrator", on=self.two)
        self.wp("user", "create", "owner", "owner@example.org", "--role=subscriber", on=self.two)
        self.boss = int(self.wp("user", "get", "boss", "--field=ID"))
        self.owner = int(self.wp("user", "get", "owner", "--field=ID"))
        self.agents = {scope: self._agent(f"of-{scope}", scope) for scope in ("NULL", "1", "2")}

    def _agent(self, slug: str, scope: str) -> int:
        self.sql(
            "INSERT INTO wp_datamachine_agents (agent_slug, agent_name, owner_id, site_scope) "
            f"VALUES ('{slug}', 'Agent', {self.owner}, {scope})"
        )
        return int(self.sql(f"SELECT agent_id FROM wp_datamachine_agents WHERE agent_slug = '{slug}'"))

    def sql(self, statement: str) -> str:
        return self.instance.db.sql(statement, database=DATABASE).strip()

    def wp(self, *arguments: str, on: str = "") -> str:
        return self.instance.wp(*arguments, *([on] if on else [])).stdout.strip()

    def evaluate(self, code: str, on: str = "") -> Any:
        prelude = """use DataMachine\\Abilities\\PermissionHelper as P;
            add_filter( 'datamachine_cli_bypass_permissions', '__return_false' );"""
        return json.loads(self.wp("eval", f"{prelude} {code}; echo wp_json_encode( $answer );", on=on))

    def epoch(self) -> str:
        return self.sql(
            "SELECT option_value FROM wp_options WHERE option_name = 'datamachine_bridge_access_epoch'"
        )


@pytest.fixture(scope="module")
def network(instances: Path) -> Iterator[Network]:
    instance = Instance(instances / "identity-network", multisite=True)
    try:
        instance.install()
        yield Network(instance)
    finally:
        instance.destroy()


def access(network: Network, user: int, on: str = "") -> list[bool]:
    ids = list(network.agents.values())
    return network.evaluate(
        f"""wp_set_current_user( {user} );
        $answer = array_map( fn( $id ) => P::can_access_agent( $id, 'admin' ), {json.dumps(ids)} )""",
        on,
    )


def test_a_blogs_administrator_has_the_agents_of_that_blog_and_of_the_network(network: Network) -> None:
    assert access(network, 1) == [True, True, True]
    assert access(network, 1, network.two) == [True, True, True]
    assert access(network, network.boss, network.two) == [True, False, True]
    assert access(network, network.boss) == [False, False, False], "a stranger on the first blog"


def test_an_owner_has_its_own_where_they_live(network: Network) -> None:
    assert access(network, network.owner, network.two) == [True, False, True]


def test_what_a_user_may_do_is_said_of_each_blog(network: Network) -> None:
    code = f"""$answer = DataMachine\\Bridge\\Host\\Operations::dispatch(
        'identity.answers', array( 'user_id' => {network.boss} ) );
        $answer = array( in_array( 'manage_agents', $answer['actions'], true ),
            $answer['administrator'], $answer['network'] )"""
    assert network.evaluate(code) == [False, False, False]
    assert network.evaluate(code, network.two) == [True, True, False]


def test_suspended_users_have_nothing_and_their_agents_neither(network: Network) -> None:
    asks = f"""P::set_agent_context( {network.agents["2"]}, {network.boss} );
        $answer = array( P::can( 'manage_flows' ), P::can_access_agent( {network.agents["2"]} ) );
        P::clear_agent_context();
        $answer[] = DataMachine\\Bridge\\Host\\Operations::dispatch(
            'identity.answers', array( 'user_id' => {network.boss} ) )['actions']"""
    before = network.epoch()
    network.wp("user", "spam", "boss")
    spammed = network.epoch()
    assert network.evaluate(asks, network.two) == [False, False, []]
    network.wp("user", "unspam", "boss")
    assert network.evaluate(asks, network.two)[0] is True
    assert len({before, spammed, network.epoch()}) == 3


@pytest.mark.parametrize(
    "change",
    [
        "grant_super_admin( $user )",
        "revoke_super_admin( $user )",
        "remove_user_from_blog( $user, 2 )",
        "add_user_to_blog( 2, $user, 'author' )",
        "( new WP_User( $user, '', 2 ) )->add_cap( 'datamachine_manage_flows' )",
        "switch_to_blog( 2 ); get_role( 'author' )->add_cap( uniqid() ); restore_current_blog()",
    ],
)
def test_the_epoch_is_one_for_all_blogs(network: Network, change: str) -> None:
    network.wp("user", "set-role", "owner", "subscriber", on=network.two)
    before = network.epoch()
    network.evaluate(f"$user = {network.owner}; {change}; $answer = 1", network.two)
    assert network.epoch() not in {"", before}
    assert network.sql("SELECT COUNT(*) FROM wp_2_options WHERE option_name LIKE '%access\\_epoch'") == "0"


def test_removed_agents_are_removed_on_all_blogs(network: Network) -> None:
    network.evaluate(
        """wp_set_current_user( 1 );
        DataMachine\\Bridge\\Host\\Operations::dispatch(
            'identity.removed', array( 'slug' => 'one', 'user_id' => 1 ) );
        $answer = get_current_blog_id()""",
        network.two,
    )
    read = "$answer = DataMachine\\Bridge\\Identity\\RemovedAgents::all()"
    assert list(network.evaluate(read)) == ["one"]
    assert list(network.evaluate(read, network.two)) == ["one"]
    assert (
        network.sql("SELECT COUNT(*) FROM wp_2_options WHERE option_name = 'datamachine_removed_agents'")
        == "0"
    )


def test_a_new_blog_has_the_capabilities(network: Network) -> None:
    network.wp("site", "create", "--slug=three")
    code = """$answer = array( get_role( 'subscriber' )->has_cap( 'datamachine_chat' ),
        get_role( 'editor' )->has_cap( 'datamachine_manage_agents' ) )"""
    assert network.evaluate(code, f"--url={network.instance.url}/three/") == [True, False]
