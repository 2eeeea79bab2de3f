import logging
import re
import shutil
import subprocess
import threading
import time
from datetime import datetime
from pathlib import Path

import pikepdf
import pytest
from msgspec.structs import replace
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from signing.keyholder import KeyProcess
from signing.model import Algorithm, Facts, SignedFile
from signing.profiles import load_profile
from signing.sign import sign_file
from signing.tasks import PRELOAD
from signing.timestamp import TimestampClient
from signing.trial import TrialPki
from sohoa.child import Child, Limits
from sohoa.errors import SohoaError, UsageError


def sign(
    source: Path, out: Path, holder: KeyProcess, child: Child, now: datetime, profile: str = "invisible", **more: object
) -> SignedFile:
    level = more.pop("level", "b")
    timestamp = more.pop("timestamp", None)
    algorithm = more.pop("algorithm", Algorithm())
    facts = replace(Facts(now), **more)  # type: ignore[arg-type]
    return sign_file(source, out, holder, load_profile(profile), level, child, timestamp, facts, algorithm)  # type: ignore[arg-type]


def statuses(path: Path, pki: TrialPki) -> list[PdfSignatureStatus]:
    """What an independent validator says of every signature, oldest first."""
    trust = pki.as_trust()
    from asn1crypto.x509 import Certificate

    context = ValidationContext(trust_roots=[Certificate.load(trust.anchors[0])], allow_fetching=False)
    with path.open("rb") as file:
        return [validate_pdf_signature(one, context, context) for one in PdfFileReader(file).embedded_regular_signatures]


def test_a_signed_file_verifies_with_an_independent_validator(
    born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, pki: TrialPki, now: datetime
) -> None:
    signed = sign(born_digital, tmp_path / "s.pdf", officer, child, now, "cv7197")
    (status,) = statuses(signed.path, pki)
    assert status.bottom_line
    assert status.coverage.name == "ENTIRE_FILE"


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler's pdfsig is not installed")
def test_a_signed_file_verifies_with_poppler(born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime) -> None:
    signed = sign(born_digital, tmp_path / "s.pdf", officer, child, now, "cv7197")
    said = subprocess.run(["pdfsig", "-nocert", signed.path], capture_output=True, text=True, check=False).stdout
    assert "Signature Validation: Signature is Valid." in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said


def test_the_bytes_that_came_in_are_the_beginning_of_the_bytes_that_go_out(
    pdf_a: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime
) -> None:
    signed = sign(pdf_a, tmp_path / "s.pdf", officer, child, now, "cv7197")
    assert signed.path.read_bytes().startswith(pdf_a.read_bytes())


def test_the_reported_hash_is_that_of_the_file(
    born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime
) -> None:
    from hashlib import sha256

    for digest in ("sha256", "sha512"):
        signed = sign(born_digital, tmp_path / "s.pdf", officer, child, now, algorithm=Algorithm(digest))  # type: ignore[arg-type]
        assert signed.sha256 == sha256(signed.path.read_bytes()).hexdigest()


def test_an_earlier_signature_still_verifies_after_a_second_one(
    pdf_a: Path, tmp_path: Path, officer: KeyProcess, agency: KeyProcess, child: Child, pki: TrialPki, now: datetime
) -> None:
    first = sign(pdf_a, tmp_path / "1.pdf", officer, child, now, "officer_scan", captured_at=now)
    second = sign(first.path, tmp_path / "2.pdf", agency, child, now, "sao_y", copy_form="SAO Y", agency="UBND xã Thử Nghiệm")
    assert second.path.read_bytes().startswith(first.path.read_bytes())
    assert second.field != first.field
    earlier, later = statuses(second.path, pki)
    assert earlier.bottom_line
    assert earlier.modification_level.name in ("LTA_UPDATES", "FORM_FILLING")
    assert later.bottom_line
    assert later.coverage.name == "ENTIRE_FILE"


def test_the_source_may_be_signed_in_its_own_place(
    born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, pki: TrialPki, now: datetime
) -> None:
    path = Path(shutil.copy(born_digital, tmp_path / "s.pdf"))
    sign(path, path, officer, child, now)
    assert statuses(path, pki)[0].bottom_line


