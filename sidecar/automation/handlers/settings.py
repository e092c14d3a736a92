"""The settings of handlers, whoever wrote the handler: ours, a PHP plugin's or a Python plugin's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sidecar import hooks
from sidecar.automation import registry, wordpress
from sidecar.automation.errors import HandlerNotFound
from sidecar.automation.flows.step_config import FETCHING
from sidecar.automation.handlers import own_fields, site
from sidecar.automation.handlers.fields import SECTION, Field, empty, read, sanitized, truthy
from sidecar.automation.handlers.presentation import Labels, item
from sidecar.automation.values import Document
from sidecar.errors import InvalidInput
from sidecar.host import HostPool
from sidecar.wordpress.options import Options

SITE_DEFAULTS = "datamachine_handler_defaults"
#: Keys a configuration may have beside its handler's settings: of the engine, of doors, of credentials.
RUNTIME = frozenset({"auth_ref", "flow_step_id", "flow_id", "pipeline_id", "source_url", "uploaded_files"})
Fields = dict[str, Field]


class UnknownFields(InvalidInput):
    """A configuration names settings its handler does not have: ``data`` has unknown_fields, field_specs."""

    code = "unknown_handler_fields"


class _Reading:
    """What was read once: fields by slug, and what the site offers."""

    def __init__(self) -> None:
        self.fields: dict[str, Fields] = {}
        self.site: site.Site | None = None


_reading: ContextVar[_Reading | None] = ContextVar("datamachine_handler_fields", default=None)


class HandlerSettings:
    """One service for every slug: of a handler, or of a step type that has settings itself
    (``system_task``, ``webhook_gate``). Needs no principal: callers have asked theirs.
    """

    def __init__(self, options: Options, units: HostPool) -> None:
        self._options = options
        self._units = units

    def fields(self, slug: str) -> Fields:
        """The settings by key, in order; nothing for an unknown slug or one without settings."""
        with self.reading():
            known = _now().fields
            if slug not in known:
                known[slug] = self._read(slug)
            return known[slug]

    def sanitize(
        self, slug: str, given: Mapping[str, Any], existing: Mapping[str, Any] | None = None
    ) -> Document:
        """The configuration to store: what is given, cleaned; what is not named, as it was; then defaults.

        UnknownFields for keys the handler does not have; InvalidSetting for a required one left empty;
        HandlerNotFound for settings of a handler nobody registered. A registered handler without settings
        takes everything as it is.
        """
        before = dict(existing or {})
        with self.reading():
            found = self.fields(slug)
            if not found:
                if given and not self._registered(slug):
                    raise HandlerNotFound(f"Handler '{slug}' not found.")
                return {**before, **given}
            unknown = [key for key in given if key not in found and key not in RUNTIME | before.keys()]
            if unknown:
                raise UnknownFields(
                    f"Unknown handler_config fields for {slug}: {', '.join(unknown)}."
                    f" Valid fields: {', '.join(found)}",
                    data={
                        "unknown_fields": unknown,
                        "field_specs": {key: field.spec() for key, field in found.items()},
                    },
                )
            clean = self._cleaned(slug, found, given, before)
            extra = {key: value for key, value in given.items() if key not in found}
            return self.complete(slug, {**before, **extra, **clean})

    def kept(self, slug: str, existing: Mapping[str, Any]) -> Document:
        """Of another handler's configuration, what this handler has a setting for (a slug that changes)."""
        found = self.fields(slug)
        return {key: value for key, value in existing.items() if key in found}

    def defaults(self, slug: str) -> Document:
        """Values of settings that are not configured: the site's, else the handler's own."""
        own = {key: field.default for key, field in self.fields(slug).items() if field.default is not None}
        return {**own, **self.site_defaults().get(slug, {})}

    def site_defaults(self) -> dict[str, Document]:
        """What the site's managers chose, by slug. Nothing is written: reading it changes nothing."""
        stored = self._options.get(SITE_DEFAULTS)
        if not isinstance(stored, Mapping):
            return {}
        return {
            str(slug): {str(key): value for key, value in values.items()}
            for slug, values in stored.items()
            if isinstance(values, Mapping)
        }

    def complete(self, slug: str, config: Mapping[str, Any]) -> Document:
        """A configuration with the defaults in its gaps."""
        return {**dict(config), **{k: v for k, v in self.defaults(slug).items() if k not in config}}

    def display(self, slug: str, config: Mapping[str, Any]) -> list[Document]:
        """What is configured, for people: ``{key, label, value, display_value}`` each; secrets masked.

        Settings that hold nothing are left out.
        """
        with self.reading():
            labels = Labels(slug)
            found = (
                item(field, config[key], labels) for key, field in self.fields(slug).items() if key in config
            )
            return [one for one in found if one is not None]

    def summary(self, slug: str, config: Mapping[str, Any]) -> str:
        """``Label: value | Label: value``."""
        return " | ".join(f"{one['label']}: {one['display_value']}" for one in self.display(slug, config))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read each handler's fields once for everything inside: for lists."""
        if _reading.get() is not None:
            yield
            return
        token = _reading.set(_Reading())
        try:
            with wordpress.process(self._units):
                yield
        finally:
            _reading.reset(token)

    def _read(self, slug: str) -> Fields:
        own = _of_python(slug)
        if own is not None:
            return own
        specs = site.settings(slug) or {}
        found = {key: read(key, spec) for key, spec in specs.items()}
        entry = registry.handlers().get(slug)
        if found and entry is not None and entry.get("type") in FETCHING and "max_items" not in found:
            # Data Machine's sanitizer drops it for classes that do not merge the common settings.
            found["max_items"] = next(one for one in own_fields.common_fetch() if one.key == "max_items")
        return found

    @staticmethod
    def _registered(slug: str) -> bool:
        return slug in registry.handlers() or slug in registry.step_types()

    def _cleaned(self, slug: str, found: Fields, given: Mapping[str, Any], before: Document) -> Document:
        """The given settings, and required ones that are still missing, cleaned."""
        wanted = {key: given[key] for key in given if key in found and found[key].type != SECTION}
        missing = [key for key, field in found.items() if field.required and key not in {**before, **wanted}]
        for key in missing:
            wanted[key] = empty(found[key])
        if _of_python(slug) is None:
            return _by_its_class(slug, found, wanted, before)
        return {key: _clean(found[key], value, before.get(key)) for key, value in wanted.items()}


