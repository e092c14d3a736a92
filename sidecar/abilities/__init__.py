"""What the product offers under WordPress's Abilities API: declarations as data, and callbacks by name.

Packages of the domain declare their abilities (:class:`Declaration`) and add a callback for each to the
:class:`Registry`. The declarations are generated into the PHP plugin, which registers them without a call;
executing one is the bridge method ``ability.execute``.
"""

from __future__ import annotations

from sidecar.abilities.declaration import Category, Declaration, Permission, object_schema
from sidecar.abilities.registry import Callback, PrincipalOf, Registry

__all__ = [
    "Callback",
    "Category",
    "Declaration",
    "Permission",
    "PrincipalOf",
    "Registry",
    "object_schema",
]
