"""Tokens of other sites lie encrypted, and no route tells them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from dev.instance import ADMIN, Instance
from sidecar.errors import SidecarError
from tests.integration.external.conftest import OPERATOR, TOKENS, Here, token


def old_record(site: str, slug: str, value: str) -> dict[str, object]:
    received = "2026-01-02 03:04:05"
    return {"remote_site": site, "agent_slug": slug, "agent_id": 12, "token": value, "received_at": received}


def test_a_token_is_stored_encrypted(here: Here) -> None:
    given = token()
    key = here.add("https://Foo.Example/", "bot", given, 12)
    assert key == "foo.example/bot"
    record = here.stored()[key]
    assert record["token"].startswith("dm:enc:v1:")
    assert given not in json.dumps(record)
    assert here.secret(key) == given
    again = here.add("foo.example", "bot", given)
    assert again == key
    assert here.stored()[key]["token"] != record["token"]


def test_clear_text_is_adopted_and_encrypted(here: Here) -> None:
    first, second = token(), token()
    here.put(
        {
            "extra.example/sarai": old_record("extra.example", "sarai", first),
            "unknown/Sarai X": old_record("unknown", "Sarai X", second),
        },
    )
    found = here.service.list(OPERATOR)
    assert [(each.key, each.agent_id, each.received_at) for each in found] == [
        ("extra.example/sarai", 12, "2026-01-02 03:04:05"),
        ("unknown/Sarai X", 12, "2026-01-02 03:04:05"),
    ]
    stored = json.dumps(here.stored())
    assert first not in stored
    assert second not in stored
    assert here.secret("extra.example/sarai") == first
    assert here.secret("unknown/Sarai X") == second


def test_activation_encrypts_what_is_there(here: Here, site: Instance) -> None:
    given = token()
    here.put({"extra.example/sarai": old_record("extra.example", "sarai", given)})
    site.wp("eval", "DataMachine\\Bridge\\External\\Module::activate();")
    assert given not in json.dumps(here.stored())
    assert here.secret("extra.example/sarai") == given


def test_the_log_says_what_was_stored_and_removed_and_no_token(here: Here, site: Instance) -> None:
    given = token()
    code = f"""
    add_action( 'datamachine_log', static fn( ...$said ) => print( wp_json_encode( $said ) . "\\n" ), 1, 3 );
    use DataMachine\\Bridge\\External\\Store;
    Store::put( 'foo.example', 'https', 'bot', 1, '{given}' );
    Store::remove( 'foo.example/bot' );
    """
    said = [json.loads(line) for line in site.wp("eval", code).stdout.splitlines()]
    context = {"remote_site": "foo.example", "agent_slug": "bot", "user_id": 0}
    assert said == [
        ["info", "External agent token stored", context],
        ["info", "External agent token removed", context],
    ]


def test_a_token_moved_to_another_site_cannot_be_read(here: Here) -> None:
    """Whoever may write options must not be able to have a token sent to a site of their own."""
    key = here.add("good.example", "bot", token())
    record = here.stored()[key]
    here.put({"evil.example/bot": record | {"remote_site": "evil.example"}})
    with pytest.raises(SidecarError, match="cannot be read"):
        here.secret("evil.example/bot")
    here.put({key: record | {"remote_site": "evil.example"}})
    with pytest.raises(SidecarError, match="cannot be read"):
        here.secret(key)
    here.put({key: record | {"scheme": "http"}})
    with pytest.raises(SidecarError, match="cannot be read"):
        here.secret(key)


def test_other_salts_read_nothing_and_say_so(here: Here, site: Instance) -> None:
    key = here.add("foo.example", "bot", token())
    plugin = site.path / "wp-content" / "mu-plugins" / "f-salts.php"
    plugin.write_text("<?php add_filter( 'salt', static fn( $salt ) => $salt . 'other' );")
    try:
        code = f"var_dump( DataMachine\\Bridge\\External\\Store::token( '{key}' ) );"
        assert site.wp("eval", code).stdout.strip() == "NULL"
        said = site.wp("datamachine", "external", "test", key, check=False)
        assert said.returncode == 1
        assert "keys and salts of this WordPress have changed" in said.stderr
    finally:
        plugin.unlink()


def test_the_list_for_administrators_is_bare_and_without_tokens(
    here: Here, basic: dict[str, dict[str, str]]
) -> None:
    given = token()
    here.add("extra.example", "sarai", given, 12)
    reply = here.get(TOKENS, basic[ADMIN])
    assert reply.status_code == 200
    (row,) = reply.json()
    received = row.pop("received_at")
    assert len(received) == len("2026-11-23 00:16:16")
    assert row == {
        "key": "extra.example/sarai",
        "remote_site": "extra.example",
        "agent_slug": "sarai",
        "agent_id": 12,
        "has_token": True,
    }
    assert given not in reply.text


def test_one_of_them_shows_the_end_of_its_token(here: Here, basic: dict[str, dict[str, str]]) -> None:
    given = token()
    here.add("http://10.0.0.1:8080/blog", "sarai", given)
    reply = here.get(f"{TOKENS}/10.0.0.1:8080/blog/sarai", basic[ADMIN])
    assert reply.json()["token"] == f"datamachine_...{given[-4:]}"
    assert given not in reply.text
    missing = here.get(f"{TOKENS}/nope/x", basic[ADMIN])
    assert (missing.status_code, missing.json()) == (404, {"error": "Token not found for key: nope/x"})


@pytest.mark.parametrize("path", [TOKENS, f"{TOKENS}/extra.example/sarai"])
def test_the_lists_are_for_administrators(here: Here, basic: dict[str, dict[str, str]], path: str) -> None:
    here.add("extra.example", "sarai", token())
    for who, status in ((None, 401), (basic["f-ed"], 403), (basic["f-mgr"], 403)):
        reply = here.get(path, who)
        assert (reply.status_code, reply.json()["code"]) == (status, "rest_forbidden")
        assert "extra.example" not in reply.text


def test_some_that_store_at_once_are_all_stored(here: Here) -> None:
    sites = [f"s{number}.example" for number in range(8)]
    with ThreadPoolExecutor(len(sites)) as pool:
        keys = set(pool.map(lambda name: here.add(name, "bot", token()), sites))
    assert set(here.stored()) == keys == {f"{name}/bot" for name in sites}
