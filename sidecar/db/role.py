"""Whether PHP Data Machine is active on a blog: then its tables are its own.

The fence row says so once the plugin was activated; before that the lists of active plugins do. The rule is
the plugin's (``Role``): a plugin counts by its folder or by its main file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sidecar.db import php_serialize, shape

if TYPE_CHECKING:
    from sidecar.db.session import Session
    from sidecar.db.tables import Tables

_COMPANION = "companion"
_INACTIVE = "inactive"
_SLUG = "data-machine"


def companion(session: Session, names: Tables) -> bool:
    """Whether Data Machine's tables of this blog must be left alone."""
    existing = shape.read(session, [names.bridge_sites, names.options, names.sitemeta])
    if names.bridge_sites in existing:
        mode = session.scalar(f"SELECT mode FROM {names.bridge_sites} WHERE id = 1")
        if mode is not None and mode != _INACTIVE:
            return bool(mode == _COMPANION)
    active: list[str] = []
    if names.options in existing:
        active += _listed(
            session.scalar(
                f"SELECT option_value FROM {names.options} WHERE option_name = 'active_plugins' "
                "ORDER BY option_id LIMIT 1"
            )
        )
    if names.sitemeta in existing:
        active += _listed(
            session.scalar(
                f"SELECT meta_value FROM {names.sitemeta} WHERE meta_key = 'active_sitewide_plugins' "
                "ORDER BY meta_id LIMIT 1"
            )
        )
    return any(
        plugin.startswith(f"{_SLUG}/") or plugin.rpartition("/")[2] == f"{_SLUG}.php" for plugin in active
    )


def _listed(raw: Any) -> list[str]:
    """Base names: values of the site's list, keys of the network's map."""
    value = php_serialize.maybe_loads(raw)
    if isinstance(value, dict):
        return [str(each) for pair in value.items() for each in pair]
    return [str(each) for each in value] if isinstance(value, list) else []
