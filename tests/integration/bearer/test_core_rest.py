"""WordPress's own routes, below the ceiling of the token, with no sidecar running."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.bearer.conftest import Lab, error

CLOSED = {401, 403}
#: Each would succeed for the administrator who owns the agent.
WRITES: list[tuple[str, str, Any]] = [
    ("POST", "/wp/v2/posts", {"title": "x", "status": "publish"}),
    ("POST", "/wp/v2/pages", {"title": "x"}),
    ("PUT", "/wp/v2/posts/1", {"title": "x"}),
    ("DELETE", "/wp/v2/posts/1", None),
    ("POST", "/wp/v2/comments", {"post": 1, "content": "from a token"}),
    ("PUT", "/wp/v2/comments/1", {"content": "x"}),
    ("DELETE", "/wp/v2/comments/1", None),
    ("PUT", "/wp/v2/users/me", {"description": "x"}),
    ("PUT", "/wp/v2/users/1", {"email": "evil@example.org"}),
    ("POST", "/wp/v2/users", {"username": "evil", "email": "e@example.org", "password": "x"}),
    ("DELETE", "/wp/v2/users/me?force=true&reassign=1", None),
    ("POST", "/wp/v2/users/me/application-passwords", {"name": "x"}),
    ("DELETE", "/wp/v2/users/me/application-passwords", None),
    ("POST", "/wp/v2/settings", {"title": "x"}),
    ("POST", "/wp/v2/categories", {"name": "x"}),
    ("POST", "/wp/v2/plugins", {"slug": "hello"}),
    ("DELETE", "/wp/v2/plugins/datamachine-bridge/datamachine-bridge", None),
    ("POST", "/wp/v2/sidebars/wp_inactive_widgets", {"widgets": []}),
    ("POST", "/bearer/v1/login", {}),
]
READS = [
    "/wp/v2/users/me?context=edit",
    "/wp/v2/users?context=edit",
    "/wp/v2/posts?status=draft",
    "/wp/v2/posts/1?context=edit",
    "/wp/v2/comments?context=edit",
    "/wp/v2/settings",
    "/wp/v2/plugins",
    "/wp/v2/users/me/application-passwords",
    "/wp-site-health/v1/directory-sizes",
]
#: What none of them may change.
DATA = """SELECT
    (SELECT COUNT(*) FROM wp_posts WHERE post_status <> 'auto-draft'),
    (SELECT COUNT(*) FROM wp_comments),
    (SELECT COUNT(*) FROM wp_users),
    (SELECT MD5(GROUP_CONCAT(user_email, user_pass)) FROM wp_users),
    (SELECT MD5(GROUP_CONCAT(post_title, post_status)) FROM wp_posts),
    (SELECT COUNT(*) FROM wp_usermeta WHERE meta_key = '_application_passwords'),
    (SELECT GROUP_CONCAT(meta_value) FROM wp_usermeta WHERE meta_key = 'description')"""


def test_a_token_without_a_limit_is_its_owner(lab: Lab) -> None:
    raw = lab.token()
    me = lab.ask(raw, "/wp/v2/users/me?context=edit").json()
    assert (me["id"], me["username"]) == (1, "admin")
    assert lab.ask(raw, "/wp/v2/settings").status == 200
    made = lab.ask(raw, "/wp/v2/posts", "POST", data={"title": "By an agent", "status": "publish"})
    assert (made.status, made.json()["author"]) == (201, 1)
    assert lab.ask(raw, "/wp/v2/users/me", "PUT", data={"description": "agent"}).status == 200
    assert lab.ask(raw, "/bearer/v1/login", "POST").json()["agent"] == lab.agents["boss"]


def test_what_the_owner_may_not_do_no_token_may(lab: Lab) -> None:
    raw = lab.token("writer")
    assert lab.ask(raw, "/wp/v2/settings").status == 403
    assert lab.ask(raw, "/wp/v2/posts", "POST", data={"title": "x"}).status == 201
    limited = lab.token("writer", ["manage_options", "edit_users"])
    assert lab.ask(limited, "/wp/v2/settings").status == 403
    assert lab.ask(limited, "/wp/v2/users?context=edit").status in CLOSED


def passwords(lab: Lab) -> list[str]:
    listed = lab.instance.wp("user", "application-password", "list", "admin", "--field=name")
    return listed.stdout.split()


def test_application_passwords_are_made_and_read_by_no_token(lab: Lab) -> None:
    lab.instance.wp("user", "application-password", "create", "admin", "kept", "--porcelain")
    before = passwords(lab)
    path = "/wp/v2/users/1/application-passwords"
    for raw in (lab.token(), lab.token("boss", ["edit_users", "edit_user", "read", "create_app_password"])):
        assert lab.ask(raw, path).status == 403
        assert lab.ask(raw, path, "POST", data={"name": "x"}).status == 403
        assert lab.ask(raw, path, "DELETE").status == 403
        assert lab.ask(raw, f"{path}/introspect").status in {403, 404}
    assert "kept" in before
    assert passwords(lab) == before


@pytest.mark.parametrize("limit", [[], ["datamachine_chat"], {"scope": "x", "capabilities": []}, "broken"])
def test_an_empty_token_changes_nothing(lab: Lab, limit: Any) -> None:
    raw = lab.token("boss", limit)
    before = lab.sql(DATA)
    for method, path, data in WRITES:
        assert lab.ask(raw, path, method, data=data).status in CLOSED, (method, path)
    assert lab.sql(DATA) == before


def test_an_empty_token_reads_what_everybody_reads(lab: Lab) -> None:
    raw = lab.token("boss", [])
    for path in READS:
        assert lab.ask(raw, path).status in {400, *CLOSED}, path
    assert lab.ask(raw, "/wp/v2/posts?status=draft").status == 400, "as for a visitor"
    assert lab.ask(raw, "/wp/v2/posts").status == 200
    me = lab.ask(raw, "/wp/v2/users/me").json()
    assert me["id"] == 1
    assert "email" not in me
    assert "capabilities" not in me


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/WP/v2/comments", {}),
        ("POST", "/wp/V2/Comments", {}),
        ("GET", "/wp/v2/comments?_method=POST", {}),
        ("POST", "/?rest_route=/wp/v2/comments", {}),
        ("POST", "/?rest_route=/WP/V2/comments/", {}),
        ("GET", "/wp/v2/comments", {"X-HTTP-Method-Override": "POST"}),
    ],
)
def test_spellings_of_a_request_do_not_lead_around_the_ceiling(
    lab: Lab, method: str, path: str, headers: dict[str, str]
) -> None:
    before = lab.count("wp_comments")
    raw = lab.token("boss", [])
    said = lab.ask(raw, path, method, data={"post": 1, "content": f"{method} {path}"}, headers=headers)
    # What WordPress takes for reading reads.
    assert said.status in CLOSED or (method == "GET" and said.status == 200 and isinstance(said.json(), list))
    assert lab.count("wp_comments") == before


def test_a_batch_is_its_requests(lab: Lab) -> None:
    before = lab.sql(DATA)
    requests = [
        {"method": "POST", "path": "/wp/v2/posts", "body": {"title": "x"}},
        {"method": "POST", "path": "/wp/v2/categories", "body": {"name": "x"}},
    ]
    answer = lab.ask(lab.token("boss", []), "/batch/v1", "POST", data={"requests": requests})
    assert answer.status == 207
    assert {each["status"] for each in answer.json()["responses"]} == {403}
    assert lab.sql(DATA) == before


def test_media(lab: Lab) -> None:
    headers = {"Content-Type": "image/gif", "Content-Disposition": 'attachment; filename="a.gif"'}
    gif = bytes.fromhex(
        "47494638396101000100800000ffffff00000021f90400000000002c00000000010001000002024401003b"
    )

    def upload(raw: str) -> int:
        said = {"Authorization": f"Bearer {raw}", **headers}
        return lab.instance.request("POST", "/wp-json/wp/v2/media", body=gif, headers=said).status

    assert upload(lab.token("boss", ["read", "edit_posts"])) in CLOSED
    assert upload(lab.token("boss", [])) in CLOSED
    assert upload(lab.token("boss", ["read", "upload_files"])) == 201


def test_a_list_is_what_it_says(lab: Lab) -> None:
    raw = lab.token("boss", ["read", "edit_posts"])
    draft = lab.ask(raw, "/wp/v2/posts", "POST", data={"title": "A draft"})
    assert draft.status == 201
    number = draft.json()["id"]
    assert lab.ask(raw, f"/wp/v2/posts/{number}", "PUT", data={"title": "Better"}).status == 200
    published = lab.ask(raw, f"/wp/v2/posts/{number}", "PUT", data={"status": "publish"})
    assert published.status == 403
    assert lab.ask(raw, "/wp/v2/posts/1", "PUT", data={"title": "x"}).status == 403
    assert lab.ask(raw, f"/wp/v2/posts/{number}", "DELETE").status == 403
    assert lab.sql(f"SELECT post_status, post_title FROM wp_posts WHERE ID = {number}") == "draft\tBetter"


def test_a_comment_takes_read(lab: Lab) -> None:
    raw = lab.token("boss", ["read"])
    said = lab.ask(raw, "/wp/v2/comments", "POST", data={"post": 1, "content": "with read"})
    assert said.status == 201
    assert lab.ask(raw, "/bearer/v1/login", "POST").status == 200
    assert lab.ask(raw, "/wp/v2/users/me", "PUT", data={"description": "x"}).status == 403


def session(lab: Lab) -> dict[str, str]:
    """The cookie of the administrator, with which WordPress knows him before any token is looked at."""
    name, value = lab.evaluate(
        "$answer = array( LOGGED_IN_COOKIE, wp_generate_auth_cookie( 1, time() + 3600, 'logged_in' ) )"
    )
    return {"Cookie": f"{name}={value.replace('|', '%7C')}"}


@pytest.mark.parametrize("cookie", [False, True])
@pytest.mark.parametrize("listed", [False, True])
def test_html_is_filtered_unless_the_list_leaves_it(lab: Lab, cookie: bool, listed: bool) -> None:
    limit = ["read", "edit_posts", *(["unfiltered_html"] if listed else [])]
    headers = session(lab) if cookie else {}
    data = {"title": "t", "content": "<p>ok</p><script>alert(1)</script>"}
    made = lab.ask(lab.token("boss", limit), "/wp/v2/posts", "POST", data=data, headers=headers)
    assert made.status == 201
    stored = lab.sql(f"SELECT post_content FROM wp_posts WHERE ID = {made.json()['id']}")
    assert ("<script>" in stored) is listed


def test_a_cookie_beside_a_token_adds_nothing(lab: Lab) -> None:
    headers = session(lab)
    limited = lab.token("boss", [])
    assert lab.ask(limited, "/bearer/v1/public", headers=headers).json()["can"] == []
    assert error(lab.ask("datamachine_boss_1", "/bearer/v1/public", headers=headers))[0] == 401


def test_abilities_that_a_later_versions_scope_denies(lab: Lab) -> None:
    scope = {
        "scope": "x",
        "ability_categories": [],
        "ability_allow": [],
        "ability_deny": ["list-agents"],
        "capabilities": ["read", "datamachine_chat"],
    }
    path = "/wp-abilities/v1/abilities/datamachine/list-agents/run"
    denied = lab.ask(lab.token("boss", scope), path, "POST", data={})
    assert error(denied) == (403, "datamachine_ability_scope_denied")
    # Let through as far as WordPress goes; the sidecar is away.
    allowed = lab.ask(lab.token("boss", {**scope, "ability_deny": []}), path, "POST", data={})
    assert error(allowed) == (503, "datamachine_unavailable")
