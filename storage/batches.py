"""Batches, dossiers and documents: how they come in, what is known of them, how they are forgotten."""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, bindparam, case, delete, func, insert, select, text, update

from sohoa.errors import SohoaError
from storage.audit import append
from storage.clock import Clock
from storage.database import reading, transaction, transition
from storage.model import Batch, Document, DocumentStatus, NewDocument, Progress, Terms
from storage.outbox import put_ring
from storage.schema import archived, batches, book_entries, documents, dossiers, offices, units
from storage.units import ORDER

_TURN = 500.0  # documents of one office in one turn, see storage/units.py
_MANY = 1000
_DOCUMENT = select(documents).where(documents.c.id == bindparam("which"))


class Batches:
    """What was asked for; every method is one transaction and harmless to repeat."""

    _engine: Engine
    _clock: Clock

    @transition
    def create_batch(self, tx: Connection, out: str, settings: str, new: Sequence[NewDocument], terms: Terms | None = None) -> str:
        """The batch that writes to `out`, with exactly the documents of `new`; returns its id.

        A batch that was interrupted is taken up again: a document with the same source, name, bytes and settings
        keeps what is done of it, any other is dropped or added. Raises SohoaError quota_full.
        """
        terms = terms or Terms()
        row = tx.execute(select(batches).where(batches.c.out == out).with_for_update()).mappings().first()
        if row and row["settings"] != settings:
            _drop(tx, row["id"])
            row = None
        batch = str(row["id"]) if row else self._new_batch(tx, out, settings, terms)
        if row:
            tx.execute(update(batches).where(batches.c.id == batch).values(terms=_encode(terms), state="open"))
        kept = {
            (d["source"], d["name"], d["sha256"]): d["id"]
            for d in tx.execute(select(documents).where(documents.c.batch == batch)).mappings()
            if d["status"] != "failed"
        }
        wanted = {(n.source, n.name, n.sha256) for n in new}
        stale = [d for key, d in kept.items() if key not in wanted]
        failed = select(documents.c.id).where(documents.c.batch == batch, documents.c.status == "failed")
        for document in [*stale, *tx.execute(failed).scalars()]:
            _drop_document(tx, document)
        added = []
        for position, n in enumerate(new):
            if known := kept.get((n.source, n.name, n.sha256)):
                tx.execute(update(documents).where(documents.c.id == known).values(position=position))
            else:
                added.append((position, n))
        self._add(tx, batch, terms, added)
        ready = (units.c.batch == batch, units.c.state == "ready")
        if not terms.ring:
            # The process that held these leases is gone: whoever creates a batch holds its lock.
            held = (units.c.batch == batch, units.c.state == "leased")
            tx.execute(update(units).where(*held).values(state="ready", owner=None, deadline=None))
        elif row and (left := tx.execute(select(func.count()).where(*ready)).scalar_one()):
            put_ring(tx, self._clock.moment(), terms.queue, left)
        append(tx, self._clock.read(tx), terms.office, "batch.created", batch, {"documents": len(new), "added": len(added)})
        return batch

    @transition
    def add_document(self, tx: Connection, batch: str, new: NewDocument, again: bool = True) -> str:
        """The document of this upload in a standing batch, added when it is not there; returns its id.

        The same source with the same bytes is one document, however often it is asked for, unless it had failed and is to
        be tried `again`, as a new one. Another upload of the same name gets its hash behind the name. Raises SohoaError quota_full.
        """
        # One at a time in a batch, or two that ask for the same at once would both find nothing.
        row = tx.execute(select(batches).where(batches.c.id == batch).with_for_update()).mappings().one()
        here = documents.c.batch == batch
        same = (documents.c.source == new.source, documents.c.sha256 == new.sha256)
        known = tx.execute(select(documents.c.id, documents.c.status).where(here, *same)).first()
        if known and not (again and known.status == "failed"):
            return str(known.id)
        if known:
            _drop_document(tx, known.id)
        if tx.execute(select(documents.c.id).where(here, documents.c.name == new.name)).first():
            new = replace(new, name=f"{new.name}__{new.sha256[:8]}")
        position = tx.execute(select(func.coalesce(func.max(documents.c.position), -1)).where(here)).scalar_one() + 1
        return self._add(tx, batch, _decode(row["terms"]), [(position, new)])[0]

    @transition
    def open_batch(self, tx: Connection, out: str, settings: str, terms: Terms | None = None) -> str:
        """The standing batch of a service, created when it does not exist."""
        if tx.dialect.name == "postgresql":
            tx.exec_driver_sql("SELECT pg_advisory_xact_lock(7361688)")
        known = tx.execute(select(batches.c.id).where(batches.c.out == out)).scalar()
        return str(known) if known else self._new_batch(tx, out, settings, terms or Terms())

    @reading
    def batch_settings(self, tx: Connection, batch: str) -> str:
        """What the batch was asked to do, as it was given at its creation."""
        return str(tx.execute(select(batches.c.settings).where(batches.c.id == batch)).scalar_one())

    @reading
    def terms(self, tx: Connection, batch: str) -> Terms:
        """How the batch is treated."""
        return _decode(tx.execute(select(batches.c.terms).where(batches.c.id == batch)).scalar_one())

    @reading
    def batches(self, tx: Connection, office: str | None = None, only: str | None = None, limit: int | None = None) -> list[Batch]:
        """Every batch with its counts, the newest first; those of one office, or the one with this id."""
        wanted = select(batches).order_by(batches.c.created.desc()).limit(limit)
        if office is not None:
            wanted = wanted.where(batches.c.office == office)
        if only is not None:
            wanted = wanted.where(batches.c.id == only)
        rows = tx.execute(wanted).all()
        counts: dict[str, dict[str, int]] = {}
        pages: dict[str, int] = {}
        by_status = select(documents.c.batch, documents.c.status, func.count(), func.sum(documents.c.pages))
        if limit is not None or only is not None:
            by_status = by_status.where(documents.c.batch.in_([row.id for row in rows]))
        for batch, status, count, sheets in tx.execute(by_status.group_by(documents.c.batch, documents.c.status)):
            counts.setdefault(batch, {})[status] = count
            pages[batch] = pages.get(batch, 0) + int(sheets or 0)
        return [Batch(r.id, r.out, r.office, r.priority, r.state, r.created, counts.get(r.id, {}), pages.get(r.id, 0)) for r in rows]

    @transition
    def drop_batch(self, tx: Connection, batch: str) -> None:
        """Forget the batch with all its rows."""
        _drop(tx, batch)

    @transition
    def amend_document(
        self,
        tx: Connection,
        document: str,
        status: DocumentStatus,
        error_code: str | None,
        summary: dict[str, Any],
        files: dict[str, str] | None,
    ) -> None:
        """Say anew how a document that is over has ended, for what became known when others of its batch were over too."""
        values = {"status": status, "error_code": error_code, "summary": json.dumps(summary), "files": json.dumps(files) if files else None}
        tx.execute(update(documents).where(documents.c.id == document, documents.c.status != "waiting").values(**values))
        append(tx, self._clock.read(tx), "", "document.amended", document, {"status": status, "error_code": error_code})

    @transition
    def drop_document(self, tx: Connection, document: str, actor: str = "", why: str = "purged") -> None:
        """Forget one document with all its rows; the audit trail keeps that it was there, and its hash."""
        sha = tx.execute(select(documents.c.sha256).where(documents.c.id == document)).scalar()
        if sha is None:
            return
        _drop_document(tx, document)
        append(tx, self._clock.read(tx), actor, f"document.{why}", document, {"sha256": sha})

    @transition
    def drop_empty_batches(self, tx: Connection) -> None:
        """Forget batches whose last document is gone."""
        tx.execute(delete(batches).where(~batches.c.id.in_(select(documents.c.batch))))

    def compact(self) -> None:
        """Give the room of what was forgotten back, so that it cannot be read from the file any more."""
        if self._engine.dialect.name != "sqlite":
            return  # PostgreSQL vacuums by itself
        with transaction(self._engine) as tx:
            tx.exec_driver_sql("INSERT INTO page_index(page_index) VALUES ('optimize')")
        with self._engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            if raw is not None:
                raw.execute("VACUUM")
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def objects_in_use(self) -> set[str]:
        """The SHA-256 of everything that a row still needs, the released certified copies included."""
        return self.objects_needed() | self._certified()

    @reading
    def objects_needed(self, tx: Connection) -> set[str]:
        """The SHA-256 of what must lie in the object store: uploads, what lies between stages, results."""
        used = {str(sha) for sha in tx.execute(select(documents.c.sha256).where(documents.c.sha256 != "")).scalars()}
        for column in (documents.c.files, units.c.files):
            for files in tx.execute(select(column).where(column.is_not(None))).scalars():
                used |= set(json.loads(files).values())
        return used

    @reading
    def _certified(self, tx: Connection) -> set[str]:
        issued = tx.execute(select(book_entries.c.sha256).where(book_entries.c.sha256.is_not(None))).scalars()
        return {str(sha) for sha in issued} | {str(sha) for sha in tx.execute(select(archived.c.sha256)).scalars()}

    @reading
    def objects_of(self, tx: Connection, batch: str) -> set[str]:
        """The SHA-256 of everything that only rows of this batch and others like it may need."""
        mine = {
            str(sha) for sha in tx.execute(select(documents.c.sha256).where(documents.c.batch == batch, documents.c.sha256 != "")).scalars()
        }
        for column, where in ((documents.c.files, documents.c.batch == batch), (units.c.files, units.c.batch == batch)):
            for files in tx.execute(select(column).where(where, column.is_not(None))).scalars():
                mine |= set(json.loads(files).values())
        return mine

    @reading
    def documents(self, tx: Connection, batch: str, status: str | None = None, after: int = -1, limit: int | None = None) -> list[Document]:
        """The documents of a batch in the order of its inputs, from behind position `after`."""
        query = select(documents).where(documents.c.batch == batch, documents.c.position > after).limit(limit)
        if status:
            query = query.where(documents.c.status == status)
        return [_document(row) for row in tx.execute(query.order_by(documents.c.position)).mappings()]

    @reading
    def document_ids(self, tx: Connection, batch: str) -> list[str]:
        """The ids of the documents of a batch."""
        return [str(id) for id in tx.execute(select(documents.c.id).where(documents.c.batch == batch)).scalars()]

    @reading
    def document_named(self, tx: Connection, batch: str, name: str) -> Document:
        """The document of a batch that is delivered under `name`."""
        here = (documents.c.batch == batch, documents.c.name == name)
        return _document(tx.execute(select(documents).where(*here)).mappings().one())

    @reading
    def over_since(self, tx: Connection, batch: str, when: float) -> list[tuple[float, Document]]:
        """Documents of a batch that were over at `when` (Unix seconds) or later, each with its time, the oldest first."""
        query = select(documents).where(documents.c.batch == batch, documents.c.over >= when).order_by(documents.c.over)
        return [(row["over"], _document(row)) for row in tx.execute(query).mappings()]

    @reading
    def over_before(self, tx: Connection, when: float, status: str, limit: int = 1000) -> list[Document]:
        """Documents with this status that were over before `when` (Unix seconds), the oldest first: for retention."""
        query = select(documents).where(documents.c.status == status, documents.c.over < when).order_by(documents.c.over).limit(limit)
        return [_document(row) for row in tx.execute(query).mappings()]

    @reading
    def document(self, tx: Connection, document: str) -> Document:
        """One document; raises KeyError when there is none."""
        row = tx.execute(_DOCUMENT, {"which": document}).mappings().first()
        if row is None:
            raise KeyError(document)
        return _document(row)

    @reading
    def progress(self, tx: Connection, batch: str) -> Progress:
        """How far the batch is."""
        over = documents.c.status != "waiting"
        total, done = tx.execute(
            select(func.count(), func.coalesce(func.sum(case((over, 1), else_=0)), 0)).where(documents.c.batch == batch)
        ).one()
        states: dict[tuple[str, str], int] = {}
        by_state = select(units.c.stage, units.c.state, func.count()).where(units.c.batch == batch)
        for stage, state, count in tx.execute(by_state.group_by(units.c.stage, units.c.state)):
            states[stage, state] = count
        pages = {state: count for (stage, state), count in states.items() if stage == "page"}
        left = sum(count for (_, state), count in states.items() if state not in ("done", "cancelled"))
        return Progress(total, done, sum(pages.values()), pages.get("done", 0), left)

    # ------------------------------------------------------------------------------------------------ helpers

    def _new_batch(self, tx: Connection, out: str, settings: str, terms: Terms) -> str:
        batch = uuid.uuid4().hex
        about = {"id": batch, "out": out, "settings": settings, "terms": _encode(terms)}
        tx.execute(insert(batches).values(**about, office=terms.office, priority=terms.priority, created=self._clock.moment()))
        return batch

    def _add(self, tx: Connection, batch: str, terms: Terms, new: Sequence[tuple[int, NewDocument]]) -> list[str]:
        """Insert documents and what is to be done first with each; returns their ids."""
        accepted = [n for _, n in new if not n.error_code]
        share = _share(tx, terms, len(accepted))
        in_dossier = self._dossiers(tx, batch, accepted)
        rows, first, step = [], [], 1 / terms.weight
        for position, n in new:
            row = {"id": uuid.uuid4().hex, "batch": batch, "position": position, "source": n.source, "name": n.name, "sha256": n.sha256}
            row |= {
                "dossier": in_dossier.get(n.dossier or ""),
                "error_code": n.error_code,
                "status": "failed" if n.error_code else "waiting",
            }
            if not n.error_code:
                share += step
                unit = {"document": row["id"], "batch": batch, "stage": "open", "order": ORDER["open"], "share": share}
                unit |= {"queue": terms.queues.get("open", terms.queue), "priority": terms.priority, "turn": int(share // _TURN)}
                first.append(unit)
            rows.append({**row, "share": share, "turn": int(share // _TURN)})
        now = self._clock.moment()
        for start in range(0, len(rows), _MANY):
            tx.execute(insert(documents), rows[start : start + _MANY])
        for start in range(0, len(first), _MANY):
            tx.execute(insert(units).values(since=now), first[start : start + _MANY])
        more = batches.c.documents_left + len(accepted)
        tx.execute(update(batches).where(batches.c.id == batch).values(documents_left=more, state="open"))
        if terms.ring and first:
            put_ring(tx, now, terms.queues.get("open", terms.queue), len(first))
        return [str(row["id"]) for row in rows]

    @staticmethod
    def _dossiers(tx: Connection, batch: str, new: Sequence[NewDocument]) -> dict[str, str]:
        counts: dict[str, int] = {}
        for n in new:
            if n.dossier:
                counts[n.dossier] = counts.get(n.dossier, 0) + 1
        ids = {}
        for name, count in counts.items():
            here = (dossiers.c.batch == batch, dossiers.c.name == name)
            more = update(dossiers).where(*here).values(documents_left=dossiers.c.documents_left + count).returning(dossiers.c.id)
            known = tx.execute(more).scalar()
            ids[name] = known or uuid.uuid4().hex
            if not known:
                tx.execute(insert(dossiers).values(id=ids[name], batch=batch, name=name, documents_left=count))
        return ids


def _share(tx: Connection, terms: Terms, count: int) -> float:
    """Where the office's next document stands in virtual time; takes room for `count` of them. Raises quota_full."""
    if not count:
        return 0.0
    mine = offices.c.name == terms.office
    row = tx.execute(select(offices).where(mine).with_for_update()).first()
    if row is None:
        tx.execute(insert(offices).values(name=terms.office))
    waiting, last = (row.waiting, row.share) if row else (0, 0.0)
    if terms.most_waiting is not None and waiting + count > terms.most_waiting:
        raise SohoaError("quota_full", waiting=waiting, most=terms.most_waiting)
    ready = (text("state = 'ready'"), units.c.queue == terms.queue, units.c.priority == terms.priority)
    order = (units.c.turn, units.c.order, units.c.share, units.c.id)
    served = tx.execute(select(units.c.share).where(*ready).order_by(*order).limit(1)).scalar()
    start = max(last, served or 0.0)
    tx.execute(update(offices).where(mine).values(share=start + count / terms.weight, waiting=waiting + count))
    return start


def _drop(tx: Connection, batch: str) -> None:
    waiting = tx.execute(select(func.count()).where(documents.c.batch == batch, documents.c.status == "waiting")).scalar_one()
    office = select(batches.c.office).where(batches.c.id == batch).scalar_subquery()
    tx.execute(update(offices).where(offices.c.name == office).values(waiting=offices.c.waiting - waiting))
    tx.execute(delete(batches).where(batches.c.id == batch))


def _drop_document(tx: Connection, document: str) -> None:
    row = tx.execute(delete(documents).where(documents.c.id == document).returning(documents)).mappings().one()
    if row["status"] != "waiting":
        return
    tx.execute(update(batches).where(batches.c.id == row["batch"]).values(documents_left=batches.c.documents_left - 1))
    if row["dossier"]:
        tx.execute(update(dossiers).where(dossiers.c.id == row["dossier"]).values(documents_left=dossiers.c.documents_left - 1))
    office = select(batches.c.office).where(batches.c.id == row["batch"]).scalar_subquery()
    tx.execute(update(offices).where(offices.c.name == office).values(waiting=offices.c.waiting - 1))


def _encode(terms: Terms) -> str:
    return msgspec.json.encode(terms).decode()


def _decode(text: str | None) -> Terms:
    return msgspec.json.decode(text, type=Terms) if text else Terms()


def _document(row: Mapping[Any, Any]) -> Document:
    return Document(
        id=row["id"],
        batch=row["batch"],
        position=row["position"],
        source=row["source"],
        name=row["name"],
        sha256=row["sha256"],
        media_type=row["media_type"],
        facts=json.loads(row["facts"] or "{}"),
        pages=row["pages"],
        status=row["status"],
        error_code=row["error_code"],
        summary=json.loads(row["summary"] or "{}"),
        seconds=row["seconds"],
        files=json.loads(row["files"] or "{}"),
        dossier=row["dossier"],
    )
