"""Coverage-guided fuzzing of the total function: `python -m benchmarks.fuzz --seconds 600` (needs `pip install atheris`).

Starts from signed files, changes them with its own knowledge of PDF, and stops at the first input that raises, takes too
long, or is called valid although its bytes are not those that were signed. What it finds is written to the folder given.
"""

import argparse
import logging
import re
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["verification"]):
    from verification.truststore import load_trust
    from verification.verify import verify

from asn1crypto import x509
from fpdf import FPDF
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator import ValidationContext

from signing.trial import TrialPki, trial_pki

_WORDS = (
    b"/ByteRange",
    b"/Contents",
    b"/Prev",
    b"/XRefStm",
    b"/AcroForm",
    b"/Perms",
    b"endobj",
    b"startxref",
    b"%%EOF",
    b"/DSS",
    b"/ObjStm",
)
_SLOW = 9.0
_COVERED = re.compile(rb"/ByteRange \[0 \d+ (\d+) (\d+)")
_SEAT = re.compile(rb"/Contents <([0-9A-Fa-f]+)>")


def main() -> int:
    """Fuzz for some time; the exit code is libFuzzer's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--out", type=Path, default=Path("fuzz-out"), help="folder for inputs that went wrong")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    args.out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pki = trial_pki(Path(folder) / "pki")
        trust = load_trust(str(pki.trust))
        seeds = Path(folder) / "seeds"
        seeds.mkdir()
        originals = _signed_files(pki)
        for number, data in enumerate(originals):
            (seeds / f"{number}.pdf").write_bytes(data)
        signers = {s.signer for signed in originals for s in verify(signed, trust).signatures}
        words = Path(folder) / "words.txt"
        words.write_text("".join(f'"{word.decode()}"\n' for word in _WORDS))

        def one(data: bytes) -> None:
            started = time.monotonic()
            verdict = verify(data, trust)
            if time.monotonic() - started > _SLOW:
                raise TimeoutError("too slow")
            if verdict.verdict == "valid" and not any(data.rstrip() == signed.rstrip() for signed in originals):
                _only_the_seats_differ(data, originals)
                if {s.signer for s in verdict.signatures} - signers:
                    raise ValueError("called valid, and names another signer")

        options = [
            sys.argv[0],
            f"-max_total_time={args.seconds}",
            f"-artifact_prefix={args.out}/",
            f"-dict={words}",
            "-max_len=120000",
            str(seeds),
        ]
        atheris.Setup(options, one)
        atheris.Fuzz()
    return 0


def _only_the_seats_differ(data: bytes, originals: list[bytes]) -> None:
    """What stands between the brackets of /Contents no signature covers: padding, and certificates that nobody needs."""
    if not any(len(data) == len(signed) and _what_is_signed(data, signed) == _what_is_signed(signed, signed) for signed in originals):
        raise ValueError("called valid, and is not what was signed")


def _what_is_signed(data: bytes, signed: bytes) -> bytes:
    """`data` without the places where `signed` has its signatures, and without evidence that it has behind the last one."""
    kept, at = [], 0
    for seat in _SEAT.finditer(signed):
        kept.append(data[at : seat.start(1)])
        at = seat.end(1)
    end = max(int(found[1]) + int(found[2]) for found in _COVERED.finditer(signed))
    return b"".join([*kept, data[at:end]])


def _signed_files(pki: TrialPki) -> list[bytes]:
    signer = SimpleSigner.load_pkcs12(str(pki.folder / "officer.p12"), passphrase=pki.passphrase)
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica")
    pdf.cell(text="12/QD-UBND")
    data, made = bytes(pdf.output()), []
    for name in ("One", "Two"):
        meta = PdfSignatureMetadata(field_name=name, subfilter=SigSeedSubFilter.PADES)
        data = PdfSigner(meta, signer).sign_pdf(IncrementalPdfFileWriter(BytesIO(data)), bytes_reserved=10_000).getvalue()
        made.append(data)
    return [*made, _for_the_long_term(pki, signer, made[0])]


def _for_the_long_term(pki: TrialPki, signer: SimpleSigner, data: bytes) -> bytes:
    """The same with evidence and an archive timestamp, so that the second opinion is asked, too."""
    tsa = SimpleSigner.load_pkcs12(str(pki.folder / "tsa.p12"), passphrase=pki.passphrase)
    stamper = DummyTimeStamper(tsa.signing_cert, tsa.signing_key, certs_to_embed=tsa.cert_registry)
    given = pki.as_trust()
    roots, others = ([x509.Certificate.load(der) for der in ders] for ders in (given.anchors, given.intermediates))
    context = ValidationContext(trust_roots=roots, other_certs=others, crls=list(given.crls), revocation_mode="require")
    meta = PdfSignatureMetadata(
        field_name="Long", subfilter=SigSeedSubFilter.PADES, validation_context=context, embed_validation_info=True, use_pades_lta=True
    )
    made = PdfSigner(meta, signer, timestamper=stamper).sign_pdf(IncrementalPdfFileWriter(BytesIO(data)), bytes_reserved=24_000)
    return bytes(made.getvalue())


if __name__ == "__main__":
    sys.exit(main())
