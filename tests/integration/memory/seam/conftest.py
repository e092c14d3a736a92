"""A site of its own, whose memory one file moves between stores: disk, a PHP plugin's, a Python plugin's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dev import paths
from dev.instance import Instance
from sidecar import runtime as runtime_module
from sidecar import settings
from tests.integration.memory.conftest import WordPress

HERE = Path(__file__).parent
EXAMPLES = paths.ROOT / "examples"


@dataclass
class Seam:
    """The site, and which store keeps its memory."""

    site: Instance

    def turn(self, store: str) -> None:
        """From now on, in every process."""
        (self.site.folder / "seam").write_text(store)

    @property
    def sqlite(self) -> Path:
        return self.site.folder / "memory.sqlite3"

    @property
    def files(self) -> Path:
        return self.site.path / "wp-content/uploads/datamachine-files"


@pytest.fixture(scope="package")
def seam(instances: Path) -> Iterator[Seam]:
    """Everything runs: web server, sidecar with the plugin, WordPress with the mu-plugin."""
    instance = Instance(paths.numbered(instances))
    try:
        instance.install()
        made = Seam(instance)
        made.turn("disk")
        plugin = (HERE / "seam_plugin.py").read_text().replace("{place}", str(instance.folder))
        (instance.python_plugins / "seam_plugin.py").write_text(plugin.replace("{examples}", str(EXAMPLES)))
        switch = instance.path / "wp-content/mu-plugins/seam.php"
        switch.parent.mkdir(exist_ok=True)
        switch.write_text((HERE / "seam.php").read_text().replace("{examples}", str(EXAMPLES)))
        instance.start_web()
        instance.start_sidecar()
        instance.wp("eval", "memory_in_a_table_install();")
        yield made
    finally:
        instance.destroy()


@pytest.fixture(scope="package")
def seam_php(seam: Seam) -> Iterator[WordPress]:
    process = WordPress(seam.site)
    yield process
    process.close()


@pytest.fixture(scope="package")
def seam_runtime(seam: Seam) -> Iterator[runtime_module.Runtime]:
    """The sidecar's services in this process, with the same plugin."""
    built = runtime_module.build(settings.load(seam.site.config).site(), "cli")
    yield built
    built.close()
