"""``/files/agent/daily``: an agent's notes by day."""

from __future__ import annotations

from collections.abc import Mapping

from sidecar.api import content, etags
from sidecar.api.agent_files import CONTENT, SIGNED_IN, WHOSE, refused_as, whose
from sidecar.api.envelope import success
from sidecar.api.route import Answer, Argument, Request, Route
from sidecar.memory import values
from sidecar.memory.daily import DailyMemory, NoDailyMemory
from sidecar.memory.service import ABSENT
from sidecar.memory.values import NOT_FOUND, ReadResult, digest, raw


def list_days(request: Request) -> Answer:
    """``{success, data: {"2026/11": ["21", "23"]}}``: months newest first, their days ascending."""
    with refused_as("list_daily_files_error"):
        months = _daily(request).list_all(request.principal, **whose(request))
    return success(months)


def show_day(request: Request) -> Answer:
    """``{success, data: {date, content}}`` with its ``ETag``; 404 ``daily_file_not_found``."""
    with refused_as("daily_file_not_found"):
        day, text = _daily(request).read(request.principal, _day(request), **whose(request))
        stored = raw(text)
        answer = etags.unchanged(request.headers, digest(stored))
        if answer is not None:
            return answer
        if content.wants_bytes(request):
            return content.of_bytes(f"{day}.md", stored, digest(stored))
        document = {"date": day, "content": content.as_text(stored)}
    return success(document, headers=etags.tag(digest(stored)))


def put_day(request: Request) -> Answer:
    """``{success, date, message}``: replaces a day's notes with ``content``, else with the body as it is.

    ``If-Match`` and ``If-None-Match: *`` as for files. 403 ``daily_file_write_error`` while the site's daily
    memory is switched off.
    """
    with refused_as("daily_file_write_error"):
        daily = _daily(request)
        daily.require_enabled()
        if_match = _expected(request)
        text = values.text(content.given(request, raw_json=True))
        day, message = daily.write(
            request.principal, _day(request), text, if_match=if_match, **whose(request)
        )
    return Answer({"success": True, "date": day, "message": message}, headers=etags.tag(digest(raw(text))))


def delete_day(request: Request) -> Answer:
    """``{success, message}``; 403 ``daily_file_delete_error`` while switched off, 404 without notes."""
    with refused_as("daily_file_delete_error"):
        daily = _daily(request)
        daily.require_enabled()
        if_match = _expected(request)
        _, message = daily.delete(request.principal, _day(request), if_match=if_match, **whose(request))
    return Answer({"success": True, "message": message})


def _daily(request: Request) -> DailyMemory:
    return request.runtime.get(DailyMemory)


def _day(request: Request) -> str:
    params = request.params
    return f"{params['year']:04d}-{params['month']:02d}-{params['day']:02d}"


def _expected(request: Request) -> str | None:
    """The hash that the stored notes must have, '' for none at all."""

    def read() -> ReadResult:
        try:
            _, text = _daily(request).read(request.principal, _day(request), **whose(request))
        except NoDailyMemory:
            return NOT_FOUND
        return ReadResult.of(raw(text))

    wanted = etags.expected(request.headers, read)
    return ABSENT if wanted.only_new else wanted.if_match


_DAY = r"/files/agent/daily/(?P<year>\d{4})/(?P<month>\d{2})/(?P<day>\d{2})"
_DATE: Mapping[str, Argument] = {
    "year": Argument("integer", required=True),
    "month": Argument("integer", required=True, minimum=1, maximum=12),
    "day": Argument("integer", required=True, minimum=1, maximum=31),
    **WHOSE,
}

ROUTES = (
    Route("GET", "/files/agent/daily", SIGNED_IN, list_days, WHOSE),
    Route("GET", _DAY, SIGNED_IN, show_day, _DATE),
    Route("PUT", _DAY, SIGNED_IN, put_day, {**_DATE, "content": CONTENT}),
    Route("DELETE", _DAY, SIGNED_IN, delete_day, _DATE),
)
