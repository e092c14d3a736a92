"""Failed attempts are counted by address and by name, and never lock out who has a good token."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

from tests.integration.bearer.conftest import ATTEMPTS, Lab, error

PUBLIC = "/bearer/v1/public"
LOCAL = "address:127.0.0.1"
INVALID = (401, "datamachine_invalid_token")
BUSY = (429, "datamachine_too_many_attempts")


def subject(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def failures(lab: Lab, text: str) -> int:
    found = lab.sql(f"SELECT failures FROM {ATTEMPTS} WHERE subject = '{subject(text)}'")
    return int(found or 0)


def counted(lab: Lab, text: str, number: int, seconds: int = 600) -> None:
    """As if there had been so many failures, in a window that ends in so many seconds."""
    lab.sql(
        f"REPLACE INTO {ATTEMPTS} VALUES "
        f"('{subject(text)}', {number}, UTC_TIMESTAMP() + INTERVAL {seconds} SECOND)"
    )


def test_a_failure_is_counted_twice(lab: Lab) -> None:
    for number in (1, 2):
        assert error(lab.ask("datamachine_some_bot_1", PUBLIC)) == INVALID
        assert (failures(lab, LOCAL), failures(lab, "name:datamachine_some_bot")) == (number, number)
    lab.ask("datamachine_other_1", PUBLIC)
    assert (failures(lab, LOCAL), failures(lab, "name:datamachine_other")) == (3, 1)
    ends = lab.sql(f"SELECT DISTINCT window_ends_at > UTC_TIMESTAMP() + INTERVAL 500 SECOND FROM {ATTEMPTS}")
    assert ends == "1"
    table = lab.sql(f"SELECT * FROM {ATTEMPTS}")
    assert "127.0.0.1" not in table
    assert "bot" not in table


def test_good_tokens_and_no_tokens_are_not_counted(lab: Lab) -> None:
    lab.ask(lab.token(), PUBLIC)
    lab.ask(None, PUBLIC)
    lab.ask("somebody-elses", PUBLIC)
    assert lab.count(ATTEMPTS) == 0


def test_what_is_malformed_counts_for_the_address(lab: Lab) -> None:
    assert error(lab.ask("datamachine_a_1, Bearer datamachine_b_1", PUBLIC)) == INVALID
    assert (failures(lab, LOCAL), lab.count(ATTEMPTS)) == (1, 1)


def test_gone_agents_count_too(lab: Lab) -> None:
    lab.agents["nowhere"] = 4711
    assert lab.ask(lab.token("nowhere"), PUBLIC).status == 401
    assert failures(lab, LOCAL) == 1


def test_an_address_that_failed_too_often_waits(lab: Lab) -> None:
    counted(lab, LOCAL, 29, 120)
    assert error(lab.ask("datamachine_a_1", PUBLIC)) == INVALID
    assert failures(lab, LOCAL) == 30
    before = lab.sql(f"SELECT * FROM {ATTEMPTS} ORDER BY subject")
    events = lab.count("wp_datamachine_bridge_events")
    refused = lab.ask("datamachine_b_1", PUBLIC)
    assert error(refused) == BUSY
    said = refused.json()
    assert said["message"] == "Too many failed attempts."
    assert set(said["data"]) == {"status", "retry_after"}
    assert 100 <= said["data"]["retry_after"] <= 120
    assert refused.headers["Retry-After"] == str(said["data"]["retry_after"])
    assert lab.sql(f"SELECT * FROM {ATTEMPTS} ORDER BY subject") == before, "nothing was written"
    assert lab.count("wp_datamachine_bridge_events") == events, "nor logged"
    assert error(lab.ask("datamachine_", PUBLIC)) == BUSY


def test_a_name_that_was_guessed_at_too_often_waits(lab: Lab) -> None:
    counted(lab, "name:datamachine_boss", 60)
    assert error(lab.ask("datamachine_boss_1", PUBLIC)) == BUSY
    assert error(lab.ask("datamachine_writer_1", PUBLIC)) == INVALID
    assert failures(lab, "name:datamachine_boss") == 60


def test_a_good_token_never_waits(lab: Lab) -> None:
    counted(lab, LOCAL, 5000)
    counted(lab, "name:datamachine_boss", 5000)
    assert lab.ask(lab.token(), PUBLIC).json()["agent"] == lab.agents["boss"]
    assert lab.ask(None, PUBLIC).status == 200


def test_a_window_that_ended_begins_anew(lab: Lab) -> None:
    counted(lab, LOCAL, 5000, -1)
    assert error(lab.ask("datamachine_a_1", PUBLIC)) == INVALID
    assert failures(lab, LOCAL) == 1


def test_an_address_is_never_taken_from_a_header(lab: Lab) -> None:
    counted(lab, LOCAL, 30)
    for name in ("X-Forwarded-For", "X-Real-IP", "Client-IP", "Forwarded"):
        headers = {name: "203.0.113.77"}
        assert error(lab.ask("datamachine_a_1", PUBLIC, headers=headers)) == BUSY
    assert failures(lab, "address:203.0.113.77") == 0


def test_windows_that_ended_are_deleted_so_many_at_a_time(lab: Lab) -> None:
    lab.sql(
        f"INSERT INTO {ATTEMPTS} "
        "SELECT SHA2(seq, 256), 1, UTC_TIMESTAMP() - INTERVAL 1 MINUTE FROM seq_1_to_700"
    )
    counted(lab, LOCAL, 3)
    lab.evaluate("DataMachine\\Bridge\\Identity\\Attempts::clean(); $answer = true")
    assert lab.count(ATTEMPTS) == 201
    lab.evaluate("DataMachine\\Bridge\\Identity\\Attempts::clean(); $answer = true")
    assert (lab.count(ATTEMPTS), failures(lab, LOCAL)) == (1, 3)


def test_failures_at_once_are_all_counted(lab: Lab) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: lab.ask("datamachine_many_1", PUBLIC), range(20)))
    assert {error(each) for each in answers} == {INVALID}
    assert (failures(lab, LOCAL), failures(lab, "name:datamachine_many")) == (20, 20)


def test_the_line_in_the_log_has_no_secret(lab: Lab) -> None:
    lab.sql("DELETE FROM wp_datamachine_bridge_events")
    raw = lab.token("boss", expires="'2020-01-01 00:00:00'")
    lab.ask(raw, PUBLIC)
    # The sidecar is away: what it would have logged waits for it.
    [line] = lab.sql(
        "SELECT args FROM wp_datamachine_bridge_events WHERE hook = 'datamachine_log'"
    ).splitlines()
    assert "Agent auth: invalid or expired token presented" in line
    assert "datamachine_boss..." in line
    assert raw.rpartition("_")[2][:6] not in line
