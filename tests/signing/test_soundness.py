"""Files of every level and every profile are sound in the eyes of pyHanko, poppler and our own verifier."""

import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from asn1crypto.x509 import Certificate
from msgspec.structs import replace
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from signing.keyholder import KeyProcess
from signing.model import Algorithm, Facts, Level, SignedFile, Trust
from signing.profiles import load_profile
from signing.sign import sign_file
from signing.tasks import PRELOAD
from signing.timestamp import TimestampClient
from signing.trial import TrialPki
from sohoa.child import Child
from sohoa.fetching import EvidenceClient
from verification.tasks import PRELOAD as VERIFYING
from verification.tasks import VERIFY, Verify


@pytest.fixture(scope="module")
def both() -> Iterator[Child]:
    """A child that signs and verifies, as a batch has it."""
    with Child((*PRELOAD, *VERIFYING)) as running:
        yield running


def accepted(path: Path, count: int, level: str, pki: TrialPki, both: Child) -> None:
    """By all three, signature by signature."""
    context = ValidationContext(trust_roots=[Certificate.load(pki.as_trust().anchors[0])], allow_fetching=False)
    with path.open("rb") as file:
        statuses = [validate_pdf_signature(one, context, context) for one in PdfFileReader(file).embedded_regular_signatures]
    assert [status.bottom_line for status in statuses] == [True] * count
    said = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature Validation: Signature is Valid.") >= count
    assert "Invalid" not in said
    verdict = both.call(VERIFY, Verify(str(path), trust=str(pki.trust)))
    assert (verdict.verdict, verdict.integrity in ("intact", "extended")) == ("valid", True)
    assert {one.verdict for one in verdict.signatures} == {"valid"}
    assert [one.level for one in verdict.signatures if one.kind == "signature"][-1] == f"B-{level.upper()}"


FACTS = {
    "person": {"box": (200.0, 500.0, 330.0, 560.0)},
    "attachment": {"document_number": "12/QĐ-UBND"},
    "sao_y": {"copy_form": "SAO Y", "agency": "UBND xã Thử Nghiệm"},
    "officer_scan": {},
    "cv7197": {},
    "invisible": {},
}


@pytest.mark.parametrize("profile", sorted(FACTS))
def test_every_profile_is_sound(
    profile: str, pdf_a: Path, tmp_path: Path, officer: KeyProcess, both: Child, pki: TrialPki, now: datetime
) -> None:
    facts = replace(Facts(now, captured_at=now), **FACTS[profile])  # type: ignore[arg-type]
    signed = sign_file(pdf_a, tmp_path / "s.pdf", officer, load_profile(profile), "b", both, None, facts)
    accepted(signed.path, 1, "b", pki, both)


def test_the_agencys_profile_is_sound_over_the_persons(
    pdf_a: Path, tmp_path: Path, officer: KeyProcess, agency: KeyProcess, both: Child, pki: TrialPki, now: datetime
) -> None:
    person = replace(Facts(now), box=(200, 500, 330, 560))
    first = sign_file(pdf_a, tmp_path / "1.pdf", officer, load_profile("person"), "b", both, None, person)
    seal = replace(Facts(now), agency="UBND xã Thử Nghiệm")
    second = sign_file(first.path, tmp_path / "2.pdf", agency, load_profile("agency"), "b", both, None, seal)
    accepted(second.path, 2, "b", pki, both)


@pytest.mark.parametrize("level", ["t", "lt", "lta"])
def test_every_level_is_sound(
    level: Level, pdf_a: Path, tmp_path: Path, officer: KeyProcess, both: Child, pki: TrialPki, now: datetime,
    tsa: TimestampClient, fetch: EvidenceClient, anchored: Trust,
) -> None:  # fmt: skip
    signed = sign_file(
        pdf_a, tmp_path / "s.pdf", officer, load_profile("cv7197"), level, both, tsa, Facts(now), trust=anchored, fetch=fetch
    )
    accepted(signed.path, 1, level, pki, both)


@pytest.mark.parametrize(
    ("identity", "algorithm"),
    [("officer", Algorithm("sha384")), ("officer", Algorithm("sha256", "compat")), ("officer-ec", Algorithm("sha512"))],
    ids=["pss", "pkcs1", "ecdsa"],
)
def test_every_algorithm_is_sound(
    identity: str, algorithm: Algorithm, pdf_a: Path, tmp_path: Path, both: Child, pki: TrialPki, now: datetime
) -> None:
    with KeyProcess(pki.identity(identity), pki.passphrase) as holder:
        signed: SignedFile = sign_file(pdf_a, tmp_path / "s.pdf", holder, load_profile("invisible"), "b", both, None, Facts(now), algorithm)
    accepted(signed.path, 1, "b", pki, both)
