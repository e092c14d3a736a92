"""A browser without a screen: cookies, forms, and redirects that are looked at instead of followed."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import requests

from dev.instance import Instance

PATH = "/wp-json/datamachine/v1/agent/authorize"
CALLBACK = "http://127.0.0.1:29340/callback"
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
AGENT = "e-roadie"


@dataclass(frozen=True)
class Proof:
    """What a client without a secret proves itself with (RFC 7636)."""

    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    @property
    def parameters(self) -> dict[str, str]:
        return {"code_challenge": self.challenge, "code_challenge_method": "S256"}


def asked(**changes: str | None) -> dict[str, str]:
    """What a client asks, as C2 of the conversations does; None takes a parameter out."""
    given = {
        "agent_slug": AGENT,
        "redirect_uri": CALLBACK,
        "label": "beeper-roadie",
        "state": "ST1",
        **Proof("v" * 43).parameters,
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


class Form(html.parser.HTMLParser):
    """A page's one form and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action = self.method = ""
        self.hidden: dict[str, str] = {}
        self.scopes: list[str] = []
        self.checked = ""
        self.buttons: list[tuple[str, str]] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action, self.method = given["action"], given["method"]
        elif tag == "a":
            self.links.append(given["href"])
        elif tag == "button":
            self.buttons.append((given["name"], given["value"]))
        elif tag == "input" and given["type"] == "hidden":
            self.hidden[given["name"]] = given["value"]
        elif tag == "input" and given["type"] == "radio":
            self.scopes.append(given["value"])
            if "checked" in given:
                self.checked = given["value"]

    def handle_data(self, data: str) -> None:
        self.words += data + " "


class Browser:
    """One person's cookies on one site; ``prefix`` leads to another site of a network."""

    def __init__(self, site: Instance, prefix: str = "") -> None:
        self.site = site
        self.address = site.url + prefix + PATH
        self.session = requests.Session()

    def log_in(self, login: str, password: str) -> Browser:
        self.session.get(self.site.url + "/wp-login.php", timeout=30)
        reply = self.session.post(
            self.site.url + "/wp-login.php",
            data={"log": login, "pwd": password, "wp-submit": "Log In", "testcookie": "1"},
            allow_redirects=False,
            timeout=30,
        )
        assert reply.status_code == 302, reply.text[:2000]
        return self

    def get(self, parameters: dict[str, str], **headers: str) -> requests.Response:
        """The page of consent, or what comes instead."""
        return self.session.get(
            self.address,
            params=parameters,
            headers=HTML | {name.replace("_", "-"): value for name, value in headers.items()},
            allow_redirects=False,
            timeout=30,
        )

    def post(self, parameters: dict[str, str], **headers: str) -> requests.Response:
        """The form, as it would be sent."""
        return self.session.post(
            self.address,
            data=parameters,
            headers=HTML | {name.replace("_", "-"): value for name, value in headers.items()},
            allow_redirects=False,
            timeout=30,
        )

    def form(self, parameters: dict[str, str]) -> Form:
        """The form of the page of consent."""
        reply = self.get(parameters)
        assert reply.status_code == 200, reply.text
        return Form(reply.text)

    def decide(self, parameters: dict[str, str], action: str = "authorize", **changes: str) -> dict[str, str]:
        """See the page, press a button: what the client is told."""
        reply = self.post(self.form(parameters).hidden | {"action": action} | changes)
        return told(reply, parameters["redirect_uri"])


def told(reply: requests.Response, redirect_uri: str = CALLBACK) -> dict[str, str]:
    """The parameters a client finds at its address; the browser must be going exactly there."""
    assert reply.status_code == 302, reply.text
    location = reply.headers["Location"]
    there, wanted = urlsplit(location), urlsplit(redirect_uri)
    assert there[:3] == wanted[:3], location
    assert there.fragment == ""
    pairs = parse_qsl(there.query, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs), location
    answer = dict(pairs)
    # Which site answers; the page is this site's.
    assert answer.pop("iss") == reply.url.partition("/wp-json/")[0], location
    return answer


def refusal(reply: requests.Response) -> tuple[int, str]:
    """Status and code of an error in JSON; nobody is sent anywhere."""
    assert "Location" not in reply.headers
    found = reply.json()
    assert found["data"]["status"] == reply.status_code
    return reply.status_code, found["code"]
