"""What portals asked: idempotency keys with their answers, and places where an upload may be dropped once.

A key is bound to what was asked with it first; the same again gets the same answer, anything else is refused. An answer that
was never written, for the server died meanwhile, is worked out again: what is done under a key must be harmless to repeat.
"""

import json
import uuid
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Engine, delete, insert, select, update

from sohoa.errors import SohoaError
from storage.clock import Clock
from storage.database import reading, transition
from storage.schema import drops, requests


class Answer(Struct, frozen=True):
    """An answer that was given before."""

    status: int
    body: Any


class Drop(Struct, frozen=True):
    """A place for one upload of `office`, until `expires` (Unix seconds). `sha256` is what it must be, None for anything;
    `taken` is what was taken from it, by its hash."""

    id: str
    office: str
    name: str
    sha256: str | None
    expires: float
    state: str
    taken: str | None


class Requests:
    """The rows of one database."""

    def __init__(self, engine: Engine, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or Clock(engine)

    @transition
    def begin(self, tx: Connection, office: str, key: str, digest: str, keep_days: int) -> Answer | None:
        """Bind `key` to `digest`; returns the answer when there is one. Raises SohoaError idempotency_key_reused."""
        now = self._clock.read(tx)
        tx.execute(delete(requests).where(requests.c.created < now - 86400 * keep_days))
        mine = (requests.c.office == office, requests.c.key == key)
        if tx.dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import insert as insert_or_not

            tx.execute(insert_or_not(requests).values(office=office, key=key, digest=digest, created=now).on_conflict_do_nothing())
        elif tx.execute(select(requests.c.key).where(*mine)).first() is None:
            tx.execute(insert(requests).values(office=office, key=key, digest=digest, created=now))
        row = tx.execute(select(requests).where(*mine)).one()
        if row.digest != digest:
            raise SohoaError("idempotency_key_reused")
        return Answer(row.status, json.loads(row.answer)) if row.status else None

    @transition
    def end(self, tx: Connection, office: str, key: str, answer: Answer) -> None:
        """Remember the answer; the first one stays."""
        mine = (requests.c.office == office, requests.c.key == key, requests.c.status.is_(None))
        tx.execute(update(requests).where(*mine).values(status=answer.status, answer=json.dumps(answer.body, ensure_ascii=False)))

    @transition
    def open_drop(self, tx: Connection, office: str, name: str, sha256: str | None, seconds: float) -> Drop:
        """A new place, open for so long. Places that were closed a day ago are forgotten."""
        now = self._clock.read(tx)
        tx.execute(delete(drops).where(drops.c.expires < now - 86400))
        drop = Drop(uuid.uuid4().hex, office, name, sha256, now + seconds, "open", None)
        about = {"id": drop.id, "office": office, "name": name, "sha256": sha256, "expires": drop.expires}
        tx.execute(insert(drops).values(**about, created=now))
        return drop

    @reading
    def drop(self, tx: Connection, id: str) -> Drop | None:
        """The place of this id; None when there is none, or no more."""
        row = tx.execute(select(drops).where(drops.c.id == id)).first()
        return Drop(row.id, row.office, row.name, row.sha256, row.expires, row.state, row.taken) if row else None

    @transition
    def fill_drop(self, tx: Connection, id: str) -> bool:
        """Close the place to further uploads; False when it was closed or its time is over."""
        here = (drops.c.id == id, drops.c.state == "open", drops.c.expires > self._clock.moment())
        return tx.execute(update(drops).where(*here).values(state="filled")).rowcount == 1

    @transition
    def take_drop(self, tx: Connection, id: str, sha256: str) -> None:
        """What lay there is in the object store now."""
        tx.execute(update(drops).where(drops.c.id == id).values(state="taken", taken=sha256))
