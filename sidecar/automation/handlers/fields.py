"""What a handler can be configured with: field specifications, and the rules each type of field holds values
to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sidecar.automation.values import Document


class Field(msgspec.Struct, frozen=True):
    """One setting of a handler, as a settings class of PHP specifies it.

    ``type`` is text, textarea, url, url_list, number, select, checkbox, password, section or a word of a
    third party (then its value is text). ``options`` maps the values of a select to their labels.
    """

    key: str
    type: str = "text"
    label: str = ""
    description: str = ""
    default: Any = None
    options: dict[str, str] | None = None
    required: bool = False
    min: int | None = None
    max: int | None = None
    placeholder: str = ""

    def spec(self) -> Document:
        """The specification as PHP writes it: without the key, and without what it does not say."""
        raise NotImplementedError


def read(key: str, spec: Mapping[str, Any]) -> Field:
    """A field from a specification that somebody else wrote."""
    raise NotImplementedError


def sanitized(field: Field, value: Any) -> Any:
    """A given value as it is stored. InvalidSetting when the value is required and empty."""
    raise NotImplementedError
