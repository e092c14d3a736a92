"""What a handler can be configured with: field specifications, and the rules each type of field holds values
to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from sidecar.automation.handlers.text import strip_tags
from sidecar.automation.values import Document
from sidecar.db import php_json
from sidecar.errors import InvalidInput

#: Types of fields that hold no value: headings of a form.
SECTION = "section"
_TRUE = ("1", "true", "on", "yes")
_SPACE = re.compile(r"\s+")


class InvalidSetting(InvalidInput):
    """A setting that is required is empty, or its value is none the handler can use."""

    code = "invalid_handler_setting"


class Field(msgspec.Struct, frozen=True):
    """One setting of a handler, as a settings class of PHP specifies it.

    ``type`` is text, textarea, url, url_list, number, select, checkbox, password, json, section or a
    word of a third party (then its value is text). ``options`` maps the values of a select to their labels.
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
        found: Document = {"type": self.type, "label": self.label, "description": self.description}
        if self.required:
            found["required"] = True
        for name in ("default", "options", "min", "max"):
            value = getattr(self, name)
            if value is not None:
                found[name] = value
        if self.placeholder:
            found["placeholder"] = self.placeholder
        return found


def read(key: str, spec: Mapping[str, Any]) -> Field:
    """A field from a specification that somebody else wrote; what cannot be read is left out."""
    options = spec.get("options")
    return Field(
        key,
        type=str(spec.get("type") or "text"),
        label=_words(spec.get("label")) or key,
        description=_words(spec.get("description")),
        default=spec.get("default"),
        options=_options(options) if isinstance(options, Mapping | list) else None,
        required=bool(spec.get("required")),
        min=_whole(spec.get("min")),
        max=_whole(spec.get("max")),
        placeholder=_words(spec.get("placeholder")),
    )


def sanitized(field: Field, value: Any) -> Any:
    """A given value as it is stored. InvalidSetting when it is required and empty."""
    clean = (_CLEANERS.get(field.type) or _text)(field, value)
    if field.required and clean in ("", None, []):
        raise InvalidSetting(f"{field.key} is required.", data={"field": field.key})
    return clean


def empty(field: Field) -> Any:
    """What a setting has that nobody set and that has no default."""
    if field.default is not None:
        return field.default
    return {"number": 0, "checkbox": False, "url_list": []}.get(field.type, "")


def truthy(value: Any) -> bool:
    """How a checkbox reads what forms, JSON and command lines send. Data Machine takes ``"1"`` only."""
    return value is True or (isinstance(value, int | str) and str(value).strip().lower() in _TRUE)


def _text(_field: Field, value: Any) -> str:
    return _SPACE.sub(" ", strip_tags(_scalar(value))).strip()


def _textarea(_field: Field, value: Any) -> str:
    return strip_tags(_scalar(value)).strip()


def _password(_field: Field, value: Any) -> str:
    return _scalar(value)


def _url(_field: Field, value: Any) -> str:
    text = _scalar(value).strip()
    if text and "://" not in text and "." in text.split("/")[0]:
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    # Anything else (file, javascript) is no place to read from, and no link to write.
    return text if parts.scheme in ("http", "https") and parts.netloc else ""


def _url_list(field: Field, value: Any) -> list[str]:
    lines = value if isinstance(value, list) else _scalar(value).splitlines()
    return [url for line in lines if (url := _url(field, line))]


def _number(field: Field, value: Any) -> int:
    """What is no number is the default: 0 often stands for "no limit", which nobody means by an empty box."""
    number = field.default if isinstance(field.default, int) else 0
    if isinstance(value, int | float) and abs(value) < 2**53:
        number = abs(int(value))
    elif isinstance(value, str) and (digits := re.match(r"\s*[+-]?(\d{1,15})", value, re.ASCII)):
        number = int(digits.group(1))
    if field.min is not None:
        number = max(field.min, number)
    return number if field.max is None else min(field.max, number)


def _select(field: Field, value: Any) -> Any:
    wanted = _scalar(value)
    if wanted in (field.options or {}):
        # A number stays one: that is how 0.102.8 stores its own default.
        return value if type(value) is int else wanted
    return "" if field.default is None else field.default


def _checkbox(_field: Field, value: Any) -> bool:
    return truthy(value)


def _json(field: Field, value: Any) -> Any:
    """An object or a list as it is; text must be JSON of one."""
    if isinstance(value, str) and value.strip():
        try:
            value = php_json.loads(value)
        except php_json.NotJson:
            raise InvalidSetting(f"{field.key} is no JSON.", data={"field": field.key}) from None
    return value if isinstance(value, dict | list) else {}


_CLEANERS: dict[str, Callable[[Field, Any], Any]] = {
    "json": _json,
    "text": _text,
    "textarea": _textarea,
    "password": _password,
    "url": _url,
    "url_list": _url_list,
    "number": _number,
    "select": _select,
    "checkbox": _checkbox,
}


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value) if isinstance(value, str | int | float) else ""


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _options(options: Mapping[Any, Any] | list[Any]) -> dict[str, str]:
    """Values to labels. A list of PHP has the values 0, 1, 2 ...; others write ``{value, label}``."""
    if isinstance(options, Mapping):
        return {str(value): _label(label, value) for value, label in options.items()}
    found = {}
    for place, one in enumerate(options):
        if isinstance(one, Mapping) and "value" in one:
            found[str(one["value"])] = _label(one.get("label"), one["value"])
        else:
            found[str(place)] = _label(one, place)
    return found


def _label(label: Any, value: Any) -> str:
    return str(label) if isinstance(label, str | int | float) else str(value)
