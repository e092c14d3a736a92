"""Coding agents write the files themselves: everybody sees it at once; and nobody starts PHP needlessly."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path

import pytest

from dev.instance import Instance
from dev.processes import wait_until
from sidecar import runtime as runtime_module
from sidecar import settings
from sidecar.host import lazily
from sidecar.memory import DiskStore, MemoryService
from sidecar.memory.values import MAX_BYTES
from sidecar.runtime import Runtime
from tests.integration.memory.conftest import WordPress

HERE = Path(__file__).parent
NAME = "ONDISK.md"


@pytest.fixture(scope="module")
def runtime(site: Instance) -> Iterator[Runtime]:
    built = runtime_module.build(settings.load(site.config).site(), "work")
    yield built
    built.close()


@pytest.fixture(scope="module")
def php(site: Instance) -> Iterator[WordPress]:
    process = WordPress(site)
    yield process
    process.close()


@pytest.fixture
def file(site: Instance, runtime: Runtime) -> Iterator[Path]:
    """The file as a coding agent finds it."""
    path = site.path / f"wp-content/uploads/datamachine-files/agents/admin/{NAME}"
    runtime.get(MemoryService).write("begun\n", user_id=1, filename=NAME)
    assert path.read_text() == "begun\n"
    yield path
    path.unlink(missing_ok=True)


def test_what_an_editor_saves_is_what_everybody_reads(
    site: Instance, runtime: Runtime, php: WordPress, file: Path
) -> None:
    service = runtime.get(MemoryService)
    with service.open(user_id=1, filename=NAME) as opened:
        for number, how in enumerate(("in place", "by renaming", "the same size again")):
            text = f"## Edited\nround {number} {how}\n"
            if how == "by renaming":
                (file.parent / ".swap").write_text(text)
                (file.parent / ".swap").rename(file)
            else:
                at = file.stat().st_mtime_ns
                file.write_text(text)
                # A clock that does not move hides nothing: content is what counts.
                os.utime(file, ns=(at, at))
            assert opened.get_all() == text
            assert opened.read().hash == sha1(text.encode()).hexdigest()
            assert opened.get_section("Edited") == f"round {number} {how}"
            assert php.ask("facade", method="get_all", filename=NAME, user_id=1)["content"] == text
            answer = php.ask("facade", method="get_section", args=["Edited"], filename=NAME, user_id=1)
            assert answer["content"] == f"round {number} {how}"
        file.unlink()
        assert not opened.exists()
        assert php.ask("facade", method="get_all", filename=NAME, user_id=1)["success"] is False


def test_who_read_before_an_editor_saved_does_not_overwrite_it(runtime: Runtime, file: Path) -> None:
    with runtime.get(MemoryService).open(user_id=1, filename=NAME) as opened:
        before = opened.read()
        file.write_text("the editor's\n")
        written = opened._store.write(opened.scope, b"mine\n", before.hash)
        assert (written.success, written.error) == (False, "conflict")
        # A section is put into what is there now.
        opened.set_section("Mine", "too")
    assert file.read_text() == "the editor's\n\n## Mine\ntoo\n"


def test_long_text_crosses_in_pieces_and_too_long_text_not_at_all(php: WordPress, file: Path) -> None:
    """Text of several bytes a character, so that pieces end inside of some."""
    text = "aé€🌍\\\n" * 400_000
    written = php.ask("facade", method="replace_all", args=[text], filename=NAME, user_id=1)
    assert (written["success"], written["file_size"]) == (True, 4_800_000)
    assert file.read_text() == text
    added = php.ask("facade", method="set_section", args=["Long", text[:600_000]], filename=NAME, user_id=1)
    assert added["success"] is True
    assert file.read_text() == f"{text}\n## Long\n{text[:600_000]}\n"
    refused = php.ask("facade", method="replace_all", args=["x" * (MAX_BYTES + 1)], filename=NAME, user_id=1)
    assert refused["success"] is False
    assert file.stat().st_size > 4_800_000


def test_a_request_that_needs_no_wordpress_starts_none(
    site: Instance, runtime: Runtime, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = runtime.get(MemoryService)

    def request(number: int) -> bool:
        """Whether writing and reading a file took a PHP process."""
        with lazily(lambda: runtime.hosts.unit("rest", 1), "rest") as unit:
            with service.open(user_id=1, filename=NAME) as opened:
                opened.replace_all(f"by request {number}\n")
                assert opened.get_all() == f"by request {number}\n"
                assert isinstance(opened._store, DiskStore)
            return unit.opened

    # Nothing is kept of what is heard just after plugins changed, and tests change them.
    wait_until(lambda: not request(1), what="An answer that holds", seconds=20)
    assert request(2) is False
    assert file.read_text() == "by request 2\n"

    # A plugin that hears of changes is told, by PHP's own object.
    plugin = site.path / "wp-content/mu-plugins/seam_events.php"
    shutil.copy(HERE / "seam_events.php", plugin)
    try:

        def told() -> bool:
            with runtime.hosts.unit("rest") as unit:
                return unit.has_listeners("datamachine_agent_memory_updated")

        wait_until(told, what="The listening plugin")
        # What this process learnt before holds for half a minute: a new one learns anew.
        from sidecar.hooks import dispatch

        monkeypatch.setattr(dispatch, "listeners", dispatch.Listeners())
        assert request(3) is True
        found = json.loads(site.wp("option", "get", "heard_memory", "--format=json").stdout)
    finally:
        plugin.unlink()
        site.wp("option", "delete", "heard_memory", check=False)
    assert found[:3] == [
        "AgentsAPI\\Core\\FilesRepository\\AgentMemoryScope",
        f"agent:1:0:{NAME}",
        "by request 3\n",
    ]
    assert found[3]["hash"] == sha1(b"by request 3\n").hexdigest()
    assert (found[3]["bytes"], found[3]["key"]) == (13, f"agent:1:0:{NAME}")
