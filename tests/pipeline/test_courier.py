"""Webhooks arrive at least once, always with the same id, whatever dies on the way."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.portal.courier import Courier, courier, event_id, resend, undelivered
from sohoa.errors import SohoaError, UsageError
from sohoa.settings import ApiOfficeSettings, ApiSettings, Settings
from storage.clock import Clock
from storage.database import open_sqlite
from storage.model import Finished, NewDocument, Opened, Terms
from storage.outbox import MOST_TRIES, Outbox
from storage.records import Records


@dataclass
class Hook:
    """`answers` are given one after the other, the last one again and again; 0 closes the connection without a word."""

    answers: list[int] = field(default_factory=lambda: [204])
    ids: list[str] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def hook() -> Iterator[Hook]:
    state = Hook()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            state.ids.append(self.headers["webhook-id"])
            answer = state.answers.pop(0) if len(state.answers) > 1 else state.answers[0]
            if answer:
                self.send_response(answer)
                self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    state.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    engine = open_sqlite(tmp_path / "r.sqlite")
    yield Records(engine)
    engine.dispose()


def finish_one(records: Records, name: str = "a", office: str = "phuong_a") -> str:
    batch = records.open_batch(f"api:{office}:{name}", "{}", Terms(office=office, notify=True))
    document = records.add_document(batch, NewDocument(name, name, "0" * 64))
    claim = records.claim("w", 60, batch)
    assert claim
    records.finish(claim, Opened("application/pdf", 0))
    claim = records.claim("w", 60, batch)
    assert claim
    assert records.finish(claim, Finished("done"))
    return document


def sender(records: Records, hook: Hook) -> Courier:
    office = ApiOfficeSettings(webhook=f"http://127.0.0.1:{hook.port}/")
    return Courier(records, {"phuong_a": office}, {"phuong_a": (b"k" * 32,)}, loopback=True)


def later(records: Records, seconds: float) -> Outbox:
    return Outbox(records.engine, Clock(records.engine, lambda: time.time() + seconds))


def test_an_event_is_sent_until_it_arrives_with_the_same_id(records: Records, hook: Hook) -> None:
    finish_one(records)
    hook.answers = [500, 0, 500, 500, 204]  # two events; the first round fails for both
    send = sender(records, hook)
    assert later(records, 0).dispatch("event", send) == 0
    assert later(records, 0).dispatch("event", send) == 0  # not before its pause is over
    assert len(hook.ids) == 2
    later(records, 100).dispatch("event", send)
    later(records, 1000).dispatch("event", send)
    assert Outbox(records.engine).waiting("event") == 0
    assert len(set(hook.ids)) == 2
    assert len(hook.ids) == 6


def test_a_sender_that_is_killed_after_sending_repeats_the_id(records: Records, hook: Hook) -> None:
    finish_one(records)
    send = sender(records, hook)

    class Killed(BaseException):
        pass

    def dies(message: object) -> None:
        send(message)  # type: ignore[arg-type]
        raise Killed

    with pytest.raises(Killed):
        later(records, 0).dispatch("event", dies)
    assert len(hook.ids) == 1
    assert later(records, 5).dispatch("event", send) == 0  # the dead one's lease still holds
    assert later(records, 70).dispatch("event", send) == 2
    assert hook.ids[0] in hook.ids[1:]
    assert len(set(hook.ids)) == 2


def test_what_was_given_up_is_listed_for_its_office_and_sent_again(records: Records, hook: Hook) -> None:
    document = finish_one(records)
    hook.answers = [503]
    send = sender(records, hook)
    for round in range(MOST_TRIES):
        later(records, 5000.0 * round).dispatch("event", send)
    lost = undelivered(records, "phuong_a")
    assert {message.cause for message in lost} == {"webhook_unanswered"}
    assert undelivered(records, "phuong_b") == []
    (mine,) = [message for message in lost if message.document == document]
    with pytest.raises(SohoaError, match="not_found_here"):
        resend(records, "phuong_b", event_id(mine))
    resend(records, "phuong_a", event_id(mine))
    hook.answers, hook.ids = [200], []
    assert later(records, 1).dispatch("event", send) == 1
    assert hook.ids == [event_id(mine)]


def test_ids_of_different_events_differ_though_a_row_number_comes_again(records: Records, hook: Hook) -> None:
    send = sender(records, hook)
    for name in ("a", "b"):
        finish_one(records, name)
        assert later(records, 0).dispatch("event", send) == 2  # and the outbox is empty again
    assert len(set(hook.ids)) == 4


def test_an_office_that_hears_nothing_more_blocks_nobody(records: Records, hook: Hook) -> None:
    finish_one(records, "x", office="phuong_z")
    assert later(records, 0).dispatch("event", sender(records, hook)) == 2
    assert hook.ids == []


def test_secrets_come_from_the_environment_and_every_one_signs(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(api=ApiSettings(offices={"phuong-a": ApiOfficeSettings(webhook="https://example.invalid/")}))
    for wrong in ("", "whsec_short", "whsec_!!!"):
        monkeypatch.setenv("SOHOA_WEBHOOK_SECRET_PHUONG_A", wrong)
        with pytest.raises(UsageError, match="webhook_secret_missing"):
            courier(records, settings)
    monkeypatch.setenv("SOHOA_WEBHOOK_SECRET_PHUONG_A", "whsec_MDEyMzQ1Njc4OWFiY2RlZg== MDEyMzQ1Njc4OWFiY2RlZw==")
    assert len(courier(records, settings).secrets["phuong-a"]) == 2
