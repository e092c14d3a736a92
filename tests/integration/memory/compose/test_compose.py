"""Composed files on a running site: order, bytes, what is written and what refreshes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest

from dev import processes
from dev.instance import Instance
from sidecar import runtime as runtime_module
from sidecar import settings
from sidecar.errors import Unauthorized
from sidecar.identity import Principal
from sidecar.memory import CompositionService
from sidecar.runtime import Runtime

FILE = "COMPOSED-C.md"
OPTIONS = ("compose_c_word", "compose_c_throws", "compose_c_seen")
REGENERATE = "ComposableFileGenerator::regenerate( 'COMPOSED-C.md', array( 'user_id' => 1 ) )"


def php(site: Instance, code: str, *flags: str) -> Any:
    """The value of a PHP expression in WordPress."""
    script = f"use DataMachine\\Engine\\AI\\{{ComposableFileGenerator, SectionRegistry}}; $out = {code};"
    answer = site.wp("eval", f"{script} echo '<<', wp_json_encode( $out ), '>>';", *flags)
    return json.loads(answer.stdout.split("<<", 1)[1].rsplit(">>", 1)[0])


def shared(site: Instance) -> Path:
    return site.path / "wp-content/uploads/datamachine-files/shared"


@pytest.fixture(scope="module")
def composed(site: Instance) -> Iterator[Instance]:
    plugin = site.path / "wp-content/mu-plugins/compose-c.php"
    plugin.parent.mkdir(exist_ok=True)
    plugin.write_text((Path(__file__).parent / "composed.php").read_text())
    try:
        # The zygote looks for new files once a second.
        processes.wait_until(lambda: php(site, REGENERATE)["success"], what="The test's plugin")
        yield site
    finally:
        plugin.unlink()
        for option in OPTIONS:
            site.wp("option", "delete", option, check=False)
        for file in (shared(site) / FILE, site.path / "AGENTS.md"):
            with suppress(FileNotFoundError):
                file.unlink()


@pytest.fixture
def runtime(composed: Instance) -> Iterator[Runtime]:
    built = runtime_module.build(settings.load(composed.config).site(), "cli")
    yield built
    built.close()


def test_sections_have_an_order_and_the_file_is_written_only_when_it_differs(composed: Instance) -> None:
    file = shared(composed) / FILE
    file.unlink()
    composed.wp("option", "delete", "compose_c_seen", check=False)
    done = php(composed, REGENERATE)
    assert done == {
        "success": True,
        "message": f"Regenerated {FILE} at {file} (6 sections).",
        "filepath": str(file),
    }
    # Not as the command line, whoever asks; ties stay in the order of registration.
    assert file.read_text() == ('for {"user_id":1} as 0, admin 0, cli 0\n\nb\n\na\n\nlate one\n\nfiltered\n')
    written = file.stat()
    assert written.st_mode & 0o777 == 0o664
    assert php(composed, REGENERATE, "--user=admin") == done
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (written.st_mtime_ns, written.st_ino)
    assert php(composed, "get_option( 'compose_c_seen' )") == [1, str(file), {"user_id": 1}]

    listed = php(composed, f"SectionRegistry::get_sections( '{FILE}' )")
    assert [(slug, each["priority"]) for slug, each in listed.items()] == [
        ("replaced", 5),
        ("empty", 10),
        ("number", 10),
        ("tie-b", 20),
        ("tie-a", 20),
        ("late", 30),
    ]
    assert (listed["tie-a"]["label"], listed["tie-b"]["label"]) == ("The A", "Tie B")
    assert php(composed, "SectionRegistry::has_sections( 'NOTHING-C.md' )") is False


def test_what_cannot_be_composed_says_why_and_changes_nothing(composed: Instance, runtime: Runtime) -> None:
    file = shared(composed) / FILE
    before = file.read_bytes()
    composed.wp("option", "update", "compose_c_throws", "1")
    try:
        done = php(composed, REGENERATE)
    finally:
        composed.wp("option", "delete", "compose_c_throws")
    assert done == {"success": False, "message": f"{FILE} was not composed. the cook is ill"}
    assert file.read_bytes() == before

    service = runtime.get(CompositionService)
    operator = Principal.command_line()
    reasons = {
        name: service.compose(operator, name)[0].code
        for name in ("NOBODY-C.md", "SOUL.md", "NOTHING-C.md", "NETWORK.md")
    }
    assert reasons == {
        "NOBODY-C.md": "memory_file_not_registered",
        "SOUL.md": "memory_file_not_composable",
        "NOTHING-C.md": "memory_no_sections",
        "NETWORK.md": "memory_no_network",
    }
    with pytest.raises(Unauthorized):
        service.compose(Principal.user(0), FILE)
    assert file.read_bytes() == before


def test_the_bytes_do_not_depend_on_the_door(composed: Instance, runtime: Runtime) -> None:
    service, operator = runtime.get(CompositionService), Principal.command_line()
    agents, site_md = composed.path / "AGENTS.md", shared(composed) / "SITE.md"
    with suppress(FileNotFoundError):
        agents.unlink()
    done = service.compose(operator)
    assert [(each.filename, each.success) for each in done] == [
        ("AGENTS.md", True),
        (FILE, True),
        ("NOTHING-C.md", False),
    ]
    assert done[0].changed
    first = agents.read_bytes(), site_md.read_bytes(), agents.stat().st_mtime_ns
    answer = composed.wp("datamachine", "memory", "compose", "AGENTS.md", "--user=admin")
    assert answer.stdout == f"Success: Regenerated AGENTS.md at {agents} (4 sections).\n"
    assert php(composed, "ComposableFileGenerator::regenerate_all()")["message"] == (
        "Regenerated 2 of 3 composable file(s)."
    )
    assert php(composed, "datamachine_regenerate_site_md()") is True
    assert php(composed, "datamachine_regenerate_network_md()") is False
    assert not any(each.changed for each in service.compose(operator))
    assert (agents.read_bytes(), site_md.read_bytes(), agents.stat().st_mtime_ns) == first

    text = agents.read_text()
    lines = text.splitlines()
    assert lines[0].startswith("<!-- regenerated by: wp")
    assert lines[0].endswith(" datamachine memory compose AGENTS.md -->")
    assert [line for line in lines if line.startswith("## ")] == [
        "## Data Machine",
        "## Abilities",
        "## WordPress Source (Read-Only Reference)",
    ]
    assert "`wp-content/uploads/datamachine-files/shared`" in text
    assert "datamachine/scaffold-memory-file" in text
    described = site_md.read_text()
    assert described.startswith("# SITE\n")
    assert [line for line in described.splitlines() if line.startswith("## ")][:5] == [
        "## Identity",
        "## Site Structure",
        "## Post Types",
        "## Taxonomies",
        "## Active Plugins",
    ]
    assert "- **A composed file and what its sections say**" in described
    assert "- `datamachine/v1`" in described
    assert described.endswith("\n\nSeen by the site filter.\n")


def test_a_read_composes_nothing(composed: Instance) -> None:
    agents = composed.path / "AGENTS.md"
    agents.write_text("stale\n")
    composed.wp("datamachine", "memory", "read", "SITE.md")
    php(composed, "( new DataMachine\\Core\\FilesRepository\\AgentMemory( 1, 0, 'AGENTS.md' ) )->get_all()")
    composed.get("/")
    assert agents.read_text() == "stale\n"


def test_changes_refresh_what_is_there(composed: Instance) -> None:
    agents, file = composed.path / "AGENTS.md", shared(composed) / FILE
    with suppress(FileNotFoundError):
        agents.unlink()
    # Each in a request of its own, faster than a worker answers: the last one counts.
    for word in ("two", "three", "four"):
        php(composed, f"update_option( 'compose_c_word', '{word}' ) && ! do_action( 'compose_c_changed' )")
    processes.wait_until(lambda: "late four" in file.read_text(), what="The composed file")
    assert not agents.exists()

    stale = "<!-- regenerated by: somebody -->\n"
    agents.write_text(stale)
    site_md = shared(composed) / "SITE.md"
    php(
        composed,
        "( do_action( 'compose_c_changed' ) ?? update_option( 'blogdescription', 'Composed here' ) )",
    )
    try:
        processes.wait_until(lambda: agents.read_text() != stale, what="AGENTS.md")
        processes.wait_until(lambda: "Composed here" in site_md.read_text(), what="SITE.md")
    finally:
        php(composed, "update_option( 'blogdescription', '' )")
    processes.wait_until(lambda: "Composed here" not in site_md.read_text(), what="SITE.md again")


def test_what_somebody_wrote_by_hand_is_kept(composed: Instance) -> None:
    agents, file = composed.path / "AGENTS.md", shared(composed) / FILE
    agents.write_text("my own rules\n")
    # The plugin's file comes after AGENTS.md: when it is written, AGENTS.md was looked at.
    php(composed, "update_option( 'compose_c_word', 'five' ) && ! do_action( 'compose_c_changed' )")
    processes.wait_until(lambda: "late five" in file.read_text(), what="The composed file")
    assert agents.read_text() == "my own rules\n"

    answer = composed.wp("datamachine", "memory", "compose", "AGENTS.md")
    name = f"AGENTS.before-{sha1(b'my own rules' + bytes([10])).hexdigest()[:8]}.md"
    assert answer.stdout.endswith(f"(4 sections). What was there is kept as {name}.\n")
    assert agents.read_text().startswith("<!-- regenerated by: ")
    kept = shared(composed) / name
    assert kept.read_text() == "my own rules\n"
    kept.unlink()


def test_the_description_of_the_site_can_be_switched_off(composed: Instance) -> None:
    site_md = shared(composed) / "SITE.md"
    before = site_md.read_bytes()
    off = "array( 'site_context_enabled' => false ) + (array) get_option( 'datamachine_settings', array() )"
    off = f"update_option( 'datamachine_settings', {off} )"
    kept = php(composed, "get_option( 'datamachine_settings', null )")
    try:
        assert php(composed, f"{off} && datamachine_regenerate_site_md()") is False
        site_md.unlink()
        answer = composed.wp("datamachine", "memory", "compose", "SITE.md", check=False)
        assert answer.returncode == 1
        assert "site_context_enabled" in answer.stderr
        assert not site_md.exists()
    finally:
        if kept is None:
            composed.wp("option", "delete", "datamachine_settings")
        else:
            restored = json.dumps(kept)
            composed.wp("option", "update", "datamachine_settings", restored, "--format=json")
    assert php(composed, "datamachine_regenerate_site_md()") is True
    assert site_md.read_bytes() == before
