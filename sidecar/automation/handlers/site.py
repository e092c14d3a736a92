"""What the WordPress of the call offers to handlers: types of posts, terms, authors, and others' settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sidecar.automation import wordpress
from sidecar.automation.handlers.fields import InvalidSetting
from sidecar.automation.values import Document
from sidecar.bridge import RemoteError


class Taxonomy(msgspec.Struct, frozen=True):
    """A public taxonomy. ``terms`` maps ids to names: the most used ones, of a large taxonomy not all."""

    name: str
    label: str
    hierarchical: bool
    post_types: tuple[str, ...]
    terms: dict[str, str]


class Site(msgspec.Struct, frozen=True):
    """What selects of our own handlers offer."""

    #: Public types of posts by name.
    post_types: dict[str, str]
    taxonomies: tuple[Taxonomy, ...]
    #: Display names of those who can write posts, by id; not all of them where they are many.
    authors: dict[str, str]


def read() -> Site:
    """Ask WordPress."""
    answer = wordpress.host().call("automation.site_choices", {})
    return Site(
        post_types=_texts(answer.get("post_types")),
        taxonomies=tuple(
            Taxonomy(
                str(one["name"]),
                str(one["label"]),
                bool(one["hierarchical"]),
                tuple(str(each) for each in one["post_types"]),
                _texts(one.get("terms")),
            )
            for one in answer.get("taxonomies") or ()
        ),
        authors=_texts(answer.get("authors")),
    )


def term_names(taxonomy: str, ids: Sequence[int]) -> dict[str, str]:
    """Names of terms by id; ids that are no terms of the taxonomy are left out."""
    return _texts(wordpress.host().call("automation.term_names", {"taxonomy": taxonomy, "ids": list(ids)}))


def author_name(user_id: int) -> str | None:
    """The display name of a user who can write posts; None for anybody else."""
    found = wordpress.host().call("automation.author_name", {"user_id": user_id})
    return str(found) if isinstance(found, str) else None


def settings(slug: str) -> dict[str, Mapping[str, Any]] | None:
    """The specifications of the settings class that somebody registered for a handler; None for no class."""
    found = wordpress.host().call("automation.settings_fields", {"slug": slug})
    if found is None:
        return None
    return {str(key): spec for key, spec in _items(found) if isinstance(spec, Mapping)}


def sanitized(slug: str, config: Mapping[str, Any]) -> Document:
    """What the settings class makes of a configuration: all of its keys. InvalidSetting."""
    try:
        asked = {"slug": slug, "settings": dict(config)}
        found = wordpress.host().call("automation.settings_sanitize", asked)
    except RemoteError as error:
        if error.code != "invalid_setting":
            raise
        raise InvalidSetting(error.message) from None
    return {str(key): value for key, value in _items(found)}


def credentials(keys: Sequence[str]) -> dict[str, Document]:
    """Of each named provider ``{auth_type, auth_fields, is_authenticated}``; none for unknown ones."""
    found = wordpress.host().call("automation.handler_credentials", {"keys": list(keys)})
    return {str(key): dict(one) for key, one in _items(found) if isinstance(one, Mapping)}


def _texts(value: Any) -> dict[str, str]:
    return {str(key): str(text) for key, text in _items(value)}


def _items(value: Any) -> Sequence[tuple[Any, Any]]:
    """A PHP map; an empty one, or one whose keys are 0, 1, 2 ..., arrives as a list."""
    if isinstance(value, Mapping):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []
