"""Plugins of others: connected, configured and run as people do it, with nothing changed in them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.integration.strangers.conftest import Strangers

EVENT = {"city": "Cologne", "max_items": 10}


@pytest.fixture(scope="module")
def connected(strangers: Strangers) -> Strangers:
    """With accounts at both services, connected by the browser."""
    for slug, config in (
        ("tide_events", {"client_id": "id", "client_secret": "se+cret/%20"}),
        ("chirp_publish", {"api_key": "key", "api_secret": "secret"}),
    ):
        strangers.ok("PUT", f"/auth/{slug}", config)
    address = strangers.ok("GET", "/auth/tide_events/status")["data"]["oauth_url"]
    given = {key: value[0] for key, value in parse_qs(urlsplit(address).query).items()}
    assert given["redirect_uri"].endswith("/datamachine-auth/tide/")
    assert (given["scope"], given["response_type"], given["code_challenge_method"]) == (
        "events:read",
        "code",
        "S256",
    )
    page = strangers.page(f"{given['redirect_uri']}?code=good&state={given['state']}")
    assert page.status_code == 200, page.text
    assert "Connected" in page.text

    address = strangers.ok("GET", "/auth/chirp_publish/status")["data"]["oauth_url"]
    assert address == "https://chirp.example/oauth/authenticate?oauth_token=req-1"
    back = strangers.instance.url + "/datamachine-auth/chirp/?oauth_token=req-1&oauth_verifier=v-1"
    assert "Connected" in strangers.page(back).text
    assert strangers.page(back).status_code == 400, "a token's secret is used once"
    return strangers


def make(strangers: Strangers, *steps: tuple[str, str, dict[str, Any]]) -> tuple[int, dict[str, str]]:
    """A flow by the calls that the admin pages make; its id, and its steps' ids by type."""
    made = strangers.ok("POST", "/pipelines", {"pipeline_name": "Strangers"})
    pipeline = made["data"]["pipeline_id"]
    for kind, _, _ in steps:
        strangers.ok("POST", f"/pipelines/{pipeline}/steps", {"step_type": kind})
    flow = strangers.ok("POST", "/flows", {"pipeline_id": pipeline, "flow_name": "Tide"})["data"]["flow_id"]
    config = strangers.ok("GET", f"/flows/{flow}/config")["data"]["flow_config"]
    by_type = {step["step_type"]: step_id for step_id, step in config.items()}
    for kind, slug, chosen in steps:
        if slug:
            body = {"handler_slug": slug, "pipeline_id": pipeline, "step_type": kind, "settings": chosen}
            strangers.ok("PUT", f"/flows/steps/{by_type[kind]}/handler", body)
    return flow, by_type


def test_what_is_registered_is_shown(strangers: Strangers) -> None:
    handlers = strangers.ok("GET", "/handlers")["data"]
    assert {"tide_events", "tide_upsert", "chirp_publish"} <= set(handlers)
    assert handlers["tide_events"]["auth_type"] == "oauth2"
    assert handlers["chirp_publish"]["auth_type"] == "oauth1"
    assert set(handlers["tide_events"]["auth_fields"]) == {"client_id", "client_secret"}
    fields = strangers.ok("GET", "/handlers/tide_events")["data"]["settings"]
    assert fields["radius"]["default"] == 50
    tool = strangers.ok("GET", "/handlers/tide_upsert")["data"]
    assert "calendar" in tool["settings"]
    kinds = strangers.ok("GET", "/step-types")["data"]
    assert kinds["readability"]["label"] == "Readability"
    lines = strangers.instance.wp("datamachine", "handlers", "fields", "tide_events").stdout
    assert "radius" in lines


def test_accounts_are_kept_well(connected: Strangers) -> None:
    shown = connected.ok("GET", "/auth/tide_events/status")["data"]
    assert (shown["authenticated"], shown["username"], shown["config"]["client_secret"]) == (
        True,
        "ada",
        "********",
    )
    both = connected.ok("GET", "/auth/providers")["data"]
    assert {name: one["is_authenticated"] for name, one in both.items()} == {"tide": True, "chirp": True}
    answers = json.dumps([shown, both])
    assert not [secret for secret in ("first", "chirp-secret", "se+cret") if secret in answers]
    stored = json.dumps(connected.php("$answer = get_site_option( 'datamachine_auth_data' )"))
    assert not [secret for secret in ("first", "chirp-secret") if secret in stored]
    # What comes back masked stays, and what is not named too.
    connected.ok("PUT", "/auth/tide_events", {"client_secret": "********"})
    code = "$answer = ( new TideEvents\\Auth() )->get_config()"
    assert connected.php(code) == {"client_id": "id", "client_secret": "se+cret/%20"}
    # WP-Cron renews in time: five minutes before the end.
    code = """
        $auth = ( new DataMachine\\Abilities\\AuthAbilities() )->getProvider( 'tide' );
        $when = wp_next_scheduled( 'datamachine_refresh_token_tide' );
        $ends = $auth->get_account()['token_expires_at'];
        $answer = array( $ends - $when, has_action( 'datamachine_refresh_token_tide' ) )
    """
    assert connected.php(code) == [300, True]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/auth/nobody", {"a": 1}, 404),
        ("/auth/tide_events", {"client_id": ""}, 400),
        ("/auth/tide_events", {"other": "x"}, 400),
        ("/auth/tide_events", {"client_id": ["x"]}, 400),
        ("/auth/tide_events", {}, 400),
        ("/auth/tide_events/token", {}, 400),
    ],
)
def test_what_cannot_be_saved(strangers: Strangers, path: str, body: Any, status: int) -> None:
    assert strangers.rest("PUT", path, body).status_code == status


