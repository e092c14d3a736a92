"""Who may list, see, run and create pipelines, flows and jobs, through the services all doors call."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from sidecar.abilities import Registry
from sidecar.automation import FlowsService, JobsService, PipelinesService
from sidecar.automation.engine.abilities import EXECUTE_STEP, GET_STEP_TYPES, RUN_FLOW, SCHEDULE_NEXT_STEP
from sidecar.automation.values import NewPipelineStep
from sidecar.errors import Forbidden, NotFound, SidecarError, Unauthorized
from sidecar.identity import AccessRepository, AgentsService, Answers, Principal, Scope
from sidecar.identity.capabilities import CAPABILITIES

CLI = Principal.command_line()
MANAGES = Answers(actions=frozenset({"manage_flows"}))
EVERYTHING = Answers(actions=frozenset(CAPABILITIES), administrator=True, network=True)
#: Ids of users nobody needs to have; WordPress's answers travel with the principal.
OWNER, VIEWER, OPERATOR, ADMIN, STRANGER, WEAK, BOSS = range(901, 908)

anonymous = Principal.user(0)
owner, viewer, operator, admin, stranger = (
    Principal.user(user, answers=MANAGES) for user in (OWNER, VIEWER, OPERATOR, ADMIN, STRANGER)
)
#: The owner of an agent who may not manage flows at all.
weak = Principal.user(WEAK, answers=Answers(actions=frozenset({"chat"})))
boss = Principal.user(BOSS, answers=EVERYTHING)


class World(NamedTuple):
    """A pipeline, a flow and a job of an agent, of another one, of nobody, and of one user."""

    agent: int
    other: int
    pipelines: dict[str, int]
    flows: dict[str, int]
    jobs: dict[str, int]

    def acting(self, *, ceiling: frozenset[str] | None = None) -> Principal:
        """The first agent, with its owner's rights."""
        return Principal("agent", user_id=OWNER, agent_id=self.agent, ceiling=ceiling, answers=MANAGES)


@pytest.fixture(scope="module")
def built(site_for_traces):
    return site_for_traces[1]


@pytest.fixture(scope="module")
def world(built):
    with built.hosts.unit(context="cron"):
        agents = [
            built.get(AgentsService).create(CLI, slug, owner_id=1).agent.agent_id
            for slug in ("access-one", "access-two")
        ]
        with built.db.session() as session:
            for agent, user in zip(agents, (OWNER, WEAK), strict=True):
                session.execute(
                    "UPDATE wp_datamachine_agents SET owner_id = :user WHERE agent_id = :agent",
                    {"user": user, "agent": agent},
                )
                session.execute(
                    "DELETE FROM wp_datamachine_agent_access WHERE agent_id = :agent", {"agent": agent}
                )
        for user, role in ((VIEWER, "viewer"), (OPERATOR, "operator"), (ADMIN, "admin")):
            built.get(AccessRepository).grant(agents[0], user, role)
        pipelines, flows, jobs = {}, {}, {}
        makers = {
            "mine": (CLI, agents[0]),
            "other": (CLI, agents[1]),
            "nobodys": (CLI, None),
            "strangers": (stranger, None),
        }
        for name, (who, agent) in makers.items():
            steps = [NewPipelineStep("fetch")]
            pipelines[name] = built.get(PipelinesService).create(who, name, steps, agent_id=agent).pipeline_id
            flows[name] = built.get(FlowsService).create(who, pipelines[name], name).flow_id
            jobs[name] = built.get(FlowsService).run(who, flows[name]).job_id
    return World(*agents, pipelines, flows, jobs)


ALL = {"mine", "other", "nobodys", "strangers"}
SEEN = {
    "owner": {"mine", "nobodys"},
    "viewer": {"mine", "nobodys"},
    "operator": {"mine", "nobodys"},
    "admin": {"mine", "nobodys"},
    "stranger": {"nobodys", "strangers"},
    "boss": ALL,
    "acting": {"mine"},
    "cli": ALL,
    "system": ALL,
}


def principal(world, name):
    """By the names of the tables below."""
    if name == "acting":
        return world.acting()
    known = {"cli": CLI, "system": Principal.system(), **globals()}
    return known[name]


