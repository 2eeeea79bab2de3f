"""The state machine of one unit of work: ready → leased → done, with delayed and cancelled beside the way.

What is claimed next is settled when a document arrives, so that a claim is one look into an index however long the
backlog is. The order is: interactive before bulk; then the *turn*, a stretch of 500 documents of every office; within a
turn opening before finishing before pages (only opened documents have known pages, and results should leave early); then
the *share*, the virtual time of start-time fair queueing: an office's next document stands its weight's worth behind its
last one, and never before what is being served now. So an office with 100,000 documents in the queue and one with ten
are served side by side.
"""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Executable, Float, Table, and_, bindparam, delete, func, insert, or_, select, text, update

from storage.audit import append
from storage.clock import SERVER_CLOCK, Clock
from storage.database import lightly, reading, transition
from storage.model import LOCAL, MOST_DEATHS, Claim, DeadLetter, Finished, Opened, Outcome, PageRead, QueueLoad, Stage, Terms, Unsigned
from storage.outbox import put_event, put_ring
from storage.schema import batches, documents, dossiers, offices, units
from storage.search import store_texts

# Opening comes first: it is cheap, and only then is the number of pages known and the time left honest.
# Finishing and signing come before further pages, so that results leave as early as they can.
ORDER: Mapping[str, int] = {"open": 0, "finish": 1, "sign": 1, "page": 2}


