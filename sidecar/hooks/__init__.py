"""WordPress's hooks in Python: the same words, the same order, the same meaning.

A plugin writes::

    from sidecar import hooks

    @hooks.filter("the_title")
    def shout(title):
        return title.upper()

    @hooks.action("save_post", durable=True)
    def remember(post_id, post):
        ...
"""

from __future__ import annotations

from sidecar.hooks.api import (
    action,
    add_action,
    add_filter,
    apply_filters,
    bus,
    current_action,
    current_filter,
    did_action,
    did_filter,
    do_action,
    doing_action,
    doing_filter,
    filter,
    has_action,
    has_filter,
    install,
    remove_action,
    remove_all_actions,
    remove_all_filters,
    remove_filter,
)
from sidecar.hooks.bus import Bus, Subscription
from sidecar.hooks.errors import HookError, RemovedHook, SubscriptionsFrozen
from sidecar.hooks.state import scope

__all__ = [
    "Bus",
    "HookError",
    "RemovedHook",
    "Subscription",
    "SubscriptionsFrozen",
    "action",
    "add_action",
    "add_filter",
    "apply_filters",
    "bus",
    "current_action",
    "current_filter",
    "did_action",
    "did_filter",
    "do_action",
    "doing_action",
    "doing_filter",
    "filter",
    "has_action",
    "has_filter",
    "install",
    "remove_action",
    "remove_all_actions",
    "remove_all_filters",
    "remove_filter",
    "scope",
]
