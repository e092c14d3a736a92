"""The line below a page of a list."""

from __future__ import annotations


def page_line(offset: int, count: int, total: int, items: str) -> str:
    """For example ``Showing 0 - 20 of 31 flows. Use --offset to see more.``"""
    end = offset + count
    more = " Use --offset to see more." if end < total else ""
    return f"Showing {offset} - {end} of {total} {items}.{more}"
