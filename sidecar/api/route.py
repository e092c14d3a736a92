"""What a route is: declared once, registered by WordPress and by Flask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sidecar.runtime import Runtime

#: The prefix of every route in both doors (``/wp-json/datamachine/v1/...`` in WordPress).
NAMESPACE = "datamachine/v1"


@dataclass(frozen=True)
class Argument:
    """One declared parameter, in the words of WordPress's argument schema."""

    type: Literal["integer", "string", "boolean"]
    default: Any = None
    required: bool = False
    enum: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    description: str = ""

    def schema(self) -> dict[str, Any]:
        """The array that ``register_rest_route`` takes."""
        schema: dict[str, Any] = {"type": self.type, "required": self.required}
        for key in ("default", "minimum", "maximum"):
            if getattr(self, key) is not None:
                schema[key] = getattr(self, key)
        if self.enum:
            schema["enum"] = list(self.enum)
        if self.description:
            schema["description"] = self.description
        return schema


@dataclass(frozen=True)
class Permission:
    """Who may call: anyone signed in, or holders of a product action (``manage_flows``).

    ``code``, ``message`` and ``status`` are WordPress's refusal; our own door answers 401 to strangers.
    """

    message: str
    action: str | None = None
    code: str = "rest_forbidden"
    status: int = 403

    def wordpress(self) -> dict[str, Any]:
        """As the generated file holds it."""
        rule: dict[str, Any] = {"code": self.code, "message": self.message, "status": self.status}
        return rule | ({"action": self.action} if self.action else {})


@dataclass(frozen=True)
class Request:
    """One request, after authentication and validation; ``params`` are the declared arguments."""

    runtime: Runtime
    params: Mapping[str, Any]
    user_id: int
    #: Query parameters as they came, for the ones a route reads without declaring them.
    query: Mapping[str, Any] = field(default_factory=dict)
    blog_id: int = 1


@dataclass(frozen=True)
class Answer:
    """Status, headers and a body that becomes JSON as PHP would write it."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """A method on a path; the path is a WordPress route pattern (``/jobs/(?P<id>\\d+)``)."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    permission: Permission
    handler: Callable[[Request], Answer]
    args: Mapping[str, Argument] = field(default_factory=dict)

    def wordpress(self) -> dict[str, Any]:
        """The route as the generated PHP file holds it."""
        return {
            "path": self.path,
            "method": self.method,
            "permission": self.permission.wordpress(),
            "args": {name: argument.schema() for name, argument in self.args.items()},
        }
