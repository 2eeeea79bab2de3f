"""A stamp's ink is taken off the reading image and the words under it stay, in every colour that is not a pen's."""

import cv2
import numpy as np
import pytest

from ocr.pages import light, red, rings, seals
from samples.ink import seal

INKS = {"red": (203, 22, 32), "dark red": (140, 15, 25), "orange": (215, 70, 20), "purple": (110, 30, 140)}
TOP, LEFT, SIDE = 500, 400, 284


def stamped(page, ink):
    """`page` (BGR, 200 dpi) as if stamped: what two inks let through is multiplied."""
    drawn = np.asarray(seal("U.B.N.D XÃ HƯƠNG MẪU", "T. HƯNG YÊN").resize((SIDE, SIDE)), np.float32)
    share = drawn[..., 3:] / 255
    out = page.astype(np.float32)
    out[TOP : TOP + SIDE, LEFT : LEFT + SIDE] *= share * np.float32(ink[::-1]) / 255 + 1 - share
    return out.astype(np.uint8)


def scanned(page):
    """Through a scanner's JPEG, whose colours are half as fine as its brightness."""
    how = [cv2.IMWRITE_JPEG_QUALITY, 80, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]
    return cv2.imdecode(cv2.imencode(".jpg", cv2.GaussianBlur(page, (0, 0), 0.6), how)[1], cv2.IMREAD_COLOR)


def cleared(page):
    return seals.taken_off(light.grey(page), page, red.find(page, 200).seals)


@pytest.mark.parametrize("shade", [1.0, 0.7])
@pytest.mark.parametrize("name", INKS)
def test_the_ink_goes_and_the_words_stay(draw, name, shade):
    page = draw.letter(dpi=200, lines=34)
    seen = cleared((scanned(stamped(page, INKS[name])) * shade).astype(np.uint8))
    place = (slice(TOP, TOP + SIDE), slice(LEFT, LEFT + SIDE))
    words = cv2.erode(np.uint8(light.grey(page)[place] < 90), np.ones((2, 2), np.uint8)) > 0
    ink = np.asarray(seal("U.B.N.D XÃ HƯƠNG MẪU", "T. HƯNG YÊN").resize((SIDE, SIDE)))[..., 3] > 150
    bare = cv2.dilate(np.uint8(light.grey(page)[place] < 200), np.ones((5, 5), np.uint8)) == 0
    assert np.median(seen[place][words & ink]) < 90 * shade + 20
    assert np.median(seen[place][ink & bare]) > 205 * shade


@pytest.mark.parametrize(
    ("ink", "strength"), [((40, 60, 170), 1.0), ((110, 30, 140), 0.6), ((203, 22, 32), 0.5)], ids=["blue", "pale", "faint"]
)
def test_a_round_seal_that_falls_apart_or_has_a_pens_colour_is_known_by_its_rings(draw, ink, strength):
    page = draw.letter(dpi=200, lines=34)
    pale = tuple(255 - strength * (255 - channel) for channel in ink)
    seen = scanned(stamped(page, pale))
    (found,) = rings.find(seen, 200)
    assert np.abs(np.subtract(found, (LEFT, TOP, LEFT + SIDE, TOP + SIDE))).max() < 20
    place = (slice(TOP, TOP + SIDE), slice(LEFT, LEFT + SIDE))
    stamp = np.asarray(seal("U.B.N.D XÃ HƯƠNG MẪU", "T. HƯNG YÊN").resize((SIDE, SIDE)))[..., 3] > 150
    bare = cv2.dilate(np.uint8(light.grey(page)[place] < 200), np.ones((5, 5), np.uint8)) == 0
    cleared = seals.taken_off(light.grey(seen), seen, (), [found])
    assert np.median(cleared[place][stamp & bare]) > 215


@pytest.mark.parametrize("name", ["red", "orange"])
def test_on_a_grey_page_a_seal_is_found_among_words_and_no_page_of_words_has_one(draw, name):
    page = draw.letter(dpi=200, lines=34)
    even = [light.flatten(cv2.cvtColor(scanned(one), cv2.COLOR_BGR2GRAY)) for one in (stamped(page, INKS[name]), page)]
    (found,) = rings.find_grey(even[0], 200)
    assert np.abs(np.subtract(found, (LEFT, TOP, LEFT + SIDE, TOP + SIDE))).max() < 20
    assert rings.find_grey(even[1], 200) == ()


@pytest.mark.parametrize("name", ["dark red", "purple"])
@pytest.mark.parametrize("squeezed", [1.0, 1.025])
def test_on_a_grey_page_rings_as_dark_as_marks_go_and_the_words_they_cross_stay(draw, name, squeezed):
    page = draw.letter(dpi=200, lines=34)
    size = (page.shape[1], round(page.shape[0] * squeezed))
    plain, seen = (cv2.resize(scanned(one), size) for one in (page, stamped(page, INKS[name])))
    even = light.flatten(cv2.cvtColor(seen, cv2.COLOR_BGR2GRAY))
    _, ringless = seals.grey_taken_off(even, 200.0)
    middle = (LEFT + SIDE / 2, (TOP + SIDE / 2) * squeezed)
    down, across = np.mgrid[: even.shape[0], : even.shape[1]]
    away = np.hypot(across - middle[0], (down - middle[1]) / squeezed) / (SIDE / 2)
    ring = (away > 0.966) & (away < 0.978)
    grey = cv2.cvtColor(plain, cv2.COLOR_BGR2GRAY)
    print_, bare = grey < 60, cv2.erode(grey, np.ones((7, 7), np.uint8)) > 200
    assert np.median(even[ring & bare]) < 120 < 225 < np.median(ringless[ring & bare])
    assert np.median(ringless[ring & print_]) < 60
    assert (ringless[away > 1.2] == even[away > 1.2]).all()


