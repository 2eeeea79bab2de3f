"""The truth about every batch, document and unit of work (design rule 4).

A unit is claimed with a lease whose attempt number only grows, and finished in one transaction that refuses any
other attempt. The last page of a document opens its next stage in the same transaction, so that no crash can lose
the join. Nothing here knows what a unit does.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlalchemy import Connection, Engine, and_, case, delete, func, insert, or_, select, update

from sohoa.errors import SohoaError
from storage.database import transaction
from storage.schema import batches, book_entries, documents, units

Stage = Literal["open", "page", "finish"]
DocumentStatus = Literal["waiting", "done", "review", "partial", "failed"]

# Opening comes first: it is cheap, and only then is the number of pages known and the time left honest.
# Finishing comes before further pages, so that results leave as early as they can.
_ORDER: Mapping[str, int] = {"open": 0, "finish": 1, "page": 2}
MOST_DEATHS = 3


@dataclass(frozen=True)
class NewDocument:
    """An upload that intake accepted or refused (`error_code`)."""

    source: str
    name: str
    sha256: str
    error_code: str | None = None


@dataclass(frozen=True)
class Document:
    """One row of a batch. `facts` is what opening found, `summary` what the batch report shows."""

    id: str
    batch: str
    position: int
    source: str
    name: str
    sha256: str
    media_type: str | None
    facts: dict[str, Any]
    pages: int
    status: DocumentStatus
    error_code: str | None
    summary: dict[str, Any]
    seconds: float


@dataclass(frozen=True)
class Claim:
    """A lease on one unit of work. `attempt` is the fencing token: a finish with an older one is refused."""

    unit: int
    document: str
    batch: str
    stage: Stage
    page: int
    attempt: int
    deaths: int


@dataclass(frozen=True)
class Opened:
    """Opening is over: the document has `pages` pages to read."""

    media_type: str
    pages: int
    facts: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True)
class PageRead:
    """One page is over; `result` is what finishing needs of it, as JSON."""

    result: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Finished:
    """The document is over, well or badly."""

    status: DocumentStatus
    error_code: str | None = None
    summary: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


Outcome = Opened | PageRead | Finished


@dataclass(frozen=True)
class Progress:
    """Counts of one batch, for the progress bar. `pages_total` grows while documents are being opened."""

    documents: int
    documents_over: int
    pages_total: int
    pages_over: int
    units_left: int


class Records:
    """The rows, behind one method per transition. `now` gives Unix seconds."""

    def __init__(self, engine: Engine, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._now = now

    # ------------------------------------------------------------------------------------------------ batches

    def create_batch(self, out: str, settings: str, new: Sequence[NewDocument]) -> str:
        """The batch that writes to `out`, with exactly the documents of `new`; returns its id.

        A batch that was interrupted is taken up again: a document with the same source, name, bytes and settings
        keeps what is done of it, any other is dropped or added.
        """
        with transaction(self._engine) as tx:
            row = tx.execute(select(batches).where(batches.c.out == out)).mappings().first()
            if row and row["settings"] != settings:
                self._drop(tx, row["id"])
                row = None
            batch = row["id"] if row else uuid.uuid4().hex
            if not row:
                tx.execute(insert(batches).values(id=batch, out=out, settings=settings, created=self._now()))
            kept = {
                (d["source"], d["name"], d["sha256"]): d["id"]
                for d in tx.execute(select(documents).where(documents.c.batch == batch)).mappings()
                if d["status"] != "failed"
            }
            wanted = {(n.source, n.name, n.sha256) for n in new}
            stale = [d for key, d in kept.items() if key not in wanted]
            failed = select(documents.c.id).where(documents.c.batch == batch, documents.c.status == "failed")
            for document in [*stale, *tx.execute(failed).scalars()]:
                tx.execute(delete(documents).where(documents.c.id == document))
            for position, n in enumerate(new):
                if known := kept.get((n.source, n.name, n.sha256)):
                    tx.execute(update(documents).where(documents.c.id == known).values(position=position))
                else:
                    self._add(tx, batch, position, n)
            # The process that held these leases is gone: whoever creates a batch holds its lock.
            tx.execute(
                update(units).where(units.c.batch == batch, units.c.state == "leased").values(state="ready", owner=None, deadline=None)
            )
        return batch

    def add_document(self, batch: str, new: NewDocument) -> str:
        """The document of this upload in a standing batch, added when it is not there; returns its id.

        The same source with the same bytes is one document, however often it is asked for, unless it had failed. Another
        upload of the same name gets its hash behind the name.
        """
        with transaction(self._engine) as tx:
            known = tx.execute(select(documents).where(documents.c.batch == batch)).mappings().all()
            for row in known:
                if (row["source"], row["sha256"]) == (new.source, new.sha256):
                    if row["status"] != "failed":
                        return str(row["id"])
                    tx.execute(delete(documents).where(documents.c.id == row["id"]))
                elif row["name"] == new.name:
                    new = replace(new, name=f"{new.name}__{new.sha256[:8]}")
            return self._add(tx, batch, len(known), new)

    def open_batch(self, out: str, settings: str) -> str:
        """The standing batch of a service, created when it does not exist."""
        with transaction(self._engine) as tx:
            known = tx.execute(select(batches.c.id).where(batches.c.out == out)).scalar()
            if known:
                return str(known)
            batch = uuid.uuid4().hex
            tx.execute(insert(batches).values(id=batch, out=out, settings=settings, created=self._now()))
            return batch

    def batch_settings(self, batch: str) -> str:
        """What the batch was asked to do, as it was given at its creation."""
        with transaction(self._engine) as tx:
            return str(tx.execute(select(batches.c.settings).where(batches.c.id == batch)).scalar_one())

    def free_leases(self) -> None:
        """Give back every leased unit: for a process that alone works on these records, at its start."""
        with transaction(self._engine) as tx:
            held = units.c.state == "leased"
            tx.execute(update(units).where(held).values(state="ready", owner=None, deadline=None))

    def drop_batch(self, batch: str) -> None:
        """Forget the batch with all its rows."""
        with transaction(self._engine) as tx:
            self._drop(tx, batch)

    def drop_document(self, document: str) -> None:
        """Forget one document with all its rows."""
        with transaction(self._engine) as tx:
            tx.execute(delete(documents).where(documents.c.id == document))

    def objects_in_use(self) -> set[str]:
        """SHA-256 of every object that a document or the register of certified copies still needs."""
        issued = select(book_entries.c.sha256).where(book_entries.c.sha256.is_not(None))
        with transaction(self._engine) as tx:
            return set(tx.execute(select(documents.c.sha256)).scalars()) | set(tx.execute(issued).scalars())

    def documents(self, batch: str) -> list[Document]:
        """The batch's documents in the order of its inputs."""
        with transaction(self._engine) as tx:
            rows = tx.execute(select(documents).where(documents.c.batch == batch).order_by(documents.c.position)).mappings().all()
        return [_document(row) for row in rows]

    def document(self, document: str) -> Document:
        """One document; raises KeyError when it is not known."""
        with transaction(self._engine) as tx:
            row = tx.execute(select(documents).where(documents.c.id == document)).mappings().first()
        if row is None:
            raise KeyError(document)
        return _document(row)

    def progress(self, batch: str) -> Progress:
        """How far the batch is."""
        over = documents.c.status != "waiting"
        with transaction(self._engine) as tx:
            total, done = tx.execute(
                select(func.count(), func.coalesce(func.sum(case((over, 1), else_=0)), 0)).where(documents.c.batch == batch)
            ).one()
            of_pages = select(units.c.state, func.count()).where(units.c.batch == batch, units.c.stage == "page").group_by(units.c.state)
            state = {str(row[0]): int(row[1]) for row in tx.execute(of_pages)}
            left = tx.execute(select(func.count()).where(units.c.batch == batch, units.c.state != "done")).scalar_one()
        return Progress(total, done, sum(state.values()), state.get("done", 0), left)

    # --------------------------------------------------------------------------------------------------- work

    def claim(self, owner: str, lease: float, batch: str | None = None) -> Claim | None:
        """Lease the next unit for `lease` seconds, or None when there is nothing to do now.

        An overdue lease is free again: its holder died or hangs, and what it sends later is refused.
        """
        now = self._now()
        free = or_(units.c.state == "ready", and_(units.c.state == "leased", units.c.deadline < now))
        if batch:
            free = and_(free, units.c.batch == batch)
        nearest = select(units.c.id).where(free).order_by(units.c.order, units.c.id).limit(1).scalar_subquery()
        with transaction(self._engine) as tx:
            row = (
                tx.execute(
                    update(units)
                    .where(units.c.id == nearest)
                    .values(state="leased", attempt=units.c.attempt + 1, owner=owner, deadline=now + lease)
                    .returning(units)
                )
                .mappings()
                .first()
            )
        if row is None:
            return None
        return Claim(row["id"], row["document"], row["batch"], row["stage"], row["page"], row["attempt"], row["deaths"])

    def finish(self, claim: Claim, outcome: Outcome) -> bool:
        """Record what became of a claimed unit and open the next stage, in one transaction.

        Returns False, and changes nothing, when the lease had been given to another in the meantime.
        """
        with transaction(self._engine) as tx:
            mine = and_(units.c.id == claim.unit, units.c.attempt == claim.attempt, units.c.state == "leased")
            result = outcome.result if isinstance(outcome, PageRead) else None
            if tx.execute(update(units).where(mine).values(state="done", owner=None, deadline=None, result=result)).rowcount != 1:
                return False
            document = documents.c.id == claim.document
            spent = documents.c.seconds + outcome.seconds
            if isinstance(outcome, Opened):
                tx.execute(
                    update(documents)
                    .where(document)
                    .values(
                        media_type=outcome.media_type,
                        pages=outcome.pages,
                        pages_left=outcome.pages,
                        facts=json.dumps(outcome.facts),
                        seconds=spent,
                    )
                )
                stage: Stage = "page" if outcome.pages else "finish"
                self._ring(tx, claim, stage, range(1, outcome.pages + 1) if outcome.pages else [0])
            elif isinstance(outcome, PageRead):
                left = tx.execute(
                    update(documents)
                    .where(document)
                    .values(pages_left=documents.c.pages_left - 1, seconds=spent)
                    .returning(documents.c.pages_left)
                ).scalar_one()
                if left == 0:
                    self._ring(tx, claim, "finish", [0])
            else:
                tx.execute(
                    update(documents)
                    .where(document)
                    .values(status=outcome.status, error_code=outcome.error_code, summary=json.dumps(outcome.summary), seconds=spent)
                )
        return True

    def release(self, claim: Claim, died: bool = False) -> None:
        """Give a unit back unfinished; `died` counts one death of a worker on it."""
        with transaction(self._engine) as tx:
            tx.execute(
                update(units)
                .where(units.c.id == claim.unit, units.c.attempt == claim.attempt, units.c.state == "leased")
                .values(state="ready", owner=None, deadline=None, deaths=units.c.deaths + (1 if died else 0))
            )

    def page_results(self, document: str) -> list[str]:
        """What the pages of a document gave, in page order, as JSON."""
        with transaction(self._engine) as tx:
            rows = tx.execute(
                select(units.c.result).where(units.c.document == document, units.c.stage == "page").order_by(units.c.page)
            ).scalars()
            return [row for row in rows if row is not None]

    # ------------------------------------------------------------------------------------------------ helpers

    def _add(self, tx: Connection, batch: str, position: int, new: NewDocument) -> str:
        document = uuid.uuid4().hex
        status = "failed" if new.error_code else "waiting"
        tx.execute(
            insert(documents).values(
                id=document,
                batch=batch,
                position=position,
                source=new.source,
                name=new.name,
                sha256=new.sha256,
                status=status,
                error_code=new.error_code,
            )
        )
        if not new.error_code:
            tx.execute(insert(units).values(document=document, batch=batch, stage="open", order=_ORDER["open"]))
        return document

    @staticmethod
    def _ring(tx: Connection, claim: Claim, stage: Stage, pages: Iterable[int]) -> None:
        tx.execute(
            insert(units),
            [{"document": claim.document, "batch": claim.batch, "stage": stage, "page": page, "order": _ORDER[stage]} for page in pages],
        )

    @staticmethod
    def _drop(tx: Connection, batch: str) -> None:
        tx.execute(delete(batches).where(batches.c.id == batch))


def _document(row: Mapping[Any, Any]) -> Document:
    return Document(
        row["id"],
        row["batch"],
        row["position"],
        row["source"],
        row["name"],
        row["sha256"],
        row["media_type"],
        json.loads(row["facts"] or "{}"),
        row["pages"],
        row["status"],
        row["error_code"],
        json.loads(row["summary"] or "{}"),
        row["seconds"],
    )


def stale(claim: Claim) -> SohoaError:
    """The error of a holder whose lease went to another."""
    return SohoaError("lease_lost", unit=claim.unit)
