"""Addresses of a site, as WordPress makes them."""

from __future__ import annotations


def rest_url(home: str, structure: str, path: str) -> str:
    """The address of a REST route as ``rest_url()`` gives it; ``structure`` is ``permalink_structure``.

    Of sites that have not changed the prefix ``wp-json``.
    """
    base = home.rstrip("/")
    if not structure:
        return f"{base}/index.php?rest_route=/{path}"
    index = "/index.php" if structure.startswith("/index.php/") else ""
    return f"{base}{index}/wp-json/{path}"