def services(built):
    return (
        (built.get(PipelinesService), "pipelines", lambda one: one.pipeline.pipeline_id),
        (built.get(FlowsService), "flows", lambda one: one.flow.flow_id),
        (built.get(JobsService), "jobs", lambda one: one.job_id),
    )


@pytest.mark.parametrize("name", SEEN)
def test_lists_show_what_one_may_see(built, world, name):
    who = principal(world, name)
    for service, kind, identity in services(built):
        ids = {value: key for key, value in getattr(world, kind).items()}
        found, total = service.find(who, limit=1000)
        seen = {ids[identity(one)] for one in found if identity(one) in ids}
        assert seen == SEEN[name], kind
        assert total == len(found), kind


@pytest.mark.parametrize(
    ("name", "seen"), [("owner", {"mine"}), ("viewer", {"mine"}), ("boss", {"mine"}), ("cli", {"mine"})]
)
def test_a_named_agent_is_all_that_is_listed(built, world, name, seen):
    who = principal(world, name)
    for service, kind, identity in services(built):
        found, total = service.find(who, agent_id=world.agent, user_id=12345)
        assert [identity(one) for one in found] == [getattr(world, kind)["mine"]], "the agent beats the user"
        assert total == len(seen)


def test_a_user_filter_narrows_what_one_may_see(built, world):
    for service, kind, identity in services(built):
        found, _ = service.find(boss, user_id=STRANGER)
        assert [identity(one) for one in found] == [getattr(world, kind)["strangers"]], kind
        assert service.find(owner, user_id=STRANGER) == ([], 0), kind


@pytest.mark.parametrize("agent", ["other", 0, 99_999])
def test_a_foreign_agent_cannot_be_named(built, world, agent):
    named = world.other if agent == "other" else agent
    for service, _, _ in services(built):
        for who in (viewer, owner, stranger, world.acting()):
            with pytest.raises(Forbidden) as refused:
                service.find(who, agent_id=named)
            assert refused.value.code == "rest_forbidden"
        if agent != "other":
            assert service.find(boss, agent_id=named) == ([], 0)
            assert service.find(CLI, agent_id=named) == ([], 0)


def test_without_the_capability_nobody_gets_in(built, world):
    limited = world.acting(ceiling=frozenset({"datamachine_chat"}))
    for who, kind in ((anonymous, Unauthorized), (weak, Forbidden), (limited, Forbidden)):
        for action in (
            lambda who: built.get(PipelinesService).find(who),
            lambda who: built.get(PipelinesService).get(who, world.pipelines["nobodys"]),
            lambda who: built.get(PipelinesService).create(who, "X"),
            lambda who: built.get(FlowsService).find(who),
            lambda who: built.get(FlowsService).get(who, world.flows["other"]),
            lambda who: built.get(FlowsService).create(who, world.pipelines["other"]),
            lambda who: built.get(FlowsService).run(who, world.flows["other"]),
            lambda who: built.get(JobsService).find(who),
            lambda who: built.get(JobsService).get(who, world.jobs["other"]),
            lambda who: built.get(JobsService).summary(who),
        ):
            with pytest.raises(kind) as refused:
                action(who)
            assert refused.value.code == "rest_forbidden"


def test_one_row_is_seen_by_whom_a_list_shows_it(built, world):
    for name, seen in SEEN.items():
        who = principal(world, name)
        for service, kind, _ in services(built):
            for row, identity in getattr(world, kind).items():
                if row in seen or (name == "acting" and row == "nobodys"):
                    assert service.get(who, identity) is not None, (name, kind, row)
                    continue
                with pytest.raises(Forbidden) as refused:
                    service.get(who, identity)
                assert refused.value.code == "rest_forbidden", (name, kind, row)


RUNS = {
    "mine": {"owner", "operator", "admin", "boss", "acting", "cli", "system"},
    "nobodys": {"owner", "viewer", "operator", "admin", "stranger", "boss", "acting", "cli", "system"},
    "strangers": {"stranger", "boss", "cli", "system"},
    "other": {"boss", "cli", "system"},
}


@pytest.mark.parametrize("row", RUNS)
def test_an_operator_runs_flows(built, world, row):
    allowed, codes = set(), set()
    with built.hosts.unit(context="cron"):
        for name in SEEN:
            try:
                started = built.get(FlowsService).run(principal(world, name), world.flows[row])
            except Forbidden as refused:
                codes.add(refused.code)
                continue
            assert started.flow_id == world.flows[row]
            allowed.add(name)
    assert allowed == RUNS[row]
    assert codes <= {"rest_forbidden"}


@pytest.mark.parametrize("row", RUNS)
def test_the_engines_abilities_ask_the_same(built, world, row):
    registry = built.get(Registry)
    job = world.jobs[row]
    given = {
        RUN_FLOW: {"flow_id": world.flows[row], "job_id": None},
        EXECUTE_STEP: {"job_id": job, "flow_step_id": "no-such-step"},
        SCHEDULE_NEXT_STEP: {"job_id": job, "flow_step_id": "no-such-step"},
    }
    with built.hosts.unit(context="cron"):
        for name in SEEN:
            who = principal(world, name)
            for ability, arguments in given.items():
                if name in RUNS[row]:
                    if ability == EXECUTE_STEP and row in {"mine", "other"} and name != "acting":
                        # A step is its agent's, whoever asks; the owners here have no accounts.
                        answer = registry.execute(who, ability, arguments)
                        assert (answer["success"], answer["error_code"]) == (False, "agent_owner_missing")
                        continue
                    assert isinstance(registry.execute(who, ability, arguments), dict)
                    continue
                with pytest.raises(Forbidden) as refused:
                    registry.execute(who, ability, arguments)
                assert refused.value.code == "rest_forbidden", (name, ability)
            assert registry.execute(who, GET_STEP_TYPES)["success"] is True
    with built.db.session() as session:
        session.execute("DELETE FROM wp_actionscheduler_actions WHERE args LIKE '%no-such-step%'")


CREATES = {
    "mine": {"owner", "admin", "boss", "acting", "cli", "system"},
    "nobodys": RUNS["nobodys"],
    "strangers": RUNS["strangers"],
    "other": RUNS["other"],
}


@pytest.mark.parametrize("row", CREATES)
def test_an_admin_creates_flows(built, world, row):
    allowed, codes = {}, set()
    for name in SEEN:
        try:
            flow = built.get(FlowsService).create(principal(world, name), world.pipelines[row], "New")
        except Forbidden as refused:
            codes.add(refused.code)
            continue
        allowed[name] = flow
        with built.db.session() as session:
            session.execute("DELETE FROM wp_datamachine_flows WHERE flow_id = :flow", {"flow": flow.flow_id})
    assert set(allowed) == CREATES[row]
    assert codes <= {"rest_forbidden"}
    belongs = {"mine": world.agent, "other": world.other}.get(row)
    for name, flow in allowed.items():
        expected = world.agent if name == "acting" and belongs is None else belongs
        assert flow.agent_id == expected, "a flow belongs to its pipeline's agent, else to the one that acts"
        assert flow.user_id == principal(world, name).user_id


def test_a_named_agent_needs_its_admin(built, world):
    pipelines, flows = built.get(PipelinesService), built.get(FlowsService)
    made = []
    for who in (owner, admin, boss, CLI, world.acting()):
        made.append(pipelines.create(who, "Named", agent_id=world.agent))
        assert (made[-1].agent_id, made[-1].user_id) == (world.agent, who.user_id)
    for who in (viewer, operator, stranger):
        with pytest.raises(Forbidden):
            pipelines.create(who, "Named", agent_id=world.agent)
        # An unscoped pipeline is open to them, another one's agent is not.
        with pytest.raises(Forbidden):
            flows.create(who, world.pipelines["nobodys"], "Named", agent_id=world.agent)
    with pytest.raises(Forbidden):
        flows.create(owner, world.pipelines["mine"], "Named", agent_id=world.other)
    assert flows.create(boss, world.pipelines["mine"], "Moved", agent_id=world.other).agent_id == world.other
    for who in (boss, CLI):
        with pytest.raises(NotFound) as missing:
            pipelines.create(who, "Named", agent_id=99_999)
        assert missing.value.code == "agent_not_found"
    with pytest.raises(Forbidden):
        pipelines.create(owner, "Named", agent_id=99_999)


