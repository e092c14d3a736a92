"""A network: agents are shared, their memory is each site's, people's is on the main site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from dev.instance import Instance
from sidecar import runtime as runtime_module
from sidecar import settings
from sidecar.db import Database, wpconfig
from sidecar.identity import AgentsRepository, AgentsService, Principal
from sidecar.memory import CompositionService, MemoryPaths, MemoryService
from sidecar.wordpress import Options, Uploads


@pytest.fixture(scope="module")
def network(instances: Path) -> Iterator[Instance]:
    instance = Instance(instances / "network", multisite=True)
    try:
        instance.install()
        instance.wp("site", "create", "--slug=second")
        yield instance
    finally:
        instance.destroy()


def test_memory_is_per_site_and_people_are_not(network: Instance) -> None:
    runtime = runtime_module.build(settings.load(network.config).site(), "cli")
    uploads = network.path / "wp-content/uploads"
    try:
        service = runtime.get(MemoryService)
        for blog_id in (1, 2):
            with service.open(user_id=1, filename="SITE-NOTE.md", blog_id=blog_id) as file:
                file.replace_all(f"blog {blog_id}")
            with service.open(user_id=1, filename="USER.md", layer="user", blog_id=blog_id) as file:
                file.replace_all(f"written on {blog_id}")
        assert (uploads / "datamachine-files/agents/admin/SITE-NOTE.md").read_text() == "blog 1"
        assert (uploads / "sites/2/datamachine-files/agents/admin/SITE-NOTE.md").read_text() == "blog 2"
        assert (uploads / "datamachine-files/users/1/USER.md").read_text() == "written on 2"
        assert not (uploads / "sites/2/datamachine-files/users").exists()

        php = network.wp(
            "eval",
            "$d = new DataMachine\\Core\\FilesRepository\\DirectoryManager();"
            "$paths = array( $d->get_agent_identity_directory( 'admin' ), $d->get_user_directory( 1 ) );"
            "echo wp_json_encode( $paths );",
            f"--url={network.url}/second/",
        )
        assert json.loads(php.stdout) == [
            str(uploads / "sites/2/datamachine-files/agents/admin"),
            str(uploads / "datamachine-files/users/1"),
        ]

        admin = runtime.get(AgentsRepository).by_slug("admin")
        told = runtime.get(MemoryPaths).report(2, agent=admin)
        assert told.layers == {
            "shared": str(uploads / "sites/2/datamachine-files/shared"),
            "agent": str(uploads / "sites/2/datamachine-files/agents/admin"),
            "user": str(uploads / "datamachine-files/users/1"),
            "network": str(uploads / "datamachine-files/network"),
        }
        assert "wp-content/uploads/datamachine-files/users/1/USER.md" in told.relative_files

        agents = runtime.get(AgentsService)
        for blog_id in (1, 2):
            found = agents.list(Principal.command_line(blog_id=blog_id), scope="all", with_files=True)
            assert all(summary.has_files for summary in found)
    finally:
        runtime.close()


def test_python_and_php_agree_on_the_folder_of_every_blog(network: Instance) -> None:
    code = (
        "use DataMachine\\Bridge\\Memory\\Site; $said = array();"
        "foreach ( array( 1, 2 ) as $blog ) { switch_to_blog( $blog );"
        "$said[] = array( Site::base(), Site::network_base() ); restore_current_blog(); }"
        "echo wp_json_encode( $said );"
    )
    chosen = {"'/srv/kept/'": "/srv/kept", "'relative'": "", "'/'": ""}
    for value, files_dir in chosen.items():
        define = f"--exec=define( 'DATAMACHINE_FILES_DIR', {value} );"
        said = json.loads(network.wp("eval", code, define).stdout)
        uploads = _uploads(network, files_dir)
        assert said == [
            [uploads.files_base(1), uploads.files_base()],
            [uploads.files_base(2), uploads.files_base()],
        ]
        if files_dir:
            assert said == [["/srv/kept", "/srv/kept"], ["/srv/kept/sites/2", "/srv/kept"]]


def _uploads(site: Instance, files_dir: str) -> Uploads:
    config = wpconfig.read(site.path)
    return Uploads(structs.replace(config, files_dir=files_dir), Options(Database(config.database)))


def test_composed_files_of_a_network(network: Instance) -> None:
    runtime = runtime_module.build(settings.load(network.config).site(), "cli")
    uploads, agents = network.path / "wp-content/uploads", network.path / "AGENTS.md"
    described = uploads / "datamachine-files/network/NETWORK.md"
    service = runtime.get(CompositionService)
    try:
        site_admin = network.wp(
            "user", "create", "netc", "netc@example.org", "--role=administrator", "--porcelain"
        )
        visitor = Principal.user(int(site_admin.stdout), blog_id=1)
        # What lies in WordPress's root is made by who may write there, and describes the main site.
        for blog_id in (2, 1):
            done = service.compose(Principal.command_line(blog_id=blog_id), blog_id=blog_id)
            assert [(each.filename, each.success) for each in done] == [("AGENTS.md", True)]
            assert done[0].changed is (blog_id == 2)
        text = agents.read_text()
        assert "## Multisite" in text
        assert "`wp-content/uploads/datamachine-files/shared`" in text
        assert "/second" not in text

        first = (uploads / "datamachine-files/shared/SITE.md").read_text()
        second = (uploads / "sites/2/datamachine-files/shared/SITE.md").read_text()
        assert f"- **url:** {network.url}/second" in second
        assert f"- **url:** {network.url}\n" in first
        lines = described.read_text().splitlines()
        assert [line for line in lines if line.startswith("#")] == [
            "# Network",
            "## Identity",
            "## Sites",
            "## Network Plugins",
            "## Shared Resources",
        ]
        assert "- **sites_count:** 2" in lines
        assert any(line.startswith("| ") and " (main) | " in line for line in lines)
        assert f"| {network.url}/second |" in described.read_text()

        # Who reads it may have it refreshed, not changed.
        stale = described.read_bytes()
        described.write_text("stale\n")
        assert [each.success for each in service.compose(visitor, "NETWORK.md", blog_id=1)] == [True]
        assert described.read_bytes() == stale

        # A change of one site is one event of the main site: its worker writes NETWORK.md.
        flags = (f"--url={network.url}/second/",)
        for name in ("Second store", "Second shop"):
            network.wp("option", "update", "blogname", name, *flags)
        waiting = (
            "SELECT COUNT(*) FROM {} WHERE hook = 'datamachine_bridge_memory_due' AND status = 'pending'"
        )
        waiting += " AND args LIKE '%{}%'"
        for table, file in (
            ("wp_2_datamachine_bridge_events", "SITE.md"),
            ("wp_datamachine_bridge_events", "NETWORK.md"),
        ):
            assert network.db.sql(waiting.format(table, file), database="wordpress").split()[-1] == "1"
        network.datamachine("work", "--once")
        assert "| Second shop |" in described.read_text()
        network.datamachine("--blog=2", "work", "--once")
        second = (uploads / "sites/2/datamachine-files/shared/SITE.md").read_text()
        assert "- **name:** Second shop" in second
        # A site that joins the network has its first start, too.
        assert (uploads / "sites/2/datamachine-files/shared/RULES.md").exists()
    finally:
        runtime.close()
