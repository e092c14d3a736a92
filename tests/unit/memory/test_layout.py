"""Scopes lead to the folders coding agents know."""

from __future__ import annotations

import pytest

from sidecar.memory import Layout, Places, Scope
from sidecar.memory.names import BadName


@pytest.mark.parametrize(
    ("scope", "path"),
    [
        (Scope("shared", 0, 0, "SITE.md"), "{base}/shared/SITE.md"),
        (Scope("agent", 1, 43, "SOUL.md"), "{base}/agents/second/SOUL.md"),
        (Scope("agent", 7, 0, "daily/2026/04/17.md"), "{base}/agents/librarian/daily/2026/04/17.md"),
        (Scope("agent", 7, 999, "SOUL.md"), "{base}/agents/librarian/SOUL.md"),
        (Scope("agent", 0, 0, "SOUL.md"), "{base}/agents/librarian/SOUL.md"),
        (Scope("poem", 7, 0, "SOUL.md"), "{base}/agents/librarian/SOUL.md"),
        (Scope("agent", 8, 0, "SOUL.md"), "{base}/agents/jane-doeexample/SOUL.md"),
        (Scope("agent", 9, 0, "SOUL.md"), "{base}/agents/nice-9/SOUL.md"),
        (Scope("agent", 10, 0, "SOUL.md"), "{base}/agents/user-10/SOUL.md"),
        (Scope("user", 3, 42, "USER.md"), "{network}/users/3/USER.md"),
        (Scope("network", 3, 42, "NETWORK.md"), "{network}/network/NETWORK.md"),
        (Scope("agent", 7, 0, "AGENTS.md"), "{root}/AGENTS.md"),
    ],
)
def test_paths(layout: Layout, places: Places, scope: Scope, path: str) -> None:
    assert layout.file(scope).path == path.format(
        base=places.base, network=places.network_base, root=places.abspath
    )


@pytest.mark.parametrize("name", ["../x.md", "a/../../x.md", "/etc/x.md", ".htaccess"])
def test_a_name_never_leads_out(layout: Layout, name: str) -> None:
    with pytest.raises(BadName):
        layout.file(Scope("agent", 7, 0, name))


@pytest.mark.parametrize("slug", ["", "..", "a/b", ".hidden"])
def test_a_slug_is_one_visible_segment(layout: Layout, slug: str) -> None:
    with pytest.raises(BadName):
        layout.agent(slug)