class Units:
    """Leases and transitions; every method is one transaction and harmless to repeat."""

    _engine: Engine
    _clock: Clock

    @lightly
    def claim(
        self, tx: Connection, owner: str, lease: float, batch: str | None = None, queues: Sequence[str] = ("reading",)
    ) -> Claim | None:
        """Lease the next unit of `batch`, or else of the first of `queues` that has one, for `lease` seconds.

        None when there is nothing to do now. What is overdue becomes free by `sweep` alone.
        """
        now = self._clock.moment()
        if _shared(tx):
            # The index has the order we want; with statistics from before a large batch the planner would rather sort it all.
            tx.exec_driver_sql("SET LOCAL enable_sort TO OFF; SET LOCAL enable_bitmapscan TO OFF; SET LOCAL enable_seqscan TO OFF")
        whose, places = ("batch", [batch]) if batch else ("queue", queues)
        for place in places:
            row = tx.execute(_claim(whose, _shared(tx), _timed(now)), {**_at(now), "where": place, "by": owner, "lease": lease}).first()
            if row is not None:
                return Claim(*row)
        return None

    @lightly
    def renew(self, tx: Connection, claims: Iterable[Claim], lease: float) -> None:
        """Prolong the leases that are still held."""
        for claim in claims:
            tx.execute(update(units).where(_HELD).values(deadline=self._clock.moment() + lease), _lease(claim))

    @reading
    def lost(self, tx: Connection, claims: Iterable[Claim]) -> set[int]:
        """The units of those leases that are not held any more: whoever works on them should stop."""
        asked = {claim.unit: claim.attempt for claim in claims}
        if not asked:
            return set()
        held = select(units.c.id, units.c.attempt).where(units.c.id.in_(asked), units.c.state == "leased")
        return asked.keys() - {row.id for row in tx.execute(held) if asked[row.id] == row.attempt}

    def sweep(self, batch: str | None = None, began: float | None = None) -> int:
        """Free what is overdue: leases whose worker is lost, counted as a death, and units whose pause is over.

        `began` is when the caller's round did (`time.monotonic`): what ran out since then, while the database kept everybody waiting,
        is nobody's death. Returns how many became ready. Looking costs no write.
        """
        began = time.monotonic() if began is None else began
        return self._free(batch, began) if self._anything_due(batch, began) else 0

    @reading
    def _anything_due(self, tx: Connection, batch: str | None, began: float) -> bool:
        due = _due(self._clock.moment() - (time.monotonic() - began), batch)
        return tx.execute(select(units.c.id).where(due).limit(1)).first() is not None

    @lightly
    def _free(self, tx: Connection, batch: str | None, began: float) -> int:
        now = self._clock.moment()
        due = _due(now - (time.monotonic() - began), batch)
        overdue = select(units.c.id, units.c.state, units.c.queue).where(due).limit(1000)
        rows = tx.execute(overdue.with_for_update(skip_locked=True) if _shared(tx) else overdue).all()
        lost = [row.id for row in rows if row.state == "leased"]
        free: dict[str, Any] = {"state": "ready", "owner": None, "deadline": None, "since": now}
        for ids, more in ((lost, {"deaths": units.c.deaths + 1, "cause": "worker_lost"}), ([r.id for r in rows if r.id not in lost], {})):
            if ids:
                tx.execute(update(units).where(units.c.id.in_(ids)).values(**free, **more))
        if _shared(tx):
            for queue in {row.queue for row in rows} - {LOCAL}:
                put_ring(tx, now, queue, sum(row.queue == queue for row in rows))
        return len(rows)

    @transition
    def forgive(self, tx: Connection, lease: float) -> None:
        """The clock was set: give every lease its full time anew, and let no pause end later than ten minutes from now."""
        now = self._clock.moment()
        tx.execute(update(units).where(units.c.state == "leased").values(deadline=now + lease))
        tx.execute(update(units).where(units.c.state == "delayed", units.c.deadline > now + 600).values(deadline=now + 600))

    @transition
    def finish(self, tx: Connection, claim: Claim, outcome: Outcome) -> bool:
        """Record what became of a claimed unit and open the next stage, in one transaction.

        Returns False, and changes nothing, when the lease had been given to another in the meantime.
        """
        failed = outcome.failed if isinstance(outcome, PageRead) else outcome.error_code if isinstance(outcome, Finished) else None
        done: dict[str, Any] = {"cause": failed, "seconds": outcome.seconds}
        if isinstance(outcome, PageRead):
            done |= {"result": outcome.result}
        elif isinstance(outcome, Unsigned):
            done |= {"result": json.dumps(outcome.summary)}
        if isinstance(outcome, PageRead | Unsigned):
            done |= {"files": json.dumps(outcome.files) if outcome.files else None}
        if tx.execute(_done(*done), _new(done) | _lease(claim)).rowcount != 1:
            return False
        now = self._clock.moment()
        which = {"which": claim.document, "spent": outcome.seconds}
        if isinstance(outcome, Opened):
            facts = {
                "media_type": outcome.media_type,
                "pages": outcome.pages,
                "pages_left": outcome.pages,
                "facts": json.dumps(outcome.facts),
            }
            tx.execute(_document_with(*facts), _new(facts) | which)
            if outcome.pages:
                self._ring(tx, now, claim, "page", range(1, outcome.pages + 1))
            else:
                self._ring(tx, now, claim, "finish", [0])
        elif isinstance(outcome, PageRead):
            if tx.execute(_PAGE_LESS, which).scalar_one() == 0:
                self._ring(tx, now, claim, "finish", [0])
        elif isinstance(outcome, Unsigned):
            tx.execute(_document_with(), which)
            self._ring(tx, now, claim, "sign", [0])
        else:
            self._over(tx, now, claim.document, outcome, outcome.seconds)
        return True

    @transition
    def release(self, tx: Connection, claim: Claim, died: bool = False, pause: float | None = None, cause: str | None = None) -> None:
        """Give a unit back unfinished. `died` counts one death of a worker on it; `pause` counts one failure that may pass by
        itself, and keeps the unit from everybody for so many seconds."""
        now = self._clock.moment()
        values: dict[str, Any] = {"state": "ready", "owner": None, "deadline": None, "since": now}
        if pause is not None:
            values |= {"state": "delayed", "deadline": now + pause, "tries": units.c.tries + 1}
        if died:
            values["deaths"] = units.c.deaths + 1
        if cause:
            values["cause"] = cause
        tx.execute(update(units).where(_HELD).values(**values), _lease(claim))

    @transition
    def free_leases(self, tx: Connection) -> None:
        """Give back every leased unit: for a process that alone works on these records, at its start."""
        tx.execute(update(units).where(units.c.state == "leased").values(state="ready", owner=None, deadline=None))

    @transition
    def cancel(self, tx: Connection, batch: str, actor: str = "") -> int:
        """Stop a batch for good: what waits is dropped, what is in work is taken from its worker, which then kills it.

        Its unfinished documents end as failed with the code `cancelled`; returns how many.
        """
        now = self._clock.moment()
        tx.execute(update(batches).where(batches.c.id == batch).values(state="cancelled"))
        tx.execute(
            update(units)
            .where(units.c.batch == batch, units.c.state.in_(("ready", "leased", "delayed")))
            .values(state="cancelled", owner=None, deadline=None)
        )
        waiting = tx.execute(select(documents.c.id).where(documents.c.batch == batch, documents.c.status == "waiting")).scalars().all()
        for document in waiting:
            self._over(tx, now, document, Finished("failed", "cancelled"), 0.0)
        append(tx, self._clock.read(tx), actor, "batch.cancelled", batch, {"documents": len(waiting)})
        return len(waiting)

    @transition
    def retry(self, tx: Connection, document: str, pages_kept: bool = False, actor: str = "") -> None:
        """Work again on a document that is over: on what failed of it where `pages_kept`, else from the start.

        Attempt numbers go on growing, so that nothing late from before is taken for this try.
        """
        row = tx.execute(select(documents).where(documents.c.id == document).with_for_update()).mappings().one()
        if row["status"] == "waiting":
            return
        now = self._clock.moment()
        mine = units.c.document == document
        again: dict[str, Any] = {"state": "ready", "owner": None, "deadline": None, "deaths": 0, "tries": 0, "cause": None, "since": now}
        failed = tx.execute(select(func.count()).where(mine, units.c.stage == "page", units.c.cause.is_not(None))).scalar_one()
        if pages_kept and failed:
            tx.execute(delete(units).where(mine, units.c.stage.in_(("finish", "sign"))))
            tx.execute(update(units).where(mine, units.c.stage == "page", units.c.cause.is_not(None)).values(**again))
            left = failed
        else:
            tx.execute(delete(units).where(mine, units.c.stage != "open"))
            tx.execute(update(units).where(mine).values(**again))
            left = 0
        fresh = {"status": "waiting", "error_code": None, "summary": None, "files": None, "over": None}
        tx.execute(update(documents).where(documents.c.id == document).values(**fresh, pages_left=left))
        tx.execute(update(batches).where(batches.c.id == row["batch"]).values(state="open", documents_left=batches.c.documents_left + 1))
        if row["dossier"]:
            more = dossiers.c.documents_left + 1
            tx.execute(update(dossiers).where(dossiers.c.id == row["dossier"]).values(documents_left=more))
        _count_waiting(tx, row["batch"], 1)
        terms = _terms(tx, row["batch"])
        if terms.ring:
            put_ring(tx, now, terms.queue, left or 1)
        append(tx, self._clock.read(tx), actor, "document.retried", document, {"pages": left})

    @reading
    def page_results(self, tx: Connection, document: str) -> list[str]:
        """What the pages of a document gave, in page order, as JSON."""
        return [row for row in tx.execute(_PAGE_RESULTS, {"which": document}).scalars() if row is not None]

    @reading
    def page_states(self, tx: Connection, document: str) -> list[tuple[int, str, str | None]]:
        """(page, state, code of what went wrong last) of every page of a document, in page order."""
        columns = (units.c.page, units.c.state, units.c.cause)
        query = select(*columns).where(units.c.document == document, units.c.stage == "page").order_by(units.c.page)
        return [(row.page, row.state, row.cause) for row in tx.execute(query)]

    @reading
    def unsigned(self, tx: Connection, document: str) -> Unsigned:
        """What finishing left for signing."""
        row = tx.execute(select(units).where(units.c.document == document, units.c.stage == "finish")).mappings().one()
        return Unsigned(json.loads(row["result"]), row["seconds"], json.loads(row["files"] or "{}"))

    @reading
    def stage_files(self, tx: Connection, document: str, *stages: Stage) -> dict[str, str]:
        """The files that these stages left in the object store for later ones, name by SHA-256."""
        mine = (units.c.document == document, units.c.stage.in_(stages), units.c.files.is_not(None))
        rows = tx.execute(select(units.c.files).where(*mine)).scalars()
        return {name: sha for row in rows for name, sha in json.loads(row).items()}

    @reading
    def dead_letters(self, tx: Connection, batch: str | None = None, limit: int = 1000) -> list[DeadLetter]:
        """What was given up, newest first, with its cause."""
        where = [units.c.cause.is_not(None), units.c.state == "done"]
        if batch:
            where.append(units.c.batch == batch)
        columns = [units.c[name] for name in ("id", "batch", "document")] + [documents.c.name]
        columns += [units.c[name] for name in ("stage", "page", "cause", "deaths", "tries")]
        query = select(*columns).join(documents, documents.c.id == units.c.document).where(*where)
        return [DeadLetter(*row) for row in tx.execute(query.order_by(units.c.id.desc()).limit(limit))]

    @reading
    def loads(self, tx: Connection) -> list[QueueLoad]:
        """Every queue that has work, for metrics and for the operator."""
        now = self._clock.read(tx)
        found: dict[str, dict[str, float]] = {}
        waiting = select(units.c.queue, units.c.state, func.count(), func.min(units.c.since)).where(or_(_READY, _DUE))
        for queue, state, count, since in tx.execute(waiting.group_by(units.c.queue, units.c.state)):
            found.setdefault(queue, {})[state] = count
            if state == "ready":
                found[queue]["oldest"] = max(0.0, now - since)
        recent = select(units.c.queue, units.c.seconds).where(units.c.state == "done").order_by(units.c.id.desc()).limit(200).subquery()
        means = {row[0]: float(row[1]) for row in tx.execute(select(recent.c.queue, func.avg(recent.c.seconds)).group_by(recent.c.queue))}
        return [
            QueueLoad(
                queue,
                int(one.get("ready", 0)),
                one.get("oldest", 0.0),
                int(one.get("leased", 0)),
                int(one.get("delayed", 0)),
                means.get(queue, 1.0),
            )
            for queue, one in sorted(found.items())
        ]

    # ------------------------------------------------------------------------------------------------ helpers

    @staticmethod
    def _ring(tx: Connection, now: Any, claim: Claim, stage: Stage, pages: Iterable[int]) -> None:
        """Open the next stage; who waits for it hears of it by a message where messages are used."""
        terms = _terms(tx, claim.batch)
        turn, share = tx.execute(_TURN, {"which": claim.document}).one()
        queue = terms.queues.get(stage, terms.queue)
        common = {"document": claim.document, "batch": claim.batch, "stage": stage, "queue": queue, "order": ORDER[stage]}
        common |= {"priority": terms.priority, "turn": turn, "share": share}
        rows = [{**common, **_at(now), "page": page} for page in pages]
        tx.execute(_opened(_timed(now)), rows)
        if terms.ring:
            put_ring(tx, now, queue, len(rows))

    def _over(self, tx: Connection, now: Any, document: str, outcome: Finished, spent: float) -> None:
        """A document is over: its row, its texts, its batch's and its dossier's count, and who is to hear of it."""
        values: dict[str, Any] = {"status": outcome.status, "error_code": outcome.error_code, "summary": json.dumps(outcome.summary)}
        values |= {"files": json.dumps(outcome.files) if outcome.files else None}
        row = tx.execute(_document_over(_timed(now)), _new(values) | _at(now) | {"which": document, "spent": spent}).one()
        store_texts(tx, document, outcome.texts)
        terms = _terms(tx, row.batch)
        said = {"status": outcome.status, "error_code": outcome.error_code}
        events: list[tuple[str, str | None, dict[str, Any]]] = [("document.finished", document, said)]
        if row.dossier:
            less = update(dossiers).where(dossiers.c.id == row.dossier).values(documents_left=dossiers.c.documents_left - 1)
            if tx.execute(less.returning(dossiers.c.documents_left)).scalar_one() == 0:
                events.append(("dossier.finished", None, {"dossier": row.dossier}))
        if tx.execute(_DOCUMENT_LESS, {"which": row.batch}).scalar_one() == 0:
            events.append(("batch.finished", None, {}))
        _count_waiting(tx, row.batch, -1)
        if terms.notify:
            for topic, which, payload in events:
                put_event(tx, now, topic, row.batch, which, payload)
        append(tx, self._clock.read(tx), "", "document.finished", document, {**said, "sha256": row.sha256})


