"""The QR seal of a printed copy: found on a page or in a picture, checked against the offices that the trust folder names.

A picture or an unsigned PDF has nothing but its seal to be judged by. A sound seal alone leaves the verdict open: it says what
the office sealed, and somebody must compare that with the print (verification.printed does, when words can be read). In a
signed file the signatures decide, and the seal is told beside them.

The reader of codes belongs to the part of the product that reads pages; without it a PDF is verified all the same.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from io import BytesIO
from typing import Any

import pypdfium2
from msgspec.structs import replace

from sohoa.checks import Check, check
from sohoa.messages import message
from sohoa.seal import Seal, SealState, check_seal, read_seal, text_digest
from verification.cancellations import Cancellations
from verification.model import Conclusion, Indication, Verdict
from verification.truststore import TrustStore

_VIETNAM = timezone(timedelta(hours=7))
# The fineness at which a page is looked at: half a millimetre must be several pixels.
_SCALES = (200 / 72, 300 / 72)
_MOST_PAGES = 3
_LARGEST_PIXELS = 80_000_000
_LARGEST_SIDE = 20_000
# A picture without a seal must be given up within the seconds that a verdict may take.
_LARGEST_ENLARGED = 24_000_000
_IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b"RIFF")
_FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "HEIF")
_CLASSES = ("certified_copy", "scan_of_certified_copy")
_OUTCOMES: dict[SealState, tuple[Conclusion, str]] = {
    "sound": ("indeterminate", "seal_compare_by_eye"),
    "forged": ("invalid", "seal_forged"),
    "issuer_unknown": ("indeterminate", "seal_issuer_unknown"),
    "key_out_of_time": ("indeterminate", "seal_key_out_of_time"),
    "key_revoked": ("invalid", "seal_key_revoked"),
}
_INDICATIONS: dict[Conclusion, Indication] = {"valid": "TOTAL-PASSED", "invalid": "TOTAL-FAILED"}


def with_seal(data: bytes, verdict: Verdict, store: TrustStore, cancelled: Callable[[], Cancellations], now: datetime) -> Verdict:
    """`verdict` with its seal looked for where one may be: pictures, unsigned PDFs, certified copies. Never raises for any bytes."""
    picture = verdict.reason_code == "not_pdf" and is_picture(data)
    unsigned = verdict.verdict == "unsigned"
    if not (picture or unsigned or (verdict.document_class in _CLASSES and verdict.pages)):
        return verdict
    try:
        found = _in_picture(data) if picture else _in_pages(data, unsigned)
    except ImportError:
        return decided(verdict, "indeterminate", "seal_reader_missing") if picture else verdict
    if found is None:
        return decided(verdict, "indeterminate", "seal_not_found") if picture else verdict
    page, seal = found
    state = check_seal(seal, store.sealers, now.astimezone(_VIETNAM).date())
    same_text = _same_text(data, seal) if not picture and state == "sound" else None
    gone = cancelled().of("", seal.claims.number, seal.claims.book, seal.claims.issuer)
    sealed = replace(
        verdict, qr_seal=_shown(seal, state, page, same_text, gone), checks=(*verdict.checks, *_checks(state, same_text, gone))
    )
    if not (picture or unsigned):
        return sealed
    sealed = replace(sealed, document_class="scan_of_certified_copy", integrity="none")
    if gone and state == "sound":
        return decided(sealed, "invalid", "copy_cancelled")
    return decided(sealed, *_OUTCOMES[state])


def is_picture(data: bytes) -> bool:
    """Whether these bytes begin like a picture that a phone or a scanner makes."""
    return data.startswith(_IMAGES) or data[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc")


def decided(verdict: Verdict, conclusion: Conclusion, reason: str) -> Verdict:
    """The verdict with another conclusion and its sentences."""
    said = message(reason)
    return replace(
        verdict,
        verdict=conclusion,
        indication=_INDICATIONS.get(conclusion, "INDETERMINATE"),
        sub_indication=None,
        reason_code=reason,
        summary_vi=said.vi,
        summary_en=said.en,
    )


def _shown(seal: Seal, state: SealState, page: int, same_text: bool | None, cancelled: bool | None) -> dict[str, Any]:
    claims = seal.claims
    meaning = message("seal_meaning")
    return {
        "state": state,
        "page": page,
        "key_id": seal.key_id.hex(),
        "issuer": claims.issuer,
        "number": claims.number,
        "book": claims.book,
        "date": claims.day.isoformat(),
        "title": claims.title,
        "pages": claims.pages,
        "fields": [{"label": label, "sealed": value, "printed": None, "result": "not_compared"} for label, value in claims.fields],
        "text_matches": same_text,
        "cancelled": cancelled,
        "meaning_vi": meaning.vi,
        "meaning_en": meaning.en,
    }


def _checks(state: SealState, same_text: bool | None, cancelled: bool | None) -> list[Check]:
    known = state not in ("issuer_unknown", "forged")
    made = [
        check("seal_signature", "not_made" if state == "issuer_unknown" else "failed" if state == "forged" else "passed"),
        check("seal_key_in_force", "not_made" if not known else "passed" if state == "sound" else "failed"),
        check("seal_not_cancelled", "not_made" if cancelled is None else "failed" if cancelled else "passed"),
    ]
    return [*made, check("seal_text_same", "passed" if same_text else "warning")] if same_text is not None else made


def _in_pages(data: bytes, unsigned: bool) -> tuple[int, Seal] | None:
    """The first seal of a PDF: the last page, then the first ones; of a signed copy the last two alone."""
    try:
        document = pypdfium2.PdfDocument(data)
    except (pypdfium2.PdfiumError, ValueError):
        return None
    try:
        count = len(document)
        numbers = list(dict.fromkeys([count, *range(1, count)]))[:_MOST_PAGES] if unsigned else [count, count - 1]
        for number in filter(lambda number: number > 0, numbers):
            page = document[number - 1]
            for scale in _SCALES if unsigned and number == count else _SCALES[:1]:
                if page.get_width() * page.get_height() * scale**2 > _LARGEST_PIXELS:
                    break
                if seal := _read(page.render(scale=scale, grayscale=True).to_numpy().squeeze()):
                    return number, seal
        return None
    except (pypdfium2.PdfiumError, ValueError, MemoryError):
        return None
    finally:
        document.close()


def _in_picture(data: bytes) -> tuple[int, Seal] | None:
    import numpy as np
    from PIL import Image, ImageOps, UnidentifiedImageError

    if data[4:8] == b"ftyp":
        import pi_heif

        pi_heif.register_heif_opener()
    try:
        with Image.open(BytesIO(data), formats=_FORMATS if data[4:8] == b"ftyp" else _FORMATS[:-1]) as opened:
            for number in range(min(getattr(opened, "n_frames", 1), _MOST_PAGES)):
                opened.seek(number)
                if opened.width * opened.height > _LARGEST_PIXELS or max(opened.size) > _LARGEST_SIDE:
                    return None
                grey = ImageOps.exif_transpose(opened).convert("L")
                for size in _sizes(grey.size):
                    seal = _read(np.asarray(grey if size == grey.size else grey.resize(size, Image.Resampling.BICUBIC)))
                    if seal:
                        return number + 1, seal
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, MemoryError):
        return None
    return None


def _sizes(size: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """As it is, then larger: a code of few pixels a module is found between its pixels."""
    yield size
    for factor in (1.5, 2.0):
        larger = (round(size[0] * factor), round(size[1] * factor))
        if larger[0] * larger[1] <= _LARGEST_ENLARGED:
            yield larger


def _read(grey: Any) -> Seal | None:
    import numpy as np
    import zxingcpp

    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    for code in zxingcpp.read_barcodes(np.ascontiguousarray(grey), formats=formats):
        if code.valid and (seal := read_seal(code.text)):
            return seal
    return None


def _same_text(data: bytes, seal: Seal) -> bool | None:
    """Whether the pages before the statement say what was sealed; None when the seal holds no text, or they were read from a scan."""
    if not seal.claims.text:
        return None
    try:
        document = pypdfium2.PdfDocument(data)
        try:
            texts = [_text(document[number]) for number in range(min(len(document), seal.claims.pages))]
        finally:
            document.close()
    except (pypdfium2.PdfiumError, ValueError, UnicodeError):
        return None
    return text_digest(texts) == seal.claims.text if any(text.strip() for text in texts) else None


def _text(page: pypdfium2.PdfPage) -> str:
    words = page.get_textpage()
    try:
        return str(words.get_text_bounded())
    finally:
        words.close()
        page.close()
