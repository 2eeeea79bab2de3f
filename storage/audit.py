"""The audit trail: who did what to what, and when; append-only, each entry holding the hash of the one before it.

An entry that was changed, removed or put in between breaks the chain at that place; the tables' own triggers refuse changes
as well. What a chain cannot show is that its end was cut off: keep the head that `verify_chain` returns somewhere else.
Entries name documents by id and hash, never by what is written in them (QCVN 12:2026 3.9.2; Luật 91/2025/QH15 Điều 3).
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Engine, insert, select

from storage.clock import Clock
from storage.database import reading, transition
from storage.schema import audit_entries

_FIRST = "0" * 64
_SYSTEM = "sohoa"


class AuditEntry(Struct, frozen=True):
    """One line of the trail. `at` is Unix seconds, `before` the hash of the entry before it."""

    id: int
    at: float
    actor: str
    action: str
    subject: str
    facts: dict[str, Any]
    before: str
    hash: str


class ChainReport(Struct, frozen=True):
    """`entries` were read, the last of them with hash `head`; `broken` is the first entry that does not fit, or None."""

    entries: int
    head: str
    broken: int | None


class Audit:
    """The trail of one database."""

    def __init__(self, engine: Engine, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or Clock(engine)

    @transition
    def append(self, tx: Connection, actor: str, action: str, subject: str, facts: dict[str, Any] | None = None) -> None:
        """Add an entry of its own; changes of records add theirs in their own transaction."""
        append(tx, self._clock.read(tx), actor, action, subject, facts or {})

    @reading
    def entries(self, tx: Connection, after: int = 0, limit: int = 1000) -> list[AuditEntry]:
        """A stretch of the trail. Reading it for a person is itself an act to be logged, by whoever shows it."""
        query = select(audit_entries).where(audit_entries.c.id > after).order_by(audit_entries.c.id).limit(limit)
        return [_entry(row) for row in tx.execute(query).mappings()]

    def verify_chain(self, known_head: tuple[int, str] | None = None) -> ChainReport:
        """Compute every hash anew. `known_head` is (id, hash) of an earlier report: that entry must still be there."""
        before, count = _FIRST, 0
        for entry in self._all():
            if entry.id != count + 1 or entry.before != before or entry.hash != _hash(entry):
                return ChainReport(count, before, count + 1)
            if known_head and entry.id == known_head[0] and entry.hash != known_head[1]:
                return ChainReport(count, before, entry.id)
            before, count = entry.hash, entry.id
        return ChainReport(count, before, count + 1 if known_head and known_head[0] > count else None)

    def _all(self) -> Iterator[AuditEntry]:
        last = 0
        while some := self.entries(last, 2000):
            yield from some
            last = some[-1].id


_LAST = select(audit_entries.c.id, audit_entries.c.hash).order_by(audit_entries.c.id.desc()).limit(1)
_ENTRY = insert(audit_entries)


def append(tx: Connection, at: float, actor: str, action: str, subject: str, facts: dict[str, Any]) -> None:
    """Add an entry in the transaction of what it tells of."""
    if tx.dialect.name == "postgresql":
        # One at a time until the end of the transaction: a chain has one end.
        tx.exec_driver_sql("SELECT pg_advisory_xact_lock(7361687)")
    last = tx.execute(_LAST).first()
    number, before = (last.id + 1, last.hash) if last else (1, _FIRST)
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    entry = AuditEntry(number, round(at, 6), actor or _SYSTEM, action, subject, json.loads(text), before, "")
    values = {"id": number, "at": entry.at, "actor": entry.actor, "action": action, "subject": subject, "facts": text}
    tx.execute(_ENTRY, {**values, "before": before, "hash": _hash(entry)})


def _hash(entry: AuditEntry) -> str:
    line = [entry.id, repr(entry.at), entry.actor, entry.action, entry.subject, entry.facts, entry.before]
    return sha256(json.dumps(line, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _entry(row: Any) -> AuditEntry:
    facts = json.loads(row["facts"])
    return AuditEntry(row["id"], row["at"], row["actor"], row["action"], row["subject"], facts, row["before"], row["hash"])
