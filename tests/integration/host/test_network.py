"""Units on a network of sites."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.instance import Instance
from sidecar import settings
from sidecar.bridge import RemoteError
from sidecar.host import HostPool


@pytest.fixture(scope="module")
def network(instances: Path) -> Iterator[tuple[Instance, HostPool, int]]:
    """A network with a second site; its id."""
    instance = Instance(instances / "network", multisite=True)
    try:
        instance.install_wordpress()
        second = int(instance.wp("site", "create", "--slug=two", "--title=Two", "--porcelain").stdout)
        instance.install_product()
        pool = HostPool(settings.load(instance.config).site())
        try:
            yield instance, pool, second
        finally:
            pool.close()
    finally:
        instance.destroy()


def test_a_unit_works_on_the_blog_it_is_told(network: tuple[Instance, HostPool, int]) -> None:
    _, pool, second = network
    with pool.unit(blog_id=second) as unit:
        assert unit.call("site.info", {})["blog_id"] == second
        assert unit.get_option("blogname") == "Two"
        assert unit.update_option("datamachine_where", "two") is True
        with unit.on_blog(1):
            assert unit.get_option("datamachine_where") is None
        assert unit.get_option("datamachine_where") == "two"
    with pool.unit() as unit:
        assert unit.call("site.info", {})["blog_id"] == 1
        assert unit.get_option("datamachine_where") is None


def test_a_blog_that_does_not_exist_is_refused_before_any_sql(
    network: tuple[Instance, HostPool, int],
) -> None:
    _, pool, _ = network
    with pytest.raises(RemoteError) as refused, pool.unit(blog_id=99):
        pass
    assert refused.value.code == "blog_not_found"
    with pool.unit() as unit, pytest.raises(RemoteError) as refused, unit.on_blog(99):
        pass
    assert refused.value.code == "blog_not_found"


def test_every_blog_knows_the_sidecar(network: tuple[Instance, HostPool, int]) -> None:
    instance, _, second = network
    url = instance.wp("site", "list", f"--blog_id={second}", "--field=url").stdout.strip()
    told = instance.wp("option", "get", "datamachine_bridge", "--format=json", f"--url={url}").stdout
    assert "bridge.sock" in told
