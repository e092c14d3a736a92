"""Attempts to do with a token, through WordPress's own routes, what its agent's owner may do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.security.lab import Lab

POST = {"title": "Planted", "content": "Planted", "status": "publish"}
COMMENT = {"post": "{post}", "content": "Planted", "author_email": "a@example.org", "author_name": "A"}
USER = {"username": "planted", "email": "planted@example.org", "password": "x", "roles": ["administrator"]}
REST = "/wp-json"

#: Method, path below the site, body. ``{me}`` is the owner, ``{other}`` another user, ``{post}`` a post.
WRITES: tuple[tuple[str, str, Any], ...] = (
    ("POST", f"{REST}/wp/v2/posts", POST),
    ("POST", f"{REST}/wp/V2/Posts", POST),
    ("POST", "/?rest_route=/wp/v2/posts", POST),
    ("POST", "/index.php?rest_route=/WP/v2/posts/", POST),
    ("POST", f"{REST}/wp/v2/posts/{{post}}", {"title": "Taken"}),
    ("PUT", f"{REST}/wp/v2/posts/{{post}}", {"title": "Taken"}),
    ("POST", f"{REST}/wp/v2/posts/{{post}}/autosaves", {"title": "Taken"}),
    ("DELETE", f"{REST}/wp/v2/posts/{{post}}?force=true", None),
    ("POST", f"{REST}/wp/v2/pages", POST),
    ("POST", f"{REST}/wp/v2/blocks", POST),
    ("POST", f"{REST}/wp/v2/navigation", POST),
    ("POST", f"{REST}/wp/v2/templates", {"slug": "planted"}),
    ("POST", f"{REST}/wp/v2/menus", {"name": "planted"}),
    ("POST", f"{REST}/wp/v2/categories", {"name": "planted"}),
    ("POST", f"{REST}/wp/v2/tags", {"name": "planted"}),
    ("POST", f"{REST}/wp/v2/media", "a file"),
    ("PUT", f"{REST}/wp/v2/users/me", {"email": "planted@example.org", "password": "taken"}),
    ("POST", f"{REST}/wp/v2/users/me", {"meta": {"persisted_preferences": {"a": 1}}}),
    ("POST", f"{REST}/wp/v2/users/{{me}}", {"first_name": "Planted"}),
    ("POST", f"{REST}/wp/v2/users/{{other}}", {"roles": ["administrator"]}),
    ("POST", f"{REST}/wp/v2/users", USER),
    ("DELETE", f"{REST}/wp/v2/users/{{other}}?force=true&reassign=1", None),
    ("POST", f"{REST}/wp/v2/users/me/application-passwords", {"name": "planted"}),
    ("POST", f"{REST}/wp/v2/users/{{me}}/application-passwords", {"name": "planted"}),
    ("POST", f"{REST}/wp/v2/users/{{other}}/application-passwords", {"name": "planted"}),
    ("DELETE", f"{REST}/wp/v2/users/me/application-passwords", None),
    # Comments ask for no capability, only for somebody who is signed in.
    ("POST", f"{REST}/wp/v2/comments", COMMENT),
    ("POST", f"{REST}/WP/V2/Comments", COMMENT),
    ("POST", "/?rest_route=/wp/v2/comments", COMMENT),
    ("GET", f"{REST}/wp/v2/comments?_method=POST", COMMENT),
    ("POST", f"{REST}/wp/v2/settings", {"title": "Taken"}),
    ("PUT", f"{REST}/wp/v2/settings", {"title": "Taken"}),
    ("POST", f"{REST}/wp/v2/plugins", {"slug": "hello-dolly"}),
    ("DELETE", f"{REST}/wp/v2/plugins/datamachine-bridge/datamachine-bridge", None),
    ("POST", f"{REST}/wp/v2/widgets", {"id_base": "text", "sidebar": "wp_inactive_widgets"}),
    ("POST", f"{REST}/wp/v2/sidebars/wp_inactive_widgets", {"widgets": []}),
    ("POST", f"{REST}/datamachine/v1/agents", {"agent_slug": "planted"}),
)
READS = (
    f"{REST}/wp/v2/settings",
    f"{REST}/wp/v2/plugins",
    f"{REST}/wp/v2/themes",
    f"{REST}/wp/v2/posts?status=draft",
    f"{REST}/wp/v2/posts/{{post}}?context=edit",
    f"{REST}/wp/v2/posts/{{post}}/revisions",
    f"{REST}/wp/v2/users?context=edit",
    f"{REST}/wp/v2/users/me?context=edit",
    f"{REST}/wp/v2/users/{{other}}?context=edit",
    f"{REST}/wp/v2/users/me/application-passwords",
    f"{REST}/wp/v2/comments?status=hold",
    f"{REST}/wp/v2/statuses?context=edit",
    f"{REST}/wp/v2/block-types",
    f"{REST}/wp/v2/templates",
    f"{REST}/wp/v2/global-styles/themes/none",
    f"{REST}/wp-block-editor/v1/url-details?url=http://127.0.0.1/",
    f"{REST}/wp-site-health/v1/tests/background-updates",
    f"{REST}/wp-site-health/v1/directory-sizes",
    f"{REST}/oembed/1.0/proxy?url=http://127.0.0.1/",
    f"{REST}/wp-abilities/v1/abilities/core/get-environment-info/run",
    f"{REST}/wp-abilities/v1/abilities/core/get-site-info/run",
    f"{REST}/datamachine/v1/jobs",
    f"{REST}/datamachine/v1/agent/auth/tokens",
)
TABLES = ("posts", "postmeta", "comments", "users", "terms", "term_taxonomy", "datamachine_agents")


@pytest.fixture
def untouched(lab: Lab) -> Iterator[None]:
    """Whatever is tried, nothing of the site changes."""
    before = content(lab)
    yield
    assert content(lab) == before


def content(lab: Lab) -> Any:
    names = ", ".join(f"{{{table}}}" for table in TABLES)
    meta = "SELECT * FROM {usermeta} WHERE meta_key <> 'session_tokens' ORDER BY umeta_id"
    options = (
        "SELECT option_name, option_value FROM {options} WHERE option_name IN ('blogname', 'active_plugins')"
    )
    return lab.rows(f"CHECKSUM TABLE {names}"), lab.rows(meta), lab.rows(options)


@pytest.fixture(scope="module")
def known(lab: Lab) -> dict[str, int]:
    """Ids by what stands for them."""
    post = lab.instance.wp("post", "create", "--post_title=Here", "--post_status=publish", "--porcelain")
    return {
        "me": lab.accounts["chief"].user_id,
        "other": lab.accounts["nobody"].user_id,
        "post": int(post.stdout),
    }


def filled(known: dict[str, int], words: str, given: Any = None) -> tuple[str, Any]:
    """Path and body of a request."""
    for name, number in known.items():
        words = words.replace(f"{{{name}}}", str(number))
    if isinstance(given, dict) and "post" in given:
        return words, {**given, "post": known["post"]}
    return words, given


@pytest.mark.parametrize(
    "capabilities", [[], ["datamachine_manage_flows"], ["administrator"], ["Read", "EXIST"]]
)
@pytest.mark.usefixtures("untouched")
def test_a_token_without_capabilities_changes_nothing_in_wordpress(
    lab: Lab, known: dict[str, int], capabilities: list[str]
) -> None:
    who = lab.key(capabilities, agent="chiefs")
    done = []
    for method, path, given in WRITES:
        answer = lab.answer(who, method, *filled(known, path, given))
        if answer.status < 400:
            done.append((method, path, answer.status, answer.text[:200]))
        assert answer.status < 500, (method, path, answer.text)
    assert done == []


@pytest.mark.usefixtures("untouched")
def test_a_token_without_capabilities_reads_what_is_public(lab: Lab, known: dict[str, int]) -> None:
    who = lab.key([], agent="chiefs")
    read = [path for path in READS if lab.answer(who, "GET", *filled(known, path)).status < 400]
    assert read == []


@pytest.mark.usefixtures("untouched")
def test_no_batch_is_above_a_token(lab: Lab, known: dict[str, int]) -> None:
    who = lab.key([], agent="chiefs")
    requests = [
        {"method": method, "path": place.removeprefix(REST), "body": body or {}}
        for method, path, given in WRITES
        for place, body in [filled(known, path, given)]
        if path.startswith(f"{REST}/wp/v2/") and method != "GET" and isinstance(given, dict | None)
    ]
    for part in (requests[number : number + 20] for number in range(0, len(requests), 20)):
        answer = lab.answer(who, "POST", f"{REST}/batch/v1", {"requests": part})
        assert answer.status == 207, answer.text
        assert [each for each in answer.json()["responses"] if each["status"] < 400] == []


@pytest.mark.usefixtures("untouched")
def test_a_method_named_in_a_header_is_the_method(lab: Lab, known: dict[str, int]) -> None:
    headers = {**lab.tokens[lab.key([], agent="chiefs")].headers, "Content-Type": "application/json"}
    for spelling in ("POST", "post", "PUT"):
        answer = lab.instance.request(
            "GET",
            f"{REST}/wp/v2/comments",
            headers={**headers, "X-HTTP-Method-Override": spelling},
            body=json.dumps({**COMMENT, "post": known["post"]}).encode(),
        )
        assert answer.status >= 400, spelling


def test_the_same_requests_work_without_the_limit(lab: Lab, known: dict[str, int]) -> None:
    """Else the tests above would see closed doors only because nothing is behind them."""
    who = lab.key(agent="chiefs")
    tried = 0
    for method, path, given in WRITES:
        if given in (POST, COMMENT) and "pages" not in path and "wp/v2/n" not in path:
            tried += 1
            place, body = filled(known, path, given)
            answer = lab.answer(who, method, place, {**body, "content": f"Said {who} {tried}"})
            assert answer.status == 201, (path, answer.text)
    assert tried > 8
    for path in (f"{REST}/wp/v2/settings", f"{REST}/wp/v2/plugins", f"{REST}/wp/v2/users/me?context=edit"):
        assert lab.answer(who, "GET", path).status == 200, path


def test_no_token_makes_or_sees_an_application_password(lab: Lab, known: dict[str, int]) -> None:
    """A password would outlive the token, and has no limit."""
    for capabilities in (None, ["create_app_password", "edit_users", "edit_user", "read"]):
        who = lab.key(capabilities, agent="chiefs")
        for whose in ("me", "{me}", "{other}"):
            path, _ = filled(known, f"{REST}/wp/v2/users/{whose}/application-passwords")
            for method, given in (("POST", {"name": "planted"}), ("GET", None), ("DELETE", None)):
                assert lab.answer(who, method, path, given).status in (401, 403), (method, path)


def test_a_token_that_may_publish_publishes_no_script(lab: Lab) -> None:
    """The owner may store any HTML; a token does not name that capability by naming others."""
    script = {"title": "Script", "content": "<p>x</p><script>alert(1)</script>", "status": "publish"}
    limited = lab.key(["read", "edit_posts", "publish_posts"], agent="chiefs")
    unlimited = lab.key(agent="chiefs")
    both = {
        **lab.accounts["chief"].headers,
        **lab.tokens[limited].headers,
        "Content-Type": "application/json",
    }
    stored = []
    for answer in (
        lab.answer(limited, "POST", f"{REST}/wp/v2/posts", script),
        # A browser's session has made the owner WordPress's user before the token is looked at.
        lab.instance.request("POST", f"{REST}/wp/v2/posts", headers=both, body=json.dumps(script).encode()),
        lab.answer(unlimited, "POST", f"{REST}/wp/v2/posts", script),
    ):
        assert answer.status == 201, answer.text
        [row] = lab.rows("SELECT post_content FROM {posts} WHERE ID = :id", id=answer.json()["id"])
        stored.append("<script" in str(row["post_content"]))
    assert stored == [False, False, True]


def test_a_token_with_some_capabilities_has_no_others(lab: Lab, known: dict[str, int]) -> None:
    who = lab.key(["read", "edit_posts"], agent="chiefs")
    draft = lab.answer(who, "POST", f"{REST}/wp/v2/posts", {**POST, "status": "draft"})
    assert draft.status == 201
    for method, path, given in (
        ("POST", f"{REST}/wp/v2/posts", POST),
        ("POST", f"{REST}/wp/v2/posts/{draft.json()['id']}", {"status": "publish"}),
        ("POST", f"{REST}/wp/v2/posts/{known['post']}", {"title": "Taken"}),
        ("POST", f"{REST}/wp/v2/posts/{draft.json()['id']}", {"author": lab.accounts["nobody"].user_id}),
        ("POST", f"{REST}/wp/v2/posts", {**POST, "status": "draft", "sticky": True}),
    ):
        assert lab.answer(who, method, path, given).status in (400, 401, 403), (path, given)


#: Another plugin, which asks for a login and no more.
TRUSTING = """<?php
$write = static fn() => (bool) update_option( 'h_written', 1 + (int) get_option( 'h_written' ) );
add_action( 'rest_api_init', static function () use ( $write ) {
	$route = array( 'methods' => 'POST', 'callback' => $write, 'permission_callback' => 'is_user_logged_in' );
	register_rest_route( 'h-trusting/v1', '/write', $route );
} );
add_action( 'wp_abilities_api_categories_init', static function () {
	wp_register_ability_category( 'h-trusting', array( 'label' => 'H', 'description' => 'H' ) );
} );
add_action( 'wp_abilities_api_init', static function () use ( $write ) {
	wp_register_ability( 'h-trusting/write', array(
		'label' => 'H', 'description' => 'H', 'category' => 'h-trusting', 'execute_callback' => $write,
		'permission_callback' => 'is_user_logged_in', 'meta' => array( 'show_in_rest' => true ),
	) );
} );
"""


def test_what_only_asks_for_a_login_is_closed_to_an_empty_token(lab: Lab) -> None:
    """Routes and abilities of other plugins write for anybody who is signed in; a token must name `read`."""
    place = lab.instance.path / "wp-content" / "mu-plugins" / "h-trusting.php"
    place.write_text(TRUSTING)
    try:
        empty, reading = lab.key([], agent="chiefs"), lab.key(["read"], agent="chiefs")
        for path in ("/h-trusting/v1/write", "/wp-abilities/v1/abilities/h-trusting/write/run"):
            assert lab.answer(empty, "POST", f"{REST}{path}", {}).status == 403, path
            assert lab.answer(reading, "POST", f"{REST}{path}", {}).status == 200, path
        written = lab.rows("SELECT option_value FROM {options} WHERE option_name = 'h_written'")
        assert [row["option_value"] for row in written] == ["2"]
    finally:
        place.unlink()
        lab.instance.wp("option", "delete", "h_written")
