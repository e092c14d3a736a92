"""People of every kind for the routes and abilities on agents, and both doors to ask through."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import flask

from dev.instance import Instance
from sidecar import app
from sidecar.api.access import Visit
from sidecar.identity import AgentsService, Principal
from sidecar.runtime import Runtime

BASE = "/datamachine/v1"
#: A moment that an answer names.
_MOMENT = re.compile(rb'("\w+_at":)"\d{4}-[^"]*"')
#: Name to role and further capabilities; the login is ``door-`` and the name.
PEOPLE: dict[str, tuple[str, tuple[str, ...]]] = {
    "reader": ("subscriber", ()),
    "owner": ("subscriber", ("datamachine_manage_agents", "datamachine_manage_flows")),
    # Of one agent alone: only the tests of that agent make any for this person.
    "landlord": ("subscriber", ("datamachine_manage_agents", "datamachine_manage_flows")),
    "warden": ("subscriber", ("datamachine_manage_agents", "datamachine_manage_flows")),
    "keeper": ("subscriber", ("datamachine_manage_agents", "datamachine_manage_flows")),
    "runner": ("subscriber", ("datamachine_manage_flows",)),
    "nobody": ("", ()),
}
_MAKE = """
$made = array();
foreach ( json_decode( '%s', true ) as $login => [ $role, $caps ] ) {
	// Tests of other kinds make people on the same site.
	$account = "door-$login";
	$id      = (int) username_exists( $account );
	if ( ! $id ) {
		$id = wp_insert_user( array( 'user_login' => $account, 'user_pass' => wp_generate_password(),
			'user_email' => "$account@example.org", 'display_name' => ucfirst( $login ), 'role' => $role ) );
	}
	$user = get_userdata( $id );
	array_map( array( $user, 'add_cap' ), $caps );
	$made[ $login ] = array(
		$id,
		WP_Application_Passwords::create_new_application_password( $id, array( 'name' => uniqid() ) )[0],
	);
}
echo wp_json_encode( $made );
"""


@dataclass(frozen=True)
class Person:
    """A user who can sign in; id 0 is nobody."""

    login: str
    id: int
    password: str


@dataclass(frozen=True)
class Reply:
    """What either door answered."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def refusal(self) -> tuple[int, str, str]:
        """Status, code and message of an error, whose envelope repeats the status."""
        found = self.json
        assert found["data"]["status"] == self.status
        return self.status, found["code"], found["message"]


@dataclass
class Named:
    """Believes headers: the authenticator that tests give the sidecar's own door."""

    ids: Mapping[str, int]

    def visit(self, request: flask.Request) -> Visit:
        user_id = self.ids.get(request.headers.get("X-Login", ""), 0)
        if "X-Agent" not in request.headers:
            return Visit(Principal.user(user_id))
        ceiling = request.headers.get("X-Ceiling")
        return Visit(
            Principal(
                "agent",
                user_id=user_id,
                agent_id=int(request.headers["X-Agent"]),
                ceiling=None if ceiling is None else frozenset(ceiling.split()),
            )
        )


@dataclass
class Doors:
    """The same request through WordPress and through the sidecar's own door."""

    site: Instance
    runtime: Runtime
    people: Mapping[str, Person]
    client: Any = field(init=False)

    def __post_init__(self) -> None:
        ids = {name: person.id for name, person in self.people.items()}
        self.client = app.create_app(self.runtime, Named(ids)).test_client()

    def ask(
        self,
        door: str,
        method: str,
        path: str,
        who: str | None,
        *,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        raw: bytes | None = None,
        kind: str = "application/json",
    ) -> Reply:
        """One request; ``body`` travels as JSON, ``form`` as a form, ``raw`` as it is and called ``kind``."""
        headers = {"Content-Type": kind}
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        if form is not None:
            headers, data = {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(form).encode()
        if data is None:
            headers = {}
        if door == "sidecar":
            if who is not None:
                headers["X-Login"] = who
            reply = self.client.open(BASE + path, method=method, data=data, headers=headers)
            return Reply(reply.status_code, reply.data)
        if who is not None:
            person = self.people[who]
            pair = base64.b64encode(f"{person.login}:{person.password}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        answer = self.site.request(method, "/wp-json" + BASE + path, body=data, headers=headers)
        return Reply(answer.status, answer.body)

    def acting(self, path: str, who: str, agent_id: int, ceiling: list[str] | None = None) -> Reply:
        """A GET by an agent, whose owner is ``who``; both doors answer the same data and status."""
        owner = self.people[who].id
        code = (
            f"wp_set_current_user( {owner} );"
            "DataMachine\\Abilities\\PermissionHelper::set_agent_context("
            f" {agent_id}, {owner}, json_decode( '{json.dumps(ceiling)}' ) );"
            f"$url = parse_url( 'http://x{BASE}{path}' );"
            "$request = new WP_REST_Request( 'GET', $url['path'] );"
            "parse_str( $url['query'] ?? '', $query ); $request->set_query_params( $query );"
            "$reply = rest_do_request( $request );"
            "echo wp_json_encode( array( $reply->get_status(), $reply->get_data() ) );"
        )
        status, data = json.loads(self.site.wp("eval", code).stdout)
        headers = {"X-Login": who, "X-Agent": str(agent_id)}
        if ceiling is not None:
            headers["X-Ceiling"] = " ".join(ceiling)
        reply = self.client.get(BASE + path, headers=headers)
        ours = (reply.status_code, json.loads(reply.data))
        assert ours == (status, data), (ours, (status, data))
        return Reply(reply.status_code, reply.data)

    def same(self, method: str, path: str, who: str | None, **sent: Any) -> Reply:
        """One request through both doors, which answer with the same status and bytes; what is written twice
        may have been written in two seconds.
        """
        theirs = self.ask("wordpress", method, path, who, **sent)
        ours = self.ask("sidecar", method, path, who, **sent)
        said = [one.body if method == "GET" else _MOMENT.sub(rb"\1", one.body) for one in (ours, theirs)]
        assert (ours.status, said[0]) == (theirs.status, said[1]), (ours, theirs)
        return ours

    def agent(self, slug: str, owner: str = "admin", **config: Any) -> int:
        """The id of an agent of that slug and owner, who is made when absent."""
        service = self.runtime.get(AgentsService)
        found = service.find(slug)
        if found is None:
            operator = Principal.command_line()
            found = service.create(
                operator, slug, name=slug.title(), owner_id=self.people[owner].id, config=config
            ).agent
        return found.agent_id


def make_people(site: Instance) -> dict[str, Person]:
    """Users of :data:`PEOPLE` and the administrator, each with an application password."""
    wanted = {"admin": ("administrator", ()), **PEOPLE}
    printed = site.wp("eval", _MAKE % json.dumps(wanted)).stdout
    return {
        login: Person(f"door-{login}", int(made[0]), made[1]) for login, made in json.loads(printed).items()
    }
