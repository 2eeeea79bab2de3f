"""Pages come out upright, straight and alone; a page that already is so keeps its own pixels."""

import cv2
import numpy as np
import pytest

from ocr.pages import curl, direction
from ocr.pages.model import RawPage
from ocr.pages.prepare import prepare

CORNERS = np.float32([[190, 170], [1010, 130], [1070, 1420], [140, 1440]])


def raw(pixels, size_mm=None, jpeg=None, source="image/jpeg"):
    return RawPage(np.ascontiguousarray(pixels), None, size_mm, jpeg, source)


def likeness(archive, letter):
    """Correlation of ink after bringing both to one size: near 1 when the same print lies at the same place."""
    a, b = (
        cv2.GaussianBlur(cv2.resize(cv2.cvtColor(p, cv2.COLOR_BGR2GRAY), (600, 848)), (0, 0), 3).astype(float).ravel()
        for p in (archive, letter)
    )
    a, b = ((x.reshape(848, 600) - cv2.blur(x.reshape(848, 600), (61, 61)))[40:-40, 40:-40].ravel() for x in (a, b))
    return float(np.corrcoef(a, b)[0, 1])


@pytest.mark.parametrize("kind", ["dark", "light", "wood", "tiles", "stripes"])
def test_the_sheet_is_found_on_any_desk_and_laid_flat(draw, kind):
    letter = draw.letter()
    page = prepare(raw(draw.photo(letter, CORNERS, kind)))
    height, width = page.archive.shape[:2]
    assert abs(height / width - 297 / 210) < 0.01
    assert likeness(page.archive, letter) > 0.8
    assert page.rotation == 0 and page.jpeg is None
    assert page.size_mm == pytest.approx((210, 297), abs=1.5)


@pytest.mark.parametrize("kind", ["dark", "light", "wood"])
def test_nothing_of_the_sheet_is_cropped_away(draw, kind):
    letter = draw.letter()
    for box in (
        (slice(6, 26), slice(6, 26)),
        (slice(-26, -6), slice(-26, -6)),
        (slice(6, 26), slice(-26, -6)),
        (slice(-26, -6), slice(6, 26)),
    ):
        letter[box] = (0, 0, 0)
    archive = prepare(raw(draw.photo(letter, CORNERS, kind))).archive
    height, width = archive.shape[:2]
    mark_y, mark_x = round(26 / letter.shape[0] * height) + 8, round(26 / letter.shape[1] * width) + 8
    grey = cv2.cvtColor(archive, cv2.COLOR_BGR2GRAY)
    for corner in (grey[:mark_y, :mark_x], grey[:mark_y, -mark_x:], grey[-mark_y:, :mark_x], grey[-mark_y:, -mark_x:]):
        # The mark of 20 by 20 pixels is there with all of its area, and paper on the side towards the edge.
        assert np.count_nonzero(corner < 90) > 0.75 * 400 * (height / letter.shape[0]) * (width / letter.shape[1])


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("where", ["scan", "photo"])
def test_every_direction_is_brought_upright_and_a_wrong_one_would_be_seen(draw, turn, where):
    letter = draw.letter()
    picture = letter if where == "scan" else draw.photo(letter, CORNERS)
    lying = np.rot90(picture, turn // 90)  # counter-clockwise: `turn` clockwise brings it back
    page = prepare(raw(lying))
    assert page.rotation == turn
    assert likeness(page.archive, letter) > 0.8
    for wrong in (1, 2, 3):
        assert likeness(np.rot90(page.archive, wrong), letter) < 0.4
    assert page.archive.shape[:2] == page.reading.shape


def test_a_fine_scan_is_read_at_two_hundred_dots_and_kept_as_fine_as_it_came(draw):
    letter = draw.letter(dpi=300)
    page = prepare(RawPage(letter, 300.0, (210.0, 297.0), None, "image/png"))
    assert np.array_equal(page.archive, letter)
    assert page.reading.shape == pytest.approx((letter.shape[0] * 2 / 3, letter.shape[1] * 2 / 3), abs=1)
    assert page.reading_dpi == pytest.approx(200, rel=0.002)


@pytest.mark.parametrize("angle", [-7.0, -2.2, 0.9, 4.0])
def test_crooked_scans_are_straightened_and_the_angle_reported(draw, angle):
    letter = draw.letter()
    height, width = letter.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1)  # rows then run down to the right
    crooked = cv2.warpAffine(letter, matrix, (width, height), borderValue=(250, 250, 250))
    page = prepare(raw(crooked, (210, 297)))
    assert page.skew == pytest.approx(angle, abs=0.15)
    assert likeness(page.archive, letter) > 0.9


