"""What people and agents may ask about handlers and step types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sidecar.automation import registry
from sidecar.automation.access import Access
from sidecar.automation.engine import acting
from sidecar.automation.errors import HandlerNotFound, StepTypeNotFound
from sidecar.automation.flows.masking import masked_handler
from sidecar.automation.handlers import site
from sidecar.automation.handlers.fields import Field, empty
from sidecar.automation.handlers.settings import HandlerSettings
from sidecar.automation.handlers.testing import HandlerTest, Report
from sidecar.automation.registry import Entries
from sidecar.automation.steps import tool_sources
from sidecar.automation.values import Document
from sidecar.host import HostPool
from sidecar.host import context as hosts
from sidecar.identity import Principal
from sidecar.identity.units import unit_of

HANDLERS = "You do not have permission to access handlers."
STEP_TYPES = "You do not have permission to access step types."


class HandlersService:
    """The registries, each handler's settings, and a trial run of a fetch handler."""

    def __init__(
        self, access: Access, settings: HandlerSettings, trial: HandlerTest, units: HostPool
    ) -> None:
        self._access = access
        self._settings = settings
        self._trial = trial
        self._units = units

    def all(self, principal: Principal, step_type: str | None = None) -> Entries:
        """Registry entries by slug, of one type of step or all."""
        with self._work(principal, HANDLERS):
            return registry.handlers(step_type)

    def listed(self, principal: Principal, step_type: str | None = None) -> Entries:
        """The same; entries that need credentials also say which, and whether they are there."""
        with self._work(principal, HANDLERS):
            found = registry.handlers(step_type)
            keys = {
                slug: str(entry.get("auth_provider_key") or slug)
                for slug, entry in found.items()
                if entry.get("requires_auth")
            }
            about = site.credentials(list(keys.values())) if keys else {}
            return {slug: {**entry, **about.get(keys.get(slug, ""), {})} for slug, entry in found.items()}

    def get(self, principal: Principal, slug: str, step_type: str | None = None) -> Document:
        """One entry; HandlerNotFound names those there are."""
        with self._work(principal, HANDLERS):
            return _one(slug, step_type)

    def detail(self, principal: Principal, slug: str) -> Document:
        """``{slug, info, settings: {key: {type, label, description, options, default, current_value}},
        ai_tool}``; HandlerNotFound.

        ``current_value`` is what a step without this setting uses. ``ai_tool`` has the tools an AI step
        beside the handler is offered, null for none.
        """
        with self._work(principal, HANDLERS):
            info = _one(slug)
            defaults = self._settings.defaults(slug)
            shown = masked_handler(defaults)
            settings = {
                key: {
                    "type": field.type,
                    "label": field.label,
                    "description": field.description,
                    "options": [
                        {"value": value, "label": label} for value, label in (field.options or {}).items()
                    ],
                    "default": field.default,
                    "current_value": shown.get(key, empty(field)),
                }
                for key, field in self._settings.fields(slug).items()
            }
            tools = tool_sources.handler_tools(slug, defaults, {})
            ai_tool = {
                name: {"description": one.get("description", ""), "parameters": one.get("parameters", {})}
                for name, one in tools.items()
            }
            return {"slug": slug, "info": info, "settings": settings, "ai_tool": ai_tool or None}

    def fields(self, principal: Principal, slug: str) -> dict[str, Field]:
        """The settings of a handler; HandlerNotFound."""
        with self._work(principal, HANDLERS):
            _one(slug)
            return self._settings.fields(slug)

    def site_defaults(self, principal: Principal, slug: str | None = None) -> Document:
        """What this site uses in place of handlers' own defaults: of one handler, or by slug."""
        self._access.enter(principal, HANDLERS)
        found = {name: masked_handler(one) for name, one in self._settings.site_defaults().items()}
        return found.get(slug, {}) if slug else found

    def complete(self, principal: Principal, slug: str, config: Mapping[str, Any]) -> Document:
        """A configuration with the defaults in its gaps; HandlerNotFound."""
        with self._work(principal, HANDLERS):
            _one(slug)
            # Whoever edits flows uses what an administrator chose for the site, and does not read it. A mask
            # that is stored is what it stands for.
            return {**masked_handler(self._settings.complete(slug, config)), **config}

    def test(
        self,
        principal: Principal,
        slug: str | None,
        config: Mapping[str, Any],
        *,
        flow_id: int | None = None,
        limit: int = 5,
    ) -> Report:
        """Run a fetch handler once with the principal's rights; nothing is claimed, marked or stored.

        HandlerNotFound, HandlerUnavailable, FlowNotFound.
        """
        with self._work(principal, HANDLERS):
            return self._trial.run(principal, slug, config, flow_id=flow_id, limit=limit)

    def step_types(self, principal: Principal) -> Entries:
        """Registry entries by slug."""
        with self._work(principal, STEP_TYPES):
            return registry.step_types()

    def counted_step_types(self, principal: Principal) -> Entries:
        """The same, each with ``handler_count``."""
        with self._work(principal, STEP_TYPES):
            count = Counter(str(entry.get("type")) for entry in registry.handlers().values())
            types = registry.step_types()
            return {slug: {**entry, "handler_count": count[slug]} for slug, entry in types.items()}

    def step_type(self, principal: Principal, slug: str) -> tuple[Document, Document | None]:
        """The definition, and how the type itself is configured (None: not at all); StepTypeNotFound."""
        with self._work(principal, STEP_TYPES):
            found = registry.step_types()
            if slug not in found:
                raise StepTypeNotFound(f"Step type '{slug}' not found. Available types: {', '.join(found)}")
            return found[slug], registry.step_settings().get(slug)

    @contextmanager
    def _work(self, principal: Principal, message: str) -> Iterator[None]:
        """The right to be here, and a WordPress that works as the principal."""
        self._access.enter(principal, message)
        with acting.led_by(principal):
            if hosts.current() is not None:
                yield
                return
            with unit_of(self._units, principal):
                yield


def _one(slug: str, step_type: str | None = None) -> Document:
    found = registry.handlers(step_type)
    if slug not in found:
        raise HandlerNotFound(f"Handler '{slug}' not found. Available handlers: {', '.join(sorted(found))}")
    return found[slug]
