"""The register of certified copies (sổ chứng thực): one number per entry, per type and year, and no number without
an entry (Nghị định 23/2015/NĐ-CP Điều 13; Thông tư 01/2020/TT-BTP Điều 4).

A number is taken before anything is signed, so that the statement can name it. It then ends in one of two ways:
`issued`, with the SHA-256 of the released file, or `void`, with the reason. A try that crashed is continued under its
own number by making the same request again.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Engine, func, insert, select, update

from sohoa.errors import SohoaError
from storage.database import transaction
from storage.schema import book_entries

EntryState = Literal["reserved", "issued", "void"]


@dataclass(frozen=True)
class Entry:
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

    def issue(self, entry: Entry, sha256: str) -> None:
        """Close the entry with the file that left."""
        self._close(entry, state="issued", sha256=sha256)

    def void(self, entry: Entry, reason: str) -> None:
        """Close the entry without a file; its number is never used again, its request is free to be made anew."""
        self._close(entry, state="void", reason=reason, request=f"{entry.request}#{entry.number}")

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