# Written out, not passed as values: a database chooses a partial index only when it sees its condition in the query.
_READY = text("state = 'ready'")
_DUE = text("state in ('leased', 'delayed')")
_CLAIM = [units.c[name] for name in ("id", "document", "batch", "stage", "page", "attempt", "deaths", "tries", "cause")]


# What happens several times for every page is built once: building a statement costs SQLAlchemy five times what executing it does.
# Their parameters: "which" document or batch, seconds "spent", new values as "new_<column>", "now" unless the server's clock tells.
_HELD = and_(units.c.id == bindparam("unit"), units.c.attempt == bindparam("try"), units.c.state == "leased")
_PAGE_LESS = (
    update(documents)
    .where(documents.c.id == bindparam("which"))
    .values(pages_left=documents.c.pages_left - 1, seconds=documents.c.seconds + bindparam("spent"))
    .returning(documents.c.pages_left)
)
_DOCUMENT_LESS = (
    update(batches)
    .where(batches.c.id == bindparam("which"))
    .values(documents_left=batches.c.documents_left - 1)
    .returning(batches.c.documents_left)
)
_PAGE_RESULTS = select(units.c.result).where(units.c.document == bindparam("which"), units.c.stage == "page").order_by(units.c.page)
_TURN = select(documents.c.turn, documents.c.share).where(documents.c.id == bindparam("which"))
_TERMS = select(batches.c.terms).where(batches.c.id == bindparam("which"))
_WAITING = (
    update(offices)
    .where(offices.c.name == select(batches.c.office).where(batches.c.id == bindparam("which")).scalar_subquery())
    .values(waiting=offices.c.waiting + bindparam("more"))
)


