"""Attempts through what memory and flows hold: sections, attached files, composed ones, approvals."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.security import names
from tests.integration.security.lab import Lab, ability, code
from tests.matrix import doors
from tests.matrix.data import Call

pytestmark = pytest.mark.usefixtures("unharmed", "no_failures")

PLANTED = "planted by mallory"

# Sections

SECTIONS = (
    "",
    " ",
    "\0",
    "a\nb",
    "a\n## Notes",
    "## Notes",
    "Notes\r",
    "Notes\n\n## Other\nplanted",
    "<!-- datamachine-section-body -->",
    "```",
    "x" * 100_000,
    "../../MEMORY.md",
    "\N{RIGHT-TO-LEFT OVERRIDE}setoN",
)


def test_a_section_is_one_section(lab: Lab, php: doors.AbilitiesPhp) -> None:
    """Whatever it is called and holds: the sections beside it stay as they are, at every door."""
    agent = lab.mine.agent_id
    file = lab.files / lab.mine.slug / "sections.md"
    beside = "## Before\nstays\n\n## Notes\nold\n\n## After\nstays too\n"
    bodies = (
        "x",
        "## Before\ngone",
        "```\n## open fence",
        "<!-- /datamachine-section-body -->\n## After\ngone",
        "\0",
    )

    def through_rest(section: str, body: str) -> None:
        given = {"file": "sections.md", "section": section, "content": body, "agent_id": agent}
        for _, answer in lab.rest("mallory", "POST", "/memory/append", given):
            assert answer.result[0] in "24", (section[:40], body, answer.text)

    def through_ability(section: str, body: str) -> None:
        given = {"file": "sections.md", "section": section, "content": body, "agent_id": agent}
        for mode in ("append", "set"):
            answer = ability(php, "mallory", "update-agent-memory", mode=mode, **given)
            assert answer.result[0] in "24", (section[:40], answer.text)

    def through_command(section: str, body: str) -> None:
        for mode in ("append", "set"):
            line = (
                "memory",
                "write",
                "sections.md",
                section,
                body,
                f"--agent={lab.mine.slug}",
                f"--mode={mode}",
            )
            answer = lab.command("mallory", *line)
            assert answer.result[0] in "01", (section[:40], answer.text)

    ways: tuple[Callable[[str, str], None], ...] = (through_rest, through_ability, through_command)
    every = [(section, body) for section in SECTIONS for body in bodies]
    # Behind the first way all of them lead to the same service.
    some = [*zip(SECTIONS, itertools.cycle(bodies), strict=False), *((SECTIONS[0], body) for body in bodies)]
    for way in ways:
        for section, body in every if way is through_rest else some:
            file.write_text(beside)
            way(section, body)
            left = file.read_text()
            for kept in ("## Before\nstays\n", "## After\nstays too\n"):
                assert kept in left, (way.__name__, section[:40], body, left[:400])
            listed = lab.command(
                "mallory",
                "memory",
                "sections",
                "--file=sections.md",
                f"--agent={lab.mine.slug}",
                "--format=json",
            )
            known = [each["section"] for each in json.loads(listed.text)]
            assert known.count("Before") == known.count("After") == 1, (
                way.__name__,
                section[:40],
                body,
                left[:400],
            )
    file.unlink()


# Attached files


def test_attached_names_lead_nowhere(lab: Lab) -> None:
    """What a pipeline attaches is read from its own agent's memory, by a name that is one."""
    mine = lab.mine
    (lab.files / "canary.md").write_text(names.CANARY)
    try:
        taken: dict[str, list[str]] = {"pipelines": [], "flows": []}
        rows = {"pipelines": mine.pipeline_id, "flows": mine.flow_id}
        tried = (*names.TRAVERSAL, *names.RUNNABLE, *names.ODD)
        for text, kind in zip(tried, itertools.cycle(rows), strict=False):
            name = text.replace(names.VICTIM, lab.theirs.slug).replace("{root}", str(lab.instance.path))
            path = f"/{kind}/{rows[kind]}/memory-files"
            for door, answer in lab.rest("mallory", "PUT", path, {"memory_files": [name]}):
                assert answer.result[0] in "24", (door, name, answer.text)
                if answer.result[0] == "2" and name not in taken[kind]:
                    taken[kind].append(name)
            line = (kind, "memory-files", str(rows[kind]), f"--add={name}")
            assert lab.command("mallory", *line).result[0] in "01", line
        assert any(taken.values())
        for kind, accepted in taken.items():
            for door, answer in lab.rest(
                "mallory", "PUT", f"/{kind}/{rows[kind]}/memory-files", {"memory_files": accepted}
            ):
                assert answer.result[0] == "2", (door, answer.text)
        said = lab.command(
            "mallory",
            "memory",
            "inject",
            "--mode=pipeline",
            f"--agent={mine.slug}",
            f"--pipeline={mine.pipeline_id}",
            f"--flow={mine.flow_id}",
        )
        for word in (names.CANARY, lab.theirs.secret, "root:x:0", "DB_PASSWORD"):
            assert word not in said.text, word
        for given in ([["MEMORY.md"]], [{"a": "b"}], [None], "x" * 100_000, [""] * 10_000, ["a.md"] * 10_000):
            for door, answer in lab.rest(
                "mallory", "PUT", f"/flows/{mine.flow_id}/memory-files", {"memory_files": given}
            ):
                assert answer.result[0] in "24", (door, str(given)[:60], answer.text)
    finally:
        (lab.files / "canary.md").unlink()
        for kind, row in (("pipelines", mine.pipeline_id), ("flows", mine.flow_id)):
            list(lab.rest("mallory", "PUT", f"/{kind}/{row}/memory-files", {"memory_files": []}))


