"""A network: agents are shared, their memory is each site's, people's is on the main site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.instance import Instance
from sidecar import runtime as runtime_module
from sidecar import settings
from sidecar.identity import AgentsService, Principal
from sidecar.memory import MemoryService


@pytest.fixture(scope="module")
def network(instances: Path) -> Iterator[Instance]:
    instance = Instance(instances / "network", multisite=True)
    try:
        instance.db.start()
        instance.install_wordpress()
        instance.install_product()
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

        agents = runtime.get(AgentsService)
        for blog_id in (1, 2):
            found = agents.list(Principal.command_line(blog_id=blog_id), scope="all", with_files=True)
            assert all(summary.has_files for summary in found)
    finally:
        runtime.close()
