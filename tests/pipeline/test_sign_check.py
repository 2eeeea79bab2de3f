"""What one signature must pass before it is made and before its file is let out, whoever asks for it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pikepdf
import pytest

from pipeline.sign_check import sign_checked
from signing.keyholder import KeyProcess
from signing.model import VIETNAM, Facts, SignedFile
from signing.profiles import load_profile
from signing.sign import Manner
from signing.trial import TrialPki
from sohoa.child import Child
from sohoa.errors import SohoaError
from verification.model import Verdict

BOX = (100.0, 100.0, 240.0, 200.0)
Sign = Callable[..., tuple[SignedFile, Verdict]]


@pytest.fixture(scope="module")
def officer(pki: TrialPki) -> Iterator[KeyProcess]:
    with KeyProcess(pki.identity("officer"), pki.passphrase) as holder:
        yield holder


@pytest.fixture(scope="module")
def agency(pki: TrialPki) -> Iterator[KeyProcess]:
    with KeyProcess(pki.identity("agency"), pki.passphrase) as holder:
        yield holder


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    pdf.save(tmp_path / "paper.pdf")
    return tmp_path / "paper.pdf"


@pytest.fixture
def sign(child: Child, tmp_path: Path) -> Sign:
    def run(source: Path, holder: KeyProcess, profile: str, trust: Path | None) -> tuple[SignedFile, Verdict]:
        facts = Facts(datetime.now(VIETNAM), agency="UBND xã", box=BOX, page=1)
        out = tmp_path / f"{source.stem}-{profile}.pdf"
        return sign_checked(source, out, holder, Manner(load_profile(profile)), facts, child, str(trust or ""))

    return run


def test_a_signed_file_comes_with_our_verdict_on_it(sign: Sign, paper: Path, officer: KeyProcess, pki: TrialPki) -> None:
    signed, verdict = sign(paper, officer, "cv7197", pki.trust)
    assert signed.path.is_file()
    assert (verdict.verdict, verdict.signatures[0].field) == ("valid", signed.field)


def test_an_agency_signs_only_over_a_persons_valid_signature(
    sign: Sign, paper: Path, officer: KeyProcess, agency: KeyProcess, pki: TrialPki, tmp_path: Path
) -> None:
    with pytest.raises(SohoaError, match="person_signature_missing"):
        sign(paper, agency, "agency", pki.trust)
    by_person, _ = sign(paper, officer, "person", pki.trust)
    with pytest.raises(SohoaError, match="person_signature_unproven"):
        sign(by_person.path, agency, "agency", None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["paper-person.pdf", "paper.pdf"]
    _, verdict = sign(by_person.path, agency, "agency", pki.trust)
    assert [one.verdict for one in verdict.signatures] == ["valid", "valid"]


def test_a_file_with_a_broken_signature_is_not_let_out(
    sign: Sign, paper: Path, officer: KeyProcess, agency: KeyProcess, pki: TrialPki, tmp_path: Path
) -> None:
    by_person, _ = sign(paper, officer, "cv7197", pki.trust)
    content = bytearray(by_person.path.read_bytes())
    content[len(paper.read_bytes()) // 2] ^= 1
    by_person.path.write_bytes(content)
    with pytest.raises(SohoaError):
        sign(by_person.path, agency, "cv7197", pki.trust)
    assert not list(tmp_path.glob("*cv7197-cv7197*"))


def test_a_revoked_certificate_signs_nothing(sign: Sign, paper: Path, pki: TrialPki, tmp_path: Path) -> None:
    with KeyProcess(pki.identity("officer-revoked"), pki.passphrase) as holder, pytest.raises(SohoaError, match="identity_revoked"):
        sign(paper, holder, "cv7197", pki.trust)
    assert [path.name for path in tmp_path.iterdir()] == ["paper.pdf"]
