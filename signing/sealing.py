"""In the child: the QR seal drawn as plain PDF operators, and the digest of the text that it seals.

The code is drawn as rectangles, not as a picture: it stays sharp at every resolution and needs no image in a PDF/A file.
"""

import pikepdf
import pypdfium2
from msgspec import Struct

from signing.appearance import COLOURS
from signing.freespace import free_space, page_shape
from signing.model import POINTS_PER_MM
from signing.pdf_values import pdf_value
from signing.tasks import SealedText, TextToSeal
from sohoa.errors import SohoaError
from sohoa.seal import text_digest

# Half a millimetre is four pixels of a 200-dpi scan and as many of a phone photo of a whole page.
MODULE_MM = 0.5
# ISO/IEC 18004 §9.1: four modules of white around the code.
_QUIET = 4
# Bottom left stays free for the page's own signature block longest; then the other corners.
_CORNERS = ("bottom_left", "bottom_right", "top_left", "top_right")
_MARGIN_MM = (6.0, 6.0)


class Code(Struct, frozen=True):
    """A QR code with its quiet zone, `side` points square; `dark` are rectangles (x, y, width, height) from its bottom left."""

    side: float
    dark: tuple[tuple[float, float, float, float], ...]

    def operators(self, x: float, y: float) -> bytes:
        """Fill the code with its bottom left corner at (x, y); the colour is the caller's."""
        return b"\n".join(b"%.3f %.3f %.3f %.3f re" % (x + left, y + low, width, high) for left, low, width, high in self.dark) + b" f"


def code(text: str) -> Code:
    """`text` as a QR code at error level M (15 % may be lost)."""
    import segno

    rows = [bytes(row) for row in segno.make_qr(text, error="m", mode="alphanumeric", boost_error=False).matrix]
    module = MODULE_MM * POINTS_PER_MM
    side = (len(rows) + 2 * _QUIET) * module
    dark = []
    for number, row in enumerate(rows):
        low = side - (_QUIET + number + 1) * module
        start = 0
        while (start := row.find(1, start)) >= 0:
            stop = row.find(0, start)
            stop = len(row) if stop < 0 else stop
            dark.append(((_QUIET + start) * module, low, (stop - start) * module, module))
            start = stop
    return Code(side, tuple(dark))


def seal_pages(pdf: pikepdf.Pdf, source: str, seal: Code) -> tuple[int, ...]:
    """Print the seal on every page of `pdf`, whose pages are those of the file `source`; the numbers of pages without room for it."""
    left_out = []
    seen = pypdfium2.PdfDocument(source)
    try:
        for number, page in enumerate(seen, 1):
            shape = page_shape(page)
            space = free_space(page, shape)
            box = next((found for corner in _CORNERS if (found := space.nearest(corner, _MARGIN_MM, (seal.side, seal.side), None))), None)
            page.close()
            if box is None:
                left_out.append(number)
                continue
            x, y, *_ = shape.to_user(box)
            target = pdf.pages[number - 1]
            ink = target.add_resource(pdf_value(pdf, COLOURS), pikepdf.Name.ColorSpace, prefix="SealInk")
            # What the page drew before may have left any state behind: its own content is put between q and Q.
            target.contents_add(b"q", prepend=True)
            target.contents_add(b"Q q %s cs 0 0 0 sc\n%s Q" % (bytes(ink), seal.operators(x, y)))
    finally:
        seen.close()
    return tuple(left_out)


def text_to_seal(request: TextToSeal) -> SealedText:
    """The digest of the words of every page. Raises SohoaError pdf_not_signable."""
    try:
        document = pypdfium2.PdfDocument(request.path)
        try:
            texts = []
            for page in document:
                words = page.get_textpage()
                texts.append(str(words.get_text_bounded()))
                words.close()
                page.close()
            return SealedText(len(texts), text_digest(texts))
        finally:
            document.close()
    except (pypdfium2.PdfiumError, ValueError, UnicodeError):
        raise SohoaError("pdf_not_signable") from None