def test_what_nobody_names_belongs_to_the_one_that_acts(built, world):
    pipelines = built.get(PipelinesService)
    assert pipelines.create(owner, "Unnamed").agent_id is None
    assert pipelines.create(CLI, "Unnamed").agent_id is None
    assert pipelines.create(world.acting(), "Unnamed").agent_id == world.agent
    named = pipelines.create(Principal.command_line(7), "Unnamed")
    assert named.user_id == 7


def test_a_pipeline_shows_only_flows_one_may_see(built, world):
    pipelines, flows = built.get(PipelinesService), built.get(FlowsService)
    pipeline = pipelines.create(CLI, "Shared").pipeline_id
    created = {
        "mine": flows.create(CLI, pipeline, "A", agent_id=world.agent).flow_id,
        "other": flows.create(CLI, pipeline, "B", agent_id=world.other).flow_id,
        "nobodys": flows.create(CLI, pipeline, "C").flow_id,
    }
    for who, seen in ((owner, {"mine", "nobodys"}), (stranger, {"nobodys"}), (boss, set(created))):
        expected = {created[name] for name in seen}
        assert {flow.flow_id for flow in pipelines.get(who, pipeline).flows} == expected
        (listed,) = pipelines.find(who, search="Shared")[0]
        assert {flow.flow_id for flow in listed.flows} == expected


def test_jobs_are_counted_as_they_are_seen(built, world):
    jobs = built.get(JobsService)
    for who in (owner, stranger, world.acting(), boss, CLI):
        assert sum(jobs.summary(who).values()) == jobs.find(who, limit=1)[1]
    assert sum(jobs.summary(boss, agent_id=world.other).values()) == jobs.find(boss, agent_id=world.other)[1]
    with pytest.raises(SidecarError):
        jobs.summary(owner, agent_id=world.other)


def test_unfinished_jobs_are_those_one_sees(built, world):
    jobs = built.get(JobsService)
    ids = list(world.jobs.values())
    with built.db.session() as session:
        session.execute(
            "UPDATE wp_datamachine_jobs SET status = 'processing' WHERE job_id IN :jobs", {"jobs": ids}
        )
    assert list(jobs.unfinished(CLI, ids)) == sorted(ids)
    assert set(jobs.unfinished(owner, ids)) == {world.jobs["mine"], world.jobs["nobodys"]}
    with built.db.session() as session:
        session.execute(
            "UPDATE wp_datamachine_jobs SET status = 'completed' WHERE job_id = :job",
            {"job": world.jobs["mine"]},
        )
    assert list(jobs.unfinished(owner, ids)) == [world.jobs["nobodys"]]


def test_lists_of_a_few_agents_jobs_are_read_from_an_index(built):
    """Twenty thousand jobs of others and documents of two kilobytes must not be read to count one's own."""
    with built.db.session() as session:
        session.execute(
            "INSERT INTO wp_datamachine_jobs (user_id, pipeline_id, flow_id, status, engine_data, agent_id)"
            " SELECT 0, '1', '1', 'completed', REPEAT('x', 2000), IF(seq % 10 = 0, NULL, 1000 + seq % 100)"
            " FROM seq_1_to_20000"
        )
        session.execute("ANALYZE TABLE wp_datamachine_jobs")
        try:
            for scope in (
                Scope(agent_ids=(1007,)),
                Scope(agent_ids=(1007, 1008), unscoped_of=STRANGER),
                Scope(agent_ids=tuple(range(1000, 1030)), unscoped_of=STRANGER),
            ):
                condition, params = scope.condition("j")
                for more in ("1 = 1", "j.parent_job_id IS NULL"):
                    plan = session.one(
                        f"EXPLAIN SELECT COUNT(*) FROM wp_datamachine_jobs j WHERE {more} AND {condition}",
                        params,
                    )
                    assert set(plan["key"].split(",")) <= {
                        "agent_id",
                        "agent_scope_source",
                        "parent_job_id",
                    }, plan
                    assert "Using index" in plan["Extra"], plan
                    assert int(plan["rows"]) < 10_000, plan
        finally:
            session.execute(
                "DELETE FROM wp_datamachine_jobs WHERE agent_id >= 1000 OR engine_data LIKE 'xx%'"
            )
