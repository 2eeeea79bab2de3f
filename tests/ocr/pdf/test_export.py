"""The other shapes a reading leaves in: text, hOCR, ALTO, document.json."""

import json
from decimal import Decimal

import pytest
from lxml import etree

from ocr.export.alto import NAMESPACE, alto
from ocr.export.document import document_json
from ocr.export.hocr import hocr
from ocr.export.text import plain_text
from ocr.model import Extraction, Field, Page, Quality, Word
from ocr.tasks import Assembled
from sohoa.checks import Check


@pytest.fixture
def pages():
    words = (
        Word("Nguyê\u0303n", (72, 72, 108, 84), 0.98, 0),
        Word("Thị", (112, 72, 130, 84), 0.91, 0, raw="Thi"),
        Word("<Ánh>", (72, 90, 110, 102), 0.5, 1),
    )
    first = Page(1, (210.0, 297.0), 300.0, 90, -0.4, Quality(0.9, 0.02, ("photo_blurred",)), "read", None, words)
    return (first, Page(2, (210.0, 297.0), 300.0, 0, 0.0, Quality(), "failed", "image_damaged"))


def test_text_is_composed_and_has_a_form_feed_for_every_page(pages):
    assert plain_text(pages) == "Nguyễn Thị\n<Ánh>\n\f\f"


def test_hocr_gives_boxes_in_pixels_of_the_page(pages):
    body = hocr(pages, "Tờ khai", "sohoa 0.1.0")
    assert body.startswith(b"<!DOCTYPE html>\n<html")
    tree = etree.fromstring(body)
    assert tree.find(".//div[@class='ocr_page']").get("title") == "bbox 0 0 2480 3508; ppageno 0; scan_res 300 300"
    spans = tree.findall(".//span[@class='ocrx_word']")
    assert [span.text for span in spans][2] == "<Ánh>"
    assert spans[0].get("title") == "bbox 300 300 450 350; x_wconf 98"
    assert "".join(tree.find(".//span[@class='ocr_line']").itertext()).split() == [w.text for w in pages[0].words[:2]]


def test_alto_gives_boxes_in_twelve_hundredths_of_an_inch(pages):
    tree = etree.fromstring(alto(pages, "sohoa", "0.1.0"))
    strings = tree.findall(f".//{{{NAMESPACE}}}String")
    assert dict(strings[0].attrib) == {
        "ID": "word_1_1_1",
        "CONTENT": pages[0].words[0].text,
        "WC": "0.98",
        "HPOS": "1200",
        "VPOS": "1200",
        "WIDTH": "600",
        "HEIGHT": "200",
    }
    assert tree.findtext(f".//{{{NAMESPACE}}}MeasurementUnit") == "inch1200"
    assert len(tree.findall(f".//{{{NAMESPACE}}}Page")) == 2
    names = [item.get("ID") for item in tree.iter() if item.get("ID")]
    assert len(names) == len(set(names))


def test_document_json_has_the_promised_keys_in_order(pages):
    checked = Check("id_length", "passed", "Đủ 12 số.", "Twelve digits.", ("so_dinh_danh",))
    whole = Check("pages_match", "passed", "Đủ trang.", "All pages.")
    fee = Field(
        "le_phi", "Lệ phí", None, "money", Decimal("1500000"), "1.500.000", 0.9, "print", 1, (1, 2, 3, 4), "accepted", checks=(checked,)
    )
    body = document_json(Extraction("ct01", "2023", (fee,), (whole,)), pages, Assembled("PDF/A-2b"), provenance={"reader": "default"})
    found = json.loads(body)
    promised = ["template", "template_version", "archive", "pages", "words", "fields", "checks", "signatures", "provenance"]
    assert list(found) == [*promised, "codes"]
    assert found["archive"] == {"profile": "PDF/A-2b", "reason_code": None, "size": "archive"}
    assert list(found["pages"][0]) == ["number", "size_mm", "dpi", "rotation", "skew", "quality", "status", "code"]
    assert found["pages"][1]["code"] == "image_damaged"
    assert found["words"][0] == {"page": 1, "text": pages[0].words[0].text, "box": [72, 72, 108, 84], "confidence": 0.98, "line": 0}
    assert found["words"][1]["raw"] == "Thi"
    assert list(found["fields"][0])[:6] == ["name", "label", "section", "type", "value", "raw"]
    assert found["fields"][0]["value"] == 1500000
    assert list(found["fields"][0]["checks"][0]) == ["code", "result", "fields", "text_vi", "text_en"]
    assert list(found["checks"][0]) == ["code", "result", "text_vi", "text_en"]


def test_document_json_keeps_vietnamese_readable(pages):
    assert "Thị" in document_json(Extraction(None, None), pages, Assembled(None, "born_digital_kept")).decode()
