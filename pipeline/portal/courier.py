"""Webhooks: what happened, signed, to the office that asked for it, again and again with the same id until it arrives.

The names and the signature are those of Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body` in `webhook-signature`, with
`webhook-id` and `webhook-timestamp` beside it. An event stands in the outbox since the transaction that it tells of, so a
server that is killed loses none; a receiver may see one twice and knows it by its id.
"""

import base64
import binascii
import contextlib
import hmac
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from sohoa.errors import SohoaError, UsageError
from sohoa.net import NetworkClient, NetworkRules
from sohoa.settings import ApiOfficeSettings, Settings
from storage.outbox import Outbox, OutMessage
from storage.records import Records

_SECONDS = 10.0
_AT_ONCE = 5  # fewer than a lease of the outbox has room for
_EVERY = 1.0


class Courier(Struct, frozen=True):
    """Sends one event. `secrets` are the offices' keys, the newest first; every one of them signs, so that they can be changed."""

    records: Records
    offices: Mapping[str, ApiOfficeSettings]
    secrets: Mapping[str, tuple[bytes, ...]]
    loopback: bool = False

    def __call__(self, message: OutMessage) -> None:
        """Deliver; an event whose batch is forgotten, or whose office hears nothing any more, is done with.

        Raises SohoaError webhook_unanswered and what the guarded client raises.
        """
        found = self.records.batches(only=message.batch or "")
        office = self.offices.get(found[0].office) if found else None
        if office is None or not office.webhook:
            return
        body = msgspec.json.encode(told(message))
        headers = signed_headers(event_id(message), int(time.time()), body, self.secrets[found[0].office])
        rules = NetworkRules(
            hosts=frozenset({(urlsplit(office.webhook).hostname or "").lower()}),
            loopback=self.loopback,
            pin=office.webhook_pin,
            seconds=_SECONDS,
            size=1 << 16,
        )
        answer = NetworkClient(rules).post(office.webhook, body, "application/json", headers)
        if not 200 <= answer.status < 300:
            raise SohoaError("webhook_unanswered", status=answer.status)


def courier(records: Records, settings: Settings) -> Courier:
    """The courier of these settings; raises UsageError webhook_secret_missing."""
    secrets = {name: _secrets(name) for name, office in settings.api.offices.items() if office.webhook}
    return Courier(records, settings.api.offices, secrets, settings.api.allow_loopback)


def event_id(message: OutMessage) -> str:
    """The same however often the event is sent, and no other's: a row's number alone may be given again once it is gone."""
    about = f"{message.id} {message.topic} {message.batch} {message.document} {message.created!r}"
    return "evt_" + sha256(about.encode()).hexdigest()[:32]


def told(message: OutMessage) -> dict[str, object]:
    """The body of a webhook: what happened to what, and where to ask for more; nothing of what a paper says."""
    where = f"/v1/documents/{message.document}" if message.document else f"/v1/batches/{message.batch}"
    return {
        "type": message.topic,
        "timestamp": datetime.fromtimestamp(message.created, UTC).isoformat().replace("+00:00", "Z"),
        "data": {"batch": message.batch, "document": message.document, **message.payload, "url": where},
    }


def signed_headers(id: str, timestamp: int, body: bytes, secrets: tuple[bytes, ...]) -> dict[str, str]:
    """The three headers of Standard Webhooks, with one signature for each secret."""
    content = f"{id}.{timestamp}.".encode() + body
    signatures = [base64.b64encode(hmac.new(secret, content, "sha256").digest()).decode() for secret in secrets]
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def undelivered(records: Records, office: str) -> list[OutMessage]:
    """The office's events that were given up."""
    batches: dict[str, bool] = {}
    mine = []
    for message in Outbox(records.engine).dead():
        batch = message.batch or ""
        if batch not in batches:
            batches[batch] = any(found.office == office for found in records.batches(only=batch))
        if message.kind == "event" and batches[batch]:
            mine.append(message)
    return mine


def resend(records: Records, office: str, id: str) -> None:
    """Try an event that was given up again from now on; raises SohoaError not_found_here."""
    for message in undelivered(records, office):
        if event_id(message) == id:
            Outbox(records.engine).revive(message.id)
            return
    raise SohoaError("not_found_here")


@contextmanager
def delivering(send: Courier) -> Iterator[None]:
    """Deliver what is due, in a thread, while the block runs."""
    stop, outbox = threading.Event(), Outbox(send.records.engine)

    def run() -> None:
        while not stop.wait(_EVERY):
            with contextlib.suppress(SohoaError):  # the database is away: the next round tries again
                while outbox.dispatch("event", send, _AT_ONCE) and not stop.is_set():
                    pass

    thread = threading.Thread(target=run, name="sohoa-courier", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_SECONDS + 5)


def _secrets(office: str) -> tuple[bytes, ...]:
    variable = "SOHOA_WEBHOOK_SECRET_" + "".join(c if c.isalnum() else "_" for c in office).upper()
    found = []
    for text in os.environ.get(variable, "").split():
        try:
            found.append(base64.b64decode(text.removeprefix("whsec_"), validate=True))
        except binascii.Error:
            raise UsageError("webhook_secret_missing", variable=variable) from None
    if not found or any(len(secret) < 16 for secret in found):
        raise UsageError("webhook_secret_missing", variable=variable)
    return tuple(found)
