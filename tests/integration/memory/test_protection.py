"""What agents remember is nobody else's: deny files, whether they work, and DATAMACHINE_FILES_DIR."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dev import processes
from dev.instance import Instance
from sidecar import runtime as runtime_module
from sidecar import settings
from sidecar.automation.files.job_files import JobFiles
from sidecar.automation.files.memory_files import AttachedMemory
from sidecar.memory import MemoryService

LAYERS = ("agents", "shared", "users", "network")
PACKET = {"type": "fetch", "timestamp": 1, "data": {"title": "private"}, "metadata": {}}
HEALTH = "echo wp_json_encode( DataMachine\\Bridge\\Admin\\SiteHealthFiles::test() );"


@pytest.fixture
def remembered(site: Instance, runtime: runtime_module.Runtime) -> Iterator[dict[str, Path]]:
    """A file in every place that strangers may not read, by its address."""
    base = site.path / "wp-content/uploads/datamachine-files"
    places = {
        layer: base / layer / ("protect-g" if layer in ("agents", "users") else "") / "PROTECT-G.md"
        for layer in LAYERS
    }
    for path in places.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("private")
    runtime.get(JobFiles).add(99001, 99002, 99003, [PACKET])
    jobs = base / "pipeline-99001/flow-99002/jobs"
    places["packets"] = jobs / "job-99003/data.json"
    agents = site.path / "AGENTS.md"
    before = agents.read_bytes() if agents.exists() else None
    agents.write_text("private")
    places["AGENTS.md"] = agents
    yield {"/" + str(path.relative_to(site.path)): path for path in places.values()}
    for path in places.values():
        path.unlink(missing_ok=True)
    if before is not None:
        agents.write_bytes(before)
    runtime.get(JobFiles).remove(99001, 99002, 99003)
    for layer in ("agents", "users"):
        (base / layer / "protect-g").rmdir()


def test_the_development_server_denies_what_is_private(site: Instance, remembered: dict[str, Path]) -> None:
    for address, path in remembered.items():
        assert path.is_file()
        for form in (address, address.replace("/data", "//data"), address.replace("agents", "%61gents")):
            reply = site.get(form)
            assert (reply.status, b"private" in reply.body) == (403, False), form
    hidden = site.path / "wp-content/.protect-g"
    hidden.write_text("private")
    try:
        assert site.get("/wp-content/.protect-g").status == 403
    finally:
        hidden.unlink()
    # What is no file is WordPress's to answer, whatever its name.
    assert site.get("/wp-json/datamachine/v1/.none").json()["code"] == "rest_no_route"
    assert site.get("/wp-content/index.php").status == 200
    assert site.get("/").status == 200


def test_no_visitor_waits_for_the_rules_of_an_update(site: Instance) -> None:
    name = "datamachine_bridge_protected"
    site.wp("option", "delete", name, check=False)
    for page in ("admin-ajax.php?action=heartbeat", "admin-post.php?action=none"):
        site.get(f"/wp-admin/{page}")
    assert site.wp("option", "get", name, check=False).returncode == 1


def test_folders_from_before_get_their_rules_and_keep_their_files(
    site: Instance, remembered: dict[str, Path]
) -> None:
    """A site that Data Machine's own product made has no rule anywhere."""
    base = site.path / "wp-content/uploads/datamachine-files"
    folders = [base / layer for layer in LAYERS] + [base / "pipeline-99001/flow-99002/jobs"]
    for folder in folders:
        for name in (".htaccess", "web.config"):
            (folder / name).unlink(missing_ok=True)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in remembered.values()}
    code = (
        "delete_option( 'datamachine_bridge_protected' );"
        "wp_set_current_user( 1 ); do_action( 'admin_init' );"
        "echo get_option( 'datamachine_bridge_protected' ) === DATAMACHINE_BRIDGE_VERSION ? 'done' : 'no';"
    )
    assert site.wp("eval", code).stdout == "done"
    for folder in folders:
        assert "Require all denied" in (folder / ".htaccess").read_text()
        assert 'allowUnlisted="false"' in (folder / "web.config").read_text()
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in before} == before
    listed = json.loads(
        site.wp(
            "eval",
            "$files = DataMachine\\Core\\FilesRepository\\AgentMemory::list_layer( 'shared' );"
            "echo wp_json_encode( array_column( $files, 'filename' ) );",
        ).stdout
    )
    assert "PROTECT-G.md" in listed
    assert not {"web.config", ".htaccess", "index.php"} & set(listed)


