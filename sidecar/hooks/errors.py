"""What can be wrong with a subscription."""

from __future__ import annotations

from sidecar.errors import InvalidInput


class HookError(InvalidInput):
    """A subscription, registration or hook name breaks a rule."""

    code = "hook_invalid"


class RemovedHook(HookError):
    """The name was removed from the vocabulary: it never fires, so a subscription would wait for ever."""

    code = "hook_removed"


class SubscriptionsFrozen(HookError):
    """Permanent subscriptions are made while plugins load; WordPress has been told about them since."""

    code = "hook_subscriptions_frozen"
