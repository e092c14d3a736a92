"""WordPress's answers at the sidecar's own door: the real ones, and gone as soon as they change."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from sidecar.identity import Answers
from sidecar.identity.answers import TRUSTED, UnitAnswers
from sidecar.identity.capabilities import CAPABILITIES
from tests.integration.identity_answers.conftest import Lab

SUBSCRIBER = {"chat", "create_own_agent"}
EDITOR = {"chat", "use_tools", "view_logs", "create_own_agent"}

#: Takes a capability of whoever an option names, and gives one to him: a plugin's own mind.
FILTER = """<?php
add_filter( 'user_has_cap', static function ( $all, $wanted, $args, $user ) {
	if ( $user->ID === (int) get_option( 'answers_test_suspended' ) ) {
		unset( $all['datamachine_chat'] );
		$all['datamachine_manage_flows'] = true;
	}
	return $all;
}, 10, 4 );
"""


def test_an_answer_is_wordpresss_and_is_asked_for_once(lab: Lab) -> None:
    editor = lab.person("answers-editor", "editor")
    before = lab.units
    assert lab.of(1) == Answers(frozenset(CAPABILITIES), administrator=True, network=True, known=True)
    assert lab.of(editor) == Answers(frozenset(EDITOR), known=True)
    assert [lab.of(editor).actions for _ in range(5)] == [EDITOR] * 5
    assert lab.units - before == 2


def test_a_change_of_role_counts_at_once(lab: Lab) -> None:
    user = lab.person("answers-promoted", "subscriber")
    assert lab.of(user).actions == SUBSCRIBER
    assert lab.get("/jobs", user) == (403, "rest_forbidden")
    lab.wp("user", "set-role", str(user), "administrator")
    assert lab.of(user).administrator
    assert lab.get("/jobs", user) == (200, "")
    lab.wp("user", "set-role", str(user), "editor")
    assert lab.get("/jobs", user) == (403, "rest_forbidden")


def test_a_capability_of_one_user_counts_at_once(lab: Lab) -> None:
    user = lab.person("answers-capable", "subscriber")
    assert lab.get("/jobs", user) == (403, "rest_forbidden")
    lab.wp("user", "add-cap", str(user), "datamachine_manage_flows")
    assert lab.get("/jobs", user) == (200, "")
    lab.wp("user", "remove-cap", str(user), "datamachine_manage_flows")
    assert lab.get("/jobs", user) == (403, "rest_forbidden")


def test_a_capability_of_a_role_counts_at_once(lab: Lab) -> None:
    user = lab.person("answers-author", "author")
    assert "view_logs" not in lab.of(user).actions
    lab.wp("cap", "add", "author", "datamachine_view_logs")
    try:
        assert "view_logs" in lab.of(user).actions
    finally:
        lab.wp("cap", "remove", "author", "datamachine_view_logs")
    assert "view_logs" not in lab.of(user).actions


def test_a_deleted_user_is_nobody_at_once(lab: Lab) -> None:
    user = lab.person("answers-deleted", "administrator")
    assert lab.get("/agents", user) == (200, "")
    lab.wp("user", "delete", str(user), "--yes")
    assert lab.of(user) == Answers()
    assert lab.get("/agents", user) == (401, "rest_not_logged_in")
    assert lab.get("/jobs", user) == (401, "rest_forbidden")


@pytest.fixture
def plugin(lab: Lab) -> Iterator[None]:
    file = lab.mu_plugins / "answers-test.php"
    file.write_text(FILTER)
    lab.restart_host()
    yield
    file.unlink()
    lab.wp("option", "delete", "answers_test_suspended")
    lab.restart_host()


def test_filters_of_the_site_count_within_thirty_seconds(lab: Lab, plugin: None) -> None:
    user = lab.person("answers-filtered", "subscriber")
    assert lab.of(user).actions == SUBSCRIBER
    # Nobody can see this change coming: a filter has read an option.
    lab.wp("option", "update", "answers_test_suspended", str(user))
    assert lab.of(user).actions == SUBSCRIBER
    lab.clock.seconds += TRUSTED
    assert lab.of(user).actions == {"create_own_agent", "manage_flows"}
    assert lab.get("/jobs", user) == (200, "")


def test_an_old_unit_is_asked_anew(lab: Lab) -> None:
    user = lab.person("answers-worker", "subscriber")
    with lab.runtime.hosts.unit("cron"):
        assert lab.of(user).actions == SUBSCRIBER
        lab.wp("user", "set-role", str(user), "editor")
        assert lab.of(user).actions == EDITOR
        lab.wp("cap", "add", "editor", "datamachine_manage_settings")
        try:
            assert lab.of(user).actions == EDITOR | {"manage_settings"}
        finally:
            lab.wp("cap", "remove", "editor", "datamachine_manage_settings")


def test_many_threads_open_one_unit(lab: Lab) -> None:
    user = lab.person("answers-busy", "editor")
    before, found = lab.units, []
    start = threading.Barrier(20)

    def ask() -> None:
        start.wait(20)
        found.append(lab.of(user).actions)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [EDITOR] * 20
    assert lab.units - before == 1


def test_without_wordpress_nobody_may_anything(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    pool = lab.without_wordpress()
    try:
        alone = UnitAnswers(lab.runtime.db, pool, lab.clock)
        assert alone.of(1, 1) == alone.of(1, 1) == Answers()
    finally:
        pool.close()
    assert len([record for record in caplog.records if "was not asked" in record.message]) == 1


def test_a_request_that_needs_no_wordpress_opens_no_unit(lab: Lab) -> None:
    lab.of(1)
    before = lab.units
    assert lab.get("/agents", 1) == (200, "")
    assert lab.get("/jobs", 1) == (200, "")
    assert lab.get("/jobs/999999", 1) == (404, "job_not_found")
    assert lab.units == before