@pytest.fixture
def careless(site: Instance, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Lets a web server without any rule answer for the addresses of a kind, as an untold nginx does."""
    port = processes.free_port()
    server = processes.start(
        "careless",
        ["php", "-S", f"127.0.0.1:{port}", "-t", str(site.path)],
        log=tmp_path / "careless.log",
        cwd=site.path,
    )
    processes.wait_until(lambda: processes.answers(port), what="The careless server", server=server)
    plugin = site.path / "wp-content/mu-plugins/g-careless.php"

    def answer(kind: str) -> None:
        plugin.write_text(
            "<?php add_filter( 'pre_http_request', function ( $answer, $arguments, $url ) {"
            f" return str_contains( $url, '{kind}' ) && str_contains( $url, '{site.url}' )"
            f" ? wp_remote_get( str_replace( '{site.url}', 'http://127.0.0.1:{port}', $url ), $arguments )"
            " : $answer; }, 10, 3 );"
        )

    yield answer
    plugin.unlink(missing_ok=True)
    server.stop(grace=0.0)


def test_site_health_asks_for_files_as_a_stranger(
    site: Instance, remembered: dict[str, Path], careless: Callable[[str], None]
) -> None:
    good = _health(site)
    assert (good["status"], good["test"]) == ("good", "datamachine_files")
    assert "asked itself" in good["description"]
    for kind, called in (
        ("/datamachine-files/", (*LAYERS, "packets")),
        ("/users/", ("users",)),
        ("/jobs/", ("packets",)),
        ("/AGENTS.md", ("AGENTS.md",)),
    ):
        careless(kind)
        bad = _health(site)
        assert bad["status"] == "critical", kind
        named = bad["description"].partition("strangers: ")[2].partition(". They")[0].split(", ")
        # Other tests may leave folders of older and later versions behind.
        assert set(called) <= set(named) <= {*called, "agent", "context", "data-packets"}
        for rule in (
            "location ~* /datamachine-files/(sites/",
            "|users|shared|network|data-packets)/ { deny all; }",
            "/jobs)/ { deny all; }",
            "= /AGENTS.md {",
        ):
            assert rule in bad["actions"]
    base = site.path / "wp-content/uploads/datamachine-files"
    assert [path.name for path in base.rglob("*datamachine-probe*")] == []


def test_site_health_lists_the_test_and_answers_its_page(site: Instance) -> None:
    code = (
        "wp_set_current_user( 1 ); require_once ABSPATH . 'wp-admin/includes/class-wp-site-health.php';"
        "$test = WP_Site_Health::get_tests()['async']['datamachine_files'];"
        "echo wp_json_encode( array( $test['test'], is_callable( $test['async_direct_test'] ),"
        " has_action( 'wp_ajax_health-check-' . str_replace( '_', '-', $test['test'] ) ) ) );"
    )
    assert json.loads(site.wp("eval", code).stdout) == ["datamachine_files", True, True]


def test_the_block_for_files_in_wordpress_own_folder(site: Instance, remembered: dict[str, Path]) -> None:
    """Where Apache is: beside WordPress's block, once, and taken for granted nowhere else."""
    htaccess = site.path / ".htaccess"
    run = "echo (int) DataMachine\\Bridge\\Memory\\Protection::htaccess();"
    assert not htaccess.exists()
    assert site.wp("eval", run).stdout == "0"
    assert not htaccess.exists()
    theirs = "# BEGIN WordPress\nRewriteEngine On\n# END WordPress\n"
    htaccess.write_text(theirs)
    try:
        assert site.wp("eval", run).stdout == "1"
        text = htaccess.read_text()
        assert text.startswith(theirs)
        assert "RewriteRule ^(?:AGENTS\\.md)$ - [F,L]" in text
        modified = htaccess.stat().st_mtime_ns
        assert site.wp("eval", run).stdout == "1"
        assert (htaccess.read_text(), htaccess.stat().st_mtime_ns) == (text, modified)
    finally:
        htaccess.unlink()


def test_everything_moves_out_of_the_web_root(fresh_site: Instance, tmp_path: Path) -> None:
    """With DATAMACHINE_FILES_DIR memory, packets and files of flows are where no web server looks."""
    outside = tmp_path / "kept"
    outside.mkdir()
    config = fresh_site.path / "wp-config.php"
    text = config.read_text()
    config.write_text(text.replace("<?php", f"<?php\ndefine( 'DATAMACHINE_FILES_DIR', '{outside}/' );", 1))
    runtime = runtime_module.build(settings.load(fresh_site.config).site(), "cli")
    try:
        runtime.get(MemoryService).write("moved\n", filename="MOVED.md")
        runtime.get(JobFiles).add(1, 2, 3, [PACKET])
        assert runtime.get(AttachedMemory).for_pipeline(1, None) == []
        said = json.loads(
            fresh_site.wp(
                "eval",
                "$directories = new DataMachine\\Core\\FilesRepository\\DirectoryManager();"
                "$storage = new DataMachine\\Core\\FilesRepository\\FileStorage();"
                "$file = $storage->store_file( __FILE__ === '' ? '' : ABSPATH . 'license.txt', 'l.txt',"
                " array( 'pipeline_id' => 1, 'flow_id' => 2 ) );"
                "$health = DataMachine\\Bridge\\Memory\\Protection::probes();"
                "echo wp_json_encode( array( $directories->get_shared_directory(), $file,"
                " $storage->get_public_url( $file ), $health ) );",
            ).stdout
        )
    finally:
        runtime.close()
    moved = list(outside.rglob("MOVED.md"))
    assert [path.read_text() for path in moved] == ["moved\n"]
    assert moved[0].is_relative_to(outside / "agents")
    assert (outside / "pipeline-1/flow-2/jobs/job-3/data.json").is_file()
    stored = str(outside / "pipeline-1/flow-2/flow-2-files/l.txt")
    assert said == [str(outside / "shared"), stored, "", []]
    assert list((fresh_site.path / "wp-content/uploads").glob("datamachine-files*")) == []
    printed = fresh_site.wp("datamachine", "memory", "paths", check=False)
    if printed.returncode == 0:
        layers = json.loads(printed.stdout)["layers"]
        assert all(str(path).startswith(f"{outside}/") for path in layers.values())


def _health(site: Instance) -> Any:
    return json.loads(site.wp("eval", HEALTH).stdout)
