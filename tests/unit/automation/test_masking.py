"""No answer shows a secret, and a mask that is sent back changes nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from sidecar.automation.flows import masking
from sidecar.automation.flows.masking import MASK
from sidecar.automation.steps import ai_packets
from sidecar.automation.steps.base import StepRun
from sidecar.db import php_json
from sidecar.errors import InvalidInput

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    "key",
    [
        "password", "app_password", "imap_password", "client_secret", "api_key", "apikey", "apiKey",
        "access_token", "token", "webhook_token", "private_key", "secret", "bearerToken", "API_KEY",
    ],
)  # fmt: skip
def test_secrets_are_masked_wherever_they_lie(key: str) -> None:
    config = {key: SECRET, "deep": {"list": [{key: SECRET}]}}
    assert SECRET not in repr(masking.masked_handler(config))
    assert masking.masked_handler(config)[key] == MASK


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("max_tokens", 500),
        ("token", ""),
        ("feed_url", "https://example.org/"),
        ("tokenizer", "words"),
        ("secretary", "Ada"),
        ("post_password_protected", True),
    ],
)
def test_what_is_no_secret_is_shown(key: str, value: Any) -> None:
    assert masking.masked_handler({key: value}) == {key: value}


def test_a_schedule_shows_nothing_that_opens_its_webhook() -> None:
    config = {
        "interval": "manual",
        "webhook_enabled": True,
        "webhook_auth_mode": "hmac",
        "webhook_token": SECRET,
        "webhook_secrets": [{"id": "current", "value": SECRET, "expires_at": "2030"}],
        "webhook_auth": {
            "mode": "hmac",
            "secrets": [SECRET, {"value": SECRET}],
            "signature_source": {"header": "X-Signature", "extract": {"kind": "prefix", "key": "sha256="}},
        },
    }
    shown = masking.masked(config)
    assert SECRET not in repr(shown)
    assert shown["webhook_secrets"] == [{"id": "current", "value": MASK, "expires_at": "2030"}]
    assert shown["webhook_auth"]["signature_source"] == config["webhook_auth"]["signature_source"]  # type: ignore[index]
    assert (shown["interval"], shown["webhook_auth_mode"]) == ("manual", "hmac")


def packet() -> dict[str, Any]:
    """What a handler's tool returned, with the settings of its handler."""
    about = {"handler_tool": "x", "tool_result": {"token": "of the result"}}
    call = {"tool_name": "x", "handler_config": {"api_key": SECRET}}
    settings = {"password": SECRET, "max_items": 3}
    return {"type": "publish", "data": {}, "metadata": {**about, "handler_config": settings, "call": call}}


def test_a_model_is_told_no_secrets_of_handlers() -> None:
    run = SimpleNamespace(packets=[packet()])
    (message,) = ai_packets.messages(cast(StepRun, run), "")
    assert SECRET not in message["content"]
    assert '"max_items": 3' in message["content"]
    assert "of the result" in message["content"]
    assert SECRET in repr(run.packets), "the packets themselves stay as they were"


def test_steps_jobs_and_queued_patches_show_none_either() -> None:
    step = {
        "step_type": "publish",
        "handler_config": {"password": SECRET},
        "handler_configs": {"x": {"api_key": SECRET, "title": "T"}, "odd": []},
        "config_patch_queue": [{"patch": {"token": SECRET}, "added_at": "2026"}],
        "prompt_queue": [{"prompt": "My password is told by me", "added_at": "2026"}],
    }
    data = {
        "flow": {"name": "F", "scheduling": {"webhook_token": SECRET}},
        "flow_config": {"a": step, "memory_files": ["x.md"]},
        "queued_prompt_backup": {"patch": {"secret": SECRET}},
        "queued_patch_backup": {"patch": {"secret": SECRET}},
        "batch_state": {"items": [packet()]},
        "post_id": 7,
    }
    shown = masking.masked_engine_data(data)
    assert SECRET not in repr(shown)
    assert shown["flow_config"]["a"]["prompt_queue"] == step["prompt_queue"]
    assert shown["flow_config"]["a"]["handler_configs"]["x"]["title"] == "T"
    assert (shown["flow_config"]["memory_files"], shown["post_id"]) == (["x.md"], 7)
    assert SECRET in repr(data), "the document itself stays as it was"


def test_a_mask_that_comes_back_is_unchanged() -> None:
    stored = {
        "password": SECRET,
        "servers": [{"id": "b", "token": "two"}, {"id": "a", "token": "one"}],
        "list": ["x", SECRET],
    }
    sent = {
        "password": MASK,
        "servers": [{"id": "a", "token": MASK}, {"id": "new", "token": MASK}],
        "list": ["y", MASK],
        "other": MASK,
        "host": "h",
    }
    assert masking.unmasked(sent, stored) == {
        "password": SECRET,
        "servers": [{"id": "a", "token": "one"}, {"id": "new"}],
        "list": ["y", SECRET],
        "host": "h",
    }
    assert masking.unmasked({"password": "new"}, stored) == {"password": "new"}


@pytest.mark.parametrize("kind", ["map", "list"])
def test_what_nests_deeper_than_python_reaches_is_not_shown(kind: str) -> None:
    """JSON nests 512 levels: one such row must not bring down every list that it is in."""
    deep: Any = SECRET
    for _ in range(500):
        deep = {"a": deep} if kind == "map" else [deep]
    for shown in (
        masking.masked_handler({"x": deep}),
        masking.masked({"x": deep}),
        masking.masked_engine_data({"x": deep, "flow_config": {"1_a_1": {"handler_config": {"x": deep}}}}),
        masking.masked_flow_config({"1_a_1": {"config_patch_queue": [{"patch": {"x": deep}}]}}),
    ):
        assert SECRET not in php_json.dumps(shown)
    with pytest.raises(InvalidInput, match="levels"):
        masking.unmasked({"x": deep}, {})