# Composed files


def test_who_only_reads_makes_nothing_beside_wp_config(lab: Lab) -> None:
    there = lab.composed.exists()
    content = lab.composed.read_bytes() if there else b""
    for who in ("nobody", "mallory"):
        for given in (
            {},
            {"file": "AGENTS.md"},
            {"file": "../x.md"},
            {"file": "wp-config.php"},
            {"file": "MEMORY.md"},
        ):
            for door, answer in lab.rest(who, "POST", "/memory/compose", given):
                assert answer.result[0] in "24", (door, who, given, answer.text)
                assert str(lab.instance.path) not in answer.text.replace("\\/", "/")
            lab.command(who, "memory", "compose", *given.values())
        assert lab.composed.exists() == there
        assert not there or lab.composed.read_bytes() == content
    for door, answer in lab.rest("visitor", "POST", "/memory/compose", {}):
        assert answer.result == "401 rest_forbidden", door
    who = lab.key([])
    for door, answer in lab.rest(who, "POST", "/memory/compose", {}):
        assert answer.result == "403 rest_forbidden", door


REGISTERS = """<?php
add_action( 'datamachine_memory_files', static function (): void {
	DataMachine\\Engine\\AI\\MemoryFileRegistry::register(
		'H-TOOL.md', 60, array( 'layer' => 'shared', 'convention_path' => 'H-TOOL.md' )
	);
} );
"""


def test_naming_a_layer_opens_no_file_beside_wp_config(lab: Lab) -> None:
    """A plugin's file for other programs is in the layer it says, not in the one a request says."""
    plugin = lab.instance.path / "wp-content" / "mu-plugins" / "h-registers.php"
    place = lab.instance.path / "H-TOOL.md"
    plugin.parent.mkdir(exist_ok=True)
    plugin.write_text(REGISTERS)
    try:
        for layer in ("agent", "user"):
            given = {"content": PLANTED}
            path = f"/memory/files/H-TOOL.md?layer={layer}"
            asked = dict(lab.rest("mallory", "PUT", path, given))
            assert asked["wordpress"].result == "403 rest_forbidden", asked
            path = "/wp-json/wp-abilities/v1/abilities/datamachine/write-agent-file/run"
            given |= {"filename": "H-TOOL.md", "layer": layer}
            assert lab.answer("mallory", "POST", path, {"input": given}).status == 403
            assert not place.exists()
        assert lab.wordpress.ask("chief", _put("H-TOOL.md", "shared")).result == "200"
        assert place.read_text() == "by the chief"
    finally:
        plugin.unlink()
        place.unlink(missing_ok=True)
        for file in lab.base.rglob("H-TOOL.md"):
            file.unlink()


