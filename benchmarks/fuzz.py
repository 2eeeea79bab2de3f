"""Coverage-guided fuzzing of the total function: `python -m benchmarks.fuzz --seconds 600` (needs `pip install atheris`).

Starts from signed files, changes them with its own knowledge of PDF, and stops at the first input that raises, takes too
long, or is called valid although its bytes are not those that were signed. What it finds is written to the folder given.
"""

import argparse
import logging
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["verification"]):
    from verification.truststore import load_trust
    from verification.verify import verify

from fpdf import FPDF
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner

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
        words = Path(folder) / "words.txt"
        words.write_text("".join(f'"{word}"\n' for word in _WORDS))

        def one(data: bytes) -> None:
            started = time.monotonic()
            verdict = verify(data, trust)
            if time.monotonic() - started > _SLOW:
                raise TimeoutError("too slow")
            if verdict.verdict == "valid" and not any(data.rstrip() == signed.rstrip() for signed in originals):
                _only_unsigned_bytes_differ(data, originals)

        options = [
            sys.argv[0],
            f"-max_total_time={args.seconds}",
            f"-artifact_prefix={args.out}/",
            f"-dict={words}",
            "-max_len=60000",
            str(seeds),
        ]
        atheris.Setup(options, one)
        atheris.Fuzz()
    return 0


def _only_unsigned_bytes_differ(data: bytes, originals: list[bytes]) -> None:
    """Changed padding inside /Contents is covered by no signature and changes nothing."""
    for signed in originals:
        if len(data) != len(signed):
            continue
        start = signed.index(b"/Contents <") + 10
        end = signed.index(b">", start)
        if data[:start] + data[end:] == signed[:start] + signed[end:]:
            return
    raise ValueError("called valid, and is not what was signed")


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
    return made


if __name__ == "__main__":
    sys.exit(main())
