"""What WordPress is told about an ability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

#: A JSON schema in the words of WordPress's REST API.
Schema = Mapping[str, Any]


class Category(msgspec.Struct, frozen=True):
    """A group of abilities; the first package that names a slug describes it."""

    slug: str
    label: str
    description: str


class Permission(msgspec.Struct, frozen=True):
    """Who may run an ability at all: any one of the parts that are set is enough.

    WordPress judges by it before anything travels. Whose agent it may be is asked afterwards, by the service.
    """

    #: Action keys (``create_own_agent``).
    any_of: tuple[str, ...] = ()
    #: Whoever manages flows, settings or agents.
    manage: bool = False
    #: Anybody who is signed in.
    login: bool = False

    def wordpress(self) -> dict[str, Any]:
        """As the generated file holds it: only what is set."""
        rule: dict[str, Any] = {"any_of": list(self.any_of)} if self.any_of else {}
        return rule | {name: True for name in ("manage", "login") if getattr(self, name)}


class Declaration(msgspec.Struct, frozen=True):
    """One ability, as ``wp_register_ability()`` takes it.

    ``readonly``, ``destructive`` and ``idempotent`` are WordPress's annotations, None where nothing is
    promised. They decide the method of its REST route: ``readonly`` is GET, ``destructive`` and
    ``idempotent`` together DELETE, everything else POST.
    """

    name: str
    category: Category
    label: str
    description: str
    permission: Permission
    input_schema: Schema
    output_schema: Schema = msgspec.field(default_factory=lambda: {"type": "object"})
    readonly: bool | None = None
    destructive: bool | None = None
    idempotent: bool | None = None
    show_in_rest: bool = True

    def wordpress(self) -> dict[str, Any]:
        """As the generated PHP file holds it."""
        annotations = {
            name: value
            for name in ("readonly", "destructive", "idempotent")
            if (value := getattr(self, name)) is not None
        }
        return {
            "label": self.label,
            "description": self.description,
            "category": self.category.slug,
            "permission": self.permission.wordpress(),
            "input_schema": dict(self.input_schema),
            "output_schema": dict(self.output_schema),
            "meta": {"show_in_rest": self.show_in_rest}
            | ({"annotations": annotations} if annotations else {}),
        }


def object_schema(
    properties: Mapping[str, Schema] | None = None,
    *,
    required: tuple[str, ...] = (),
    optional: bool = False,
) -> dict[str, Any]:
    """The schema of an object; ``optional`` lets the whole input be left out."""
    schema: dict[str, Any] = {"type": "object", "properties": dict(properties or {})}
    if required:
        schema["required"] = list(required)
    if optional:
        schema["default"] = []
    return schema