def test_who_may_not_connect(connected: Strangers) -> None:
    here = connected.instance
    for query in ("?code=good&state=made-up", "?code=good", "?error=access_denied&state="):
        page = connected.page(f"{here.url}/datamachine-auth/tide/{query}")
        assert (page.status_code, "Not connected" in page.text) == (400, True)
    address = connected.ok("GET", "/auth/tide_events/status")["data"]["oauth_url"]
    state = parse_qs(urlsplit(address).query)["state"][0]
    # A visitor, with the state of somebody else, is not asked for a code's worth.
    assert here.get(f"/datamachine-auth/tide/?code=good&state={state}").status == 403
    assert here.get("/datamachine-auth/nothing/?code=x").status == 404
    assert here.get("/?rest_route=/datamachine/v1/auth/providers").status == 401
    page = connected.page(f"{here.url}/datamachine-auth/tide/?code=bad&state={state}")
    assert (page.status_code, "That code is no good." in page.text) == (400, True)


def test_events_come_to_the_calendar(connected: Strangers) -> None:
    flow, steps = make(
        connected,
        ("fetch", "tide_events", EVENT),
        ("readability", "", {}),
        ("ai", "", {}),
        ("upsert", "tide_upsert", {"post_status": "publish", "taxonomy_tide_venue_selection": "ai_decides"}),
    )
    connected.ok("PATCH", f"/flows/steps/{steps['ai']}/config", {"user_message": "Go."})
    connected.ok("POST", "/execute", {"flow_id": flow})
    connected.work()
    jobs = connected.ok("GET", f"/jobs&flow_id={flow}")["data"]
    assert [one["status"] for one in jobs] == ["completed"] * 4, jobs
    events = connected.php(
        """foreach ( get_posts( array( 'post_type' => 'tide_event' ) ) as $post ) {
            $venues   = wp_get_post_terms( $post->ID, 'tide_venue' );
            $answer[] = array( $post->post_title, $venues[0]->name,
                get_term_meta( $venues[0]->term_id, '_tide_address', true ),
                get_post_meta( $post->ID, '_datamachine_post_handler', true ) );
        }"""
    )
    # One event under two names is one, whichever came first.
    assert len(events) == 2
    assert "Other Band" in [title for title, *_ in events]
    assert {tuple(one[1:]) for one in events} == {("The Blue Note", "Quay 5", "tide_upsert")}
    document = json.loads(connected.job(int(jobs[0]["job_id"])).engine_data)
    assert document["readability"]["limit"] == 12
    assert document["source_url"].startswith("https://tide.example/e/")
    assert document["event_id"] > 0
    listed = connected.instance.wp("tide", "list", "--format=ids").stdout.split()
    assert len(listed) == 2
    table = connected.instance.wp("tide", "list").stdout
    assert "Showing 0 - 2 of 3 events. Use --offset to see more." in table
    # Nothing new: the items are known.
    run = connected.instance.wp("datamachine", "flows", "run", str(flow)).stdout
    again = int(run.split("Job ID: ")[1].split()[0])
    connected.work()
    assert connected.job(again).status == "completed_no_items"


def test_news_are_chirped(connected: Strangers) -> None:
    flow, _ = make(
        connected,
        ("fetch", "tide_events", {**EVENT, "max_items": 1, "search": "Other"}),
        ("ai", "", {}),
        ("publish", "chirp_publish", {"link_handling": "append", "as_thread": True}),
    )
    connected.ok("POST", "/execute", {"flow_id": flow})
    connected.work()
    (row,) = connected.ok("GET", f"/jobs&flow_id={flow}")["data"]
    assert row["status"] == "completed", row
    assert "Chirped" in connected.logged()
    files = f"/datamachine-files/*/flow-{flow}/*/card.png"
    assert len(connected.php(f"$answer = glob( wp_upload_dir()['basedir'] . '{files}' )")) == 1


