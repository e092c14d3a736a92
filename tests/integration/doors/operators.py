"""An operator at either door, and the agents of the site without one."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev.instance import Instance
from sidecar import hooks
from sidecar.identity import Agent, AgentDetail, AgentsService, Principal
from sidecar.runtime import Runtime

DOORS = ("wp", "datamachine")
OPERATOR = Principal.command_line()
#: Login to address, role and further capability; nobody has the address that is one of the logins.
MEMBERS = {
    "cli-ed": ("cli-ed@example.org", "editor", ""),
    "cli-sub": ("cli-sub@example.org", "subscriber", ""),
    "cli-keeper": ("cli-keeper@example.org", "subscriber", "datamachine_manage_agents"),
    "old@example.org": ("new@example.org", "subscriber", ""),
}
_MAKE = """
$made = array();
foreach ( json_decode( '%s', true ) as $login => [ $address, $role, $capability ] ) {
	$id = (int) username_exists( $login );
	if ( ! $id ) {
		$id = wp_insert_user( array( 'user_login' => $login, 'user_pass' => wp_generate_password(),
			'user_email' => $address, 'role' => $role ) );
	}
	if ( $capability ) {
		get_userdata( $id )->add_cap( $capability );
	}
	$made[ $login ] = $id;
}
echo wp_json_encode( $made );
"""


def make_members(site: Instance) -> dict[str, int]:
    """Their ids; made when absent."""
    found: dict[str, int] = json.loads(site.wp("eval", _MAKE % json.dumps(MEMBERS)).stdout)
    return found


def run(site: Instance, door: str, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """One command line at one door."""
    if door == "wp":
        return site.wp("datamachine", *words, check=False, **options)
    return site.datamachine(*words, check=False, **options)


@dataclass
class Agents:
    """Agents of the site, seen and made without a door."""

    runtime: Runtime

    @property
    def service(self) -> AgentsService:
        return self.runtime.get(AgentsService)

    def slugs(self) -> set[str]:
        return {found.agent.agent_slug for found in self.service.list(OPERATOR, scope="all")}

    def show(self, slug: str) -> AgentDetail:
        return self.service.show(OPERATOR, slug)

    def folder(self, slug: str) -> Path:
        return Path(self.show(slug).agent_dir)

    def config(self, slug: str) -> dict[str, Any]:
        return self.show(slug).agent.agent_config

    def make(self, slug: str, owner_id: int = 1, config: Mapping[str, Any] | None = None) -> int:
        """A new agent's id."""
        with hooks.scope():
            return self.service.create(OPERATOR, slug, owner_id=owner_id, config=config).agent.agent_id

    def drop(self, slug: str) -> None:
        with hooks.scope():
            self.service.delete(OPERATOR, slug, delete_files=True)

    def named(self, slug: str) -> Agent:
        return self.service.get(slug)
