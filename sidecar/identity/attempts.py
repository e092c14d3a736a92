"""Failed tokens, counted by the address they come from and by the name they carry; PHP counts alike.

A token that is valid is never refused here: 256 random bits cannot be guessed, and a limit that kept valid
tokens out would let strangers lock out every runtime behind the same address, or with a public slug.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import random
from datetime import datetime, timedelta

from sidecar import clock as clock_module
from sidecar.db import Database
from sidecar.errors import SidecarError
from sidecar.identity import token_log
from sidecar.identity.expiry import moment

#: Seconds for which failures are counted together.
WINDOW = 600
#: Failures an address, and a name, may have in one window.
PER_ADDRESS, PER_NAME = 30, 60
#: Characters of a token's name that are told apart.
LONGEST_NAME = 100
#: About one failure in so many removes windows that are over, a limited number at a time.
CLEANING, CLEANED = 50, 500


class TooManyAttempts(SidecarError):
    """So many tokens failed that no more are looked at for a while; ``data.retry_after`` in seconds."""

    code = "datamachine_too_many_attempts"
    status = 429


class Attempts:
    """Rows of ``{base_prefix}datamachine_bridge_attempts``: a hash, never an address or a name."""

    def __init__(self, db: Database, clock: clock_module.Clock = clock_module.SYSTEM) -> None:
        self._db = db
        self._clock = clock

    def failed(self, address: str, token: str) -> None:
        """Count a token that failed, and write a line to the log.

        TooManyAttempts when the address or the token's name has used up its failures: then nothing is
        written. ``address`` is the peer's own, never what a header says; ``token`` is '' when the header was
        malformed. The caller answers 401 afterwards.
        """
        now = self._clock.now()
        limits = {subject("address", address): PER_ADDRESS}
        if token:
            limits[subject("name", name_of(token))] = PER_NAME
        self._check(limits, now)
        with self._db.session() as session:
            # In one order everywhere, so that two failures never wait for each other.
            rows = {f"subject{number}": each for number, each in enumerate(sorted(limits))}
            values = ", ".join(f"(:{name}, 1, :ends)" for name in rows)
            session.execute(
                f"INSERT INTO {self._db.tables().bridge_attempts} (subject, failures, window_ends_at) "
                f"VALUES {values} ON DUPLICATE KEY UPDATE "
                "failures = IF(window_ends_at <= :now, 1, failures + 1), "
                "window_ends_at = IF(window_ends_at <= :now, VALUES(window_ends_at), window_ends_at)",
                {
                    **rows,
                    "now": clock_module.mysql(now),
                    "ends": clock_module.mysql(now + timedelta(seconds=WINDOW)),
                },
            )
        if random.randrange(CLEANING) == 0:
            self.clean()
        token_log.refused(token)

    def clean(self) -> int:
        """Remove some windows that are over; how many."""
        with self._db.session() as session:
            return session.execute(
                f"DELETE FROM {self._db.tables().bridge_attempts} WHERE window_ends_at <= :now "
                f"LIMIT {CLEANED}",
                {"now": clock_module.mysql(self._clock.now())},
            ).rowcount

    def _check(self, limits: dict[str, int], now: datetime) -> None:
        with self._db.session() as session:
            rows = session.all(
                f"SELECT subject, failures, window_ends_at FROM {self._db.tables().bridge_attempts} "
                "WHERE subject IN :subjects AND window_ends_at > :now",
                {"subjects": list(limits), "now": clock_module.mysql(now)},
            )
        ends = [
            moment(str(row["window_ends_at"])) or now
            for row in rows
            if int(row["failures"]) >= limits[str(row["subject"])]
        ]
        if ends:
            seconds = max(1, math.ceil((max(ends) - now).total_seconds()))
            raise TooManyAttempts("Too many failed attempts.", data={"retry_after": seconds})


def subject(kind: str, text: str) -> str:
    """The key of a row: ``kind`` is ``address`` or ``name``."""
    if kind == "address":
        text = _network(text)
    return hashlib.sha256(f"{kind}:{text}".encode("utf-8", "replace")).hexdigest()


def _network(address: str) -> str:
    """Whoever has one IPv6 address has the 2^64 of its network: they are one. Others stay as they are."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped) if found.ipv4_mapped else f"{found.packed[:8].hex()}/64"


def name_of(token: str) -> str:
    """What several guesses at one agent's token have in common: all before the random part."""
    return token.rpartition("_")[0][:LONGEST_NAME]
