"""The truth about every batch, document and unit of work (design rule 4).

A unit is claimed with a lease whose attempt number only grows, and finished in one transaction that refuses any
other attempt. The last page of a document opens its next stage in the same transaction, so that no crash can lose
the join. Nothing here knows what a unit does.
"""

from collections.abc import Callable

from sqlalchemy import Engine

from storage.batches import Batches
from storage.clock import Clock
from storage.model import (
    BULK,
    INTERACTIVE,
    LOCAL,
    MOST_DEATHS,
    Batch,
    Claim,
    DeadLetter,
    Document,
    DocumentStatus,
    Finished,
    NewDocument,
    Opened,
    Outcome,
    PageRead,
    Progress,
    QueueLoad,
    SearchText,
    Stage,
    Terms,
    Unsigned,
)
from storage.units import Units


class Records(Batches, Units):
    """The rows, behind one method per transition. `now` gives Unix seconds; by default the database's own time."""

    def __init__(self, engine: Engine, now: Callable[[], float] | None = None) -> None:
        self._engine = engine
        self._clock = Clock(engine, now)

    @property
    def engine(self) -> Engine:
        """The database, for what stands beside the records: outbox, search, audit trail, workers."""
        return self._engine

    @property
    def shared(self) -> bool:
        """Whether many machines work on these records."""
        return self._engine.dialect.name == "postgresql"


__all__ = [
    "BULK",
    "INTERACTIVE",
    "LOCAL",
    "MOST_DEATHS",
    "Batch",
    "Claim",
    "DeadLetter",
    "Document",
    "DocumentStatus",
    "Finished",
    "NewDocument",
    "Opened",
    "Outcome",
    "PageRead",
    "Progress",
    "QueueLoad",
    "Records",
    "SearchText",
    "Stage",
    "Terms",
    "Unsigned",
]
