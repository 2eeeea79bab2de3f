"""Documents that others handed over with their metadata, by DocCode (Công văn 7197/BKHCN-CĐSQG)."""

import json
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Engine, insert, select, update

from sohoa.errors import SohoaError
from storage.audit import append
from storage.clock import Clock
from storage.database import reading, transition
from storage.schema import archived


class Archived(Struct, frozen=True):
    """One document: its metadata as it was given, and its file by hash."""

    doc_code: str
    metadata: dict[str, Any]
    name: str
    sha256: str


class Archive:
    """The rows of one database; every change stands in the audit trail."""

    def __init__(self, engine: Engine, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or Clock(engine)

    @transition
    def add(self, tx: Connection, office: str, new: Archived) -> bool:
        """Keep a document; False when exactly this one is kept already. Raises SohoaError doc_code_taken for another one."""
        if tx.dialect.name == "postgresql":
            tx.exec_driver_sql("SELECT pg_advisory_xact_lock(7361689)")
        row = tx.execute(select(archived).where(archived.c.doc_code == new.doc_code)).first()
        if row is not None:
            if (row.office, row.sha256) != (office, new.sha256):
                raise SohoaError("doc_code_taken")
            return False
        now = self._clock.read(tx)
        about = {"doc_code": new.doc_code, "office": office, "metadata": _text(new.metadata), "name": new.name, "sha256": new.sha256}
        tx.execute(insert(archived).values(**about, created=now, updated=now))
        append(tx, now, office, "archive.added", new.doc_code, {"sha256": new.sha256})
        return True

    @transition
    def change(self, tx: Connection, office: str, doc_code: str, metadata: dict[str, Any]) -> bool:
        """Replace the metadata; False when the office has no such document."""
        now = self._clock.read(tx)
        mine = (archived.c.doc_code == doc_code, archived.c.office == office)
        if tx.execute(update(archived).where(*mine).values(metadata=_text(metadata), updated=now)).rowcount != 1:
            return False
        append(tx, now, office, "archive.changed", doc_code, {})
        return True

    @reading
    def get(self, tx: Connection, office: str, doc_code: str) -> Archived | None:
        """A document of the office; None when it has none of this code."""
        row = tx.execute(select(archived).where(archived.c.doc_code == doc_code, archived.c.office == office)).first()
        return Archived(row.doc_code, json.loads(row.metadata), row.name, row.sha256) if row else None


def _text(metadata: dict[str, Any]) -> str:
    return json.dumps(metadata, ensure_ascii=False, sort_keys=True)
