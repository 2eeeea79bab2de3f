"""Issue an electronic certified copy (bản sao điện tử được chứng thực từ bản chính), so that its number is never lost.

Nghị định 45/2020/NĐ-CP Điều 10 khoản 3: the officer compares the paper original, the capture is made, the statement is
entered, officer and agency sign, and the book is updated. Here: checklist → number reserved → statement and two
signatures → our own verification → entry issued with the file's SHA-256 → file released. A try that fails or crashes
is continued with its own number by the same request.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from pipeline.intake import sniff
from signing.certify import Certification, Signatory, certify_copy
from signing.model import VIETNAM, KeyHolder, Level
from sohoa.child import Child
from sohoa.errors import SohoaError, UsageError
from storage.objects import Objects
from storage.register import Entry, Register
from verification.model import Verdict
from verification.tasks import Verify, verify_in_child

BOOK = "SCT/BS"


class Original(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The paper original, and where and by whom it is certified; read from the officer's YAML file.

    `pages` is the number of pages of the original that hold information; the capture must have as many.
    """

    title: str
    pages: int
    place: str
    officer: str
    position: str
    agency: str
    issuer: str = ""
    number: str = ""
    issued: date | None = None
    book_volume: str = "01"


class _Item(msgspec.Struct):
    key: str
    vi: str
    en: str


class _Checklist(msgspec.Struct):
    legal_basis: str
    items: list[_Item]


@dataclass(frozen=True)
class Certified:
    """What was issued: the register's entry, the released file, and our own verdict on it."""

    entry: Entry
    path: Path
    sha256: str
    verdict: Verdict


@dataclass(frozen=True)
class Office:
    """Who certifies, with what, and where it is written down. `trust` is the folder our verification uses."""

    register: Register
    objects: Objects
    child: Child
    certifier: KeyHolder
    agency: KeyHolder
    trust: str
    level: Level = "b"
    timestamp: Callable[[bytes], bytes] | None = None


def checklist() -> list[tuple[str, str, str]]:
    """(key, Vietnamese, English) of every item the officer must tick (NĐ 23/2015/NĐ-CP Điều 22)."""
    loaded = msgspec.yaml.decode(files("pipeline").joinpath("checklist.yaml").read_bytes(), type=_Checklist)
    return [(item.key, item.vi, item.en) for item in loaded.items]


def read_original(file: Path) -> Original:
    """The facts of the original; raises UsageError facts_invalid."""
    try:
        return msgspec.yaml.decode(file.read_bytes(), type=Original)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError("facts_invalid", path=str(file), mistake=str(error)) from None


def confirm_checklist(file: Path) -> None:
    """Nothing is certified unless every item is ticked `true`.

    Raises UsageError facts_invalid for a file that cannot be read, SohoaError checklist_open naming the first open item.
    """
    try:
        ticked = msgspec.yaml.decode(file.read_bytes(), type=dict[str, bool])
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError("facts_invalid", path=str(file), mistake=str(error)) from None
    for key, vi, _ in checklist():
        if ticked.get(key) is not True:
            raise SohoaError("checklist_open", key=key, item=vi)


def certify(capture: Path, original: Original, out: Path, office: Office, now: datetime | None = None) -> Certified:
    """Certify the PDF `capture` into the folder `out`; the checklist has been confirmed.

    Raises SohoaError capture_not_pdf, page_count_differs, output_not_sound, entry_closed, and what signing raises.
    """
    moment = now or datetime.now(VIETNAM)
    if sniff(capture) != "application/pdf":
        raise SohoaError("capture_not_pdf")
    _same_pages(capture, original, office)
    facts = msgspec.to_builtins(original)
    request = sha256(capture.read_bytes() + msgspec.json.encode(facts, order="sorted")).hexdigest()
    entry = office.register.reserve(BOOK, moment.year, request, facts)
    out.mkdir(parents=True, exist_ok=True)
    released = out / f"ban-sao-chung-thuc-{entry.number}-{entry.year}.pdf"
    if entry.state == "issued" and entry.sha256:
        # It had been issued, and the process died before the file left, or somebody asks again: the same file leaves.
        shutil.copyfile(office.objects.path(entry.sha256), released)
        return Certified(entry, released, entry.sha256, _verdict(released, office))
    with TemporaryDirectory(dir=out, prefix=".certify-") as work:
        draft = Path(work) / "copy.pdf"
        certification = Certification(
            number=str(entry.number),
            book=f"{original.book_volume}/{entry.year}",
            day=moment.date(),
            place=original.place,
            officer=original.officer,
            position=original.position,
            agency=original.agency,
        )
        copy = certify_copy(
            capture,
            draft,
            certification,
            Signatory(office.certifier),
            Signatory(office.agency),
            moment,
            office.child,
            office.level,
            office.timestamp,
        )
        verdict = _verdict(draft, office)
        if verdict.verdict == "invalid" or verdict.integrity not in ("intact", "extended") or len(verdict.signatures) < 2:
            raise SohoaError("output_not_sound")
        # The bytes are safe in the store before the entry says that they exist, and the entry says so before they leave.
        office.objects.put(draft)
        office.register.issue(entry, copy.sha256)
        draft.replace(released)
    return Certified(entry, released, copy.sha256, verdict)


def _verdict(file: Path, office: Office) -> Verdict:
    return verify_in_child(office.child, Verify(str(file), trust=office.trust or None, policy="certified-copy"))


def _same_pages(capture: Path, original: Original, office: Office) -> None:
    """TT 01/2020/TT-BTP Điều 10: the copy has every page of the original that holds information."""
    from ocr.tasks import INSPECT, Inspect

    found = office.child.call(INSPECT, Inspect(str(capture), "application/pdf")).pages
    if found != original.pages:
        raise SohoaError("page_count_differs", found=found, stated=original.pages)


def describe(certified: Certified) -> dict[str, Any]:
    """The report of one certified copy, for `--json`."""
    return {
        "path": str(certified.path),
        "sha256": certified.sha256,
        "number": certified.entry.number,
        "year": certified.entry.year,
        "book": certified.entry.book,
        "verdict": certified.verdict.verdict,
    }
