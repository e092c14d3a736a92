"""``/wp-json/datamachine/v1``: WordPress signs in and validates, the sidecar's bytes arrive unchanged."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from dev.instance import Instance
from sidecar.api import door, routes
from sidecar.db import php_json
from sidecar.identity import Principal
from sidecar.runtime import Runtime
from tests.integration.doors.stock import Stock

SignIn = Callable[[str], dict[str, str]]
BASE = "/wp-json/datamachine/v1"
ADMIN = Principal.user(1)


def test_the_bytes_of_the_answer_are_the_sidecars(
    site: Instance, runtime: Runtime, stock: Stock, sign_in: SignIn
) -> None:
    admin = sign_in("admin")
    listed = site.get(f"{BASE}/jobs?per_page=3&order=ASC", headers=admin)
    assert listed.status == 200
    assert listed.headers["Content-Type"] == "application/json; charset=UTF-8"
    given = {"per_page": 3, "order": "ASC"}
    expected = door.answer(runtime, routes.find("GET", "/jobs"), given, {}, principal=ADMIN)
    assert listed.body == door.encode(expected)
    # PHP decodes 4611686018427387904 and 0.1 well, but would print an empty object of ours as [].
    one = site.get(f"{BASE}/jobs/{stock.job_ids[0]}", headers=admin)
    shown = door.answer(
        runtime, routes.find("GET", r"/jobs/(?P<id>\d+)"), {"id": stock.job_ids[0]}, {}, principal=ADMIN
    )
    assert one.body == door.encode(shown)
    assert b'"u":"\\u00e9\\ud83d\\ude00"' in one.body


def test_bytes_that_php_would_change_pass_unchanged(site: Instance, sign_in: SignIn) -> None:
    body = b'{"empty":{},"list":[],"float":1.0,"big":12345678901234567890,"slash":"a/b","u":"\xc3\xa9"}'
    plugin = site.path / "wp-content" / "mu-plugins" / "raw.php"
    plugin.write_bytes(
        b"<?php add_action( 'rest_api_init', function () {"
        b" $bodies = new DataMachine\\Bridge\\Rest\\RawBodies();"
        b" add_filter( 'rest_pre_serve_request', array( $bodies, 'serve' ), 10, 3 );"
        b" register_rest_route( 'doors/v1', '/raw', array( 'permission_callback' => '__return_true',"
        b" 'callback' => function ( $request ) use ( $bodies ) { $body = '" + body + b"';"
        b" $response = new WP_REST_Response( json_decode( $body, true ), 207, array( 'X-Side' => 'a' ) );"
        b" $bodies->remember( $response, $body );"
        b" return $response; } ) ); } );"
    )
    try:
        answer = site.get("/wp-json/doors/v1/raw")
        assert (answer.status, answer.headers["X-Side"], answer.body) == (207, "a", body)
        assert site.get("/wp-json/doors/v1/raw?_fields=slash").json() == {"slash": "a/b"}
        assert site.get("/wp-json/doors/v1/raw?_envelope").json()["body"]["slash"] == "a/b"
        assert site.get("/wp-json/doors/v1/raw?_jsonp=f").text.startswith("/**/f({")
        assert b'\n    "slash"' in site.get("/wp-json/doors/v1/raw?_pretty").body
        assert site.request("HEAD", "/wp-json/doors/v1/raw").body == b""
    finally:
        plugin.unlink()


def test_whoever_filters_what_is_printed_is_heard_once(site: Instance, stock: Stock, sign_in: SignIn) -> None:
    admin = sign_in("admin")
    untouched = site.get(f"{BASE}/jobs", headers=admin).body
    plugin = site.path / "wp-content" / "mu-plugins" / "echo.php"
    plugin.write_text(
        "<?php add_filter( 'rest_pre_echo_response', function ( $data, $server, $request ) {"
        " return isset( $_GET['count'] ) ? array( 'heard' => 1 + ( $data['heard'] ?? 0 ) ) : $data;"
        " }, 10, 3 );"
    )
    try:
        assert site.get(f"{BASE}/jobs?count=1", headers=admin).json() == {"heard": 1}
        assert site.get(f"{BASE}/jobs", headers=admin).body == untouched
    finally:
        plugin.unlink()


def test_an_answer_larger_than_a_frame_arrives_whole(
    site: Instance, runtime: Runtime, stock: Stock, sign_in: SignIn
) -> None:
    text = "é/" * 600_000
    with runtime.db.session() as session:
        job_id = session.insert(
            runtime.db.tables().jobs,
            {
                "pipeline_id": "direct",
                "flow_id": "direct",
                "source": "doors",
                "status": "completed",
                "engine_data": php_json.dumps({"text": text}),
            },
        )
    answer = site.get(f"{BASE}/jobs/{job_id}", headers=sign_in("admin"))
    assert answer.json()["data"]["engine_data"] == {"text": text}
    shown = site.wp("datamachine", "jobs", "show", str(job_id), "--format=json").stdout
    assert json.loads(shown)["engine_data"] == {"text": text}


def test_a_list_holds_the_columns_as_text(site: Instance, stock: Stock, sign_in: SignIn) -> None:
    body = site.get(f"{BASE}/jobs?flow_id={stock.flow_id}", headers=sign_in("admin")).json()
    assert (body["success"], body["total"], body["per_page"], body["offset"]) == (True, 3, 50, 0)
    newest = body["data"][0]
    assert list(newest) == [
        "job_id", "user_id", "pipeline_id", "flow_id", "source", "label", "parent_job_id", "status",
        "engine_data", "created_at", "completed_at", "agent_id", "task_type", "pipeline_name",
        "flow_name", "child_count", "created_at_display", "completed_at_display", "display_label",
    ]  # fmt: skip
    assert newest["job_id"] == str(stock.job_ids[2])
    assert newest["engine_data"] == '{"note":"line one\\nline two"}'
    assert newest["created_at_display"] == "November 23, 2026 2:00 am"
    assert "completed_at_display" not in body["data"][2]
    assert body["data"][1]["display_label"] == 'Feed é "quoted" → RSS é / & \\, -1'


def test_wordpress_builds_the_body_where_a_parameter_asks_for_it(
    site: Instance, stock: Stock, sign_in: SignIn
) -> None:
    admin = sign_in("admin")
    assert site.get(f"{BASE}/jobs?_fields=total,per_page", headers=admin).json() == {
        "total": site.get(f"{BASE}/jobs", headers=admin).json()["total"],
        "per_page": 50,
    }
    wrapped = site.get(f"{BASE}/jobs/999?_envelope", headers=admin)
    assert wrapped.status == 200
    assert wrapped.json()["status"] == 404
    assert wrapped.json()["body"]["code"] == "job_not_found"
    assert site.get(f"{BASE}/agents?_embed", headers=admin).json()["success"] is True
    assert site.request("HEAD", f"{BASE}/agents", headers=admin).body == b""


def test_agents_are_those_of_the_user_who_asks(site: Instance, stock: Stock, sign_in: SignIn) -> None:
    mine = site.get(f"{BASE}/agents", headers=sign_in("admin")).json()
    assert mine["success"] is True
    assert mine["data"][0]["agent_slug"] == stock.agent
    assert {(item["is_owner"], item["user_role"]) for item in mine["data"] if item["is_owner"]} == {
        (True, "admin")
    }
    assert (
        "user_role"
        not in site.get(f"{BASE}/agents?include_role=0", headers=sign_in("admin")).json()["data"][0]
    )
    subscriber = sign_in("subscriber")
    assert site.get(f"{BASE}/agents", headers=subscriber).json() == {"success": True, "data": []}
    refused = site.get(f"{BASE}/agents?scope=all", headers=subscriber)
    assert (refused.status, refused.json()["code"]) == (403, "list_agents_failed")
    assert refused.json()["message"] == "scope=all requires admin privileges."
    everyone = site.get(f"{BASE}/agents?scope=all", headers=sign_in("admin"))
    assert stock.agent in {item["agent_slug"] for item in everyone.json()["data"]}


@pytest.mark.parametrize(
    ("path", "who", "refusal"),
    [
        ("/agents", None, (401, "rest_not_logged_in", "You must be logged in to list agents.")),
        ("/jobs", None, (403, "rest_forbidden", "You do not have permission to manage jobs.")),
        ("/jobs", "subscriber", (403, "rest_forbidden", "You do not have permission to manage jobs.")),
        ("/jobs/1", "editor", (403, "rest_forbidden", "You do not have permission to manage jobs.")),
        ("/jobs/999", "admin", (404, "job_not_found", "Job not found.")),
        ("/jobs?per_page=101", "admin", (400, "rest_invalid_param", "Invalid parameter(s): per_page")),
        ("/jobs?order=x", "admin", (400, "rest_invalid_param", "Invalid parameter(s): order")),
    ],
)
@pytest.mark.usefixtures("stock")
def test_refusals_are_wordpresss(
    site: Instance, sign_in: SignIn, path: str, who: str | None, refusal: tuple[int, str, str]
) -> None:
    answer = site.get(BASE + path, headers=sign_in(who) if who else None)
    body = answer.json()
    assert (answer.status, body["code"], body["message"]) == refusal
    assert body["data"]["status"] == answer.status


def test_both_doors_refuse_arguments_with_the_same_words(
    site: Instance, runtime: Runtime, stock: Stock, sign_in: SignIn
) -> None:
    route = routes.find("GET", "/jobs")
    for given in (
        {"per_page": "0"},
        {"order": "x"},
        {"offset": "-1"},
        {"flow_id": "x"},
        {"hide_children": "yes"},
    ):
        query = "&".join(f"{name}={value}" for name, value in given.items())
        theirs = site.get(f"{BASE}/jobs?{query}", headers=sign_in("admin")).json()
        ours = json.loads(door.encode(door.answer(runtime, route, given, {}, principal=ADMIN)))
        assert ours == theirs, given


def test_the_index_describes_the_routes(site: Instance, stock: Stock) -> None:
    described = site.get(BASE).json()["routes"]
    [get] = [each for each in described["/datamachine/v1/jobs"]["endpoints"] if each["methods"] == ["GET"]]
    assert get["args"]["per_page"] == {
        "type": "integer", "default": 50, "minimum": 1, "maximum": 100, "required": False,
    }  # fmt: skip


def test_other_plugins_read_the_answer_inside_wordpress(site: Instance, stock: Stock) -> None:
    code = (
        "$r = rest_do_request( new WP_REST_Request( 'GET', '/datamachine/v1/agents' ) );"
        "echo $r->get_status(), ' ', $r->get_data()['data'][0]['agent_slug'];"
    )
    assert site.wp("eval", code, "--user=admin").stdout == f"200 {stock.agent}"
