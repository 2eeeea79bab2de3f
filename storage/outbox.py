"""What is to leave the house, written in the transaction it tells of and sent afterwards, again and again until it arrives.

Two kinds: a *ring* tells workers of a queue that units wait; an *event* tells a portal what happened (a webhook). Either may
arrive twice, with the same id. `dispatch` is the one way out: it leases what is due, calls the sender, and forgets what was
sent; what failed waits with a growing pause, and is dead after `MOST_TRIES`.
"""

import json
import random
from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Connection, Engine, delete, func, insert, select, text, update

from sohoa.errors import SohoaError
from storage.clock import Clock
from storage.database import reading, transition
from storage.schema import outbox

Kind = Literal["ring", "event"]

MOST_TRIES = 20
_LEASE = 60.0  # seconds in which a sender that died is not waited for


class OutMessage(Struct, frozen=True):
    """One message. `topic` is a queue (ring) or what happened (event); `id` stays the same however often it is sent."""

    id: int
    kind: Kind
    topic: str
    batch: str | None
    document: str | None
    payload: dict[str, Any]
    created: float
    tries: int
    cause: str | None = None


class Outbox:
    """The messages of one database."""

    def __init__(self, engine: Engine, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or Clock(engine)

    def dispatch(self, kind: Kind, send: Callable[[OutMessage], None], limit: int = 50) -> int:
        """Send what is due of `kind`; returns how many arrived.

        A SohoaError or OSError of `send` means that this message did not arrive; the others are tried all the same.
        """
        arrived = 0
        for message in self._take(kind, limit):
            try:
                send(message)
            except (SohoaError, OSError) as error:
                self._failed(message, error.code if isinstance(error, SohoaError) else "net_failed")
            else:
                self._sent(message.id)
                arrived += 1
        return arrived

    @reading
    def dead(self, tx: Connection) -> list[OutMessage]:
        """Messages that were given up."""
        return [_message(row) for row in tx.execute(select(outbox).where(outbox.c.state == "dead").order_by(outbox.c.id)).mappings()]

    @transition
    def revive(self, tx: Connection, message: int) -> None:
        """Try a dead message again from now on."""
        fresh = {"state": "waiting", "due": self._clock.moment(), "tries": 0}
        tx.execute(update(outbox).where(outbox.c.id == message, outbox.c.state == "dead").values(**fresh))

    @reading
    def waiting(self, tx: Connection, kind: Kind) -> int:
        """How many messages have not arrived yet."""
        return int(tx.execute(select(func.count()).where(outbox.c.kind == kind, outbox.c.state == "waiting")).scalar_one())

    @transition
    def _take(self, tx: Connection, kind: Kind, limit: int) -> list[OutMessage]:
        now = self._clock.moment()
        due = select(outbox.c.id).where(outbox.c.kind == kind, text("state = 'waiting'"), outbox.c.due <= now)
        due = due.order_by(outbox.c.due).limit(limit)
        if tx.dialect.name == "postgresql":
            due = due.with_for_update(skip_locked=True)
        ids = tx.execute(due).scalars().all()
        if not ids:
            return []
        taken = update(outbox).where(outbox.c.id.in_(ids)).values(due=now + _LEASE, tries=outbox.c.tries + 1).returning(outbox)
        return sorted((_message(row) for row in tx.execute(taken).mappings()), key=lambda message: message.id)

    @transition
    def _sent(self, tx: Connection, message: int) -> None:
        tx.execute(delete(outbox).where(outbox.c.id == message))

    @transition
    def _failed(self, tx: Connection, message: OutMessage, cause: str) -> None:
        pause = min(3600.0, 2.0 ** min(message.tries, 12)) * random.uniform(0.8, 1.2)  # noqa: S311 - spreads retries, keeps no secret
        values: dict[str, Any] = {"cause": cause, "due": self._clock.moment() + pause}
        if message.tries >= MOST_TRIES:
            values["state"] = "dead"
        tx.execute(update(outbox).where(outbox.c.id == message.id).values(**values))


def put_event(tx: Connection, now: Any, topic: str, batch: str, document: str | None, payload: dict[str, Any]) -> None:
    """Tell a portal, once this transaction is over."""
    _put(tx, now, "event", topic, batch, document, payload)


def put_ring(tx: Connection, now: Any, queue: str, count: int) -> None:
    """Tell the workers of `queue` that `count` more units wait, once this transaction is over."""
    _put(tx, now, "ring", queue, None, None, {"count": count})


def _put(tx: Connection, now: Any, kind: Kind, topic: str, batch: str | None, document: str | None, payload: dict[str, Any]) -> None:
    values = {"kind": kind, "topic": topic, "batch": batch, "document": document, "payload": json.dumps(payload, sort_keys=True)}
    tx.execute(insert(outbox).values(**values, created=now, due=now))


def _message(row: Any) -> OutMessage:
    payload = json.loads(row["payload"])
    about = (row["id"], row["kind"], row["topic"], row["batch"], row["document"], payload, row["created"], row["tries"])
    return OutMessage(*about, cause=row["cause"])
