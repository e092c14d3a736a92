"""``docs/reference/hooks.md``: the vocabulary of ``hooks/*.json``."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec

from sidecar.hooks.catalogue import Book, Entry, load
from tools.docs import markdown

PATH = "docs/reference/hooks.md"

INTRO = """\
Every hook of the vocabulary, with what happens when the sidecar that should answer it does not.

* **fired by** names the area that fires it. Areas that are still to come fire nothing yet; their names
  are reserved, and subscribing to one is no error.
* **on failure** is one of `pass` (the value given goes on), `deny` (the restrictive answer), `skip`
  (nothing happens), `error` (a `WP_Error`), `enqueue` (written down and delivered later); see [When
  something fails](../how-to/failures.md).
* **cost** says how it may be subscribed: `live` (called when it fires), `once` (the same, at most once a
  request), `registration` (fires on every page or hundreds of times, so that what Python has to say is
  evaluated at start and replayed by PHP as data).

Names in braces stand for any text."""


def page() -> tuple[str, str]:
    """Path and text."""
    return markdown.page(PATH, "Hooks", "hooks/*.json", INTRO, _body())


def names() -> list[str]:
    """Every heading the page must have."""
    vocabulary = load()
    return [*(f"`{name}`" for name in vocabulary.hooks), *(f"`{name}`" for name in vocabulary.removed)]


def _body() -> Iterator[str]:
    books = load().books
    for book in books:
        if book.hooks:
            yield from ("", f"## {book.bucket}", "", book.about)
            for name, entry in sorted(book.hooks.items()):
                yield from _hook(name, entry)
    for book in books:
        if book.removed:
            yield from _removed(book)


def _hook(name: str, entry: Entry) -> Iterator[str]:
    call = "apply_filters" if entry.kind == "filter" else "do_action"
    words = [f"'{name}'", *(f"{kind} ${argument}" for argument, kind in entry.args.items())]
    yield from ("", f"### `{name}`", "")
    yield from ("```php", f"{call}( {', '.join(words)} )" + (f": {entry.returns}" if entry.returns else ""))
    yield from ("```", "", " · ".join(_facts(entry)), "", entry.why)
    for line in _notes(entry):
        yield from ("", line)


def _facts(entry: Entry) -> Iterator[str]:
    yield entry.kind
    yield f"fired by {markdown.code(entry.fires)}"
    yield f"on failure **{entry.on_failure}**"
    yield f"cost {entry.cost}"


def _notes(entry: Entry) -> Iterator[str]:
    if entry.denied is not msgspec.UNSET:
        yield f"The restrictive answer is `{json.dumps(entry.denied)}`."
    if entry.via is not None:
        yield f"Fires when {'Action Scheduler' if entry.via == 'action_scheduler' else 'WP-Cron'} runs it."
    if entry.inbound:
        yield "Other plugins fire it; the product listens."
    if entry.core is not None:
        yield (
            f"The product itself subscribes: priority {entry.core.priority}, "
            f"{entry.core.accepted_args} arguments, mode `{entry.core.mode}`."
        )


def _removed(book: Book) -> Iterator[str]:
    yield from ("", "## Removed", "", book.about)
    rows = (
        (markdown.code(name), markdown.code(removed.replaced_by or "") or "nothing", removed.why)
        for name, removed in sorted(book.removed.items())
    )
    yield from markdown.table(("name", "instead", "why"), rows)
