"""Codes that stand between an approval in the browser and the token a program gets for it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

import msgspec

from sidecar import clock as clock_module
from sidecar.db import Database, Row, php_json
from sidecar.identity import ceiling
from sidecar.identity.ceiling import Stored

#: Seconds a code can be exchanged.
LIFETIME = 600
#: Seconds an ended code is remembered, so that a late program hears why it is refused.
REMEMBERED = 86_400
#: Characters of an address; the column would cut more.
MAX_URI = 2000


class Code(msgspec.Struct, frozen=True):
    """What was approved, and by whom."""

    agent_id: int
    user_id: int
    redirect_uri: str
    code_challenge: str
    label: str
    #: The value of a token's column: None, a list, or a later version's object.
    capabilities: Stored
    #: UTC, ``Y-m-d H:i:s``.
    expires_at: str


class CodesRepository:
    """Rows of ``{base_prefix}datamachine_bridge_codes``; of the code itself only the hash is stored."""

    def __init__(self, db: Database, clock: clock_module.Clock = clock_module.SYSTEM) -> None:
        self._db = db
        self._clock = clock

    @property
    def _table(self) -> str:
        return self._db.tables().bridge_codes

    def issue(
        self,
        agent_id: int,
        user_id: int,
        *,
        redirect_uri: str,
        code_challenge: str,
        label: str,
        capabilities: Stored,
    ) -> str:
        """A new code (64 hex characters) that can be exchanged for :data:`LIFETIME` seconds."""
        code, now = secrets.token_hex(32), self._clock.now()
        with self._db.session() as session:
            session.insert(
                self._table,
                {
                    "code_hash": _hash(code),
                    "agent_id": agent_id,
                    "user_id": user_id,
                    "redirect_uri": redirect_uri,
                    "code_challenge": code_challenge,
                    "label": label,
                    "capabilities": None if capabilities is None else php_json.dumps(capabilities),
                    "created_at": clock_module.mysql(now),
                    "expires_at": clock_module.mysql(now + timedelta(seconds=LIFETIME)),
                },
            )
            # In passing: nobody waits long enough for these to be asked for again.
            session.execute(
                f"DELETE FROM {self._table} WHERE expires_at < :then LIMIT 500",
                {"then": clock_module.mysql(now - timedelta(seconds=REMEMBERED))},
            )
        return code

    def find(self, code: str) -> Code | None:
        """What a code stands for, ended or not; None for one that was exchanged or never issued."""
        with self._db.session() as session:
            row = session.one(
                "SELECT agent_id, user_id, redirect_uri, code_challenge, label, capabilities, expires_at "
                f"FROM {self._table} WHERE code_hash = :hash",
                {"hash": _hash(code)},
            )
        return None if row is None else _code(row)

    def ended(self, code: Code) -> bool:
        """Whether its time is over."""
        return code.expires_at <= clock_module.mysql(self._clock.now())

    def take(self, code: str) -> bool:
        """Use a code up, in its time and for good: True for exactly one of all who try."""
        with self._db.session() as session:
            taken = session.execute(
                f"DELETE FROM {self._table} WHERE code_hash = :hash AND expires_at > :now",
                {"hash": _hash(code), "now": clock_module.mysql(self._clock.now())},
            )
        return taken.rowcount == 1

    def drop(self, code: str) -> None:
        """Forget a code."""
        with self._db.session() as session:
            session.delete(self._table, {"code_hash": _hash(code)})


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


def _code(row: Row) -> Code:
    return Code(
        agent_id=int(row["agent_id"]),
        user_id=int(row["user_id"]),
        redirect_uri=str(row["redirect_uri"]),
        code_challenge=str(row["code_challenge"]),
        label=str(row["label"]),
        capabilities=ceiling.decoded(row["capabilities"]),
        expires_at=str(row["expires_at"]),
    )
