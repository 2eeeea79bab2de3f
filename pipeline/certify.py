"""Issue an electronic certified copy (bản sao điện tử được chứng thực từ bản chính), so that its number is never lost.

Nghị định 45/2020/NĐ-CP Điều 10 khoản 3: the officer compares the paper original, the capture is made, the statement is
entered, officer and agency sign, and the book is updated. Here: checklist → number reserved → statement and two
signatures → our own verification → entry issued with the file's SHA-256 → file released. A try that fails or crashes
is continued with its own number by the same request.
"""

import re
import shutil
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pipeline.media import sniff
from pipeline.sign_check import trust_in
from signing.certificate import check_certificate, common_name
from signing.certify import Certification, PrintedSeal, Signatory, certify_copy, seal_key
from signing.longterm import Fetch
from signing.model import LONG_TERM, STANDARD, VIETNAM, Algorithm, KeyHolder, Level, Trust
from signing.tasks import TEXT_TO_SEAL, TextToSeal
from sohoa.child import Child
from sohoa.disk import disk_told
from sohoa.errors import SohoaError, UsageError
from sohoa.fetching import signing_client
from sohoa.messages import message
from sohoa.seal import Claims, seal_text, to_sign
from sohoa.settings import Settings
from storage.objects import Objects
from storage.register import Entry, Register
from verification.model import Verdict
from verification.tasks import Verify, verify_in_child

BOOK = "SCT/BS"
_LAST_HOUR = 15
_SATURDAY = 5