def _of_python(slug: str) -> Fields | None:
    """The settings of a handler of ours or of a Python plugin, whose rules are ours; None for PHP's."""
    own = own_fields.fields(slug, _site)
    if own is not None:
        return {field.key: field for field in own}
    registrations = hooks.bus().registrations
    entry = registrations.handlers.get(slug) or registrations.step_types.get(slug)
    return None if entry is None else {key: read(key, spec) for key, spec in entry.fields.items()}


def _clean(field: Field, value: Any, before: Any) -> Any:
    """As the field's type says. A value that is stored already may stay: options come and go."""
    if field.type == "select" and before is not None and str(value) == str(before):
        return before
    if field.type == "select" and str(value) not in (field.options or {}) and _unlisted(field, value):
        return str(value)
    return sanitized(field, value)


def _unlisted(field: Field, value: Any) -> bool:
    """Whether a number is a term or an author that a long list of options left out."""
    text = str(value)
    if not (text.isascii() and text.isdecimal() and len(text) < 18 and int(text) > 0):
        return False
    taxonomy = own_fields.taxonomy_of(field.key)
    if taxonomy is not None:
        return bool(site.term_names(taxonomy, [int(text)]))
    return field.key == "post_author" and site.author_name(int(text)) is not None


def _by_its_class(slug: str, found: Fields, wanted: Document, before: Document) -> Document:
    """As the settings class of PHP cleans it. It is given the whole configuration and answers with all of its
    keys; what was not named stays as it is stored.
    """
    whole = {**{key: value for key, value in before.items() if key in found}, **wanted}
    for key, value in whole.items():
        if found[key].type == "checkbox":
            # The only truth a settings class knows.
            whole[key] = "1" if truthy(value) else ""
    clean = site.sanitized(slug, whole)
    return {key: value for key, value in clean.items() if key in wanted or key not in before}


def _now() -> _Reading:
    reading = _reading.get()
    if reading is None:
        raise RuntimeError("Fields are read inside reading() only.")
    return reading


def _site() -> site.Site:
    reading = _now()
    if reading.site is None:
        reading.site = site.read()
    return reading.site
