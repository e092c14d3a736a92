"""A Python plugin's store: what happens when it fails, when its plugin fails, and when nobody is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidecar.errors import SidecarError
from sidecar.memory import MemoryService
from sidecar.memory.failures import MemoryTooLarge, MemoryWriteFailed
from sidecar.memory.plugin_store import StoreFailed
from sidecar.memory.values import MAX_BYTES
from sidecar.runtime import Runtime
from tests.integration.memory.conftest import WordPress
from tests.integration.memory.seam.conftest import Seam


def facade(php: WordPress, method: str, *args: object, filename: str = "STORE.md") -> dict:
    return php.ask("facade", method=method, args=args, filename=filename, user_id=1)


def stored(php: WordPress, method: str, filename: str = "STORE.md", **more: object) -> dict:
    question = {"layer": "agent", "user_id": 1, "agent_id": 0, "filename": filename, "if_match": None}
    return php.ask("store", method=method, **{**question, **more})


def test_a_store_that_raises_is_not_replaced_by_the_disk(
    seam: Seam, seam_php: WordPress, seam_runtime: Runtime
) -> None:
    seam.turn("broken")
    read = stored(seam_php, "read")
    assert (read["store"], read["value"]["exists"]) == ("DataMachine\\Bridge\\Memory\\PythonStore", False)
    assert stored(seam_php, "write", content="eA==")["value"]["error"] == "io"
    assert facade(seam_php, "set_section", "A", "x")["success"] is False
    service = seam_runtime.get(MemoryService)
    with pytest.raises(StoreFailed):
        service.read(user_id=1, filename="STORE.md")
    with pytest.raises(MemoryWriteFailed):
        service.write("x", user_id=1, filename="STORE.md")
    assert not list(seam.files.rglob("STORE.md"))


def test_a_filter_that_raises_names_no_store_at_all(
    seam: Seam, seam_php: WordPress, seam_runtime: Runtime
) -> None:
    seam.turn("refusing")
    read = stored(seam_php, "read")
    assert (read["store"], read["value"]["exists"]) == ("DataMachine\\Bridge\\Memory\\AbsentStore", False)
    assert stored(seam_php, "write", content="eA==")["value"]["error"] == "io"
    with pytest.raises(SidecarError) as refused:
        seam_runtime.get(MemoryService).write("x", user_id=1, filename="STORE.md")
    assert refused.value.code == "memory_store_failed"
    assert not list(seam.files.rglob("STORE.md"))


def test_what_is_no_store_counts_as_no_offer(seam: Seam, seam_php: WordPress) -> None:
    seam.turn("nonsense")
    assert facade(seam_php, "replace_all", "on disk", filename="NONSENSE.md")["success"] is True
    assert stored(seam_php, "read", "NONSENSE.md")["store"] == "DataMachine\\Bridge\\Memory\\StoreProxy"
    assert [path.read_text() for path in seam.files.rglob("NONSENSE.md")] == ["on disk"]
    log = (seam.site.folder / "seam.log").read_text()
    assert "warning A plugin answered agents_api_memory_store with something that is no memory store" in log


def test_names_and_sizes_are_checked_before_the_plugin_sees_them(
    seam: Seam, seam_php: WordPress, seam_runtime: Runtime
) -> None:
    seam.turn("python")
    for name in ("../up.md", "a/../b.md", ".hidden.md", "a//b.md", "nul\0.md"):
        assert stored(seam_php, "write", name, content="eA==")["value"]["error"] == "capability"
        assert stored(seam_php, "read", name)["value"]["exists"] is False
    with pytest.raises(MemoryTooLarge):
        seam_runtime.get(MemoryService).write(b"x" * (MAX_BYTES + 1), user_id=1, filename="HUGE.md")


def test_the_sidecar_away(seam: Seam, seam_php: WordPress) -> None:
    """The stand-in of a request outlives the sidecar: nothing is found, nothing written, nothing on disk."""
    seam.turn("python")
    assert facade(seam_php, "replace_all", "kept", filename="AWAY.md")["success"] is True
    seam.site.servers.pop("sidecar").stop()
    try:
        away = WordPress(seam.site)
        try:
            read = stored(away, "read", "AWAY.md")
            assert (read["store"], read["value"]["exists"]) == (
                "DataMachine\\Bridge\\Memory\\AbsentStore",
                False,
            )
            assert stored(away, "write", "AWAY.md", content="eA==")["value"]["error"] == "io"
        finally:
            away.close()
    finally:
        seam.site.start_sidecar()
    assert facade(seam_php, "get_all", filename="AWAY.md")["content"] == "kept"
    assert not list(Path(seam.files).rglob("AWAY.md"))
