"""Signing is a stage of its own: which process serves which key, and what is left when it cannot be done."""

import json
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from ocr.model import Page, Quality
from pipeline.advance import Bench, advance, clear
from pipeline.finish import UNSIGNED, Finishing
from pipeline.job import Job
from pipeline.signature import queues_of, with_signatures
from sohoa.child import Child
from sohoa.errors import UsageError
from storage.database import open_sqlite
from storage.objects import FolderObjects
from storage.records import MOST_DEATHS, Claim, Finished, NewDocument, Opened, PageRead, Records, Unsigned


@pytest.mark.parametrize(
    ("listed", "identity", "served"),
    [
        ("", "", ("reading",)),
        ("", "can_bo", ("signing.can_bo", "reading")),
        ("signing", "can_bo", ("signing.can_bo",)),
        ("signing.can_bo", "can_bo", ("signing.can_bo",)),
        ("reading,delivery", "can_bo", ("signing.can_bo", "reading", "delivery")),
    ],
)
def test_a_process_serves_the_queue_of_its_own_key(listed: str, identity: str, served: tuple[str, ...]) -> None:
    assert queues_of(listed, identity) == served


@pytest.mark.parametrize(("listed", "identity"), [("signing.can_bo", ""), ("signing", ""), ("reading,signing.khac", "can_bo")])
def test_no_process_serves_the_queue_of_a_key_it_does_not_have(listed: str, identity: str) -> None:
    with pytest.raises(UsageError, match="queue_without_key"):
        queues_of(listed, identity)


def test_a_signature_changes_no_other_byte_of_the_document(tmp_path: Path) -> None:
    file = tmp_path / "document.json"
    file.write_bytes(b'{"fields":[{"value":1.10,"raw":"\xc4\x90"}],"signatures":[],"provenance":{"a":"b"}}\n')
    with_signatures(file, ({"field": "Sig1"},))
    assert file.read_bytes() == b'{"fields":[{"value":1.10,"raw":"\xc4\x90"}],"signatures":[{"field":"Sig1"}],"provenance":{"a":"b"}}\n'


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(FolderObjects(tmp_path / "objects"), Records(open_sqlite(tmp_path / "s.sqlite")), Child(), tmp_path / "work", Finishing())


@pytest.fixture
def waiting(bench: Bench, tmp_path: Path) -> Claim:
    """A document that is built and waits for a key."""
    records = bench.records
    records.create_batch("out", "{}", [NewDocument("in/a.pdf", "a", "a" * 64)])
    page = msgspec.json.encode(Page(1, (210.0, 297.0), 0.0, 0, 0.0, Quality(), "had_text", None)).decode()
    for outcome in (Opened("application/pdf", 1), PageRead(page), Unsigned({"template": None, "signed_as": None})):
        claim = records.claim("w", 60)
        assert claim is not None
        records.finish(claim, outcome)
    claim = records.claim("w", 60)
    assert claim is not None and claim.stage == "sign"
    built = bench.work / claim.document / UNSIGNED
    built.mkdir(parents=True)
    (built / "document.pdf").write_bytes(b"%PDF-")
    (built / "document.json").write_text('{"signatures":[]}')
    return claim


@pytest.mark.parametrize(("deaths", "code"), [(0, "identity_unreadable"), (MOST_DEATHS, "worker_died")])
def test_what_cannot_be_signed_is_delivered_as_it_is_and_waits_for_a_person(
    bench: Bench, waiting: Claim, tmp_path: Path, deaths: int, code: str
) -> None:
    outcome = advance(replace(waiting, deaths=deaths, cause="worker_died"), Job(out=str(tmp_path / "out"), sign="can_bo"), bench)
    assert isinstance(outcome, Finished)
    assert (outcome.status, outcome.error_code, outcome.summary["signed_as"]) == ("review", code, None)
    assert {file.name for file in (tmp_path / "out" / "a").iterdir()} == {"document.pdf", "document.json"}
    assert json.loads((tmp_path / "out" / "a" / "document.json").read_text())["signatures"] == []
    assert (bench.work / waiting.document).exists()  # whoever is killed before this is recorded does it again
    assert bench.records.finish(waiting, outcome)
    clear(waiting, outcome, bench)
    assert not (bench.work / waiting.document).exists()
    assert bench.child.pid is None
