"""Agents of a network: one row for all sites, a directory on each, and who may change what."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev import processes
from sidecar.errors import Forbidden, Internal, NotFound
from sidecar.identity import AccessService, AgentsService, Answers, Principal
from sidecar.identity.capabilities import CAPABILITIES
from sidecar.identity.renaming import Renaming
from sidecar.runtime import Runtime
from tests.integration.identity.conftest import OPERATOR, Site, subscriber
from tests.integration.identity.test_renaming import lock_is_free, stopped_at

#: Administers one blog, not the network.
LOCAL = Answers(actions=frozenset(CAPABILITIES), administrator=True, network=False)


@pytest.fixture(scope="module")
def network(instances: Path) -> Iterator[Site]:
    from tests.conftest import _make

    instance = _make(instances / "agents-network", multisite=True)
    try:
        instance.wp("site", "create", "--slug=second", "--title=Second")
        instance.datamachine("migrate")
        # WordPress hears once which hooks Python listens to, and provisions agents by them.
        server = instance.start_sidecar("bridge", name="bridge")
        told = instance.run_dir / "dm/manifest.json"
        processes.wait_until(told.exists, what="The manifest", server=server)
        yield Site(instance)
    finally:
        instance.destroy()


@pytest.fixture(scope="module")
def joined(network: Site) -> Iterator[Runtime]:
    built = network.build()
    yield built
    built.close()


def folders(site: Site, slug: str) -> list[Path]:
    uploads = site.instance.path / "wp-content/uploads"
    return [base / "datamachine-files/agents" / slug for base in (uploads, uploads / "sites/2")]


def make(service: AgentsService, site: Site, slug: str) -> None:
    service.create(Principal.command_line(1), slug)
    first, second = folders(site, slug)
    shutil.copytree(first, second)
    (second / "ONLY.md").write_text("of the second site\n")


def test_a_rename_moves_the_directories_of_all_sites(network: Site, joined: Runtime) -> None:
    service = joined.get(AgentsService)
    make(service, network, "everywhere")
    service.rename(OPERATOR, "everywhere", "all-over")
    assert not any(path.exists() for path in folders(network, "everywhere"))
    assert [(path / "SOUL.md").exists() for path in folders(network, "all-over")] == [True, True]
    # A directory on any site is in the way.
    folders(network, "taken")[1].mkdir()
    with pytest.raises(Exception, match="Target directory"):
        service.rename(OPERATOR, "all-over", "taken")
    assert service.delete(OPERATOR, "all-over", delete_files=True).files_deleted is True
    assert not any(path.exists() for path in folders(network, "all-over"))


def test_what_moved_on_one_site_moves_back_when_another_cannot(network: Site, joined: Runtime) -> None:
    service = joined.get(AgentsService)
    make(service, network, "torn")
    first, second = folders(network, "torn")
    second.rename(second.with_name("aside"))
    second.symlink_to(second.with_name("aside"))
    with pytest.raises(Internal, match=f'Failed to move directory from "{second}"'):
        service.rename(OPERATOR, "torn", "whole")
    assert (first / "SOUL.md").exists()
    assert not any(path.exists() for path in folders(network, "whole"))
    assert service.get("torn").agent_slug == "torn"
    assert network.sql("SELECT COUNT(*) FROM wp_datamachine_bridge_renames") == [["0"]]
    second.unlink()
    service.delete(OPERATOR, "torn", delete_files=True)


def test_a_rename_killed_between_two_sites_is_finished_on_both(network: Site, joined: Runtime) -> None:
    service = joined.get(AgentsService)
    make(service, network, "dying")
    with stopped_at(network, "moving", "dying", "risen"):
        assert [path.exists() for path in folders(network, "risen")] == [True, False]
    processes.wait_until(lambda: lock_is_free(joined, network), what="The dead process's lock")
    assert joined.get(Renaming).recover() == 1
    assert [path.exists() for path in folders(network, "risen")] == [True, True]
    assert not any(path.exists() for path in folders(network, "dying"))
    assert (folders(network, "risen")[1] / "ONLY.md").read_text() == "of the second site\n"
    service.delete(OPERATOR, "risen", delete_files=True)


def test_agents_of_one_site_and_of_the_network(network: Site, joined: Runtime) -> None:
    service, people = joined.get(AgentsService), joined.get(AccessService)
    local, owner = network.user("localadmin"), network.user("networkowner")
    service.create(Principal.command_line(1), "shared-by-all", owner_id=owner)
    service.create(Principal.command_line(1), "of-second", owner_id=owner)
    service.set_site_scope(OPERATOR, "of-second", 2)
    with pytest.raises(NotFound, match="no blog 9"):
        service.set_site_scope(OPERATOR, "of-second", 9)

    def listed(principal: Principal) -> set[str]:
        found = service.list(principal, scope="all")
        return {each.agent.agent_slug for each in found} & {"shared-by-all", "of-second"}

    here, there = (Principal.user(local, blog_id=blog, answers=LOCAL) for blog in (1, 2))
    assert listed(here) == {"shared-by-all"}
    assert listed(there) == {"shared-by-all", "of-second"}

    # Of the whole network: seen by each site's administrators, changed by those of the network, or its owner.
    assert service.show(there, "shared-by-all").agent.owner_id == owner
    for refused in (
        lambda: service.update(there, "shared-by-all", name="Ours"),
        lambda: people.grant(there, "shared-by-all", local, "admin"),
        lambda: service.rename(there, "shared-by-all", "ours"),
        lambda: service.delete(there, "shared-by-all"),
        lambda: service.show(here, "of-second"),
        lambda: service.update(here, "of-second", name="Ours"),
    ):
        with pytest.raises(Forbidden):
            refused()
    assert service.update(there, "of-second", name="Ours").agent.agent_name == "Ours"
    assert service.update(subscriber(owner), "shared-by-all", name="Mine").agent.agent_name == "Mine"