@pytest.mark.parametrize(
    ("identity", "algorithm", "mechanism"),
    [
        ("officer", Algorithm(), "rsassa_pss"),
        ("officer", Algorithm("sha512", "compat"), "sha512_rsa"),
        ("officer-ec", Algorithm("sha384"), "sha384_ecdsa"),
    ],
)
def test_every_algorithm_verifies(
    identity: str, algorithm: Algorithm, mechanism: str, born_digital: Path, tmp_path: Path, child: Child, pki: TrialPki, now: datetime
) -> None:
    with KeyProcess(pki.identity(identity), pki.passphrase) as holder:
        signed = sign(born_digital, tmp_path / "s.pdf", holder, child, now, algorithm=algorithm)
    (status,) = statuses(signed.path, pki)
    assert status.bottom_line
    assert status.pkcs7_signature_mechanism == mechanism
    assert status.md_algorithm == algorithm.digest


def test_level_t_carries_a_timestamp_over_the_signature(
    born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, pki: TrialPki, now: datetime, tsa: TimestampClient
) -> None:
    signed = sign(born_digital, tmp_path / "s.pdf", officer, child, now, level="t", timestamp=tsa)
    (status,) = statuses(signed.path, pki)
    assert status.timestamp_validity is not None
    assert status.timestamp_validity.valid
    assert status.timestamp_validity.intact
    assert status.timestamp_validity.trusted
    assert signed.level == "t"


def test_a_level_nobody_knows_is_refused(born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime) -> None:
    with pytest.raises(UsageError, match="level_not_available"):
        sign(born_digital, tmp_path / "s.pdf", officer, child, now, level="ltx")


@pytest.mark.parametrize("level", ["t", "lt", "lta"])
def test_a_level_with_a_timestamp_is_refused_without_an_authority(
    level: str, born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime
) -> None:
    with pytest.raises(UsageError, match="timestamp_not_configured"):
        sign(born_digital, tmp_path / "s.pdf", officer, child, now, level=level)


@pytest.mark.parametrize("answer", [b"", b"<html>busy</html>", b"0\x80", b"0\x030\x01\x00" * 3])
def test_nonsense_from_the_authority_leaves_no_file(
    answer: bytes, born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime
) -> None:
    with pytest.raises(SohoaError, match="tsa_failed"):
        sign(born_digital, tmp_path / "s.pdf", officer, child, now, level="t", timestamp=lambda request: answer)
    assert list(tmp_path.iterdir()) == []


def test_a_token_for_another_request_is_refused(
    born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime, tsa: TimestampClient
) -> None:
    kept: list[bytes] = []

    def replay(request: bytes) -> bytes:
        kept.append(tsa(request))
        return kept[0]

    sign(born_digital, tmp_path / "1.pdf", officer, child, now, level="t", timestamp=replay)
    with pytest.raises(SohoaError, match="tsa_failed"):
        sign(born_digital, tmp_path / "2.pdf", officer, child, now, level="t", timestamp=replay)
    assert not (tmp_path / "2.pdf").exists()


def test_a_token_with_one_bit_of_its_signature_changed_is_refused(
    born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime, tsa: TimestampClient
) -> None:
    def forged(request: bytes) -> bytes:
        answer = bytearray(tsa(request))
        answer[-20] ^= 1
        return bytes(answer)

    with pytest.raises(SohoaError, match="tsa_failed"):
        sign(born_digital, tmp_path / "s.pdf", officer, child, now, level="t", timestamp=forged)


def test_an_invisible_signature_has_an_empty_rectangle_and_the_print_flag(
    pdf_a: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime
) -> None:
    signed = sign(pdf_a, tmp_path / "s.pdf", officer, child, now)
    with pikepdf.open(signed.path) as pdf:
        widget = pdf.Root.AcroForm.Fields[0]
        assert [float(v) for v in widget.Rect] == [0, 0, 0, 0]
        assert int(widget.F) == 132
        assert "/AP" not in widget
    assert (signed.page, signed.box) == (None, None)


def test_the_signing_time_is_written_with_vietnams_time_zone(
    born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime
) -> None:
    signed = sign(born_digital, tmp_path / "s.pdf", officer, child, now)
    with pikepdf.open(signed.path) as pdf:
        assert str(pdf.Root.AcroForm.Fields[0].V.M) == now.strftime("D:%Y%m%d%H%M%S+07'00'")