def test_a_grey_seal_stamped_lightly_is_found(draw):
    page = draw.letter(dpi=200, lines=34)
    pale = tuple(255 - 0.4 * (255 - channel) for channel in INKS["purple"])
    even = light.flatten(cv2.cvtColor(scanned(stamped(page, pale)), cv2.COLOR_BGR2GRAY))
    (found,) = rings.find_grey(even, 200)
    assert np.abs(np.subtract(found, (LEFT, TOP, LEFT + SIDE, TOP + SIDE))).max() < 20


def test_a_grey_page_without_a_seal_is_read_once(draw):
    even = light.flatten(cv2.cvtColor(scanned(draw.letter(dpi=200, lines=34)), cv2.COLOR_BGR2GRAY))
    (picture,) = seals.grey_taken_off(even, 200.0)
    assert picture is even


def test_a_blue_pen_beside_a_blue_seal_stays(draw):
    page = stamped(draw.letter(dpi=200, lines=10), (40, 60, 170))
    cv2.line(page, (300, 800), (720, 830), (170, 60, 40), 5)
    seen = scanned(page)
    cleared = seals.taken_off(light.grey(seen), seen, (), rings.find(seen, 200))
    assert np.median(cleared[796:834, 320:700].min(0)) < 150


def test_a_page_that_a_pen_filled_has_no_rings(draw):
    page = draw.letter(dpi=200, lines=10)
    for top in range(700, 1900, 60):
        wave = np.int32([[200 + 4 * i, top + int(22 * np.sin(i / 3) + 9 * np.sin(i / 1.3))] for i in range(250)])
        cv2.polylines(page, [wave], False, (170, 60, 40), 4, cv2.LINE_AA)
    assert rings.find(scanned(page), 200) == ()


@pytest.mark.parametrize("tint", [(205, 225, 190), (235, 220, 205)])
def test_circles_printed_under_a_card_are_no_seal(tint):
    down, across = np.mgrid[:710, :960]
    lines = np.hypot(across - 560, down - 340) % 31 < 16
    card = np.where(lines[..., None], np.uint8(tint), np.uint8((242, 247, 247)))
    cv2.rectangle(card, (160, 300), (330, 560), (150, 110, 60), -1)
    assert rings.find(scanned(card), 200) == ()


def test_a_grey_card_keeps_its_fine_print():
    card = np.full((710, 960), 246, np.uint8)
    down, across = np.mgrid[:710, :960]
    card[(np.hypot(across - 560, down - 340) % 31 < 16) & (abs(across - 480) < 340) & (abs(down - 355) < 210)] = 228
    for row in range(12):
        cv2.putText(card, "Ngay sinh / Date of birth: 18/07/1990", (330, 200 + 27 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 90, 1, cv2.LINE_AA)
        cv2.putText(card, "MAI HOAI", (200, 200 + 27 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 20, 2, cv2.LINE_AA)
    (picture,) = seals.grey_taken_off(card, 200.0)
    assert picture is card


def test_what_a_blue_pen_wrote_over_a_seal_stays(draw):
    page = stamped(draw.letter(dpi=200, lines=10), INKS["red"])
    cv2.line(page, (380, 640), (700, 660), (170, 80, 60), 5)
    seen = cleared(scanned(page))
    assert np.median(seen[636:660, 400:660].min(0)) < 150


def test_a_page_without_a_seal_is_handed_on_untouched(draw):
    page = draw.letter(dpi=200)
    grey = light.grey(page)
    assert seals.taken_off(grey, page, red.find(page, 200).seals) is grey


def test_a_black_stamp_is_left_alone(draw):
    page = stamped(draw.letter(dpi=200, lines=10), (30, 30, 30))
    grey = light.grey(page)
    assert seals.taken_off(grey, page, [(LEFT, TOP, LEFT + SIDE, TOP + SIDE)]).tolist() == grey.tolist()


def test_a_shadow_across_a_seal_on_yellow_paper_leaves_no_trace(draw):
    page = stamped(draw.letter(dpi=200, lines=0), INKS["red"])
    lamp = np.interp(np.arange(page.shape[1]), (LEFT + 60, LEFT + 220), (1.0, 0.5))[None, :, None]
    seen = light.flatten(cleared((scanned(page) * lamp * (0.72, 0.9, 0.92)).astype(np.uint8)))
    middle = seen[TOP + 20 : TOP + SIDE - 20, LEFT + 20 : LEFT + SIDE - 20]
    assert np.percentile(middle, 2) > 190


def test_a_brown_desk_at_the_edge_is_no_seal(draw):
    page = draw.letter(dpi=200, lines=10)
    page[:, :300] = (40, 70, 120)
    page[900:] = 250
    assert red.find(page, 200).seals == ()
