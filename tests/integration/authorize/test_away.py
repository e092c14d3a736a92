"""With the sidecar away nothing is authorized, nobody is sent anywhere, and the page says so."""

from __future__ import annotations

from dev.instance import ADMIN, Instance
from tests.integration.authorize.browsing import Browser, asked, refusal


def test_the_page_says_that_it_does_not_work_now(fresh_site: Instance) -> None:
    fresh_site.start_web()
    person = Browser(fresh_site).log_in(ADMIN, fresh_site.password)
    for parameters in (asked(), asked(agent_slug="zzz", redirect_uri="https://evil.example/")):
        for reply in (
            person.get(parameters, Accept="*/*"),
            person.post(parameters | {"action": "deny", "_authorize_nonce": "0123456789"}, Accept="*/*"),
        ):
            assert refusal(reply) == (503, "datamachine_sidecar_unavailable")
        page = person.get(parameters)
        assert page.status_code == 503
        assert "Nothing was authorized; try again later." in page.text
        assert "Not available at the moment" in page.text
    assert not fresh_site.debug_log.exists()
