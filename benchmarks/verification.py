"""Verification against pyHanko's `validate_pdf_signature` in the same process and run, trust and rendering left out on both sides.

Also what a large file costs against hashing it twice, and what the warm child adds to the bare call. CPU seconds, medians.
"""

import argparse
import hashlib
import logging
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import x509
from fpdf import FPDF
from pyhanko.pdf_utils.generic import IndirectObject, NameObject, NumberObject, StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from signing.trial import trial_pki
from sohoa.child import Child
from verification.facts import gather
from verification.integrity import signature_integrity
from verification.tasks import PRELOAD, Verify, verify_in_child
from verification.verify import verify

_REPEATS = 15


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """The figures of one run; prints them as it goes."""
    with tempfile.TemporaryDirectory() as folder, Child(PRELOAD) as child:
        pki = trial_pki(Path(folder))
        signer = SimpleSigner.load_pkcs12(str(pki.folder / "officer.p12"), passphrase=pki.passphrase)
        logging.disable(logging.CRITICAL)
        roots = [x509.Certificate.load(der) for der in pki.as_trust().anchors]
        context = ValidationContext(trust_roots=roots, allow_fetching=False)
        paper = _paper()
        figures: dict[str, Any] = {}
        for count in (1, 20):
            data = _signed(paper, signer, count)
            ours = _median(lambda data=data: _integrity(data), args.rounds)
            theirs = _median(lambda data=data: _pyhanko(data, context), args.rounds)
            figures[f"signatures_{count}"] = {"ours_ms": _ms(ours), "pyhanko_ms": _ms(theirs), "ratio": round(theirs / ours, 1)}
        large = _signed(_heavy(paper, 20 << 20), signer, 1)
        ours, hashed = _median(lambda: _integrity(large), args.rounds), _median(lambda: _hash_twice(large), args.rounds)
        figures["megabytes_20"] = {"ours_ms": _ms(ours), "hashed_twice_ms": _ms(hashed), "ratio": round(ours / hashed, 2)}
        file = Path(folder) / "one.pdf"
        file.write_bytes(_signed(paper, signer, 1))
        request = Verify(str(file))
        bare, through = _side_by_side(lambda: verify(file.read_bytes()), lambda: verify_in_child(child, request))
        figures["warm_child"] = {"bare_ms": _ms(bare), "through_child_ms": _ms(through), "adds_ms": _ms(through - bare)}
    for name, row in figures.items():
        print(name, row)
    return {"what": "CPU milliseconds a file, median; warm_child: wall", **figures}


def _integrity(data: bytes) -> None:
    facts = gather(data)
    for signature in facts.signatures:
        state = signature_integrity(facts, signature)
        if state.state not in ("intact", "extended"):
            raise ValueError(state)


def _pyhanko(data: bytes, context: ValidationContext) -> None:
    reader = PdfFileReader(BytesIO(data), strict=False)
    for signature in reader.embedded_signatures:
        status = validate_pdf_signature(signature, context, skip_diff=False)
        if not status.intact:
            raise ValueError(status)


def _hash_twice(data: bytes) -> None:
    hashlib.sha256(data).digest()
    hashlib.sha256(data).digest()


def _median(work: Callable[[], None], rounds: int) -> float:
    work()
    times = []
    for _ in range(max(3, rounds) * 3):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def _side_by_side(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Median wall seconds of both, by turns, so that a busy machine slows both alike."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(_REPEATS):
        for work, kept in zip((one, other), times, strict=True):
            start = time.perf_counter()
            work()
            kept.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def _paper() -> bytes:
    pdf = FPDF()
    pdf.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
    pdf.add_font("serif", fname=str(Path(__file__).parents[1] / "sohoa" / "fonts" / "LiberationSerif-Regular.ttf"))
    pdf.set_font("serif", size=13)
    for page in range(2):
        pdf.add_page()
        pdf.multi_cell(w=0, text=f"Quyết định số {page + 12}/QĐ-UBND. " * 60)
    return bytes(pdf.output())


def _heavy(data: bytes, size: int) -> bytes:
    """The same paper with `size` bytes of picture on its first page."""
    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    side = int((size / 3) ** 0.5)
    noise = hashlib.shake_256(b"noise").digest(side * side * 3)
    names = {"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": "/DeviceRGB"}
    numbers = {"/Width": side, "/Height": side, "/BitsPerComponent": 8}
    entries = {NameObject(k): NameObject(v) for k, v in names.items()} | {NameObject(k): NumberObject(v) for k, v in numbers.items()}
    picture: IndirectObject = writer.add_object(StreamObject(entries, stream_data=noise))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Resources"][NameObject("/XObject")] = type(page)({NameObject("/Im"): picture})
    writer.update_container(page["/Resources"])
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _signed(data: bytes, signer: SimpleSigner, count: int) -> bytes:
    for number in range(count):
        meta = PdfSignatureMetadata(field_name=f"S{number}", subfilter=SigSeedSubFilter.PADES)
        data = PdfSigner(meta, signer).sign_pdf(IncrementalPdfFileWriter(BytesIO(data), strict=False)).getvalue()
    return data


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
