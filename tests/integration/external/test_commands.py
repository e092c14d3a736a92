"""The commands ``external``: both command lines say and do the same."""

from __future__ import annotations

import json
import re
import shlex
import subprocess

import pytest

from dev import paths, processes
from dev.instance import Instance
from tests.integration.external.conftest import Here, token
from tests.integration.external.oldsite import Server, document, error, me

DOORS = ("wp", "native")
ME = "/wp-json/datamachine/v1/agents/me"


def run(site: Instance, door: str, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    if door == "wp":
        return site.wp("datamachine", "external", *words, check=False, stdin=stdin)
    return site.datamachine("external", *words, check=False, stdin=stdin)


def said(done: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("door", DOORS)
def test_a_token_is_added_listed_shown_and_removed(here: Here, door: str) -> None:
    site, given = here.site, token()
    assert said(run(site, door, "list")) == (0, "No external sites registered.\n", "")
    added = run(site, door, "add", "foo.example", "bot", "--agent-id=12", stdin=f"{given}\n")
    assert said(added) == (0, "Success: Stored token for foo.example/bot.\n", "")
    (row,) = json.loads(run(site, door, "list", "--format=json").stdout)
    assert list(row) == ["key", "remote_site", "agent_slug", "agent_id", "received_at", "has_token"]
    assert (row["key"], row["agent_id"], row["has_token"]) == ("foo.example/bot", 12, "yes")
    shown = run(site, door, "show", "foo.example/bot").stdout
    assert f"Token:       datamachine_...{given[-4:]}\n" in shown
    assert given not in shown
    assert given in run(site, door, "show", "foo.example/bot", "--show-token").stdout
    assert run(site, door, "remove", "foo.example/bot", stdin="n\n").returncode == 0
    assert list(here.stored()) == ["foo.example/bot"]
    removed = run(site, door, "remove", "foo.example/bot", "--yes")
    assert said(removed) == (0, "Success: Removed token for foo.example/bot.\n", "")
    assert here.stored() == {}


@pytest.mark.parametrize("door", DOORS)
def test_what_is_wrong_is_said(here: Here, door: str) -> None:
    site, given = here.site, token()
    unknown = (1, "", 'Error: No connection found for "nope".\n')
    assert said(run(site, door, "show", "nope")) == unknown
    assert said(run(site, door, "remove", "nope", "--yes")) == unknown
    assert said(run(site, door, "test", "nope")) == unknown
    assert said(run(site, door, "call", "nope", "GET", "/x")) == unknown
    for words, stdin, message in (
        (("add", "foo bar", "bot"), given, 'Error: "foo bar" is not the address of a site.'),
        (("add", "foo.example", "b/t"), given, 'Error: "b/t" is not the slug of an agent.'),
        (("add", "foo.example", "bot"), "", "Error: No token given."),
        (("add", "foo.example", "bot"), "secret", "Error: A token begins with datamachine_"),
        (("connect", "ftp://foo.example", "bot"), "", "is not the address of a site."),
        (("connect", "foo.example", "bot", "--redirect-uri=ftp://x"), "", "no plain http or https address"),
        (("call", "nope", "GET", "/x", "--body={"), "", "Error: Invalid JSON in --body."),
        (("call", "nope", "GET", "/x", "--header=x"), "", 'Error: "x" is not a header.'),
    ):
        done = run(site, door, *words, stdin=stdin)
        assert done.returncode == 1, done
        assert message in done.stderr
    assert here.stored() == {}


def test_a_token_is_verified_before_it_is_stored(here: Here, old: Server) -> None:
    given = token()
    old.answers[ME] = me("other")
    done = run(here.site, "native", "add", old.site, "bot", "--verify", stdin=given)
    assert said(done) == (1, "", 'Error: The token is agent "other" there, not "bot".\n')
    old.answers[ME] = error(401, "datamachine_invalid_token", "Invalid or expired agent token.")
    done = run(here.site, "native", "add", old.site, "bot", "--verify", stdin=given)
    assert said(done) == (1, "", "Error: HTTP 401: Invalid or expired agent token.\n")
    assert here.stored() == {}
    old.answers[ME] = me("bot", 33)
    assert run(here.site, "native", "add", old.site, "bot", "--verify", stdin=given).returncode == 0
    assert here.stored()[f"{old.site}/bot"]["agent_id"] == 33
    assert {seen.headers["authorization"] for seen in old.seen} == {f"Bearer {given}"}


@pytest.mark.parametrize("door", DOORS)
def test_a_call_sends_what_is_given_and_ends_with_the_answer(here: Here, old: Server, door: str) -> None:
    key = here.add(old.site, "bot", token())
    old.answers["/x"] = document(201, {"made": [1], "u": "é"})
    words = ("call", key, "post", "/x", '--body={"a":{}}', "--header=X-Mine: 1")
    done = run(here.site, door, *words)
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert (answer["status_code"], answer["body"]) == (201, {"made": [1], "u": "é"})
    assert done.stderr == ""
    assert (old.seen[-1].method, old.seen[-1].body) == ("POST", b'{"a": {}}')
    assert old.seen[-1].headers["x-mine"] == "1"
    assert old.seen[-1].headers["x-datamachine-caller-site"] == "127.0.0.1"
    assert old.seen[-1].headers["x-datamachine-chain-depth"] == "1"
    old.answers["/no"] = error(403, "rest_forbidden", "Sorry.")
    done = run(here.site, door, "call", key, "GET", "/no", "--format=raw")
    assert (done.returncode, json.loads(done.stdout)["code"]) == (1, "rest_forbidden")
    assert "HTTP 403: Sorry." in done.stderr
    done = run(here.site, door, "call", key, "GET", "https://evil.example/x", "--format=table")
    assert done.returncode == 1
    assert "not on 127.0.0.1" in done.stdout


def test_a_body_may_come_from_standard_input(here: Here, old: Server) -> None:
    key = here.add(old.site, "bot", token())
    old.answers["/x"] = document(200, {})
    for door in DOORS:
        assert run(here.site, door, "call", key, "PUT", "/x", "--body=-", stdin='[1, "é"]').returncode == 0
        assert json.loads(old.seen[-1].body) == [1, "é"]


def test_an_exact_address_is_used_as_it_is(here: Here, old: Server) -> None:
    exact = "https://public.example/wp-json/datamachine/v1/agent/auth/callback"
    said = here.external("connect", old.site, "bot", f"--redirect-uri={exact}")
    url = next(line for line in said.splitlines() if line.startswith("http"))
    assert (
        "redirect_uri=https%3A%2F%2Fpublic.example%2Fwp-json%2Fdatamachine%2Fv1%2Fagent%2Fauth%2Fcallback&"
        in url
    )
    assert "&state=" in url


def test_a_command_line_that_is_narrowed_is_for_administrators(here: Here, accounts: dict[str, int]) -> None:
    """The site's filter takes the operator's rights away: then the named user's count."""
    plugin = here.site.path / "wp-content" / "mu-plugins" / "f-narrow.php"
    plugin.write_text("<?php add_filter( 'datamachine_cli_bypass_permissions', '__return_false' );")
    try:
        # The host looks once a second whether WordPress's files have changed.
        processes.wait_until(
            lambda: here.site.datamachine("external", "list", "--user=f-ed", check=False).returncode == 1,
            what="The narrowed command line",
        )
        for login, code in (("f-ed", 1), ("f-mgr", 1), ("f-boss", 0)):
            for done in (
                here.site.datamachine("external", "list", f"--user={login}", check=False),
                here.site.wp("datamachine", "external", "list", f"--user={login}", check=False),
            ):
                assert done.returncode == code, done
    finally:
        plugin.unlink()
        processes.wait_until(
            lambda: here.site.datamachine("external", "list", check=False).returncode == 0,
            what="The operator's command line",
        )


def test_every_command_of_the_page_works(here: Here, old: Server) -> None:
    """``docs/how-to/connect-another-site.md``, from top to bottom, with an older site at the other end."""
    page = (paths.ROOT / "docs" / "how-to" / "connect-another-site.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) == 7
    old.answers["/wp-json/datamachine/v1/jobs"] = document(200, {"success": True, "data": []})
    old.answers["/wp-json/wp/v2/posts"] = document(201, {"id": 5})
    given = token()
    for line in lines:
        command, _, file = line.replace("other.example", old.site).partition(" < ")
        words = shlex.split(command)
        assert words[:3] == ["wp", "datamachine", "external"]
        done = run(here.site, "native", *words[3:], stdin=given if file else "y\n")
        assert done.returncode == 0, (line, done)
    assert json.loads(old.seen[-1].body) == {"title": "Hello"}
    assert old.seen[-2].query == {"per_page": "5"}
    assert here.stored() == {}