@pytest.mark.parametrize("angle", [-0.55, 0.45, 1.5, -1.45, 2.55, -12.5])
def test_rows_of_one_distance_are_not_level_at_an_angle_of_many_degrees(angle):
    """Between two whole degrees rows that stand as far apart as strips are shifted looked sharper nineteen degrees off."""
    ink = np.zeros((1171, 828), np.uint8)
    widths = np.random.default_rng(5)
    for number, y in enumerate(range(80, 908, 23)):
        x, end = 90, int(widths.integers(300, 740))
        while x < end:
            wide = int(widths.integers(8, 40))
            cv2.putText(ink, "mnoaeu"[: max(1, wide // 8)], (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.38, 255, 1, cv2.LINE_AA)
            x += wide + 8
        if number % 2 == 0:
            cv2.line(ink, (80, y + 6), (748, y + 6), 255, 1)
    turned = cv2.warpAffine(ink, cv2.getRotationMatrix2D((414, 585), -angle, 1), (828, 1171))
    assert direction.skew(np.asarray(turned, np.uint8)) == pytest.approx(angle, abs=0.2)


def test_a_straight_scan_keeps_its_pixels_and_its_jpeg(draw):
    letter = draw.letter()
    page = prepare(raw(letter, (210, 297), b"the stream"))
    assert page.jpeg == b"the stream"
    assert np.array_equal(page.archive, letter)
    assert (page.rotation, page.skew) == (0, 0.0)


def test_a_scan_a_fifth_of_a_degree_off_is_left_alone(draw):
    letter = draw.letter()
    height, width = letter.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 0.2, 1)
    page = prepare(raw(cv2.warpAffine(letter, matrix, (width, height), borderValue=(250, 250, 250)), (210, 297), b"stream"))
    assert page.jpeg == b"stream"


def test_the_undecided_page_asks_for_a_second_opinion(draw):
    page = draw.letter(lines=0)
    page[:] = 250
    cv2.ellipse(page, (600, 800), (200, 200), 0, 0, 360, (60, 60, 60), 3)
    asked = []
    turned = prepare(raw(page), upright=lambda grey, possible: asked.append(possible) or 180)
    if asked:
        assert asked[0][0] == 0
        assert turned.rotation == 180
        assert "page_direction_unsure" not in turned.codes
    else:  # the network claims to know; then it must have left an already upright page alone
        assert turned.rotation == 0


def test_archive_differs_in_geometry_only_while_reading_has_even_light(draw):
    letter = draw.letter()
    shaded = np.clip(letter * np.linspace(0.5, 1, letter.shape[1])[None, :, None], 0, 255).astype(np.uint8)
    page = prepare(raw(shaded, (210, 297)))
    assert np.array_equal(page.archive, shaded)
    paper = page.reading[::40, ::40]
    assert np.percentile(paper, 30) > 240


def test_a_blank_page_is_said_to_be_blank_and_a_page_with_one_name_is_not(draw):
    blank = draw.letter(lines=0)
    blank[:] = (248, 250, 250)
    assert prepare(raw(blank)).codes == ("page_blank",)
    blank[400:430, 700 : 700 + 300] = draw.line("Nguyễn Văn Sỹ", dpi=150)[125:155, 55:355]
    assert "page_blank" not in prepare(raw(blank)).codes


def test_claims_of_cameras_do_not_become_paper_sizes(draw):
    page = prepare(raw(draw.letter(), (420.0 * 3, 594.0 * 3)))  # 72 dpi, as phones write
    assert page.size_mm == pytest.approx((210, 297), abs=1)
    assert page.dpi == pytest.approx(150, abs=1)


def test_a_card_on_a_desk_has_the_size_of_a_card(draw):
    card = np.full((540, 856, 3), (225, 235, 230), np.uint8)
    for row, text in enumerate(
        ("CĂN CƯỚC", "Số / No.: 001099012345", "Họ và tên: NGUYỄN VĂN AN", "Ngày sinh: 02/03/1999", "Quốc tịch: Việt Nam")
    ):
        strip = draw.line(text, dpi=300, points=8)[105:165, 50:750]
        card[60 + 85 * row : 60 + 85 * row + 60, 90:790] = np.minimum(card[60 + 85 * row : 60 + 85 * row + 60, 90:790], strip)
    photo = draw.photo(card, [[230, 180], [1330, 200], [1320, 900], [220, 880]], "wood", 1200, 1600)
    page = prepare(raw(photo))
    assert page.size_mm == pytest.approx((85.6, 53.98), rel=0.02)
    assert page.rotation == 0


@pytest.mark.parametrize("size_mm", [(122, 84), (110, 80), (130, 85)])
@pytest.mark.parametrize("where", ["scan", "photo"])
def test_a_card_on_a_larger_sheet_gives_the_sheet_its_size(draw, where, size_mm):
    sheet = np.full((size_mm[1] * 10, size_mm[0] * 10, 3), 252, np.uint8)
    top, left = (size_mm[1] * 10 - 540) // 2, (size_mm[0] * 10 - 856) // 2
    card = np.full((540, 856, 3), (226, 240, 232), np.uint8)
    cv2.rectangle(card, (1, 1), (854, 538), (150, 160, 150), 3)
    for row, text in enumerate(("CĂN CƯỚC", "Số / No.: 001099012345", "Họ và tên: NGUYỄN VĂN AN", "Quốc tịch: Việt Nam", "Giới tính: Nam")):
        strip = draw.line(text, dpi=254, points=8)[105:165, 50:750]
        place = card[60 + 85 * row : 120 + 85 * row, 90:790]
        card[60 + 85 * row : 120 + 85 * row, 90:790] = np.minimum(place, strip)
    sheet[top : top + 540, left : left + 856] = card
    picture = sheet
    if where == "photo":
        reach = 1300 * size_mm[1] / size_mm[0]
        picture = draw.photo(sheet, [[150, 150], [1450, 160], [1445, 160 + reach], [145, 150 + reach]], "wood", 1200, 1600)
    page = prepare(raw(picture))
    assert page.dpi == pytest.approx(254 if where == "scan" else 1300 / size_mm[0] * 25.4, rel=0.05)
    assert not {"photo_too_small", "photo_blurred", "page_low_dpi"} & set(page.codes)


@pytest.mark.parametrize("claim", [None, 72, 96, 1, 300, 150])
def test_what_a_program_claims_by_default_does_not_change_the_size_of_an_a4_sheet(draw, claim):
    letter = draw.letter()  # 150 dpi
    size = (letter.shape[1] / claim * 25.4, letter.shape[0] / claim * 25.4) if claim else None
    page = prepare(raw(letter, size))
    assert page.dpi == pytest.approx(150, abs=1)
    assert page.size_mm == pytest.approx((210, 297), abs=1)


@pytest.mark.parametrize("claim", [None, 72, 96, 300, 254])
def test_a_picture_that_is_exactly_a_card_has_the_size_of_a_card(draw, claim):
    card = np.full((540, 856, 3), (225, 235, 230), np.uint8)
    for row, text in enumerate(
        ("CĂN CƯỚC", "Số / No.: 001099012345", "Họ và tên: NGUYỄN VĂN AN", "Ngày sinh: 02/03/1999", "Quốc tịch: Việt Nam")
    ):
        strip = draw.line(text, dpi=254, points=8)[105:165, 50:750]
        card[60 + 85 * row : 120 + 85 * row, 90:790] = np.minimum(card[60 + 85 * row : 120 + 85 * row, 90:790], strip)
    page = prepare(raw(card, (856 / claim * 25.4, 540 / claim * 25.4) if claim else None))
    assert page.dpi == pytest.approx(254, rel=0.01)


def test_a_photo_that_claims_300_dpi_is_still_searched_for_its_sheet(draw):
    photo = cv2.resize(draw.photo(draw.letter(), CORNERS), (3000, 4000))
    page = prepare(raw(photo, (3000 / 300 * 25.4, 4000 / 300 * 25.4)))
    assert page.size_mm == pytest.approx((210, 297), abs=1.5)


def test_no_cleaning_leaks_into_the_archive_image_of_a_photo(draw):
    """A seal, a blue pen and a shadow are in the archive image as they were; in the reading image seal and shadow are gone."""
    letter = draw.letter()
    cv2.circle(letter, (800, 1450), 110, (50, 50, 215), 9)
    cv2.line(letter, (150, 1560), (520, 1500), (170, 70, 30), 6)
    photo = draw.photo(letter, CORNERS)
    page = prepare(raw(photo))
    height, width = page.archive.shape[:2]
    x, y = round(910 / letter.shape[1] * width), round(1450 / letter.shape[0] * height)
    seal = page.archive[y - 12 : y + 12, x - 12 : x + 12].reshape(-1, 3).astype(int)
    assert (seal[:, 2] - seal[:, 1]).max() > 80
    pen = (
        page.archive[round(1490 / letter.shape[0] * height) : round(1570 / letter.shape[0] * height), : width // 2]
        .reshape(-1, 3)
        .astype(int)
    )
    assert (pen[:, 0] - pen[:, 2]).max() > 60
    top, bottom = (
        float(np.median(page.archive[part, width // 3 : width // 2])) for part in (slice(60, 120), slice(height - 120, height - 60))
    )
    assert abs(top - bottom) > 15  # the lamp stood aside, and that is still to be seen
    assert float(np.median(page.reading[height - 120 : height - 60])) > 245


def curled(letter, size):
    """`letter` bent upwards in its middle by `size` of its height, on a dark desk, seen from above."""
    height, width = 2000, 1500
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = (x / width - 0.07) / 0.86, (y / height - 0.07) / 0.86
    across, down = u * letter.shape[1], (v + size * np.sin(np.pi * np.clip(u, 0, 1)) * (1 - 0.5 * v)) * letter.shape[0]
    return cv2.remap(letter, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(45, 50, 55))


@pytest.mark.parametrize("size", [0.018, 0.045])
def test_a_curled_sheet_is_laid_flat_in_both_images(draw, size):
    bent = curled(draw.letter(), size)
    assert curl.measured(cv2.cvtColor(bent[150:-150, 120:-120], cv2.COLOR_BGR2GRAY)) is not None
    page = prepare(raw(bent))
    for image in (cv2.cvtColor(page.archive, cv2.COLOR_BGR2GRAY), page.reading):
        inner = np.where(image < 90, 0, 255).astype(np.uint8)
        inner[:, :60], inner[:, -60:], inner[:60], inner[-60:] = 255, 255, 255, 255
        assert curl.measured(inner) is None


def test_a_flat_sheet_is_not_bent(draw, monkeypatch):
    asked = []
    monkeypatch.setattr(curl, "flattened", lambda image, bend: asked.append(bend) or image)
    prepare(raw(draw.photo(draw.letter(), CORNERS)))
    prepare(raw(draw.letter(), (210, 297)))
    assert asked == []
