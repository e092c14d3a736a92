"""Memory while the sidecar is away, and from Python without a PHP request."""

from __future__ import annotations

from dev.instance import Instance
from sidecar.memory import MemoryService
from sidecar.memory.values import MAX_BYTES, Scope
from sidecar.runtime import Runtime
from tests.integration.memory.conftest import WordPress, WordPressStore

ONE = Scope("agent", 1, 0, "AWAY.md")
TWO = Scope("agent", 1, 0, "daily/2026/04/17.md")


def test_php_reads_files_and_refuses_writes_without_the_sidecar(fresh_site: Instance) -> None:
    fresh_site.start_sidecar("bridge", name="bridge")
    php = WordPress(fresh_site)
    store = WordPressStore(php)
    try:
        assert store.write(ONE, b"kept").success
        assert store.write(TWO, b"daily").success
    finally:
        php.close()
    fresh_site.servers["bridge"].stop()

    php = WordPress(fresh_site)
    store = WordPressStore(php)
    try:
        found = store.read(ONE)
        assert (found.exists, found.content, found.size) == (True, b"kept", 4)
        assert store.exists(TWO)
        assert not store.exists(Scope("agent", 1, 0, "NONE.md"))
        assert not store.exists(Scope("agent", 1, 0, "../../../../../wp-config.php"))
        # The agent's own files are there when a request had time to make them.
        listed = {entry.filename for entry in store.list_layer(ONE)} - {"SOUL.md", "MEMORY.md"}
        assert listed == {"AWAY.md"}
        assert [entry.filename for entry in store.list_subtree(ONE, "daily")] == ["daily/2026/04/17.md"]
        assert store.write(ONE, b"lost?").error == "io"
        assert store.write(ONE, b"x" * 5_000_000).error == "io"
        assert store.write(ONE, b"x" * (MAX_BYTES + 1)).error == "too_large"
        assert store.delete(ONE).error == "io"
        assert store.read(ONE).content == b"kept"
        facade = php.ask("facade", method="set_section", args=["S", "x"], filename="AWAY.md", user_id=1)
        assert facade == {"success": False, "message": "The Data Machine sidecar does not answer."}
        whole = php.ask("facade", method="get_all", filename="AWAY.md", user_id=1)
        assert whole == {"success": True, "file": "AWAY.md", "content": "kept"}
    finally:
        php.close()


def test_python_alone_uses_the_store_a_plugin_names(runtime: Runtime) -> None:
    service = runtime.get(MemoryService)
    with service.open(user_id=4711, filename="UNIT.md") as file:
        file.set_section("S", "in the plugin's store")
        assert file.get_section("S") == "in the plugin's store"
    # The store lives in the unit's process: a new unit has a new one.
    assert not service.read(user_id=4711, filename="UNIT.md").exists


def test_python_alone_uses_files_otherwise(runtime: Runtime, php: WordPress) -> None:
    written = runtime.get(MemoryService).write("from Python\n", user_id=1, filename="NATIVE.md")
    assert written.message == "NATIVE.md written."
    assert php.ask("facade", method="get_all", filename="NATIVE.md", user_id=1)["content"] == "from Python\n"