@cache
def _claim(whose: str, shared: bool, timed: bool) -> Executable:
    order = (units.c.priority, units.c.turn, units.c.order, units.c.share, units.c.id)
    first = select(units.c.id).where(units.c[whose] == bindparam("where"), _READY).order_by(*order).limit(1)
    first = first.with_for_update(skip_locked=True) if shared else first
    until = _moment(timed) + bindparam("lease", type_=Float)
    values = {"state": "leased", "attempt": units.c.attempt + 1, "owner": bindparam("by"), "deadline": until}
    return update(units).where(units.c.id == first.scalar_subquery(), _READY).values(**values).returning(*_CLAIM)


@cache
def _done(*columns: str) -> Executable:
    return update(units).where(_HELD).values(state="done", owner=None, deadline=None, **_given(units, columns))


@cache
def _document_with(*columns: str) -> Executable:
    spent = documents.c.seconds + bindparam("spent")
    return update(documents).where(documents.c.id == bindparam("which")).values(seconds=spent, **_given(documents, columns))


@cache
def _document_over(timed: bool) -> Executable:
    values = _given(documents, ("status", "error_code", "summary", "files"))
    values |= {"seconds": documents.c.seconds + bindparam("spent"), "over": _moment(timed)}
    whose = (documents.c.batch, documents.c.dossier, documents.c.sha256)
    return update(documents).where(documents.c.id == bindparam("which")).values(**values).returning(*whose)


