"""The example's store, used while the file ``seam`` says so."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

EXAMPLE = "{examples}/python/memory_in_sqlite.py"
PLACE = Path("{place}")


def register(plugin: Any) -> None:
    spec = importlib.util.spec_from_file_location("memory_in_sqlite", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    store = example.SqliteStore(str(PLACE / "memory.sqlite3"))
    broken = Broken()
    plugin.register_memory_store("sqlite", store)
    plugin.register_memory_store("broken", broken)

    def answer(value: Any, scope: Any) -> Any:
        seam = (PLACE / "seam").read_text().strip()
        if value is not None:
            return value
        if seam == "refusing":
            raise RuntimeError("the plugin does not know")
        return {"python": store, "broken": broken}.get(seam)

    plugin.add_filter("agents_api_memory_store", answer)


class Broken:
    """Raises whatever it is asked."""

    def _fail(self, *_: Any) -> Any:
        raise OSError("the store is away")

    read = write = exists = delete = list_layer = list_subtree = _fail
