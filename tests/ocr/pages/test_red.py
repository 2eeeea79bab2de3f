"""Red titles stay dark in the reading image; red seals and their words do not."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from ocr.pages import light, red
from ocr.pages.model import RawPage
from ocr.pages.prepare import prepare

RED = (200, 30, 35)


def as_large_as(page, reading):
    """The reading image, which may be coarser, in the pixels of the page."""
    return cv2.resize(reading, (page.shape[1], page.shape[0]), interpolation=cv2.INTER_LINEAR)


def titled(draw, title, dpi):
    """An A4 letter with a red title where its first lines of text stood; (page, box of the title)."""
    page = draw.letter(dpi=dpi, lines=24)
    top = round(0.22 * page.shape[0])
    page[top : top + round(22 / 25.4 * dpi)] = 250
    strip = draw.line(title, dpi=dpi, points=20, colour=RED)
    strip = strip[40 : min(strip.shape[0], 40 + round(20 / 25.4 * dpi))]
    page[top : top + strip.shape[0], : strip.shape[1]] = np.minimum(page[top : top + strip.shape[0], : strip.shape[1]], strip)
    return page, (slice(top, top + strip.shape[0]), slice(0, strip.shape[1]))


def sealed(draw, dpi):
    """A letter with a round red seal, words around its ring and a star in it, over its last lines; (page, box of the seal)."""
    page = draw.letter(dpi=dpi, lines=30)
    side = round(36 / 25.4 * dpi)
    seal = Image.new("RGB", (side, side), "white")
    pen = ImageDraw.Draw(seal)
    pen.ellipse((2, 2, side - 3, side - 3), outline=RED, width=max(2, side // 50))
    pen.ellipse((side * 0.28, side * 0.28, side * 0.72, side * 0.72), outline=RED, width=max(1, side // 100))
    word = draw.line("ỦY BAN NHÂN DÂN", dpi=dpi, points=9, colour=RED)
    body = np.ascontiguousarray(np.asarray(seal)[:, :, ::-1])
    height = round(5 / 25.4 * dpi)
    row = word[150 - height : 150 + height // 4, 60 : 60 + round(side * 0.7)]
    at = round(side * 0.14)
    body[at : at + row.shape[0], at : at + row.shape[1]] = np.minimum(body[at : at + row.shape[0], at : at + row.shape[1]], row)
    top, left = round(0.6 * page.shape[0]), round(0.5 * page.shape[1])
    box = (slice(top, top + side), slice(left, left + side))
    page[box] = (page[box] * (body / 255.0)).astype(np.uint8)
    return page, box


@pytest.mark.parametrize("dpi", [150, 200, 300])
@pytest.mark.parametrize("title", ["CĂN CƯỚC CÔNG DÂN", "GIẤY CHỨNG NHẬN", "Giấy khai sinh"])
def test_a_red_title_is_as_dark_as_black_print(draw, title, dpi):
    page, box = titled(draw, title, dpi)
    reading = as_large_as(page, prepare(RawPage(page, None, (210, 297), None, "image/png")).reading)
    print_ = page[box][:, :, 1] < 60
    assert np.median(reading[box][print_]) < 80
    assert np.median(light.flatten(light.grey(page))[box][print_]) > 150  # what red print is without it


@pytest.mark.parametrize("dpi", [150, 200, 300])
def test_a_seal_and_the_words_in_it_stay_faded(draw, dpi):
    page, box = sealed(draw, dpi)
    found = red.find(page, dpi)
    assert (len(found.print_rows), len(found.seals)) == (0, 1)
    reading = as_large_as(page, prepare(RawPage(page, None, (210, 297), None, "image/png")).reading)
    only_red = (page[box][:, :, 1] < 90) & (page[box][:, :, 2] > 170)
    assert np.median(reading[box][only_red]) > 170


def test_a_title_and_a_seal_on_one_page_are_told_apart(draw):
    page, box = sealed(draw, 200)
    title, place = titled(draw, "GIẤY CHỨNG NHẬN", 200)
    page[place] = title[place]
    rows = red.find(page, 200).print_rows
    assert len(rows) == 1
    assert rows[0][3] < box[0].start


def test_a_red_stamp_over_black_words_is_not_taken_for_a_title(draw):
    page = draw.letter(dpi=200)
    stamp = draw.line("ĐÃ THU TIỀN", dpi=200, points=22, colour=RED)[60:180, :900]
    top = round(0.3 * page.shape[0])
    page[top : top + 120, 150:1050] = (page[top : top + 120, 150:1050] * (stamp / 255.0)).astype(np.uint8)
    assert red.find(page, 200).print_rows == ()


def test_a_slanting_red_watermark_is_no_row(draw):
    page = draw.letter(dpi=200, lines=0)
    word = draw.line("MẪU SPECIMEN MẪU", dpi=200, points=30, colour=RED)
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((600, 120), 35, 1)
    matrix[:, 2] += (100, 900)
    slanting = cv2.warpAffine(word, matrix, (width, height), borderValue=(255, 255, 255))
    assert red.find(np.minimum(page, slanting), 200).print_rows == ()


def test_a_page_without_red_is_handed_on_untouched(draw):
    assert red.find(draw.letter(), 150) == red.Red()
    grey = light.grey(draw.letter())
    assert red.kept(grey, draw.letter(), ()) is grey
