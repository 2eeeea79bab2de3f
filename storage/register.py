"""The register of certified copies (sổ chứng thực): one number per entry, per type and year, and no number without
an entry (Nghị định 23/2015/NĐ-CP Điều 13; Thông tư 01/2020/TT-BTP Điều 4).

A number is taken before anything is signed, so that the statement can name it. It then ends in one of two ways:
`issued`, with the SHA-256 of the released file, or `void`, with the reason. A try that crashed is continued under its
own number by making the same request again. What was issued wrongly stays in the book and is cancelled beside it
(Thông tư 01/2020/TT-BTP Điều 7).
"""

import json
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from sohoa.errors import SohoaError
from storage.database import transaction
from storage.schema import book_cancellations, book_entries

EntryState = Literal["reserved", "issued", "void"]
_LOCK = 7361687  # this advisory lock's first half; the second is the book's


class Entry(Struct, frozen=True):
    """One line of the book. `facts` is what the statement says, `sha256` the released file's."""

    book: str
    year: int
    number: int
    state: EntryState
    request: str
    facts: dict[str, Any]
    reserved_at: float
    closed_at: float | None
    sha256: str | None
    reason: str | None


class Cancellation(Struct, frozen=True):
    """An issued copy that has no value any more, since `at` (Unix seconds). `sha256` is the released file's."""

    book: str
    year: int
    number: int
    volume: str
    sha256: str
    at: float
    reason: str


class Register:
    """Numbers and entries, each change in one transaction."""

    def __init__(self, engine: Engine, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._now = now

    def reserve(self, book: str, year: int, request: str, facts: dict[str, Any]) -> Entry:
        """The entry of `request`, with the next number of this book and year when it is new.

        The same request finds its entry again, reserved or issued; after a void it is a new request with a new number.
        """
        this = (book_entries.c.book == book, book_entries.c.year == year)
        with transaction(self._engine) as tx:
            if tx.dialect.name == "postgresql":
                # One after another, as SQLite's writers are: offices that ask at the same moment would all be given the same number.
                tx.execute(select(func.pg_advisory_xact_lock(_LOCK, func.hashtext(f"{book} {year}"))))
            known = tx.execute(select(book_entries).where(*this, book_entries.c.request == request)).mappings().first()
            if known is None:
                last = tx.execute(select(func.max(book_entries.c.number)).where(*this)).scalar() or 0
                known = (
                    tx.execute(
                        insert(book_entries)
                        .values(
                            book=book,
                            year=year,
                            number=last + 1,
                            state="reserved",
                            request=request,
                            facts=json.dumps(facts, ensure_ascii=False, sort_keys=True),
                            reserved_at=self._now(),
                        )
                        .returning(book_entries)
                    )
                    .mappings()
                    .one()
                )
        return _entry(known)

    def issue(self, entry: Entry, file_sha256: str) -> None:
        """Close the entry with the file that left."""
        self._close(entry, state="issued", sha256=file_sha256)

    def void(self, entry: Entry, reason: str) -> None:
        """Close the entry without a file; its number is never used again, its request is free to be made anew."""
        freed = sha256(f"{entry.request}#{entry.number}".encode()).hexdigest()
        self._close(entry, state="void", reason=reason, request=freed)

    def cancel(self, entry: Entry, reason: str, volume: str = "") -> Cancellation:
        """Take the value from an issued copy; its entry stays as it is. Raises SohoaError entry_not_issued, entry_cancelled."""
        if entry.state != "issued" or not entry.sha256:
            raise SohoaError("entry_not_issued", number=entry.number)
        made = Cancellation(entry.book, entry.year, entry.number, volume, entry.sha256, self._now(), reason)
        try:
            with transaction(self._engine) as tx:
                tx.execute(insert(book_cancellations).values(**asdict(made)))
        except IntegrityError:
            raise SohoaError("entry_cancelled", number=entry.number) from None
        return made

    def cancellations(self) -> list[Cancellation]:
        """Everything that was ever cancelled, in the order of its numbers."""
        columns = [book_cancellations.c[name] for name in Cancellation.__struct_fields__]
        query = select(*columns).order_by(book_cancellations.c.book, book_cancellations.c.year, book_cancellations.c.number)
        with transaction(self._engine) as tx:
            return [Cancellation(**row) for row in tx.execute(query).mappings()]

    def entry(self, book: str, year: int, number: int) -> Entry:
        """One line of the book. Raises SohoaError entry_unknown."""
        this = (book_entries.c.book == book, book_entries.c.year == year, book_entries.c.number == number)
        with transaction(self._engine) as tx:
            row = tx.execute(select(book_entries).where(*this)).mappings().first()
        if row is None:
            raise SohoaError("entry_unknown", number=number, year=year)
        return _entry(row)

    def entries(self, book: str, year: int) -> list[Entry]:
        """The book of one year, in the order of its numbers."""
        query = select(book_entries).where(book_entries.c.book == book, book_entries.c.year == year).order_by(book_entries.c.number)
        with transaction(self._engine) as tx:
            return [_entry(row) for row in tx.execute(query).mappings()]

    def _close(self, entry: Entry, **values: Any) -> None:
        with transaction(self._engine) as tx:
            changed = tx.execute(
                update(book_entries)
                .where(
                    book_entries.c.book == entry.book,
                    book_entries.c.year == entry.year,
                    book_entries.c.number == entry.number,
                    book_entries.c.state == "reserved",
                )
                .values(closed_at=self._now(), **values)
            ).rowcount
        if changed != 1:
            raise SohoaError("entry_closed", number=entry.number)


def _entry(row: Any) -> Entry:
    return Entry(
        row["book"],
        row["year"],
        row["number"],
        row["state"],
        row["request"],
        json.loads(row["facts"]),
        row["reserved_at"],
        row["closed_at"],
        row["sha256"],
        row["reason"],
    )
