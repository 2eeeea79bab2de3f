"""Who works: every worker's signs of life, so that one that lives but takes no work is seen."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Engine, delete, insert, select, update

from storage.clock import Clock
from storage.database import lightly, reading
from storage.schema import workers

_FORGET = 86400.0


class Worker(Struct, frozen=True):
    """One worker process; ages are in seconds, None for never.

    `seen` is its last sign of life, `took` when it last took work, `heard` when a message last reached it.
    """

    id: str
    host: str
    queues: tuple[str, ...]
    jobs: int
    busy: int
    seen: float
    took: float | None
    heard: float | None


class Workers:
    """The rows of all workers on these records."""

    def __init__(self, engine: Engine, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or Clock(engine)

    @lightly
    def pulse(self, tx: Connection, id: str, host: str, queues: Sequence[str], jobs: int, busy: int, took: bool, heard: bool) -> None:
        """A sign of life; `took` and `heard` say whether it took work, or heard a message, since its last one."""
        now = self._clock.moment()
        values: dict[str, Any] = {"seen": now, "busy": busy}
        values |= ({"took": now} if took else {}) | ({"heard": now} if heard else {})
        if tx.execute(update(workers).where(workers.c.id == id).values(**values)).rowcount == 0:
            about = {"id": id, "host": host, "queues": " ".join(queues), "jobs": jobs}
            tx.execute(insert(workers).values(**about, started=now, **values))
            tx.execute(delete(workers).where(workers.c.seen < now - _FORGET))

    @lightly
    def gone(self, tx: Connection, id: str) -> None:
        """This worker stopped as it should."""
        tx.execute(delete(workers).where(workers.c.id == id))

    @reading
    def all(self, tx: Connection) -> list[Worker]:
        """Every worker that was not stopped, dead ones included for a day."""
        now = self._clock.read(tx)

        def ago(when: float | None) -> float | None:
            return None if when is None else max(0.0, now - when)

        rows = tx.execute(select(workers).order_by(workers.c.host, workers.c.id)).all()
        return [
            Worker(r.id, r.host, tuple(r.queues.split()), r.jobs, r.busy, max(0.0, now - r.seen), ago(r.took), ago(r.heard)) for r in rows
        ]
