"""Every ability there is, given the ids of somebody else's rows: alone, and mixed with one's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.integration.security.lab import Lab, ability
from tests.integration.security.test_attacks_automation import PLANTED, pipeline_step
from tests.matrix import doors
from tests.matrix.world import Resource
from tools import generate_abilities

pytestmark = pytest.mark.usefixtures("unharmed", "no_failures")

SCHEMAS: dict[str, Mapping[str, Any]] = {
    each.name.removeprefix(doors.PREFIX): each.input_schema
    for each in generate_abilities.declarations()
    if each.name.startswith(doors.PREFIX)
}
#: These say whose memory or account is meant by a number that is a user's: their tests are others.
NO_ROWS = {"agent-remote-call", "create-agent", "scaffold-memory-file"}


def ids(lab: Lab, agent: Resource, owner: str) -> dict[str, Any]:
    """What names a row of an agent's, by the name that abilities give it."""
    return {
        "agent_id": agent.agent_id,
        "agent_slug": agent.slug,
        "old_slug": agent.slug,
        "user_id": lab.accounts[owner].user_id,
        "pipeline_id": agent.pipeline_id,
        "target_pipeline_id": agent.pipeline_id,
        "pipeline_ids": [agent.pipeline_id],
        "pipeline_step_id": pipeline_step(agent.step),
        "flow_id": agent.flow_id,
        "source_flow_id": agent.flow_id,
        "target_id": agent.flow_id,
        "flow_step_id": agent.writer,
        "job_id": agent.failed_id,
        "parent_job_id": agent.job_id,
        "token_id": agent.token_id,
    }


def value(name: str, schema: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    """Something that an input of this schema may be; ids where it names a row."""
    if name in known:
        return known[name]
    if schema.get("enum"):
        return schema["enum"][-1]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {key: value(key, each, known) for key, each in (schema.get("properties") or {}).items()}
    if kind == "array":
        return [value("", schema["items"], known)] if isinstance(schema.get("items"), Mapping) else []
    # Flags that make it real, force it, and leave out what would only look.
    if kind == "boolean":
        return name not in ("dry_run", "validate_only")
    return {"integer": max(1, int(schema.get("minimum") or 0)), "number": 1}.get(str(kind), PLANTED)


def inputs(lab: Lab, name: str, mine: Resource) -> Iterator[dict[str, Any]]:
    """All ids theirs; each id theirs among one's own; each id theirs with only what is required."""
    schema = SCHEMAS[name]
    properties: Mapping[str, Any] = schema.get("properties") or {}
    theirs, own = ids(lab, lab.theirs, "victim"), ids(lab, mine, "mallory")
    yield {key: value(key, each, theirs) for key, each in properties.items()}
    for key in (each for each in properties if each in theirs):
        mixed = own | {key: theirs[key]}
        yield {each: value(each, properties[each], mixed) for each in properties}
        required = {each for each in properties if each in schema.get("required", ())} | {key}
        yield {each: value(each, properties[each], mixed) for each in required}


def test_every_ability_knows_some_id_or_none() -> None:
    """An ability with a new name for a row is to be known here."""
    names = {key for schema in SCHEMAS.values() for key in schema.get("properties") or {}}
    known = {"agent_id", "flow_id", "job_id", "pipeline_id", "flow_step_id", "pipeline_step_id", "token_id"}
    known |= {"source_flow_id", "target_pipeline_id", "target_id", "parent_job_id", "user_id"}
    # These name nothing that belongs to an agent.
    others = {"post_id", "owner_id", "site_id", "action_id"}
    assert {name for name in names if name.endswith("_id")} == known | others


def test_no_ability_reaches_somebody_elses_rows(lab: Lab, php: doors.AbilitiesPhp) -> None:
    told = []
    for name in sorted(set(SCHEMAS) - NO_ROWS):
        # What mallory mixes in may be changed and deleted on the way.
        walker = lab.add_agent("walker", "mallory")
        for given in inputs(lab, name, walker):
            answer = ability(php, "mallory", name, **given)
            assert "internal" not in answer.result, (name, given, answer)
            if lab.theirs.secret in answer.text:
                told.append((name, given, answer.result))
        # Who only looks changes nothing either.
        given = next(inputs(lab, name, walker))
        answer = ability(php, "reader", name, **given)
        assert "internal" not in answer.result, (name, given, answer)
    assert told == []