@cache
def _opened(timed: bool) -> Executable:
    return insert(units).values(since=_moment(timed))


def _given(table: Table, columns: Iterable[str]) -> dict[str, Any]:
    return {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in columns}


def _new(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in values.items()}


def _timed(now: Any) -> bool:
    """True when `now` is the database's own clock and not a number."""
    return now is SERVER_CLOCK


def _moment(timed: bool) -> Any:
    return SERVER_CLOCK if timed else bindparam("now", type_=Float)


def _at(now: Any) -> dict[str, Any]:
    return {} if _timed(now) else {"now": now}


def _due(now: Any, batch: str | None) -> Any:
    due = and_(_DUE, units.c.deadline < now)
    return and_(due, units.c.batch == batch) if batch else due


def _lease(claim: Claim) -> dict[str, int]:
    """The parameters of `_HELD`."""
    return {"unit": claim.unit, "try": claim.attempt}


def _shared(tx: Connection) -> bool:
    return tx.dialect.name == "postgresql"


def _terms(tx: Connection, batch: str) -> Terms:
    text = tx.execute(_TERMS, {"which": batch}).scalar()
    return msgspec.json.decode(text, type=Terms) if text else Terms()


def _count_waiting(tx: Connection, batch: str, more: int) -> None:
    tx.execute(_WAITING, {"which": batch, "more": more})


__all__ = ["MOST_DEATHS", "ORDER", "Units"]