def _put(name: str, layer: str) -> Call:
    path = f"/memory/files/{name}?layer={layer}"
    return Call("", "rest", f"PUT {path}", {"content": "by the chief"}, "", "", {})


# Approvals


def test_what_waits_for_approval_waits_for_the_right_one(lab: Lab, php: doors.AbilitiesPhp) -> None:
    """Neither the agent that asked nor a stranger who knows the id decides."""
    staged = ability(
        php, "malagent", "write-self-memory", section="Notes", content=PLANTED, requires_approval=True
    )
    action = json.loads(staged.text)["action_id"]
    for who in ("malagent", "reader", "nobody", "deputy", "victim"):
        said = ability(php, who, "resolve-pending-action", action_id=action, decision="accepted")
        assert said.result != "200", (who, said.text)
    for wrong in (
        "",
        "act_",
        "../x",
        f"{action} ",
        action.upper(),
        "x" * 5000,
        "act_00000000-0000-4000-8000-000000000000",
    ):
        said = ability(php, "mallory", "resolve-pending-action", action_id=wrong, decision="accepted")
        assert said.result != "200", wrong
    assert PLANTED not in (lab.files / lab.mine.slug / "MEMORY.md").read_text()
    said = ability(php, "mallory", "resolve-pending-action", action_id=action, decision="accepted")
    assert said.result == "200", said.text
    assert PLANTED in (lab.files / lab.mine.slug / "MEMORY.md").read_text()
    again = ability(php, "mallory", "resolve-pending-action", action_id=action, decision="accepted")
    assert again.result != "200"


# What answers tell


def test_no_answer_names_a_place_of_the_server(lab: Lab) -> None:
    agent, step = f"agent_id={lab.mine.agent_id}", f"flow_step_id={lab.mine.step}"
    for path in (
        f"/files/agent?{agent}",
        f"/files/agent/MEMORY.md?{agent}",
        f"/files/agent/none.md?{agent}",
        f"/files/agent/daily?{agent}",
        f"/memory?{agent}",
        f"/memory/files/MEMORY.md?{agent}",
        f"/memory/search?query=a&{agent}",
        f"/agents/{lab.mine.agent_id}/context",
        f"/files?{step}",
        f"/pipelines/{lab.mine.pipeline_id}/memory-files",
    ):
        for door, answer in lab.rest("mallory", "GET", path):
            text = answer.text.replace("\\/", "/")
            assert str(lab.instance.path) not in text, (door, path)
            assert "datamachine-files" not in text, (door, path)


def test_the_web_server_of_a_developer_gives_no_memory(lab: Lab) -> None:
    job = (
        lab.base
        / f"pipeline-{lab.mine.pipeline_id}"
        / f"flow-{lab.mine.flow_id}"
        / "jobs"
        / "job-1"
        / "data.json"
    )
    job.parent.mkdir(parents=True, exist_ok=True)
    job.write_text(lab.mine.secret)
    places = [
        lab.files / lab.mine.slug / "MEMORY.md",
        job,
        lab.base / "users" / str(lab.accounts["mallory"].user_id) / "USER.md",
    ]
    for place in places:
        path = f"/{place.relative_to(lab.instance.path)}"
        for spelled in (
            path,
            path.replace("datamachine-files", "DataMachine-Files"),
            path.replace("/uploads/", "//uploads/./"),
            path.replace("MEMORY.md", "MEMORY%2Emd"),
        ):
            answer = lab.instance.request("GET", spelled)
            assert answer.status in (403, 404), spelled
            assert lab.mine.secret not in answer.text, spelled


def test_php_asks_for_no_more_than_it_may(lab: Lab, php: doors.AbilitiesPhp) -> None:
    """The facade is PHP's own and asks nobody; what it is told to open stays below its folder."""
    said: Any = code(
        php,
        lab,
        "nobody",
        "$d = new DataMachine\\Core\\FilesRepository\\DirectoryManager(); return array( "
        "$d->get_agent_identity_directory( '../../../x' ), $d->get_flow_directory( '../..', '../../y' ), "
        "$d->get_job_directory( '1/../../..', 2, \"3\\0\" ), $d->get_user_directory( -5 ) );",
    )
    assert all(place.startswith(str(lab.base)) and "/.." not in place for place in said), said
