"""The pages of ``docs/`` that are written from the declarations the product itself uses.

Each module answers ``page() -> (path, text)`` and ``names()``, every name its page must explain.
"""

from __future__ import annotations

from tools.docs import abilities, commands, compatibility, configuration, hooks, http

PAGES = (commands, configuration, hooks, http, abilities, compatibility)


def generate() -> dict[str, str]:
    """The pages by their path from the root of the repository."""
    return dict(page.page() for page in PAGES)
