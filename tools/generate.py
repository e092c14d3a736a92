"""Write the generated files of the plugin: ``python -m tools.generate [--check]``.

``--check`` writes nothing and fails when a file differs from its source.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: Modules with ``generate() -> {path from the root: text}``.
GENERATORS = (
    "tools.generate_schema",
    "tools.generate_commands",
    "tools.generate_hooks",
    "tools.generate_automation",
    "tools.generate_abilities",
    "tools.docs",
)


def generate() -> dict[str, str]:
    """Every generated file by its path from the root of the repository."""
    files: dict[str, str] = {}
    for name in GENERATORS:
        if importlib.util.find_spec(name) is not None:
            files.update(importlib.import_module(name).generate())
    return files


def stale() -> list[str]:
    """Files that are not what their source says."""
    return [
        path
        for path, text in generate().items()
        if not (ROOT / path).is_file() or (ROOT / path).read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    different = stale()
    if arguments:
        for path in different:
            print(f"{path} is not what its source says: run `make generate`", file=sys.stderr)
        return 1 if different else 0
    files = generate()
    for path in different:
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(files[path], encoding="utf-8")
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