def test_metadata_of_the_document_stays_as_it_was(pdf_a: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime) -> None:
    signed = sign(pdf_a, tmp_path / "s.pdf", officer, child, now)
    with pikepdf.open(pdf_a) as before, pikepdf.open(signed.path) as after:
        assert after.Root.Metadata.read_raw_bytes() == before.Root.Metadata.read_raw_bytes()
        assert dict(after.docinfo) == dict(before.docinfo)


def test_the_agency_does_not_sign_before_the_person(
    born_digital: Path, tmp_path: Path, agency: KeyProcess, child: Child, now: datetime
) -> None:
    with pytest.raises(SohoaError, match="person_signature_missing"):
        sign(born_digital, tmp_path / "s.pdf", agency, child, now, "agency", agency="UBND xã", box=(100, 100, 240, 200))


def test_the_agencys_own_earlier_signature_is_not_a_persons(
    born_digital: Path, tmp_path: Path, agency: KeyProcess, child: Child, now: datetime
) -> None:
    first = sign(born_digital, tmp_path / "1.pdf", agency, child, now)
    with pytest.raises(SohoaError, match="person_signature_missing"):
        sign(first.path, tmp_path / "2.pdf", agency, child, now, "agency", agency="UBND xã", box=(100, 100, 240, 200))


def test_a_broken_signature_of_the_person_does_not_count(
    born_digital: Path, tmp_path: Path, officer: KeyProcess, agency: KeyProcess, child: Child, now: datetime
) -> None:
    first = sign(born_digital, tmp_path / "1.pdf", officer, child, now)
    content = bytearray(first.path.read_bytes())
    content[content.index(b"%PDF") + 9] ^= 1  # in the binary comment: the structure stays sound
    first.path.write_bytes(content)
    with pytest.raises(SohoaError, match="person_signature_missing"):
        sign(first.path, tmp_path / "2.pdf", agency, child, now, "agency", agency="UBND xã", box=(100, 100, 240, 200))


def test_a_document_its_author_locked_is_refused(
    born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, pki: TrialPki, now: datetime
) -> None:
    author = signers.SimpleSigner.load_pkcs12(pki.identity("agency").path, passphrase=pki.passphrase)
    locked = tmp_path / "locked.pdf"
    with born_digital.open("rb") as source, locked.open("wb") as out:
        meta = signers.PdfSignatureMetadata("A", certify=True, docmdp_permissions=MDPPerm.NO_CHANGES, md_algorithm="sha256")
        signers.sign_pdf(IncrementalPdfFileWriter(source), meta, author, output=out)
    with pytest.raises(SohoaError, match="pdf_locked"):
        sign(locked, tmp_path / "s.pdf", officer, child, now)
    emptied = tmp_path / "emptied.pdf"
    with locked.open("rb") as source, emptied.open("wb") as out:
        update = IncrementalPdfFileWriter(source)
        update.root["/AcroForm"]["/Fields"] = generic.ArrayObject()
        update.update_container(update.root["/AcroForm"])
        update.write(out)
    with pytest.raises(SohoaError, match="pdf_locked"):
        sign(emptied, tmp_path / "s.pdf", officer, child, now)


def test_a_file_that_keeps_everything_behind_references_is_signed_twice(
    born_digital: Path, tmp_path: Path, officer: KeyProcess, agency: KeyProcess, child: Child, pki: TrialPki, now: datetime
) -> None:
    indirect = tmp_path / "indirect.pdf"
    with pikepdf.open(born_digital) as pdf:
        box = pikepdf.Array([pdf.make_indirect(pikepdf.Object.parse(str(v).encode())) for v in (0, 0, 595, 842)])
        field = pikepdf.Dictionary(FT=pikepdf.Name.Tx, T=pikepdf.String("Sohoa1"))
        pdf.Root.AcroForm = pdf.make_indirect(pikepdf.Dictionary(Fields=pdf.make_indirect(pikepdf.Array([pdf.make_indirect(field)]))))
        for page in pdf.pages:
            page.obj.MediaBox = pdf.make_indirect(box)
            page.obj.Annots = pdf.make_indirect(pikepdf.Array())
        pdf.save(indirect)
    first = sign(indirect, tmp_path / "1.pdf", officer, child, now, "cv7197")
    second = sign(first.path, tmp_path / "2.pdf", agency, child, now, "agency", agency="UBND xã")
    assert [first.field, second.field] == ["Sohoa2", "Sohoa3"]
    assert second.box is not None
    assert first.box is not None
    assert second.box[2] <= first.box[0]
    assert all(status.bottom_line for status in statuses(second.path, pki))


