"""Which way is up, and how far from level are the lines?

Four directions are decided by the small orientation network of trueocr (Apache-2.0; 16 ms); a wrong turn loses a page,
so an unsure network asks the caller's second opinion. The skew is found where the row profile of the ink is sharpest,
as Postl (US patent 4,723,297) described; shearing narrow column strips instead of turning the image makes it cheap.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from ocr.network import session
from ocr.pages.model import Pixels

# A wrong turn loses a page and most pages stand upright: turning needs more certainty than leaving alone. A card's machine readable
# zone looks much the same upside down: of eighty cards that stood upright the network would have turned one, being 0.954 sure.
SURE_TO_TURN = 0.995
SURE_TO_STAY = 0.75
_CARD_SURE_TO_STAY = 0.9
_POSSIBLE = 0.02  # what is less likely is not asked about
_SIDE = 768
_STRIPS = 40
_ROWS = 1000
_WIDEST = 20.0
_OFTEN = 4.0  # degrees: few scans lie farther off level
_PEAKS = 3
_LEAST_INK = 0.0015


Second = Callable[[Pixels, Sequence[int]], int]  # a picture, black on white, and degrees: which of them turn it upright?


def quarter_turns(ink: Pixels, second: Second | None = None, *, card: bool = False) -> tuple[int, bool]:
    """(clockwise degrees that bring the page upright, is that certain?) from an ink map (uint8, 255 = ink), perhaps of a `card`.

    `second` is asked with the paper-white picture and the degrees that are possible when the network is unsure.
    """
    chances = _chances(ink)
    stay = _CARD_SURE_TO_STAY if card else SURE_TO_STAY
    if not _sure(chances, stay):
        level = skew(ink)
        if abs(level) >= 1.0:
            tilted = _chances(turned(ink, level, 0))
            chances = tilted if tilted.max() > chances.max() else chances
    if _sure(chances, stay):
        return int(chances.argmax()) * 90, True
    if second is not None:
        possible = [90 * turn for turn in range(4) if turn == 0 or chances[turn] > _POSSIBLE]
        return second(np.asarray(255 - ink, np.uint8), possible) % 360, True
    best = int(chances.argmax())
    return (best * 90, False) if chances[best] > 0.7 else (0, False)


def _sure(chances: np.ndarray, stay: float) -> bool:
    return bool(chances[0] >= stay or chances.max() >= SURE_TO_TURN)


def skew(ink: Pixels) -> float:
    """Degrees by which the text rows run down to the right, -20 to 20; 0 when there is too little ink to tell."""
    if cv2.mean(ink)[0] < 255 * _LEAST_INK:
        return 0.0
    height, width = ink.shape
    strips = cv2.resize(ink, (_STRIPS, min(height, _ROWS)), interpolation=cv2.INTER_AREA).T.astype(np.float32)
    height, slope = strips.shape[1], min(height, _ROWS) / height
    offsets = (np.arange(_STRIPS) + 0.5 - _STRIPS / 2) * (width * slope / _STRIPS)
    reach = int(np.tan(np.radians(_WIDEST + 1)) * width * slope / 2) + 2
    places = np.lib.stride_tricks.sliding_window_view(np.pad(strips, ((0, 0), (reach, reach))), height, axis=1)
    each = np.arange(_STRIPS)

    def sharpness(angle: float, exact: bool) -> float:
        shift = offsets * np.tan(np.radians(angle))
        whole = np.floor(shift + (0 if exact else 0.5)).astype(int)
        here = places[each, reach + whole]
        if exact:
            part = (shift - whole).astype(np.float32)[:, None]
            here = here * (1 - part) + places[each, reach + whole + 1] * part
        step = np.diff(here.sum(0))
        # Squares would let one long rule outvote twenty rows of print.
        return float((np.abs(step) ** 1.5).sum())

    # The peak of a wide page is less than a degree wide: between two whole degrees rows of another distance may look as sharp.
    coarse = np.unique(np.concatenate([np.arange(-_WIDEST, _WIDEST + 0.5), np.arange(-_OFTEN, _OFTEN + 0.25, 0.5)]))
    seen = np.array([sharpness(a, False) for a in coarse])
    tops = [at for at in range(len(coarse)) if seen[at] == seen[max(0, at - 1) : at + 2].max()]
    around = [float(coarse[at]) for at in sorted(tops, key=lambda at: -seen[at])[:_PEAKS]]
    scores: dict[float, float] = {0.0: sharpness(0.0, True)}
    for step, most in ((0.25, 2), (0.05, 4)):
        steps = step * np.arange(-most, most + 1)
        for angle in {round(float(one), 2) for middle in around for one in middle + steps} - scores.keys():
            scores[angle] = sharpness(angle, True)
        best = max(sorted(scores, key=abs), key=lambda a: scores[a])
        around = [best]
    # A page without rows (a drawing, a stain) has no sharp angle; its best one is noise.
    return best if scores[best] > 1.02 * scores[0.0] else 0.0


def turned(image: Pixels, degrees: float, border: int) -> Pixels:
    """The image straightened by `degrees` (as `skew` reports them), same size."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(image, matrix, (width, height), borderValue=(border,) * 3), np.uint8)


def _chances(ink: Pixels) -> np.ndarray:
    """Probabilities of 0, 90, 180 and 270 degrees to turn clockwise. The network's fifth class, vertical columns, does not exist here."""
    height, width = ink.shape
    scale = _SIDE / max(height, width)
    small = cv2.resize(ink, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
    board = np.zeros((1, 1, _SIDE, _SIDE), np.float32)
    board[0, 0, : small.shape[0], : small.shape[1]] = small * np.float32(1 / 255)
    chances = session("orient.onnx", arena=True).run(None, {"x": board})[0][0][:4]
    return np.asarray(chances / max(1e-9, chances.sum()))
