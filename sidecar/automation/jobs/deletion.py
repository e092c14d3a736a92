"""Deleting jobs: rows, packets and, when wished, what they had processed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.automation import log, wordpress
from sidecar.automation.access import ADMIN, JOBS, Access
from sidecar.automation.engine import acting
from sidecar.automation.files.job_files import JobFiles
from sidecar.automation.jobs import status as statuses
from sidecar.automation.jobs.endings import Endings
from sidecar.automation.repositories.job_removal import JobRemoval
from sidecar.automation.repositories.job_reports import JobReports, ended
from sidecar.automation.values import Job
from sidecar.errors import InvalidInput
from sidecar.identity import Principal, Scope
from sidecar.memory.names import BadName

if TYPE_CHECKING:
    from sidecar.host import HostPool

PAGE = 200
TYPES = ("all", "failed")
#: Seconds of a unit of ``--older-than``.
_UNITS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(\d{1,6})\s*([mhdw])", re.I)

Progress = Callable[[int], None]


class Deleted(msgspec.Struct, frozen=True):
    """How much is gone."""

    jobs: int
    processed_items: int


class JobDeletion:
    """For admins of the jobs' agents; jobs of other agents stay. Refusals are ``rest_forbidden``."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        reports: JobReports,
        removal: JobRemoval,
        endings: Endings,
        files: JobFiles,
        access: Access,
        units: HostPool,
    ) -> None:
        self._reports = reports
        self._removal = removal
        self._endings = endings
        self._files = files
        self._access = access
        self._units = units

    def delete(
        self,
        principal: Principal,
        kind: str,
        *,
        cleanup_processed: bool = False,
        progress: Progress | None = None,
    ) -> Deleted:
        """Delete ``all`` jobs or the ``failed`` ones; InvalidInput ``invalid_type``.

        Unfinished jobs are cancelled first. ``cleanup_processed``: also forget what the jobs processed and
        claimed; their flows will take those items in again. ``progress`` is told how many are gone.
        """
        scope = self._scope(principal)
        if kind not in TYPES:
            raise InvalidInput('The type must be "all" or "failed".', code="invalid_type")
        where = "1 = 1" if kind == "all" else f"status LIKE '{statuses.FAILED}%'"
        return self._delete(principal, scope, where, {}, cleanup_processed, progress)

    def how_many(self, principal: Principal, kind: str) -> int:
        """How many jobs :meth:`delete` would delete."""
        where = "1 = 1" if kind == "all" else f"status LIKE '{statuses.FAILED}%'"
        return self._reports.count(self._scope(principal), where, {})

    def old(self, principal: Principal, status: str, seconds: int) -> int:
        """How many ended jobs whose status begins so are older than ``seconds``."""
        where, params = _old(status, seconds)
        return self._reports.count(self._scope(principal), where, params)

    def delete_old(
        self, principal: Principal, status: str, seconds: int, *, progress: Progress | None = None
    ) -> Deleted:
        """Delete them."""
        where, params = _old(status, seconds)
        return self._delete(principal, self._scope(principal), where, params, False, progress)

    def _scope(self, principal: Principal) -> Scope:
        self._access.enter(principal, JOBS)
        return self._access.scope_with(principal, ADMIN, JOBS)

    def _delete(  # noqa: PLR0917  one call of two doors
        self,
        principal: Principal,
        scope: Scope,
        where: str,
        params: dict[str, Any],
        processed: bool,
        progress: Progress | None,
    ) -> Deleted:
        jobs = items = 0
        with wordpress.process(self._units), acting.led_by(principal):
            for page in self._pages(scope, where, params):
                for job in page:
                    if not statuses.is_final(job.status):
                        self._endings.cancel(job, "deleted")
                ids = [job.job_id for job in page]
                gone, forgotten = self._removal.remove(ids, items=processed)
                self._remove_files(page)
                jobs, items = jobs + gone, items + forgotten
                if progress is not None:
                    progress(jobs)
            log.info("Jobs deleted", {"jobs_deleted": jobs, "processed_items_cleaned": items})
        return Deleted(jobs, items)

    def _pages(self, scope: Scope, where: str, params: dict[str, Any]) -> Iterator[list[Job]]:
        after = 0
        while page := self._reports.page(scope, where, params, after, PAGE, data=False):
            after = page[-1].job_id
            yield page

    def _remove_files(self, page: Sequence[Job]) -> None:
        for job in page:
            if job.flow_id is None or job.pipeline_id is None:
                continue
            place = (job.pipeline_id, job.flow_id, job.job_id)
            try:
                self._files.remove(*place)
                self._files.drop_aside(*place)
            except BadName:
                # An adopted row whose ids are no names of folders never had one.
                continue


def _old(status: str, seconds: int) -> tuple[str, dict[str, Any]]:
    escaped = status.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return (
        f"{ended()} AND status LIKE :status AND created_at < UTC_TIMESTAMP() - INTERVAL :age SECOND",
        {"status": f"{escaped}%", "age": seconds},
    )


def duration(text: str) -> int:
    """``30d``, ``12h``, ``2w``, ``90m`` in seconds; InvalidInput ``invalid_duration``."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or not int(found[1]):
        raise InvalidInput(
            f'Invalid duration: "{text}". Use a number and m, h, d or w, such as 30d.',
            code="invalid_duration",
        )
    return int(found[1]) * _UNITS[found[2].lower()]