def test_an_encrypted_file_is_refused(born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime) -> None:
    closed = tmp_path / "closed.pdf"
    with pikepdf.open(born_digital) as pdf:
        pdf.save(closed, encryption=pikepdf.Encryption(user="", owner="x"))
    with pytest.raises(SohoaError, match="pdf_encrypted_for_signing"):
        sign(closed, tmp_path / "s.pdf", officer, child, now)


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7\n%%EOF", b"%PDF-1.7\ntrailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF\n", b"\x89PNG" * 50]
)
def test_a_damaged_file_is_refused_and_leaves_nothing(
    content: bytes, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime
) -> None:
    source = tmp_path / "damaged.pdf"
    source.write_bytes(content)
    with pytest.raises(SohoaError, match="pdf_not_signable"):
        sign(source, tmp_path / "s.pdf", officer, child, now)
    assert [path.name for path in tmp_path.iterdir()] == ["damaged.pdf"]


def test_a_document_that_changes_while_the_key_works_is_not_delivered(
    born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime
) -> None:
    class Slow:
        certificate, chain = officer.certificate, officer.chain

        def sign(self, attributes: bytes, mechanism: str, digest: str) -> bytes:
            (part,) = tmp_path.glob(".*.part")
            content = bytearray(part.read_bytes())
            content[12] ^= 1
            part.write_bytes(content)
            return officer.sign(attributes, mechanism, digest)  # type: ignore[arg-type]

    with pytest.raises(SohoaError, match="document_changed"):
        sign(born_digital, tmp_path / "s.pdf", Slow(), child, now)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_signature_of_another_key_is_noticed_at_once(
    born_digital: Path, tmp_path: Path, officer: KeyProcess, agency: KeyProcess, child: Child, now: datetime
) -> None:
    class Mixed:
        certificate, chain, sign = officer.certificate, officer.chain, agency.sign

    with pytest.raises(SohoaError, match="signature_wrong"):
        sign(born_digital, tmp_path / "s.pdf", Mixed(), child, now)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_killing_the_child_while_it_prepares_leaves_nothing(born_digital: Path, tmp_path: Path, officer: KeyProcess, now: datetime) -> None:
    source = tmp_path / "large.pdf"
    source.write_bytes(born_digital.read_bytes() + b"\n%" + b"x" * (64 << 20))
    out = tmp_path / "out"
    out.mkdir()
    with Child(preload=PRELOAD) as child:
        child.warm()

        def kill_when_writing() -> None:
            deadline = time.monotonic() + 20
            while not list(out.iterdir()) and time.monotonic() < deadline:
                time.sleep(0.001)
            child.interrupt()

        killer = threading.Thread(target=kill_when_writing)
        killer.start()
        with pytest.raises(SohoaError, match=r"worker_died|worker_answer"):
            sign(source, out / "s.pdf", officer, child, now)
        killer.join()
    assert list(out.iterdir()) == []


def test_a_full_disk_leaves_nothing(born_digital: Path, tmp_path: Path, officer: KeyProcess, now: datetime) -> None:
    room = born_digital.stat().st_size + 100
    with Child(preload=PRELOAD, limits=Limits(file_size=room)) as child, pytest.raises(SohoaError, match="disk_full"):
        sign(born_digital, tmp_path / "s.pdf", officer, child, now)
    assert list(tmp_path.iterdir()) == []


def test_nobodys_name_is_logged(
    born_digital: Path,
    tmp_path: Path,
    officer: KeyProcess,
    pki: TrialPki,
    now: datetime,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with Child(preload=PRELOAD) as child:
        sign(born_digital, tmp_path / "s.pdf", officer, child, now, "cv7197")
        with pytest.raises(SohoaError):
            sign(born_digital, tmp_path / "s.pdf", officer, child, now, level="t", timestamp=lambda request: b"0")
    printed = capfd.readouterr()
    assert not re.search("Ví Dụ|THỬ|CCCD", printed.out + printed.err + caplog.text)
