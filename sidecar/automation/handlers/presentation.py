"""Settings as people read them."""

from __future__ import annotations

from typing import Any

from sidecar.automation.flows.masking import MASK, masked_handler
from sidecar.automation.handlers import own_fields, site
from sidecar.automation.handlers.fields import SECTION, Field, truthy
from sidecar.automation.values import Document
from sidecar.db import php_json

#: Values of our own selects that say a setting is not used.
UNUSED = ("", "0", "skip", "all_time")


class Labels:
    """Names for values that are not among a setting's options: terms and authors of a large site."""

    def __init__(self, slug: str) -> None:
        self._slug = slug

    def of(self, field: Field, value: str) -> str:
        """The label, else the value itself."""
        label = (field.options or {}).get(value)
        if label is not None or not (value.isascii() and value.isdecimal() and len(value) < 18):
            return value if label is None else label
        taxonomy = own_fields.taxonomy_of(field.key)
        if taxonomy is not None:
            return site.term_names(taxonomy, [int(value)]).get(value, value)
        if field.key == "post_author" and self._slug == "wordpress_publish":
            return site.author_name(int(value)) or value
        return value


def item(field: Field, value: Any, labels: Labels) -> Document | None:
    """``{key, label, value, display_value}``; None for what is not worth a line."""
    if field.type == SECTION or value is None or value in ("", [], {}):
        return None
    if field.type == "select" and str(value) in UNUSED and field.default in UNUSED:
        return None
    shown = _shown(field, value, labels)
    if is_secret(field):
        value = shown
    return {"key": field.key, "label": field.label, "value": value, "display_value": shown}


def is_secret(field: Field) -> bool:
    """Whether nobody may read what is stored."""
    return field.type == "password" or masked_handler({field.key: "x"})[field.key] == MASK


def _shown(field: Field, value: Any, labels: Labels) -> str:
    if is_secret(field):
        return MASK
    if field.type == "checkbox" or isinstance(value, bool):
        return "Yes" if truthy(value) else "No"
    if isinstance(value, str | int | float):
        return labels.of(field, str(value))
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return ", ".join(labels.of(field, str(one)) for one in value)
    return php_json.dumps(value)
