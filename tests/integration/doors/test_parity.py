"""One command, two doors: ``wp datamachine`` and ``datamachine`` answer with the same bytes and codes."""

from __future__ import annotations

import subprocess

import pytest

from dev.instance import Instance
from sidecar.automation import FlowsService, JobsService, PipelinesService
from sidecar.automation.values import NewPipelineStep, StepConfig
from sidecar.identity import Principal
from sidecar.runtime import Runtime
from tests.integration.doors.operators import Agents
from tests.integration.doors.stock import Stock

FORMATS = ("table", "json", "csv", "yaml", "ids", "count")


def both(site: Instance, line: list[str], **options: str) -> subprocess.CompletedProcess[str]:
    """The native answer, after WP-CLI gave the same."""
    theirs = site.wp("datamachine", *line, check=False, stdin=options.get("stdin"))
    ours = site.datamachine(*line, check=False, stdin=options.get("stdin"))
    assert (ours.stdout, ours.stderr, ours.returncode) == (theirs.stdout, theirs.stderr, theirs.returncode), (
        line
    )
    return ours


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("noun", ["jobs", "flows", "pipelines"])
def test_lists_in_every_format(site: Instance, stock: Stock, noun: str, output: str) -> None:
    answer = both(site, [noun, "list", f"--format={output}"])
    assert answer.returncode == 0
    assert answer.stdout.strip()
    if output in ("json", "count"):
        assert not answer.stdout.endswith("\n")


@pytest.mark.parametrize("output", ["table", "json", "csv", "yaml"])
def test_agents_in_every_format(site: Instance, agents: Agents, output: str) -> None:
    answer = both(site, ["agents", "list", f"--format={output}", "--include_role", "--user_id=1"])
    assert answer.stdout.endswith(f"Total: {len(agents.slugs())} agent(s).\n")


@pytest.mark.parametrize(
    "line",
    [
        "agents show {agent}",
        "agent show {agent} --format=json",
        "agents access list {agent}",
        "agent config {agent} --format=table",
        "agents cleanup-legacy-context-files --dry-run",
        "jobs show {job}",
        "job show {job} --format=json",
        "jobs list --limit=2 --fields=id,status --format=json",
        "jobs list --status=failed --flow={flow}",
        "flows get {flow}",
        "flow get {flow} --format=json",
        "flows {pipeline}",
        "pipelines get {pipeline}",
        "pipeline {pipeline} --format=json",
        "plugins list --format=json",
        "step-type list --format=ids",
        "test --format=csv",
        "system health",
        "system health --format=json",
        "memory read",
        "memory sections --format=yaml",
        "memory paths",
        "memory paths --format=table --relative",
        "memory inject --mode=pipeline --format=csv",
    ],
)
def test_answers_are_alike(site: Instance, stock: Stock, line: str) -> None:
    words = line.format(
        agent=stock.agent, job=stock.job_ids[0], flow=stock.flow_id, pipeline=stock.pipeline_id
    ).split(" ")
    assert both(site, words).returncode == 0


@pytest.mark.parametrize(
    ("line", "message", "code"),
    [
        ("agents show nope", "Error: Agent not found.\n", 1),
        ("jobs show 999", "Error: Job 999 not found.\n", 1),
        ("jobs list --status=bogus", "Warning: No jobs found.\n", 0),
        ("jobs list --fields=nope", "Error: Invalid field: nope.\n", 1),
        ("flows get 999", "Warning: No flows found matching your criteria.\n", 0),
        ("flows run 999", "Error: Flow 999 not found.\n", 1),
        ("flows run 1 --count=11", "Error: Count must be between 1 and 10.\n", 1),
        ("flows create --pipeline_id=999 --name=J", "Error: Pipeline not found\n", 1),
        ("pipelines get 999", "Error: Pipeline not found\n", 1),
        ("pipelines create", "Error: Required: --name=<name>\n", 1),
        ("pipelines create --steps=notjson", "Error: Invalid JSON in --steps\n", 1),
        ("memory read --agent=nope", 'Error: Agent "nope" not found. Available: {agent}\n', 1),
        ("memory write A b --agent=999", "Error: Agent ID 999 not found.\n", 1),
    ],
)
def test_refusals_are_alike(site: Instance, stock: Stock, line: str, message: str, code: int) -> None:
    answer = both(site, line.split(" "))
    assert (answer.stderr, answer.returncode) == (message.format(agent=stock.agent), code)


@pytest.mark.parametrize(
    ("output", "text"),
    [("json", "[]"), ("count", "0"), ("csv", "slug,label,step_type\n"), ("yaml", "---\n"), ("ids", "")],
)
def test_nothing_is_an_empty_list_for_programs(site: Instance, output: str, text: str) -> None:
    answer = both(site, ["handlers", "list", "--handler=nope", f"--format={output}"])
    assert (answer.stdout, answer.stderr, answer.returncode) == (text, "", 0)


def test_memory_written_at_one_door_is_read_at_the_other(site: Instance, stock: Stock) -> None:
    said = site.wp("datamachine", "memory", "write", "Note é", "line one / é 1.0")
    assert said.stdout == 'Success: Section "Note é" updated.\n'
    assert site.datamachine("memory", "read", "Note é").stdout == "line one / é 1.0\n"
    added = site.datamachine("memory", "write", "Note é", "second", "--mode=append")
    assert added.stdout == 'Success: Content appended to section "Note é".\n'
    assert (
        site.wp("datamachine", "memory", "read", "MEMORY.md", "Note é").stdout == "line one / é 1.0\nsecond\n"
    )
    missing = both(site, ["memory", "read", "Nope"])
    assert missing.returncode == 1
    assert missing.stderr.startswith('Error: Section "Nope" not found.\nAvailable sections: ')


def test_content_comes_from_standard_input_and_from_files_of_the_operator(
    site: Instance, stock: Stock, tmp_path: object
) -> None:
    large = "é" * 400_000
    site.wp("datamachine", "memory", "write", "Piped", "-", stdin=large + "\n")
    assert site.wp("datamachine", "memory", "read", "Piped").stdout == large + "\n"
    site.datamachine("memory", "write", "Piped", "-", stdin="short\n")
    assert site.datamachine("memory", "read", "Piped").stdout == "short\n"
    file = f"{tmp_path}/content.md"
    with open(file, "w", encoding="utf-8") as handle:
        handle.write("from a file\n")
    site.wp("datamachine", "memory", "write", "Filed", f"--from-file={file}")
    assert site.datamachine("memory", "read", "Filed").stdout == "from a file\n"
    for words in (["Filed", "--from-file=/no/such"], ["Filed", "-", f"--from-file={file}"]):
        assert both(site, ["memory", "write", *words]).returncode == 1


def test_pipelines_and_flows_made_at_one_door_are_seen_at_the_other(site: Instance, stock: Stock) -> None:
    for number, door in enumerate((site.wp, site.datamachine)):
        prefix = ["datamachine"] if door == site.wp else []
        dry = door(*prefix, "pipelines", "create", "--name=Dry", "--dry-run")
        assert dry.stdout == 'Success: Validation passed.\nWould create: "Dry" with 0 step(s)\n'
        made = door(
            *prefix, "pipelines", "create", f"--name=Made {number}", '--steps=[{"step_type":"fetch"}]'
        )
        lines = made.stdout.splitlines()
        assert lines[0].startswith("Success: Pipeline created: ID ")
        assert lines[1:] == [f"Name: Made {number}", "Steps created: 1"]
        pipeline = lines[0].rsplit(" ", 1)[1]
        flow = door(*prefix, "flows", "create", f"--pipeline_id={pipeline}", "--name=F").stdout.splitlines()
        assert flow[1:] == ["Name: F", f"Pipeline ID: {pipeline}", "Synced steps: 1"]
        assert both(site, ["flows", "get", flow[0].rsplit(" ", 1)[1]]).returncode == 0


def test_a_run_is_over_when_the_command_returns(site: Instance, stock: Stock, runtime: Runtime) -> None:
    pipeline = runtime.get(PipelinesService).create(
        Principal.command_line(), "Empty", [NewPipelineStep("fetch")]
    )
    configs = {"fetch": StepConfig("wordpress_posts", {"search": "nothing has this word"})}
    flow = runtime.get(FlowsService).create(
        Principal.command_line(), pipeline.pipeline_id, "Empty", step_configs=configs
    )
    for door in ((site.wp, ["datamachine"]), (site.datamachine, [])):
        said = door[0](*door[1], "flows", "run", str(flow.flow_id)).stdout.splitlines()
        assert said[0] == f"Success: Flow {flow.flow_id} execution started."
        assert said[2:] == ["Drained due Data Machine step actions."]
        job = runtime.get(JobsService).get(Principal.command_line(), int(said[1].removeprefix("Job ID: ")))
        assert job is not None
        assert job.status == "completed_no_items"
    several = site.datamachine(
        "flows", "run", str(flow.flow_id), "--count=2", "--no-drain"
    ).stdout.splitlines()
    assert several[0] == f"Success: Flow {flow.flow_id}: 2/2 runs started."
    assert several[1].startswith("Job IDs: ")
    assert len(several) == 2


def test_a_table_larger_than_a_frame_arrives_whole(site: Instance, stock: Stock, runtime: Runtime) -> None:
    table = runtime.db.tables().jobs
    rows = [{"label": f"label {number}"} for number in range(1200)]
    with runtime.db.session() as session:
        session.many(
            f"INSERT INTO {table} (pipeline_id, flow_id, source, status, label)"
            " VALUES ('direct', 'direct', 'many', 'completed', :label)",
            rows,
        )
    answer = both(site, ["jobs", "list", "--source=many", "--limit=2000", "--format=count"])
    assert answer.stdout == "1200"
    assert len(both(site, ["jobs", "list", "--source=many", "--limit=2000"]).stdout.splitlines()) == 1202
    with runtime.db.session() as session:
        session.delete(table, {"source": "many"})


def test_a_group_alone_lists_its_verbs(site: Instance, stock: Stock) -> None:
    theirs = site.wp("datamachine", "agents").stdout.splitlines()
    ours = site.datamachine("agents").stdout.splitlines()
    assert [line.replace("wp datamachine", "datamachine") for line in theirs[:2]] == ours[:2]


def test_a_wrong_verb_is_an_error_with_a_hint(site: Instance, stock: Stock) -> None:
    for answer in (
        site.wp("datamachine", "agents", "lis", check=False),
        site.datamachine("agents", "lis", check=False),
    ):
        assert answer.returncode == 1
        assert "'lis' is not a registered subcommand of" in answer.stderr
        assert "Did you mean 'list'?" in answer.stderr


def test_the_named_user_reaches_the_sidecar(site: Instance, stock: Stock) -> None:
    mine = both(site, ["agents", "list", "--scope=mine", "--user=admin"])
    assert stock.agent in mine.stdout
    assert (
        both(site, ["agents", "list", "--scope=mine"]).stderr
        == "Warning: No agents found for the given scope.\n"
    )
    assert site.datamachine("agents", "list", "--user=missing", check=False).returncode == 1
