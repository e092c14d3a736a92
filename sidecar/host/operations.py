"""The typed operations, in terms of one ``call``: what a request host and a unit host have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, cast

import msgspec

from sidecar.host.context import Kind


class Listeners(msgspec.Struct, frozen=True):
    """Callbacks a PHP process has on one hook.

    ``php`` on the hook itself, ``all`` on WordPress's ``all`` (they see every hook), ``forwarded`` our own,
    which lead back to Python and are not counted in the other two.
    """

    php: int = 0
    all: int = 0
    forwarded: int = 0

    @property
    def foreign(self) -> bool:
        """Whether PHP code would see the hook."""
        return self.php > 0 or self.all > 0


class Operations:
    """Base of every host; a subclass says how an operation reaches PHP."""

    @property
    def kind(self) -> Kind:
        """``request`` or ``unit``."""
        raise NotImplementedError

    def call(self, operation: str, params: Mapping[str, Any], *, timeout: float | None = None) -> Any:
        """Run one registered operation by name; ``timeout`` in seconds."""
        raise NotImplementedError

    def do_action(self, hook: str, *args: Any) -> None:
        """Fire an action in PHP; Python's callbacks run where PHP's order puts them."""
        self.call("hook.fire", {"hook": hook, "kind": "action", "args": list(args)})

    def apply_filters(self, hook: str, value: Any, *args: Any) -> Any:
        """Fire a filter in PHP and return its value."""
        return self.call("hook.fire", {"hook": hook, "kind": "filter", "args": [value, *args]})

    def listeners(self, hooks: Sequence[str]) -> dict[str, Listeners]:
        """Who listens to each of ``hooks`` in this process, in one call."""
        found = self.call("hook.listeners", {"hooks": list(hooks)})
        return {hook: msgspec.convert(found[hook], Listeners) for hook in hooks}

    def has_listeners(self, hook: str) -> bool:
        """Whether PHP code would see the hook; our own forwarders do not count."""
        return self.listeners([hook])[hook].foreign

    def execute_ability(self, name: str, arguments: Mapping[str, Any] | None) -> Any:
        """Run a registered ability as the acting user; a WP_Error is a value."""
        return self.call("ability.execute", {"name": name, "input": arguments})

    def ability_event(
        self, phase: Literal["before", "after"], name: str, arguments: Any, result: Any = None
    ) -> None:
        """Fire ``wp_before_execute_ability`` or ``wp_after_execute_ability`` for an ability of Python."""
        self.call("ability.event", {"phase": phase, "name": name, "input": arguments, "result": result})

    def run_tool(self, tool: Any, parameters: Mapping[str, Any], definition: Mapping[str, Any]) -> Any:
        """Run a tool: a live handle of this call, or the name of one PHP registered."""
        return self.call(
            "tool.run", {"tool": tool, "parameters": dict(parameters), "definition": dict(definition)}
        )

    def user_can(self, user_id: int, capability: str, *args: Any) -> bool:
        """WordPress's answer whether a user has a capability, ``args`` being what ``user_can()`` takes."""
        params = {"user_id": user_id, "capability": capability, "args": list(args)}
        return self.call("user.can", params) is True

    def get_user(self, user_id: int) -> Mapping[str, Any] | None:
        """A user's ``id, login, nicename, email, display_name, registered, locale, roles, capabilities``."""
        return cast("Mapping[str, Any] | None", self.call("user.get", {"user_id": user_id}))

    def get_option(self, name: str, default: Any = None) -> Any:
        """An option's value through WordPress, its filters included."""
        return self.call("option.get", {"name": name, "default": default})

    def update_option(self, name: str, value: Any, *, autoload: bool | None = None) -> bool:
        """Write an option; False when nothing changed."""
        return self.call("option.update", {"name": name, "value": value, "autoload": autoload}) is True

    def delete_option(self, name: str) -> bool:
        """Delete an option; False when there was none."""
        return self.call("option.delete", {"name": name}) is True

    def get_transient(self, name: str) -> Any:
        """A transient's value, False when it is absent or over."""
        return self.call("transient.get", {"name": name})

    def set_transient(self, name: str, value: Any, expiration: int = 0) -> bool:
        """Write a transient; ``expiration`` in seconds, 0 for ever."""
        return self.call("transient.set", {"name": name, "value": value, "expiration": expiration}) is True

    def delete_transient(self, name: str) -> bool:
        """Delete a transient; False when there was none."""
        return self.call("transient.delete", {"name": name}) is True

    def insert_post(
        self,
        post: Mapping[str, Any],
        meta: Mapping[str, Any] | None = None,
        *,
        effect: Mapping[str, Any] | None = None,
    ) -> int:
        """Insert a post and return its id.

        ``effect`` (``job_id``, ``step``, ``call_key`` and, when fenced, ``token``) names the row of the
        effects table that learns the id in the same transaction as the post's row. RemoteError ``lease_lost``
        when the row carries another token: nothing was inserted then.
        """
        params: dict[str, Any] = {"post": dict(post), "meta": dict(meta or {})}
        if effect is not None:
            params["effect"] = dict(effect)
        return int(self.call("post.insert", params))

    def query_posts(
        self, query: Mapping[str, Any], *, fields: Sequence[str] = (), meta: Sequence[str] = ()
    ) -> Sequence[Mapping[str, Any]]:
        """At most 100 posts as mappings of their columns; ``query`` is what WP_Query takes."""
        params = {"query": dict(query), "fields": list(fields), "meta": list(meta)}
        return cast("Sequence[Mapping[str, Any]]", self.call("post.query", params))

    def settle(self, operation: str, params: Mapping[str, Any]) -> None:
        """Put the process into a state by one of its operations."""
        self.call(operation, params)

    @contextmanager
    def as_user(self, user_id: int) -> Iterator[None]:
        """Act as another user inside the block."""
        previous = self.call("user.switch", {"user_id": user_id})
        try:
            yield
        finally:
            self._restore("user.switch", {"user_id": previous})

    @contextmanager
    def on_blog(self, blog_id: int) -> Iterator[None]:
        """Work on another blog of the network inside the block."""
        previous = self.call("blog.switch", {"blog_id": blog_id})
        try:
            yield
        finally:
            if previous != blog_id:
                self._restore("blog.switch", {"blog_id": 0})

    def _restore(self, operation: str, params: Mapping[str, Any]) -> None:
        """Put something back after a block; a process that is gone has nothing to put back."""
        if self.usable:
            self.call(operation, params)

    @property
    def usable(self) -> bool:
        """Whether another operation can be asked of this process."""
        raise NotImplementedError
