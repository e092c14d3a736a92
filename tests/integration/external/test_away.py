"""The sidecar is down: what needs it says so, what does not works."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from dev.instance import ADMIN, Instance
from tests.integration.external.conftest import Here, Person, services, token
from tests.integration.external.oldsite import Server


def test_a_code_waits_for_the_sidecar_and_a_token_does_not(fresh_site: Instance, old: Server) -> None:
    fresh_site.start_web()
    person = Person(fresh_site)
    person.log_in(ADMIN, fresh_site.password)
    with services(fresh_site) as runtime:
        here = Here(fresh_site, runtime)

        def state() -> str:
            return dict(parse_qsl(urlsplit(here.invite(old.site, "bot")).query))["state"]

        reply = person.bring({"code": "c" * 64, "state": state()})
        assert (reply.status_code, "sidecar does not answer" in reply.text) == (503, True)
        assert here.stored() == {}
        given = token()
        reply = person.bring({"token": given, "agent_slug": "bot", "state": state()})
        assert reply.status_code == 200, reply.text
        assert here.secret(f"{old.site}/bot") == given
        listed = person.session.get(
            f"{fresh_site.url}/index.php?rest_route=/datamachine/v1/agent/auth/tokens", timeout=30
        )
        assert listed.status_code == 401, "a cookie without a nonce is nobody for WordPress"
