"""The fence row: whether this site's queue is ours to work, and since which switch of modes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sidecar.errors import Conflict
from sidecar.queue import tables

if TYPE_CHECKING:
    from sidecar.db import Session

#: Doorbells of the sidecar's own, private plumbing; ours to serve whoever is the product.
PRIVATE_GROUP = "datamachine-bridge"
#: Doorbells of the product.
PRODUCT_GROUP = "data-machine"


class Fenced(Conflict):
    """The site was activated, deactivated or switched since this worker started: it must start anew."""

    code = "queue_fenced"


class Fence(msgspec.Struct, frozen=True):
    """``mode`` is ``standalone``, ``companion`` or ``inactive``; every switch raises ``epoch``."""

    mode: str
    epoch: int

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups a worker may claim from; while another product is active, its doorbells are not ours."""
        if self.mode == "standalone":
            return (PRIVATE_GROUP, PRODUCT_GROUP)
        return (PRIVATE_GROUP,) if self.mode == "companion" else ()


def read(session: Session) -> Fence:
    """The fence as it stands; a site without one, or a copy of another site, is ``inactive``."""
    names = tables.here()
    row = session.one(
        "SELECT s.mode, s.epoch, s.database_name = DATABASE() AS here, s.home_url, o.option_value AS home"
        f" FROM {names.sites} s"
        f" LEFT JOIN {names.options} o ON o.option_name = 'home' WHERE s.id = 1"
    )
    if row is None:
        return Fence("inactive", 0)
    epoch = int(row["epoch"])
    moved = str(row["home_url"]).rstrip("/") != str(row["home"] or "").rstrip("/")
    return Fence("inactive" if moved or not row["here"] else str(row["mode"]), epoch)


def prove(session: Session, epoch: int) -> None:
    """Raise :class:`Fenced` unless the epoch is still the same. Read in every claim."""
    found = session.scalar(f"SELECT epoch FROM {tables.here().sites} WHERE id = 1")
    if found is None or int(found) != epoch:
        raise Fenced(f"The site's epoch is {found}, this worker's is {epoch}.")
