"""Which data steps are done on a blog, and how far an interrupted one came.

A step is done for good when it has finished once, here or in Data Machine: rows that are made later without
an agent are unscoped for ever. Both memories are written in the transaction that ends it: Data Machine's
guard option, and a row of ours that also holds what a step needs to go on after it was interrupted.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.db import php_serialize, shape

if TYPE_CHECKING:
    from sidecar.db.session import Session
    from sidecar.db.steps import Step
    from sidecar.db.tables import Tables

#: Data Machine's own version, as it stores it.
VERSION_OPTION = "datamachine_db_version"
#: From this version on Data Machine has none of these steps and reads rows without agent as unscoped.
WITHOUT_STEPS = (0, 107, 0)


class Journal:
    """The data steps of one blog. ``network`` says whether WordPress is one."""

    def __init__(self, session: Session, names: Tables, *, network: bool) -> None:
        self._session = session
        self._names = names
        self._network = network

    def done(self, step: Step) -> bool:
        """Whether the step has finished here, in whichever product."""
        return self._finished(step) or (
            bool(step.guard) and (self._guarded(step) or self._later_data_machine())
        )

    def state(self, step: Step) -> Any:
        """What an interrupted run of the step has left, None for nothing."""
        text = self._session.scalar(
            f"SELECT state FROM {self._names.bridge_migrations} WHERE step = :step", {"step": step.name}
        )
        return msgspec.json.decode(text) if text else None

    def keep(self, step: Step, state: Any) -> None:
        """Remember how far the step is; joins an open transaction."""
        self._write(step, msgspec.json.encode(state).decode(), None)

    def finish(self, step: Step) -> None:
        """The step is done for ever; joins an open transaction."""
        self._write(step, None, datetime.now(UTC))
        if step.guard and not self._guarded(step):
            if step.network_guard:
                self._set_network_option(step.guard)
            else:
                self._set_option(step.guard)

    def _write(self, step: Step, state: str | None, finished: datetime | None) -> None:
        self._session.execute(
            f"INSERT INTO {self._names.bridge_migrations} (step, state, started_at, finished_at) "
            "VALUES (:step, :state, :now, :finished) ON DUPLICATE KEY UPDATE "
            "state = VALUES(state), finished_at = VALUES(finished_at)",
            {"step": step.name, "state": state, "now": datetime.now(UTC), "finished": finished},
        )

    def _finished(self, step: Step) -> bool:
        if not shape.read(self._session, [self._names.bridge_migrations]):
            return False
        return bool(
            self._session.scalar(
                f"SELECT COUNT(*) FROM {self._names.bridge_migrations} "
                "WHERE step = :step AND finished_at IS NOT NULL",
                {"step": step.name},
            )
        )

    def _guarded(self, step: Step) -> bool:
        if step.network_guard:
            return self._network and _truthy(
                self._session.scalar(
                    f"SELECT meta_value FROM {self._names.sitemeta} WHERE meta_key = :name "
                    "ORDER BY meta_id LIMIT 1",
                    {"name": step.guard},
                )
            )
        return _truthy(self._option(step.guard))

    def _later_data_machine(self) -> bool:
        found = re.match(r"(\d+)\.(\d+)\.(\d+)", str(self._option(VERSION_OPTION) or ""))
        return found is not None and tuple(int(part) for part in found.groups()) >= WITHOUT_STEPS

    def _option(self, name: str) -> Any:
        return php_serialize.maybe_loads(
            self._session.scalar(
                f"SELECT option_value FROM {self._names.options} WHERE option_name = :name", {"name": name}
            )
        )

    def _set_option(self, name: str) -> None:
        # Written beside WordPress, which is not loaded here: an option that is not autoloaded is cached only
        # where a persistent object cache has been asked for it.
        self._session.execute(
            f"INSERT INTO {self._names.options} (option_name, option_value, autoload) "
            "VALUES (:name, '1', 'off') ON DUPLICATE KEY UPDATE option_value = '1'",
            {"name": name},
        )

    def _set_network_option(self, name: str) -> None:
        network = self._session.scalar(f"SELECT MIN(id) FROM {self._names.site}") or 1
        self._session.delete(self._names.sitemeta, {"site_id": network, "meta_key": name})
        self._session.insert(self._names.sitemeta, {"site_id": network, "meta_key": name, "meta_value": "1"})


def _truthy(value: Any) -> bool:
    return value not in (None, False, "", "0", 0)