class Original(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The paper original, and where and by whom it is certified; read from the officer's YAML file.

    `pages` is the number of pages of the original that hold information; the capture must have as many. `fields` (label: value,
    as printed) go into the QR seal. `received` is when the citizen's request was taken; `requester`, `copies` and `fee` (đồng) are
    for the book alone.
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
    fields: dict[str, str] = {}
    requester: str = ""
    copies: int = 1
    fee: int | None = None
    received: datetime | None = None


class _Item(msgspec.Struct):
    key: str
    vi: str
    en: str


class _Checklist(msgspec.Struct):
    legal_basis: str
    items: list[_Item]


class Certified(Struct, frozen=True):
    """What was issued: the register's entry, the released file, and our own verdict on it.

    `wording_confirmed` is None for a copy that had been issued before. `unsealed` are pages without room for the QR seal.
    `due` is the day by which the law wants it done.
    """

    entry: Entry
    path: Path
    sha256: str
    verdict: Verdict
    wording_confirmed: bool | None = None
    unsealed: tuple[int, ...] = ()
    due: date | None = None


class Office(Struct, frozen=True):
    """Who certifies, with what, and where it is written down. `trust` is the folder our verification uses.

    `folder` holds the office's own wordings and profiles, `hand` and `stamp` are the pictures of the two signatures. With `seal`
    the copy bears a QR seal made with that key, on its statement or on every page. `fetch` gets the long-term evidence of the
    levels lt and lta. `algorithms` are the certifier's and the agency's.
    """

    register: Register
    objects: Objects
    child: Child
    certifier: KeyHolder
    agency: KeyHolder
    trust: str
    level: Level = "b"
    timestamp: Callable[[bytes], bytes] | None = None
    folder: Path | None = None
    hand: Path | None = None
    stamp: Path | None = None
    seal: KeyHolder | None = None
    seal_every_page: bool = False
    fetch: Fetch | None = None
    algorithms: tuple[Algorithm, Algorithm] = (STANDARD, STANDARD)


def by_settings(office: Office, settings: Settings) -> Office:
    """The office with what its settings say: its own wordings, where the seal stands, whom to ask for long-term evidence."""
    return replace(
        office,
        folder=Path(settings.certify.folder).expanduser() if settings.certify.folder else None,
        seal_every_page=settings.seal.pages == "every",
        fetch=signing_client(settings.timestamp) if office.level in LONG_TERM else None,
    )


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

    Raises SohoaError capture_not_pdf, page_count_differs, certifier_differs, agency_differs, received_later, output_not_sound,
    entry_closed, disk_full, out_unwritable, and what signing raises. What can be refused is refused before a number is taken.
    """
    with disk_told(out):
        return _certify(capture, original, out, office, now)


def _certify(capture: Path, original: Original, out: Path, office: Office, now: datetime | None) -> Certified:
    moment = now or datetime.now(VIETNAM)
    if sniff(capture) != "application/pdf":
        raise SohoaError("capture_not_pdf")
    _same_pages(capture, original, office)
    trust = trust_in(office.trust)
    # Where missing issuers can be fetched, the chain is asked about when signing.
    _same_people(original, office, moment, trust if office.fetch is None else None)
    due = due_day(original.received, moment) if original.received else None
    facts = msgspec.to_builtins(original)
    request = sha256(capture.read_bytes() + msgspec.json.encode(facts, order="sorted")).hexdigest()
    entry = office.register.reserve(BOOK, moment.year, request, facts)
    out.mkdir(parents=True, exist_ok=True)
    released = out / f"ban-sao-chung-thuc-{entry.number}-{entry.year}.pdf"
    if entry.state == "issued" and entry.sha256:
        # It had been issued, and the process died before the file left, or somebody asks again: the same file leaves.
        return _again(entry, released, office, due)
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
            Signatory(office.certifier, office.hand, algorithm=office.algorithms[0]),
            Signatory(office.agency, office.stamp, algorithm=office.algorithms[1]),
            moment,
            office.child,
            office.level,
            office.timestamp,
            trust=trust,
            fetch=office.fetch,
            folder=office.folder,
            seal=_seal(capture, original, certification, office) if office.seal else None,
        )
        verdict = _verdict(draft, office)
        if verdict.verdict == "invalid" or verdict.integrity not in ("intact", "extended") or len(verdict.signatures) < 2:
            raise SohoaError("output_not_sound")
        # The bytes are safe in the store before the entry says that they exist, and the entry says so before they leave.
        office.objects.put(draft)
        try:
            office.register.issue(entry, copy.sha256)
        except SohoaError:
            # Another process finished the same request first: its file is the one that exists.
            now_stands = office.register.entry(entry.book, entry.year, entry.number)
            if now_stands.state != "issued":
                raise
            return _again(now_stands, released, office, due)
        draft.replace(released)
    unsealed = copy.statement.unsealed if office.seal else ()
    return Certified(entry, released, copy.sha256, verdict, copy.wording_confirmed, unsealed, due)


def due_day(received: datetime, now: datetime) -> date:
    """The day on which a request must be done: its own, or the next working day when it came after 15 h (NĐ 23/2015/NĐ-CP Điều 7).

    Public holidays are not known here. Raises SohoaError received_later for a request from the future.
    """
    local = received.replace(tzinfo=VIETNAM) if received.tzinfo is None else received.astimezone(VIETNAM)
    if local > now:
        raise SohoaError("received_later")
    day = local.date()
    if local.hour >= _LAST_HOUR:
        day += timedelta(days=1)
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return day


def _again(entry: Entry, released: Path, office: Office, due: date | None) -> Certified:
    if entry.sha256 is None:
        raise SohoaError("object_missing", sha256="")
    shutil.copyfile(office.objects.path(entry.sha256), released)
    return Certified(entry, released, entry.sha256, _verdict(released, office), due=due)


def _same_people(original: Original, office: Office, moment: datetime, trust: Trust | None) -> None:
    """The statement names nobody but the holders of two certificates that may sign (NĐ 45/2020/NĐ-CP Điều 10 khoản 3a)."""
    for holder, name, code in (
        (office.certifier, original.officer, "certifier_differs"),
        (office.agency, original.agency, "agency_differs"),
    ):
        check_certificate(holder.certificate, holder.chain, moment, trust)
        if not _names(common_name(holder.certificate), name):
            raise SohoaError(code)


def _names(certificate: str, stated: str) -> bool:
    """Whether a certificate's name is the stated one.

    Case, spaces, the short form UBND, both spellings of "uỷ" and what stands in brackets make no difference, nor does a province
    after a comma that only one of the two gives.
    """

    def plain(text: str) -> list[str]:
        bare = re.sub(r"\(.*?\)", " ", unicodedata.normalize("NFC", text)).casefold().replace("uỷ", "ủy").replace("ubnd", "ủy ban nhân dân")
        return [" ".join(part.split()) for part in re.split(r"[,;–-]", bare) if part.strip()]

    parts = list(zip(plain(certificate), plain(stated), strict=False))
    return bool(parts) and all(one == other for one, other in parts)


def _seal(capture: Path, original: Original, certification: Certification, office: Office) -> PrintedSeal:
    if office.seal is None:
        raise UsageError("seal_key_unfit")
    text = office.child.call(TEXT_TO_SEAL, TextToSeal(str(capture)))
    claims = Claims(
        issuer=original.agency,
        number=certification.number,
        book=certification.book,
        day=certification.day,
        title=original.title,
        pages=text.pages,
        fields=tuple(original.fields.items()),
        text=text.digest,
    )
    key = seal_key(office.seal)
    made = seal_text(claims, key, office.seal.sign(to_sign(claims, key), "ecdsa", "sha256"))
    # The note must not print the fields' labels: whoever compares the print would look for the values behind them.
    return PrintedSeal(made, message("seal_printed_note", fields=len(original.fields)).vi, office.seal_every_page)


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
        "wording_confirmed": certified.wording_confirmed,
        "qr_seal": certified.verdict.qr_seal["state"] if certified.verdict.qr_seal else None,
        "pages_without_seal": list(certified.unsealed),
        "due": certified.due.isoformat() if certified.due else None,
    }
