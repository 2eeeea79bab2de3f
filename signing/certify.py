"""Issues an electronic certified copy: statement page, officer's signature, agency's signature (NĐ 45/2020/NĐ-CP Điều 10 k.3a).

The number and the book entry are the caller's: they are reserved before and released with the result, so that numbers
have no gap and none is used twice (NĐ 23/2015/NĐ-CP Điều 13).
"""

import re
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct
from msgspec.structs import replace

from signing.certificate import load_certificate
from signing.longterm import Fetch
from signing.model import STANDARD, Algorithm, Box, Facts, KeyHolder, Level, Trust
from signing.profiles import load_profile
from signing.sign import Timestamp, sign_file
from signing.tasks import STATEMENT, StatementLine, StatementPage, WriteStatement
from signing.wordings import Wording, load_wording
from sohoa.child import Child
from sohoa.errors import UsageError

# NĐ 30/2020/NĐ-CP Phụ lục I: days under 10 and the months 1 and 2 are written with a zero.
_ZERO_MONTHS = 3


class Certification(Struct, frozen=True):
    """What the statement says. `number` and `book` as the register has them, the book without its type mark ("01/2026")."""

    number: str
    book: str
    day: date
    place: str
    officer: str
    position: str
    agency: str


class Signatory(Struct, frozen=True):
    """A key, how it signs, and the picture that goes with it: handwriting or seal, PNG; `image_mm` its true size when not the profile's."""

    holder: KeyHolder
    image: Path | None = None
    image_mm: tuple[float, float] | None = None
    algorithm: Algorithm = STANDARD


class PrintedSeal(Struct, frozen=True):
    """The text of a QR seal (`sohoa.seal`), what is printed under it, and whether every page bears it or the statement alone."""

    text: str
    note: str
    every_page: bool = False


class SignatureOnPage(Struct, frozen=True):
    """One of the two signatures: its field and where it stands on the statement page, as seen."""

    field: str
    box: Box | None


class CertifiedCopy(Struct, frozen=True):
    """The result with both signatures; `wording_version` and `wording_confirmed` tell whose words the statement uses."""

    path: Path
    sha256: str
    statement: StatementPage
    officer: SignatureOnPage
    agency: SignatureOnPage
    wording_version: int
    wording_confirmed: bool


def certify_copy(
    source: Path,
    out: Path,
    certification: Certification,
    officer: Signatory,
    agency: Signatory,
    signed_at: datetime,
    child: Child,
    level: Level = "b",
    timestamp: Timestamp | None = None,
    trust: Trust | None = None,
    wording: str = "chung_thuc_ban_sao",
    folder: Path | None = None,
    fetch: Fetch | None = None,
    seal: PrintedSeal | None = None,
) -> CertifiedCopy:
    """Certify the unsigned copy `source` into `out`.

    `folder` may hold the operator's own wordings and profiles (`wordings/`, `profiles/`). At the levels lt and lta the
    evidence of both signatures is written once, after the second, and one document timestamp covers both. Nothing
    appears under `out` unless both signatures are on it. Raises what `signing.sign.sign_file` and `signing.statement`
    raise, and UsageError wording_missing, wording_unreadable, certification_fact_missing.
    """
    words = load_wording(wording, certification.day, folder / "wordings" if folder else None)
    profiles = folder / "profiles" if folder else None
    facts_stated = _facts(certification)
    lines = _lines(wording, words, facts_stated)
    with TemporaryDirectory(dir=out.parent, prefix=".certify-") as work:
        stated, by_officer = Path(work, "stated.pdf"), Path(work, "officer.pdf")
        printed = (seal.text, seal.note, seal.every_page) if seal else ("", "", False)
        statement = child.call(STATEMENT, WriteStatement(str(source), str(stated), lines, facts_stated, *printed))
        facts = Facts(
            signed_at,
            signer=certification.officer,
            position=certification.position,
            agency=certification.agency,
            page=statement.number,
        )
        person = sign_file(
            stated,
            by_officer,
            officer.holder,
            load_profile("person", profiles),
            "t" if level in ("lt", "lta") else level,
            child,
            timestamp,
            replace(facts, box=statement.signature, image=officer.image, image_mm=officer.image_mm),
            officer.algorithm,
            trust,
            fetch,
        )
        sealed = sign_file(
            by_officer,
            out,
            agency.holder,
            load_profile("agency", profiles),
            level,
            child,
            timestamp,
            replace(facts, image=agency.image, image_mm=agency.image_mm),
            agency.algorithm,
            trust,
            fetch,
            all_evidence=True,
        )
    return CertifiedCopy(
        path=out,
        sha256=sealed.sha256,
        statement=statement,
        officer=SignatureOnPage(person.field, person.box),
        agency=SignatureOnPage(sealed.field, sealed.box),
        wording_version=words.version,
        wording_confirmed=words.confirmed,
    )


def seal_key(holder: KeyHolder) -> bytes:
    """The public key (DER SubjectPublicKeyInfo) of whoever makes QR seals; raises UsageError seal_key_unfit."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = load_certificate(holder.certificate).public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise UsageError("seal_key_unfit")
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _facts(certification: Certification) -> dict[str, str]:
    day = certification.day
    facts = {
        "number": certification.number,
        "book": certification.book,
        "place": certification.place,
        "officer": certification.officer,
        "position": certification.position,
        "agency": certification.agency,
        "day": f"{day.day:02d}",
        "month": f"{day.month:02d}" if day.month < _ZERO_MONTHS else str(day.month),
        "year": str(day.year),
    }
    missing = next((name for name, value in facts.items() if not value.strip()), None)
    if missing:
        raise UsageError("certification_fact_missing", fact=missing)
    return facts


def _lines(name: str, words: Wording, facts: dict[str, str]) -> tuple[StatementLine, ...]:
    """The wording's lines; {pages} is the child's to count. A placeholder nobody can fill is found before anything is written."""
    asked = {name for line in words.lines for name in re.findall(r"\{(\w+)\}", line.text)}
    if not asked <= {*facts, "pages"} or not any(line.style == "signature" for line in words.lines):
        raise UsageError("wording_unreadable", name=name)
    return tuple(StatementLine(line.style, line.text) for line in words.lines)
