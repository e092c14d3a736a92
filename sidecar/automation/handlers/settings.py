"""The settings of handlers, whoever wrote the handler: ours, a PHP plugin's or a Python plugin's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sidecar.automation.handlers.fields import Field
from sidecar.automation.values import Document
from sidecar.errors import InvalidInput


class UnknownFields(InvalidInput):
    """A configuration names settings its handler does not have. ``data`` has unknown_fields and field_specs."""

    code = "unknown_handler_fields"


class HandlerSettings:
    """One service for every slug: of a handler, or of a step type that has settings itself
    (``system_task``, ``webhook_gate``). Needs no principal: callers have asked theirs.
    """

    def fields(self, slug: str) -> dict[str, Field]:
        """The settings by key, in order; nothing for an unknown slug or one without settings."""
        raise NotImplementedError

    def sanitize(
        self, slug: str, given: Mapping[str, Any], existing: Mapping[str, Any] | None = None
    ) -> Document:
        """The configuration to store: what is given, cleaned; what is not named, as it was; then defaults.

        UnknownFields for keys the handler does not have; InvalidSetting for a required one left empty.
        A registered handler without settings takes everything as it is.
        """
        raise NotImplementedError

    def kept(self, slug: str, existing: Mapping[str, Any]) -> Document:
        """Of another handler's configuration, what this handler has a setting for (a slug that changes)."""
        raise NotImplementedError

    def defaults(self, slug: str) -> Document:
        """Values of settings that are not configured: the site's, else the handler's own."""
        raise NotImplementedError

    def complete(self, slug: str, config: Mapping[str, Any]) -> Document:
        """A configuration with the defaults in its gaps."""
        raise NotImplementedError

    def display(self, slug: str, config: Mapping[str, Any]) -> list[Document]:
        """What is configured, for people: ``{key, label, value, display_value}`` each; secrets masked."""
        raise NotImplementedError

    def summary(self, slug: str, config: Mapping[str, Any]) -> str:
        """``Label: value | Label: value``."""
        raise NotImplementedError

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read each handler's fields once for everything inside: for lists."""
        raise NotImplementedError
        yield
