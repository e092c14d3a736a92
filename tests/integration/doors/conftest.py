"""A site with something to list, and ways to ask it."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dev.instance import Instance
from sidecar import runtime as runtimes
from sidecar import settings
from sidecar.automation import FlowsService, PipelinesService
from sidecar.automation.values import NewPipelineStep, StepConfig
from sidecar.db import php_json
from sidecar.identity import Principal
from sidecar.runtime import Runtime
from tests import calm
from tests.integration.doors.agents import Doors, Person, make_people
from tests.integration.doors.operators import Agents, make_members
from tests.integration.doors.stock import Stock


@pytest.fixture(scope="module")
def runtime(site: Instance) -> Iterator[Runtime]:
    """The product's services in this process, on the site's database."""
    built = runtimes.build(settings.load(str(site.config)).site(None), "cli")
    yield built
    built.close()


@pytest.fixture
def calm_flows(runtime: Runtime) -> None:
    """The site's own worker starts no scheduled flow of the test."""
    calm.skip_hasty_ids(runtime.db)


@pytest.fixture(scope="module")
def stock(site: Instance, runtime: Runtime) -> Stock:
    """A pipeline, a flow of it, three jobs of odd contents, and the default agent."""
    site.wp("eval", "1;")  # A request materializes the default agent.
    pipeline = runtime.get(PipelinesService).create(
        Principal.command_line(), 'Feed é "quoted"', [NewPipelineStep("fetch"), NewPipelineStep("publish")]
    )
    flow = runtime.get(FlowsService).create(
        Principal.command_line(),
        pipeline.pipeline_id,
        "RSS é / & \\, -1",
        step_configs={
            "fetch": StepConfig("rss", {"feed_url": "http://127.0.0.1/?feed=rss2", "max_items": 1})
        },
    )
    documents: list[Any] = [
        {"empty": [], "float": 0.1, "big": 2**62, "slash": "a/b", "u": "é😀", "job": {"job_id": 1}},
        None,
        {"note": "line one\nline two"},
    ]
    jobs = []
    with runtime.db.session() as session:
        for number, document in enumerate(documents):
            values = {
                "pipeline_id": str(pipeline.pipeline_id),
                "flow_id": str(flow.flow_id),
                "source": "pipeline",
                "label": None if number == 1 else "-= label",
                "status": "failed - throwable_exception_in_step_execution" if number == 1 else "completed",
                "engine_data": None if document is None else php_json.dumps(document),
                "created_at": f"2026-11-23 0{number}:00:00",
                "completed_at": None if number == 0 else "2026-11-23 05:06:07",
            }
            jobs.append(session.insert(runtime.db.tables().jobs, values))
    agents = json.loads(site.datamachine("agents", "list", "--format=json").stdout.partition("Total:")[0])
    return Stock(pipeline.pipeline_id, flow.flow_id, jobs, str(agents[0]["agent_slug"]))


@pytest.fixture(scope="module")
def sign_in(site: Instance) -> Callable[[str], dict[str, str]]:
    """Headers that sign a request in as a user, who is made with that role when absent."""
    known: dict[str, dict[str, str]] = {}

    def headers(login: str) -> dict[str, str]:
        if login not in known:
            if site.wp("user", "get", login, "--field=ID", check=False).returncode != 0:
                site.wp("user", "create", login, f"{login}@example.org", f"--role={login}")
            # Another file of tests may have signed the same user in; names of passwords are unique.
            name = f"tests {uuid.uuid4()}"
            password = site.wp("user", "application-password", "create", login, name, "--porcelain")
            pair = base64.b64encode(f"{login}:{password.stdout.strip()}".encode()).decode()
            known[login] = {"Authorization": f"Basic {pair}"}
        return known[login]

    return headers


@pytest.fixture(scope="module")
def people(site: Instance) -> dict[str, Person]:
    """Users with different rights, by login."""
    return make_people(site)


@pytest.fixture(scope="module")
def doors(site: Instance, runtime: Runtime, people: dict[str, Person]) -> Doors:
    """Both doors to the session's site."""
    return Doors(site, runtime, people)


@pytest.fixture
def agents(stock: Stock, runtime: Runtime) -> Iterator[Agents]:
    """What a test made is gone after it: other tests count agents."""
    found = Agents(runtime)
    before = found.slugs()
    yield found
    for slug in found.slugs() - before:
        found.drop(slug)


@pytest.fixture(scope="module")
def members(site: Instance) -> dict[str, int]:
    """Ids of the users of :data:`tests.integration.doors.operators.MEMBERS` by login."""
    return make_members(site)
