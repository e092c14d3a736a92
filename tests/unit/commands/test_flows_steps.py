"""``flows update``: what becomes of the settings of steps."""

from __future__ import annotations

import json
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from sidecar.automation.flows.step_settings import StepChange
from sidecar.commands import flows_steps
from sidecar.commands.invocation import Invocation

PUBLISH, AI = "1_p_7", "1_a_7"


class Steps:
    """A flow whose publish step has two handlers; remembers what it is told to change."""

    def __init__(self):
        self.changes = []

    def of_flow(self, _principal, _flow_id):
        publish = {
            "flow_step_id": PUBLISH,
            "step_type": "publish",
            "handler_slugs": ["wordpress_publish", "social"],
            "handler_configs": {"wordpress_publish": {}, "social": {}},
        }
        ai = {"flow_step_id": AI, "step_type": "ai", "prompt_queue": []}
        return SimpleNamespace(steps=lambda: [ai, publish])

    def update(self, _principal, step_id, change):
        self.changes.append((step_id, change))


@pytest.fixture
def service():
    return Steps()


def called(service, **options):
    @contextmanager
    def unit(context):
        assert context == "cron"
        yield

    runtime = SimpleNamespace(hosts=SimpleNamespace(unit=unit), get=lambda _kind: service)
    return Invocation(runtime, None, None, assoc=options, principal=None)


def test_each_handler_of_a_step_gets_its_settings(service):
    config = json.dumps({"wordpress_publish": {"post_status": "publish"}, "social": {"network": "x"}})
    changed = flows_steps.update(called(service, **{"handler-config": config, "set-user-message": "Hi"}), 7)
    assert changed == [AI, PUBLISH]
    # The one that is changed last is the primary one afterwards: the first that was named.
    assert service.changes == [
        (AI, StepChange(user_message="Hi")),
        (PUBLISH, StepChange(handler_slug="social", handler_config={"network": "x"})),
        (PUBLISH, StepChange(handler_slug="wordpress_publish", handler_config={"post_status": "publish"})),
    ]


def test_a_policy_is_one_more_change_of_its_step(service):
    options = {
        "step": PUBLISH,
        "retry": '{"max_attempts": 3}',
        "handler-config": '{"social": {"network": "x"}}',
    }
    assert flows_steps.update(called(service, **options), 7) == [PUBLISH]
    assert [change.fields() for _step, change in service.changes] == [
        ["handler_slug", "handler_config"],
        ["retry_policy"],
    ]
