"""What a route is: declared once, registered by WordPress and by Flask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sidecar.identity import Agent, Principal
from sidecar.runtime import Runtime

#: The prefix of every route in both doors (``/wp-json/datamachine/v1/...`` in WordPress).
NAMESPACE = "datamachine/v1"

#: Headers that doors hand to routes.
HEADERS = ("accept", "content-type", "if-match", "if-none-match")

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
#: What WordPress calls EDITABLE: three methods, one meaning.
EDITABLE: tuple[Method, ...] = ("POST", "PUT", "PATCH")


@dataclass(frozen=True)
class Argument:
    """One declared parameter, in the words of WordPress's argument schema."""

    type: Literal["integer", "string", "boolean", "object", "array"]
    default: Any = None
    required: bool = False
    enum: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    description: str = ""
    #: What an array holds; None: anything.
    items: Argument | None = None
    #: Whether null is a value of its own.
    nullable: bool = False

    def schema(self) -> dict[str, Any]:
        """The array that ``register_rest_route`` takes."""
        kind = [self.type, "null"] if self.nullable else self.type
        return {"type": kind, "required": self.required} | self._rules()

    def _rules(self) -> dict[str, Any]:
        rules: dict[str, Any] = {}
        for key in ("default", "minimum", "maximum"):
            if getattr(self, key) is not None:
                rules[key] = getattr(self, key)
        if self.enum:
            rules["enum"] = list(self.enum)
        if self.items is not None:
            rules["items"] = {"type": self.items.type} | self.items._rules()
        if self.description:
            rules["description"] = self.description
        return rules


@dataclass(frozen=True)
class Permission:
    """Who may call: holders of one of several product actions, or with none named anyone signed in.

    ``code`` and ``message`` are the refusal. ``status`` is WordPress's; None is 401 for visitors and 403 for
    everybody else, which is also what our own door answers in any case. ``public`` lets everybody in,
    visitors too: the handler itself asks for what it needs. A wrong token is refused there as everywhere.
    """

    message: str
    any_of: tuple[str, ...] = ()
    code: str = "rest_forbidden"
    status: int | None = None
    public: bool = False

    def wordpress(self) -> dict[str, Any]:
        """As the generated file holds it; without ``actions`` a signed-in user is enough."""
        if self.public:
            return {"code": self.code, "message": self.message, "public": True}
        rule: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.status is not None:
            rule["status"] = self.status
        return rule | ({"actions": list(self.any_of)} if self.any_of else {})


@dataclass(frozen=True)
class Upload:
    """One file of a form."""

    #: As the client named it; never a path to use.
    name: str
    #: The media type the client claims.
    type: str
    content: bytes


@dataclass(frozen=True)
class Request:
    """One request, after authentication and validation; ``params`` are the declared arguments."""

    runtime: Runtime
    params: Mapping[str, Any]
    principal: Principal
    #: Query parameters as they came, for the ones a route reads without declaring them.
    query: Mapping[str, Any] = field(default_factory=dict)
    #: The JSON object of the body as it came; empty when the body is something else, a form too.
    body: Mapping[str, Any] = field(default_factory=dict)
    #: The body's bytes as they came; empty for a form with files.
    content: bytes = b""
    #: Of the request's headers those that routes read (:data:`HEADERS`), in lower case.
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Files of a form by field; only of a route that takes them.
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    #: The acting agent, where the door has just read it.
    agent: Agent | None = None
    #: What was read with it: the state of the site's access rights and formats; None where nothing was.
    epoch: str | None = None

    @property
    def user_id(self) -> int:
        """The WordPress user whose rights count; 0 for nobody."""
        return self.principal.user_id

    @property
    def blog_id(self) -> int:
        """The blog the request is about."""
        return self.principal.blog_id


@dataclass(frozen=True)
class Answer:
    """Status, headers and a body that becomes JSON as PHP would write it; bytes are sent as they are.

    With bytes ``headers`` name their ``Content-Type``. None is no body at all.
    """

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """One method, or several that mean the same, on a path.

    The path is a WordPress route pattern; its named parts are numbers (``/jobs/(?P<id>\\d+)``), digits of
    a date (``\\d{4}``), words (``[A-Za-z0-9_-]+``), one segment (``[^/]+``) or the rest of the path (``.+``),
    and are declared as arguments.
    """

    method: Method | tuple[Method, ...]
    path: str
    permission: Permission
    handler: Callable[[Request], Answer]
    args: Mapping[str, Argument] = field(default_factory=dict)
    #: Whether it takes files of a form.
    uploads: bool = False
    #: Whether only the sidecar's own door has it: nobody may hold a PHP process by waiting.
    own_door: bool = False

    @property
    def methods(self) -> tuple[Method, ...]:
        """All of them."""
        return self.method if isinstance(self.method, tuple) else (self.method,)

    def wordpress(self) -> dict[str, Any]:
        """The route as the generated PHP file holds it; ``register_rest_route`` splits the methods itself."""
        return {
            "path": self.path,
            "method": ", ".join(self.methods),
            "permission": self.permission.wordpress(),
            "args": {name: argument.schema() for name, argument in self.args.items()},
        } | ({"uploads": True} if self.uploads else {})
