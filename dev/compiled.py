"""Compiled PHP on disk: every PHP process of an instance starts WordPress in half the time.

What is compiled is found again by the path of its source, so folders of tests have names that come again
(:func:`dev.paths.numbered`): a thousand names would be a thousand WordPresses on disk.
"""

from __future__ import annotations

import os
from pathlib import Path

from dev import paths

_SETTINGS = """opcache.enable=1
opcache.enable_cli=1
opcache.file_cache="{cache}"
opcache.file_cache_only=1
; What tests write is seen at once.
opcache.validate_timestamps=1
opcache.revalidate_freq=0
opcache.jit=off
"""


def settings() -> Path:
    """A folder with an ini file for ``PHP_INI_SCAN_DIR``."""
    folder = paths.ROOT / ".dev" / "php"
    cache = folder / "compiled"
    wanted = _SETTINGS.format(cache=cache)
    file = folder / "settings" / "compiled.ini"
    if not cache.is_dir() or not file.is_file() or file.read_text() != wanted:
        cache.mkdir(parents=True, exist_ok=True)
        file.parent.mkdir(exist_ok=True)
        # Others may read it meanwhile.
        fresh = file.with_suffix(f".{os.getpid()}")
        fresh.write_text(wanted)
        fresh.replace(file)
    return file.parent
