"""YAML as WP-CLI prints it: the dump of Spyc 0.6.2 with indent 2 and no folding.

Scripts compare this output byte for byte, so the quirks stay: numeric text in double quotes, odd characters
in single ones, blocks for line breaks, ``[ ]`` for an empty array, a space after a dash that opens a map.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sidecar.commands.phptext import PHP_SPACE, is_numeric, to_string
from sidecar.db.php_json import normalize_key

INDENT = 2
_ANYWHERE = ("\n", ": ", "- ", "*", "#", "<", ">", "%", "  ", "[", "]", "{", "}", "&", "'")
_WORDS = frozenset(
    form(word)
    for word in ("true", "on", "yes", "y", "false", "off", "no", "n", "null", "~")
    for form in (str.capitalize, str.upper, str.lower)
)


def dump(value: Any) -> str:
    """``Spyc::YAMLDump( $value, 2, 0 )`` of an array, or of the one-element array a scalar becomes."""
    text = "---\n"
    if value is None or value is False or value in (0, 0.0, "", "0", [], {}):
        return text
    if not isinstance(value, Mapping | list | tuple):
        value = [value]
    return text + _children(value, 0)


def _children(value: Mapping[Any, Any] | Sequence[Any], indent: int) -> str:
    if isinstance(value, Mapping):
        listed = [normalize_key(key) for key in value] == list(range(len(value)))
        return "".join(_node(None if listed else key, item, indent) for key, item in value.items())
    return "".join(_node(None, item, indent) for item in value)


def _node(key: Any, value: Any, indent: int) -> str:
    """One entry; ``key`` is None inside a list."""
    if isinstance(value, Mapping | list | tuple) and value:
        return _entry(key, None, indent) + _children(value, indent + INDENT)
    return _entry(key, _scalar(value, indent), indent)


def _entry(key: Any, text: str | None, indent: int) -> str:
    spaces = " " * indent
    if key is None:
        return f"{spaces}- {text or ''}\n"
    name = str(key)
    if ":" in name or "#" in name:
        name = f'"{name}"'
    return f"{spaces}{name}: {text or ''}".rstrip(PHP_SPACE) + "\n"


def _scalar(value: Any, indent: int) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list | tuple):
        return "[ ]"
    if not isinstance(value, str):
        return to_string(value)
    if any(mark in value for mark in _ANYWHERE) or value.startswith("!") or value.endswith(":"):
        text = _block(value, indent)
    elif is_numeric(value):
        text = f'"{value}"'
    else:
        text = value
    if text == "":
        text = '""'
    if text in _WORDS:
        text = _block(text, indent)
    if text.strip(PHP_SPACE) != text:
        text = _block(text, indent)
    return text


def _block(value: str, indent: int) -> str:
    if value == "\n":
        return "\\n"
    if "\n" not in value:
        if "'" not in value:
            return f"'{value}'"
        if '"' not in value:
            return f'"{value}"'
    lines = value.split("\n")
    head = "|"
    if lines[0] in ("|", "|-", ">"):
        head = lines.pop(0)
    spaces = " " * (indent + INDENT)
    return head + "".join(f"\n{spaces}{_bare(line.strip(PHP_SPACE))}" for line in lines)


def _bare(line: str) -> str:
    """A block's line without the quotes that surround it (Spyc strips them, also from a lone quote)."""
    for quote in ('"', "'"):
        if line.startswith(quote) and line.rfind(quote) == len(line) - 1:
            return line[1:-1]
    return line