def test_a_step_of_a_stranger_fails_its_job_alone(connected: Strangers) -> None:
    flow, steps = make(connected, ("readability", "", {}))
    connected.ok(
        "POST", f"/flows/{flow}/queue", {"flow_step_id": steps["readability"], "prompt": "forbidden"}
    )
    connected.ok("POST", "/execute", {"flow_id": flow})
    connected.work()
    (row,) = connected.ok("GET", f"/jobs&flow_id={flow}")["data"]
    assert row["status"] == "failed - step_exception"
    assert json.loads(row["engine_data"])["error_message"] == "Too hard to read."


def test_tools_and_modes_are_there(strangers: Strangers) -> None:
    code = """
        $manager = new DataMachine\\Engine\\AI\\Tools\\ToolManager();
        $filter  = 'datamachine_save_tool_config';
        $save    = fn( $config ) => apply_filters( $filter, null, 'delete_chirp', $config );
        $config  = array( 'taxonomy_tide_genre_selection' => 'ai_decides' );
        $tools   = $manager->resolveHandlerTools( 'tide_upsert', $config, array() );
        $answer  = array(
            $manager->is_tool_available( 'delete_chirp' ),
            $save( array() )['success'],
            $save( array( 'region' => 'eu' ) )['success'],
            $manager->is_tool_available( 'delete_chirp' ),
            apply_filters( 'datamachine_get_tool_config', array(), 'delete_chirp' ),
            DataMachine\\Engine\\AI\\AgentModeRegistry::get( 'readability' )['label'],
            array_keys( $tools['upsert_event']['parameters'] ),
        )
    """
    assert strangers.php(code) == [
        False,
        False,
        True,
        True,
        {"region": "eu"},
        "Readability",
        ["title", "description", "tide_genre"],
    ]


def test_a_token_is_renewed_and_an_account_forgotten(connected: Strangers) -> None:
    told = connected.ok("POST", "/auth/tide_events/refresh")
    assert told["data"]["expires_at"] > 0
    code = "$answer = ( new TideEvents\\Auth() )->get_account()"
    account = connected.php(code)
    assert (account["access_token"], account["refresh_token"], account["username"]) == (
        "renewed",
        "r-1",
        "ada",
    )
    connected.ok("PUT", "/auth/tide_events/token", {"access_token": "given", "token_expires_at": 1})
    code = """$auth = new TideEvents\\Auth(); $heard = 0;
        add_action( 'datamachine_oauth_refresh_failed', function () use ( &$heard ) { $heard++; } );
        $answer = array( $auth->is_authenticated(), $auth->get_valid_access_token(), $heard )"""
    assert connected.php(code) == [False, None, 0], "without a refresh token nothing is asked"
    connected.ok("DELETE", "/auth/tide_events")
    code = """$answer = array( ( new TideEvents\\Auth() )->get_account(),
        wp_next_scheduled( 'datamachine_refresh_token_tide' ) )"""
    assert connected.php(code) == [[], False]
    assert connected.rest("POST", "/auth/tide_events/refresh").status_code == 502
    assert connected.rest("POST", "/auth/chirp_publish/refresh").status_code == 400


def test_the_first_accounts_of_two_processes_are_both_kept(strangers: Strangers) -> None:
    """What WordPress remembers of an option that was not there is not what another process wrote since."""
    code = """global $wpdb;
        $name = 'datamachine_auth_data';
        $kept = get_site_option( $name );
        delete_site_option( $name );
        get_site_option( $name );
        $wpdb->insert( $wpdb->options, array( 'option_name' => $name, 'autoload' => 'off', 'option_value' =>
            serialize( array( 'theirs' => array( 'account' => array( 'username' => 'ada' ) ) ) ) ) );
        $mine = new class( 'mine' ) extends DataMachine\\Core\\OAuth\\BaseAuthProvider {
            public function get_config_fields(): array { return array(); }
            public function is_authenticated(): bool { return true; }
        };
        $saved = $mine->save_account( array( 'username' => 'bob' ) );
        wp_cache_flush();
        $answer = array( $saved, array_keys( get_site_option( $name ) ) );
        false === $kept ? delete_site_option( $name ) : update_site_option( $name, $kept )"""
    assert strangers.php(code) == [True, ["theirs", "mine"]]


def test_a_term_that_another_process_makes_meanwhile_is_assigned(strangers: Strangers) -> None:
    code = """$post = wp_insert_post( array( 'post_title' => 'Tagged', 'post_status' => 'draft' ) );
        $meanwhile = function ( $name ) use ( &$meanwhile ) {
            remove_filter( 'pre_insert_term', $meanwhile );
            wp_insert_term( $name, 'post_tag' );
            return $name;
        };
        add_filter( 'pre_insert_term', $meanwhile );
        $terms = new DataMachine\\Core\\WordPress\\TaxonomyHandler();
        $done = $terms->assignTaxonomy( $post, 'post_tag', 'Spring tide' );
        $answer = array( $done['success'], wp_get_post_tags( $post, array( 'fields' => 'names' ) ) );
        wp_delete_post( $post, true )"""
    assert strangers.php(code) == [True, ["Spring tide"]]
